// The files of a fake engine: volumes, host paths and the containers' own layers, as maps from path to entry.
import type { FileEntry, FileSeen, Mount } from '../../src/kubelet/engine/container-engine.ts';

/** Absolute paths below the root of a volume, a host or a container's layer, without a trailing slash. */
export type Files = Map<string, FileEntry>;

const MAX_LINKS = 16;

function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Where a path of a container really lies: the mount with the longest target wins. */
export function locate(
  path: string,
  mounts: readonly Mount[],
  where: { own: Files; volume: (name: string) => Files; scratch: (target: string) => Files; host: Files },
): { files: Files; path: string } {
  const wanted = clean(path);
  const matches = mounts.filter((mount) => wanted === clean(mount.target) || wanted.startsWith(`${clean(mount.target)}/`));
  const mount = matches.toSorted((a, b) => b.target.length - a.target.length)[0];
  if (mount === undefined) return { files: where.own, path: wanted };
  const rest = wanted.slice(clean(mount.target).length);
  if (mount.type === 'scratch') return { files: where.scratch(mount.target), path: clean(rest) };
  return mount.type === 'volume'
    ? { files: where.volume(mount.volume), path: clean(`${mount.subPath ?? ''}/${rest}`) }
    : { files: where.host, path: clean(`${mount.source}/${rest}`) };
}

/** Puts one entry, replacing what is there. */
export function putEntry(files: Files, directory: string, entry: FileEntry): void {
  const path = clean(`${directory}/${entry.path}`);
  if (entry.type !== 'directory') dropTree(files, path);
  files.set(path, entry);
}

/** rename(2): moves a file, a link or a directory with all that is in it, and replaces the destination. False when there is no such thing. */
export function rename(files: Files, from: string, to: string): boolean {
  const moved = [...files].filter(([path]) => path === from || path.startsWith(`${from}/`));
  if (moved.length === 0) return false;
  dropTree(files, to);
  for (const [path, entry] of moved) {
    files.delete(path);
    files.set(to + path.slice(from.length), entry);
  }
  return true;
}

function dropTree(files: Files, path: string): void {
  for (const known of files.keys()) if (known === path || known.startsWith(`${path}/`)) files.delete(known);
}

/** What is at a path, links not followed; a directory that nobody put there is implied by what lies below it. */
export function lookAt(files: Files, path: string): FileSeen | undefined {
  const wanted = clean(path);
  const entry = files.get(wanted);
  const isImplied = wanted === '/' || [...files.keys()].some((known) => known.startsWith(`${wanted}/`));
  if (entry === undefined && !isImplied) return undefined;
  const { type = 'directory', mode = 0o755, uid = 0, gid = 0, content, target = '' } = entry ?? {};
  return { type, mode, uid, gid, sizeBytes: content?.length ?? 0, target };
}

/** What a directory holds, one level deep; undefined when it is none. */
export function listDirectory(files: Files, directory: string): ReadonlyMap<string, FileSeen> | undefined {
  if (lookAt(files, directory)?.type !== 'directory') return undefined;
  const root = clean(directory) === '/' ? '/' : `${clean(directory)}/`;
  const found = new Map<string, FileSeen>();
  for (const path of files.keys()) {
    const name = path.startsWith(root) ? (path.slice(root.length).split('/')[0] ?? '') : '';
    const seen = name === '' ? undefined : lookAt(files, root + name);
    if (seen !== undefined) found.set(name, seen);
  }
  return found;
}

/** Gives a directory and all below it to a group, as ContainerEngine.giveToGroup does. */
export function giveTree(files: Files, directory: string, gid: number): void {
  const root = clean(directory);
  if (!files.has(root)) files.set(root, { path: root, type: 'directory', mode: 0o755 });
  for (const [path, entry] of files) {
    if (path !== root && !path.startsWith(root === '/' ? '/' : `${root}/`)) continue;
    if (entry.type === 'symlink') continue;
    files.set(path, { ...entry, gid, mode: entry.mode | (entry.type === 'directory' ? 0o2770 : 0o660) });
  }
}

/** Text of a file, with symbolic links followed as a process would. */
export function readText(files: ReadonlyMap<string, FileEntry>, path: string, depth = 0): string | undefined {
  if (depth > MAX_LINKS) return undefined;
  const parts = clean(path).split('/').slice(1);
  for (let at = 1; at <= parts.length; at += 1) {
    const prefix = `/${parts.slice(0, at).join('/')}`;
    const link = files.get(prefix);
    if (link?.type !== 'symlink' || link.target === undefined) continue;
    const base = link.target.startsWith('/') ? '' : `/${parts.slice(0, at - 1).join('/')}`;
    return readText(files, `${base}/${link.target}/${parts.slice(at).join('/')}`, depth + 1);
  }
  const entry = files.get(clean(path));
  return entry?.type === 'file' ? new TextDecoder().decode(entry.content ?? new Uint8Array()) : undefined;
}
