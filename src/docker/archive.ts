// Files as tar archives, which is how Docker takes and gives them.
import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';
import type { FileEntry } from '../kubelet/engine/container-engine.ts';

/** Go's bit for symbolic links in the mode that Docker reports of a path. */
const MODE_SYMLINK = 0x0800_0000;

/** Packs files in their order; directories that are only implied are made by the engine. */
export async function packFiles(files: readonly FileEntry[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { path, type, mode, content, target } of files) {
    if (type === 'file') pack.entry({ name: path, type, mode }, Buffer.from(content ?? new Uint8Array()));
    else pack.entry({ name: path, type, mode, ...(type === 'symlink' ? { linkname: target ?? '' } : {}) });
  }
  pack.finalize();
  return await buffer(pack);
}

/** The target of the symbolic link that an archive of a single path begins with, just as it was written. */
export async function firstLinkTarget(archive: Uint8Array): Promise<string | undefined> {
  const extract = tar.extract();
  extract.end(archive);
  for await (const entry of extract) return entry.header.type === 'symlink' ? (entry.header.linkname ?? undefined) : undefined;
  return undefined;
}

/** Reads `X-Docker-Container-Path-Stat`: the mode of the path as Go writes it, 32 unsigned bits. */
export function modeOfStat(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const stat: unknown = JSON.parse(Buffer.from(header, 'base64').toString());
  return typeof stat === 'object' && stat !== null && 'mode' in stat && typeof stat.mode === 'number' ? stat.mode : undefined;
}

/** Reads `X-Docker-Container-Path-Stat`: is the path a symbolic link? */
export function isSymlinkStat(header: string | string[] | undefined): boolean {
  // Not `&`: Go's mode has 32 unsigned bits.
  return Math.floor((modeOfStat(header) ?? 0) / MODE_SYMLINK) % 2 === 1;
}
