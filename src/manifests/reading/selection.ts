// Which files of a commit are manifests.

import type { Problem } from '../problem.ts';
import { fileProblem } from './file.ts';

const kustomizations: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** Whether a file may hold manifests: YAML or JSON, and neither hidden nor in a hidden folder below `root`. */
export function isManifestPath(path: string, root: string): boolean {
  return !isHidden(path, root) && (/\.(?:ya?ml|json)$/.test(path) || baseName(path) === 'Kustomization');
}

/** Whether a symbolic link could lead to manifests: by its name, or because it may be a folder. */
export function isManifestLink(path: string, root: string): boolean {
  return !isHidden(path, root) && (/\.(?:ya?ml|json)$/.test(path) || !baseName(path).includes('.'));
}

function isHidden(path: string, root: string): boolean {
  const prefix = root === '' || root.endsWith('/') ? root : `${root}/`;
  const below = path.startsWith(prefix) ? path.slice(prefix.length) : path;
  return below.split('/').some((part) => part.startsWith('.') && part !== '.' && part !== '..');
}

/** Folders that need another tool to become manifests: one problem for each, and their other files are not looked at. */
export function findForeignFolders(paths: readonly string[]): {
  readonly folders: readonly string[];
  readonly problems: readonly Problem[];
} {
  const folders: string[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    const name = baseName(path);
    const tool = name === 'Chart.yaml' ? 'chart' : kustomizations.has(name) ? 'kustomize' : undefined;
    if (tool === undefined) continue;
    folders.push(folderOf(path));
    const message =
      tool === 'chart'
        ? 'Helm charts are not supported yet; commit the output of "helm template"'
        : 'kustomize is not supported yet; commit the output of "kustomize build"';
    problems.push(fileProblem(path, 'UnsupportedKind', message));
  }
  return {
    folders,
    problems: problems.filter(({ file }) => !folders.some((folder) => folder !== folderOf(file) && file.startsWith(folder))),
  };
}
