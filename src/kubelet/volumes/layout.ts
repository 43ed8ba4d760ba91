// How the files of a config volume are laid out, as the kubelet does it: content in `..<version>`, `..data` links to that, and every
// visible name links into `..data`, so that one rename changes all of them at once. Pure.
import { hashOf } from '../../model/hash.ts';
import type { FileEntry, FileSeen } from '../engine/container-engine.ts';
import type { VolumeVersion } from '../environment.ts';

/** The link that decides which version is seen. */
export const DATA_LINK = '..data';
/** Takes the place of `..data` by a rename. */
export const NEXT_DATA_LINK = '..data_tmp';
const HIDDEN = '..';
const DIRECTORY_MODE = 0o755;
const LINK_MODE = 0o777;
const SETGID = 0o2000;
/** What a group may at least do with the files, and with the directories, of a volume that only the kubelet writes. */
const GROUP_READS = 0o440;
const GROUP_ENTERS = 0o550;
const VERSION_LENGTH = 16;

/** A volume that holds nothing. */
export const EMPTY_VERSION: VolumeVersion = { version: '', names: [], leftovers: [] };

/** A file of a config volume. */
export interface ContentFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** The content of a config volume. */
export interface VolumeContent {
  readonly version: string;
  /** Directory and files of this version, relative to the volume. */
  readonly files: readonly FileEntry[];
  /** What pods see in the volume. */
  readonly names: readonly string[];
}

/**
 * Files as a version of a volume, for the group of the pod's volumes if there is one (Kubernetes, "fsGroup"). The name of the version
 * is a hash: the same files are the same version.
 */
export function layOut(files: readonly ContentFile[], group: number | undefined): VolumeContent {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const facts = sorted.map(({ path, mode, content }) => [path, mode, Buffer.from(content).toString('base64')]);
  const version = hashOf(group === undefined ? facts : [group, facts], VERSION_LENGTH);
  const root = HIDDEN + version;
  const directories = new Set<string>([root]);
  for (const { path } of sorted) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) directories.add(`${root}/${parts.slice(0, depth).join('/')}`);
  }
  const owned = group === undefined ? {} : { gid: group };
  const forGroup = (mode: number, rights: number): number => (group === undefined ? mode : mode | rights);
  const directoryMode = forGroup(DIRECTORY_MODE, GROUP_ENTERS | SETGID);
  return {
    version,
    files: [
      ...[...directories].map((path): FileEntry => ({ path, type: 'directory', mode: directoryMode, ...owned })),
      ...sorted.map(
        ({ path, mode, content }): FileEntry => ({
          path: `${root}/${path}`,
          type: 'file',
          mode: forGroup(mode, GROUP_READS),
          content,
          ...owned,
        }),
      ),
    ],
    names: [...new Set(sorted.map(({ path }) => path.split('/')[0] ?? path))],
  };
}

/** A link that makes a name of the volume visible. */
export function visibleLink(name: string): FileEntry {
  return { path: name, type: 'symlink', mode: LINK_MODE, target: `${DATA_LINK}/${name}` };
}

/** A link to a version: `..data`, or what is to become it. */
export function versionLink(path: string, version: string): FileEntry {
  return { path, type: 'symlink', mode: LINK_MODE, target: HIDDEN + version };
}

/** All of a version for a volume that is empty. `..data` comes last, so that its being there means that the rest is. */
export function wholeVersion({ files, names, version }: VolumeContent): readonly FileEntry[] {
  return [...files, ...names.map(visibleLink), versionLink(DATA_LINK, version)];
}

/** What a config volume holds, read back from what lies in it. */
export function versionSeen(listed: ReadonlyMap<string, FileSeen> | undefined): VolumeVersion {
  if (listed === undefined) return EMPTY_VERSION;
  const target = listed.get(DATA_LINK)?.target ?? '';
  const entries = [...listed];
  return {
    version: target.startsWith(HIDDEN) ? target.slice(HIDDEN.length) : '',
    // Directories that a subPath asked for stay: only links are ours.
    names: entries.flatMap(([name, { type }]) => (type === 'symlink' && !name.startsWith(HIDDEN) ? [name] : [])).toSorted(),
    leftovers: entries
      .flatMap(([name]) => (name.startsWith(HIDDEN) && ![DATA_LINK, NEXT_DATA_LINK, target].includes(name) ? [name] : []))
      .toSorted(),
  };
}

/** Whether a volume holds exactly a content. */
export function holds(held: VolumeVersion, content: VolumeContent): boolean {
  const wanted = new Set(content.names);
  return (
    held.version === content.version &&
    held.leftovers.length === 0 &&
    held.names.length === wanted.size &&
    held.names.every((name) => wanted.has(name))
  );
}
