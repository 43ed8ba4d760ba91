// Which files of a commit are manifests, and which are for kustomize or for Helm.
import type { SnapshotFile } from '../load.ts';

const kustomizationNames: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const isManifestName = (name: string): boolean => /\.(?:ya?ml|json)$/.test(name);

/** What is to be done with the files below a root. */
export interface Selection {
  /** Files that are taken as they are. Some may be symbolic links. */
  readonly plain: readonly SnapshotFile[];
  /** Folders with a kustomization, and its file; none of them is below another. */
  readonly kustomizations: ReadonlyMap<string, string>;
  /** Folders with a Helm chart that are neither in a kustomization's folder nor in another chart's, and their Chart.yaml. */
  readonly charts: ReadonlyMap<string, string>;
}

/** Whether a file may hold manifests: YAML or JSON, and neither hidden nor in a hidden folder below `root`. */
export function isManifestPath(path: string, root: string): boolean {
  const name = baseName(path);
  return (isManifestName(name) || name === 'Kustomization') && !isHidden(path, root);
}

/**
 * Chooses what is built and what is read, as Flux does: when the root has a kustomization, that is all; otherwise every folder with one
 * is built as a whole, and the rest is read file by file. A root that is a file is read whatever its name.
 */
export function selectFiles(files: readonly SnapshotFile[], root: string): Selection {
  const below = root === '' ? files : files.filter(({ path }) => path === root || path.startsWith(`${root}/`));
  const kustomizations = new Map<string, string>();
  const charts = new Map<string, string>();
  for (const { path, type } of below) {
    const name = baseName(path);
    const isKustomization = kustomizationNames.has(name);
    if ((!isKustomization && name !== 'Chart.yaml') || type === 'submodule' || isHidden(path, root)) continue;
    const into = isKustomization ? kustomizations : charts;
    if (!into.has(folderOf(path))) into.set(folderOf(path), path);
  }
  const own = kustomizations.get(root);
  if (own !== undefined) return { plain: [], kustomizations: new Map([[root, own]]), charts: new Map() };
  const isSkipped = folderJudge(root, (folder) => kustomizations.has(folder) || charts.has(folder));
  return {
    plain: below.filter((file) => file.path === root || (isPlain(file) && !isSkipped(folderOf(file.path)))),
    kustomizations: topmost(kustomizations, isSkipped),
    charts: topmost(new Map([...charts].filter(([folder]) => !kustomizations.has(folder))), isSkipped),
  };
}

/** A link is looked at by its name, or because it may be a folder. */
function isPlain({ path, type }: SnapshotFile): boolean {
  const name = baseName(path);
  if (name.startsWith('.')) return false;
  return isManifestName(name) || (type === 'symlink' && !name.includes('.'));
}

function topmost(folders: ReadonlyMap<string, string>, isSkipped: (folder: string) => boolean): ReadonlyMap<string, string> {
  return new Map([...folders].filter(([folder]) => folder === '' || !isSkipped(folderOf(folder))));
}

/** Whether a folder, or one above it up to the root, is hidden or `isTaken`. Every folder is judged once. */
function folderJudge(root: string, isTaken: (folder: string) => boolean): (folder: string) => boolean {
  const judged = new Map<string, boolean>();
  const judge = (folder: string): boolean => {
    const known = judged.get(folder);
    if (known !== undefined) return known;
    const isTop = folder === root || folder === '' || folder.length < root.length;
    const verdict = isTop ? isTaken(folder) : isHiddenName(baseName(folder)) || isTaken(folder) || judge(folderOf(folder));
    judged.set(folder, verdict);
    return verdict;
  };
  return judge;
}

const isHiddenName = (name: string): boolean => name.startsWith('.') && name !== '.' && name !== '..';

function isHidden(path: string, root: string): boolean {
  if (path === root || !path.includes('.')) return false;
  const below = root !== '' && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  return below.split('/').some(isHiddenName);
}
