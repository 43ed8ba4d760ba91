// Files that belong to applications which the set declares: what lies in their paths is theirs, and no part of the set.
import { isPlainObject } from './schema/admit.ts';
import type { Part } from './sets.ts';
import { isDeclaration } from './variables/settings.ts';

const plainPath = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

/** The folders below a root that declared applications of the same repository have, whatever commit of it they follow. */
export function declaredFolders(parts: readonly Part[], roots: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const { objects, hasInstructions } of parts) {
    if (!hasInstructions) continue;
    for (const { value } of objects.flatMap(({ value }) => itemsOf(value).map((item) => ({ value: item })))) {
      const folder = folderOf(value);
      if (folder !== undefined && roots.some((root) => isStrictlyBelow(folder, root))) folders.add(folder);
    }
  }
  return [...folders];
}

/** The folder of these in which a path lies; undefined when it lies in none. */
export function folderAround(path: string, folders: readonly string[]): string | undefined {
  return folders.find((folder) => path === folder || path.startsWith(`${folder}/`));
}

const isStrictlyBelow = (folder: string, root: string): boolean => (root === '' ? folder !== '' : folder.startsWith(`${root}/`));

function itemsOf(value: unknown): readonly unknown[] {
  return isPlainObject(value) && value['kind'] === 'List' && Array.isArray(value['items']) ? value['items'] : [value];
}

function folderOf(value: unknown): string | undefined {
  if (!isDeclaration(value) || !isPlainObject(value) || !isPlainObject(value['spec'])) return undefined;
  const { path, source } = value['spec'];
  const isElsewhere = isPlainObject(source) && source['repository'] !== undefined;
  return isElsewhere || typeof path !== 'string' ? undefined : plainPath(path);
}
