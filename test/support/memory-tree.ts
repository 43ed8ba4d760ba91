// A repository in memory, and what rendering is given with it.
import { createHash } from 'node:crypto';
import {
  type FileTree,
  RemoteBaseFault,
  type RemoteTrees,
  type TreeEntry,
  type TreeFile,
} from '../../src/manifests/file-tree.ts';
import type { HelmRenderer } from '../../src/manifests/helm/renderer.ts';
import { formatPath } from '../../src/manifests/place.ts';
import type { Reading } from '../../src/manifests/reading/scalar.ts';
import { parseYaml } from '../../src/manifests/reading/yaml.ts';
import type { FileObjects, RenderContext } from '../../src/manifests/rendering.ts';
import { fromDocument } from '../../src/manifests/source.ts';

/** A file's text or bytes; `refused` stands for a link that is not followed, and says why. */
export type MemoryFile = string | Uint8Array | { readonly refused: string };

/** Files by path. Folders are there because files are in them. */
export type MemoryFiles = Readonly<Record<string, MemoryFile>>;

/** The files as a tree. Equal texts have equal blob ids. */
export function memoryTree(files: MemoryFiles): FileTree {
  const fileAt = (path: string, content: string | Uint8Array): TreeFile => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const blobId = createHash('sha1').update(bytes).digest('hex');
    return { path, blobId, sizeBytes: bytes.byteLength, read: () => Promise.resolve(bytes) };
  };
  const entryOf = (path: string): TreeEntry | undefined => {
    const content = Object.hasOwn(files, path) ? files[path] : undefined;
    if (content !== undefined) {
      if (typeof content === 'string' || content instanceof Uint8Array) return { type: 'file', file: fileAt(path, content) };
      return { type: 'refused', message: content.refused };
    }
    const isFolder = path === '' || Object.keys(files).some((other) => other.startsWith(`${path}/`));
    return isFolder ? { type: 'folder' } : undefined;
  };
  return {
    entry: (path) => Promise.resolve(entryOf(path)),
    filesBelow: (folder) =>
      Promise.resolve(
        Object.keys(files)
          .filter((path) => folder === '' || path.startsWith(`${folder}/`))
          .toSorted(),
      ),
  };
}

/** Reads a YAML or JSON file as rendering does, without decryption. */
export async function readTreeObjects(file: TreeFile, reading?: Reading): Promise<FileObjects> {
  const documents = parseYaml(new TextDecoder().decode(await file.read()), reading);
  return {
    objects: documents.filter(({ faults }) => faults.length === 0).map((document) => fromDocument(document, file.path)),
    problems: documents.flatMap(({ faults }) =>
      faults.map(({ reason, message, path, place }) => ({
        severity: 'error',
        reason,
        file: file.path,
        ...place,
        field: formatPath(path),
        message,
      })),
    ),
  };
}

/** What else a rendering may ask for; by default nothing can be fetched and there is no helm. */
export interface MemoryContextOptions {
  /** Files of other repositories, by `url@ref`. */
  readonly remotes?: Readonly<Record<string, MemoryFiles>>;
  readonly remoteTrees?: RemoteTrees;
  readonly helm?: HelmRenderer;
  readonly readData?: RenderContext['readData'];
}

/** A context over files in memory. */
export function memoryContext(files: MemoryFiles, options: MemoryContextOptions = {}): RenderContext {
  const remoteTrees: RemoteTrees = ({ url, ref }) => {
    const remote = options.remotes?.[`${url}@${ref}`];
    return remote === undefined
      ? Promise.reject(new RemoteBaseFault(`there is no repository at ${url} with ${ref}`))
      : Promise.resolve(memoryTree(remote));
  };
  return {
    tree: memoryTree(files),
    readObjects: readTreeObjects,
    readData: options.readData ?? (async (file) => ({ bytes: await file.read() })),
    remoteTrees: options.remoteTrees ?? remoteTrees,
    helm: options.helm ?? (() => Promise.resolve({ fault: 'there is no helm', isMissing: true })),
  };
}
