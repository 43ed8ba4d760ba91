// Files and folders that a layer names: where they are, and why they may not be read.
import type { TreeEntry, TreeFile } from '../file-tree.ts';
import { formatPath, type Path } from '../place.ts';
import type { ProblemReason } from '../problem.ts';
import { MAX_FILE_BYTES, tooLargeProblem } from '../reading/file.ts';
import { joinInside } from '../snapshot-tree.ts';
import type { Build, KustomizationFile } from './resource.ts';

/** Reports a problem with what stands at a path of a layer's file. */
export function reportAt(layer: KustomizationFile, path: Path, reason: ProblemReason, message: string, build: Build): void {
  build.problems.push({ severity: 'error', reason, ...layer.locate(path), field: formatPath(path), message });
}

/** Whether a folder is another one or is inside it. */
export function isInside(folder: string, other: string): boolean {
  return other === '' || folder === other || folder.startsWith(`${other}/`);
}

/** What is at a path, noted as an input of the build. */
export async function enter(path: string, build: Build): Promise<TreeEntry | undefined> {
  const entry = await build.context.tree.entry(path);
  if (entry?.type === 'file') build.inputs.set(path, entry.file.blobId);
  else if (entry === undefined) build.inputs.set(path, undefined);
  return entry;
}

/** A path that is written in a layer, from the top of the repository; undefined, and a problem, when it is none of the repository's. */
export function resolvePath(name: string, layer: KustomizationFile, at: Path, build: Build): string | undefined {
  if (name.includes('\0') || name.trim() === '') {
    reportAt(layer, at, 'Invalid', `${JSON.stringify(name)} is no path`, build);
    return undefined;
  }
  if (name.startsWith('/')) {
    reportAt(layer, at, 'Invalid', `${name} is an absolute path; write it relative to ${layer.path}`, build);
    return undefined;
  }
  // A hyphen at the end of a line that is indented too far makes one entry of two.
  const odd = name.split('/').find((part) => part !== '..' && part.includes('..'));
  if (odd !== undefined && /\s/.test(odd)) {
    reportAt(layer, at, 'Invalid', `${JSON.stringify(name)} looks like two paths: check the indentation of the list`, build);
    return undefined;
  }
  const full = joinInside(layer.folder, name);
  if (full === undefined) reportAt(layer, at, 'Invalid', `${name} leads out of the repository`, build);
  return full;
}

/** Looks up a file that a layer names at a path; undefined, and a problem, when it may not be read. Files stay below the layer's folder. */
export async function loadLayerFile(
  name: string,
  layer: KustomizationFile,
  at: Path,
  build: Build,
): Promise<TreeFile | undefined> {
  if (/^https?:\/\//i.test(name)) {
    reportAt(
      layer,
      at,
      'UnsupportedField',
      `${name} is not fetched: what a commit means must not change with a server; commit the file`,
      build,
    );
    return undefined;
  }
  const full = resolvePath(name, layer, at, build);
  if (full === undefined) return undefined;
  const entry = await enter(full, build);
  if (entry?.type === 'file') return admitFile(entry.file, full, layer, at, build);
  const message =
    entry === undefined
      ? `there is no file ${full}`
      : entry.type === 'folder'
        ? `${full} is a folder; name a file`
        : `${full}: ${entry.message}`;
  reportAt(layer, at, entry === undefined ? 'NotFound' : 'Unreadable', message, build);
  return undefined;
}

/** The file itself when it may be read: it is inside the layer's folder, where links lead included, and not too large. */
export function admitFile(file: TreeFile, path: string, layer: KustomizationFile, at: Path, build: Build): TreeFile | undefined {
  if (![path, file.path].every((place) => isInside(place, layer.folder))) {
    const reason = `a kustomization reads files of its own folder; move it below ${layer.folder}, or give its folder a kustomization and name that`;
    reportAt(layer, at, 'Invalid', `${path} is not in or below ${layer.folder}: ${reason}`, build);
    return undefined;
  }
  return isTooLarge(file, build) ? undefined : file;
}

/** Reports a file that is known to be too large to be read. */
export function isTooLarge({ path, sizeBytes = 0 }: TreeFile, build: Build): boolean {
  if (sizeBytes <= MAX_FILE_BYTES) return false;
  build.problems.push(tooLargeProblem(path, sizeBytes));
  return true;
}
