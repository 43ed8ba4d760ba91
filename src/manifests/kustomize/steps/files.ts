// The files that an entry names: their bytes, their documents, and what is wrong with them told at the entry.
import type { TreeFile } from '../../file-tree.ts';
import type { Path } from '../../place.ts';
import { MAX_FILE_BYTES, tooLargeProblem } from '../../reading/file.ts';
import type { SourceObject } from '../../source.ts';
import { loadLayerFile } from '../layer-files.ts';
import type { Build } from '../resource.ts';
import type { Settings } from './settings.ts';

/** A file and what is in it. */
export interface FileContent {
  readonly file: TreeFile;
  readonly bytes: Uint8Array;
}

/** The bytes of a file, decrypted where SOPS encrypted it. */
export async function readContent(name: string, path: Path, settings: Settings, build: Build): Promise<FileContent | undefined> {
  const file = await loadLayerFile(name, settings.file, [...settings.path, ...path], build);
  if (file === undefined) return undefined;
  const data = await build.context.readData(file);
  if ('problem' in data) build.problems.push(data.problem);
  else if (data.bytes.byteLength > MAX_FILE_BYTES) build.problems.push(tooLargeProblem(file.path, data.bytes.byteLength));
  else return { file, bytes: data.bytes };
  return undefined;
}

/** The documents of a YAML or JSON file; undefined, and problems, when it cannot be read. */
export async function readDocuments(
  name: string,
  path: Path,
  settings: Settings,
  build: Build,
): Promise<readonly SourceObject[] | undefined> {
  const file = await loadLayerFile(name, settings.file, [...settings.path, ...path], build);
  if (file === undefined) return undefined;
  const { objects, problems } = await build.context.readObjects(file);
  build.problems.push(...problems);
  return problems.some(({ severity }) => severity === 'error') ? undefined : objects;
}

/** The text of UTF-8 bytes; undefined when they are none. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
