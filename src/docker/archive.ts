// Files as tar archives, which is how Docker takes and gives them.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import type { FileEntry, FileSeen } from '../kubelet/engine/container-engine.ts';

/** Packs files in their order; directories that are only implied are made by the engine. */
export async function packFiles(files: readonly FileEntry[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { path, type, mode, content, target, uid = 0, gid = 0 } of files) {
    const header = { name: path, mode, uid, gid };
    if (type === 'file') pack.entry({ ...header, type }, Buffer.from(content ?? new Uint8Array()));
    else pack.entry({ ...header, type, ...(type === 'symlink' ? { linkname: target ?? '' } : {}) });
  }
  pack.finalize();
  return await buffer(pack);
}

/** One entry of an archive, without its content. */
export interface ArchiveEntry {
  /** As the archive has it, without a leading `./` or a trailing slash; empty for the directory itself. */
  readonly path: string;
  readonly type: FileSeen['type'];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Target of a symbolic link just as it was written, else empty. */
  readonly target: string;
}

const KIND_BITS = 0o10000;
const ENTRY_TYPES: Readonly<Record<string, FileSeen['type']>> = {
  file: 'file',
  'contiguous-file': 'file',
  link: 'file',
  directory: 'directory',
  symlink: 'symlink',
  'character-device': 'char-device',
  'block-device': 'block-device',
};

function toEntry({ name, type, mode, uid, gid, size, linkname }: tar.Header): ArchiveEntry {
  const kind = ENTRY_TYPES[type ?? 'file'] ?? 'other';
  const target = kind === 'symlink' ? (linkname ?? '') : '';
  // Some writers put the kind of the file into the mode, too.
  return { path: cleanName(name), type: kind, mode: mode % KIND_BITS, uid, gid, sizeBytes: size, target };
}

/** The path of an entry below the directory that was asked for. */
export function cleanName(name: string): string {
  return name.replace(/^(\.?\/)+/, '').replace(/\/$/, '');
}

/** The first entry of an archive; undefined when it is empty, as that of a socket is. The rest is not read. */
export async function firstEntry(archive: AsyncIterable<Buffer>): Promise<ArchiveEntry | undefined> {
  for await (const entry of extracted(archive)) return toEntry(entry.header);
  return undefined;
}

/** Ends with an error when its source does. */
function extracted(archive: AsyncIterable<Buffer>): tar.Extract {
  const extract = tar.extract();
  pipeline(Readable.from(archive), extract).catch((error: unknown) => extract.destroy(error as Error));
  return extract;
}

/** The last `maxBytes` of the regular file that an archive of a single path begins with; undefined when it begins with something else. */
export async function tailOfFirstFile(archive: AsyncIterable<Buffer>, maxBytes: number): Promise<Uint8Array | undefined> {
  for await (const entry of extracted(archive)) {
    if (entry.header.type !== 'file') return undefined;
    let tail: Buffer = Buffer.alloc(0);
    for await (const chunk of entry) {
      tail = Buffer.concat([tail, chunk as Buffer]);
      // Cut now and then, so that a huge file is never held whole.
      if (tail.length > 2 * maxBytes) tail = Buffer.from(tail.subarray(tail.length - maxBytes));
    }
    return tail.subarray(Math.max(0, tail.length - maxBytes));
  }
  return undefined;
}

/** All entries of an archive; their content is read past. */
export async function entriesOf(archive: AsyncIterable<Buffer>): Promise<readonly ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  for await (const entry of extracted(archive)) {
    entries.push(toEntry(entry.header));
    entry.resume();
  }
  return entries;
}

/** Passes an archive on with only the entries that are wanted. */
export function filterArchive(archive: AsyncIterable<Buffer>, isWanted: (header: tar.Header) => boolean): Readable {
  const pack = tar.pack();
  const copy = async (): Promise<void> => {
    for await (const entry of extracted(archive)) {
      if (isWanted(entry.header)) await pipeline(entry, pack.entry(entry.header));
      else entry.resume();
    }
    pack.finalize();
  };
  copy().catch((error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))));
  return Readable.from(pack);
}

/** What `X-Docker-Container-Path-Stat` tells of a path. */
export interface PathStat {
  /** As Go writes it: 32 unsigned bits. */
  readonly mode: number;
  readonly size: number;
}

/** Reads `X-Docker-Container-Path-Stat`. */
export function readStat(header: string | string[] | undefined): PathStat | undefined {
  if (typeof header !== 'string') return undefined;
  const stat: unknown = JSON.parse(Buffer.from(header, 'base64').toString());
  if (typeof stat !== 'object' || stat === null || !('mode' in stat) || typeof stat.mode !== 'number') return undefined;
  return { mode: stat.mode, size: 'size' in stat && typeof stat.size === 'number' ? stat.size : 0 };
}

/** Go's bits of a file mode, each with what it stands for; a character device has that of devices, too. */
const TYPES: readonly (readonly [number, FileSeen['type']])[] = [
  [2 ** 31, 'directory'],
  [2 ** 27, 'symlink'],
  [2 ** 21, 'char-device'],
  [2 ** 26, 'block-device'],
  [2 ** 24, 'socket'],
  [2 ** 25, 'other'],
  [2 ** 19, 'other'],
];
/** Go's bits for setuid, setgid and sticky, each with the kernel's. */
const SPECIAL_BITS: readonly (readonly [number, number])[] = [
  [2 ** 23, 0o4000],
  [2 ** 22, 0o2000],
  [2 ** 20, 0o1000],
];
const PERMISSION_BITS = 0o1000;

// Not `&`: Go's mode has 32 unsigned bits.
const hasBit = (mode: number, bit: number): boolean => Math.floor(mode / bit) % 2 === 1;

/** What kind of file a mode of Go stands for. */
export function typeOfMode(mode: number): FileSeen['type'] {
  return TYPES.find(([bit]) => hasBit(mode, bit))?.[1] ?? 'file';
}

/** Permission bits of a mode of Go, with setuid, setgid and sticky where the kernel has them. */
export function permissionsOfMode(mode: number): number {
  return SPECIAL_BITS.reduce((bits, [bit, kernelBit]) => bits + (hasBit(mode, bit) ? kernelBit : 0), mode % PERMISSION_BITS);
}
