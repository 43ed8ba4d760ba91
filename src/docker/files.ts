// Files of a container, running or not: put, looked at, read. Whose container it is has been checked before.
import type { IncomingMessage } from 'node:http';
import { posix } from 'node:path';
import { EngineError, type FileEntry, type FileSeen } from '../kubelet/engine/container-engine.ts';
import { SANDBOX_PROGRAM } from '../kubelet/images/sandbox-image.ts';
import type { Clock } from '../system/clock.ts';
import {
  type ArchiveEntry,
  entriesOf,
  firstEntry,
  packFiles,
  permissionsOfMode,
  readStat,
  tailOfFirstFile,
  typeOfMode,
} from './archive.ts';
import { type Connection, chunksOf } from './connection.ts';
import { givenUp, toEngineError } from './failures.ts';
import { execIn } from './inside.ts';

const SHORT_ID = 12;
const STAT_HEADER = 'x-docker-container-path-stat';
/** Rights of a group over what is given to it, as the kubelet sets them. */
const GROUP_OF_FILE = 0o660;
const GROUP_OF_DIRECTORY = 0o2770;
/** Files that one run of the sandbox's program changes. */
const FILES_PER_RUN = 400;

/** See ContainerEngine.putFiles. */
export async function putFilesInto(
  connection: Connection,
  id: string,
  directory: string,
  files: readonly FileEntry[],
  signal: AbortSignal,
): Promise<void> {
  const what = `put files into ${directory} of container ${id.slice(0, SHORT_ID)}`;
  const archive = await packFiles(files);
  const path = archivePath(id);
  await connection.call({ what, method: 'PUT', path, query: { path: directory }, archive, expect: [200], signal });
}

/** See ContainerEngine.readLink. */
export async function readLinkIn(
  connection: Connection,
  id: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await statIn(connection, id, path, signal))?.target || undefined;
}

/** See ContainerEngine.stat. */
export async function statIn(
  connection: Connection,
  id: string,
  path: string,
  signal: AbortSignal,
): Promise<FileSeen | undefined> {
  const what = `look at ${path} of container ${id.slice(0, SHORT_ID)}`;
  return await readArchive(connection, { id, path, what, signal }, async (response) => {
    const stat = readStat(response.headers[STAT_HEADER]);
    if (stat === undefined) return undefined;
    const { uid = 0, gid = 0, target = '' } = (await firstEntry(chunksOf(response))) ?? {};
    return { type: typeOfMode(stat.mode), mode: permissionsOfMode(stat.mode), uid, gid, sizeBytes: stat.size, target };
  });
}

/** See ContainerEngine.listFiles. */
export async function listFilesIn(
  connection: Connection,
  id: string,
  directory: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FileSeen> | undefined> {
  const what = `list ${directory} of container ${id.slice(0, SHORT_ID)}`;
  const entries = await listTree(connection, { id, path: `${directory}/.`, what, signal });
  const isHere = ({ path }: ArchiveEntry): boolean => path !== '' && !path.includes('/');
  return entries && new Map(entries.filter(isHere).map(({ path, ...seen }) => [path, seen]));
}

function listTree(connection: Connection, place: Place): Promise<readonly ArchiveEntry[] | undefined> {
  return readArchive(connection, place, (response) => entriesOf(chunksOf(response)));
}

interface Place {
  readonly id: string;
  readonly path: string;
  readonly what: string;
  readonly signal: AbortSignal;
}

/** Reads a path as an archive, to its end or not; undefined when there is nothing. */
async function readArchive<T>(
  connection: Connection,
  { id, path, what, signal }: Place,
  read: (response: IncomingMessage) => Promise<T>,
): Promise<T | undefined> {
  const query = { path };
  const response = await connection.open({ what, method: 'GET', path: archivePath(id), query, expect: [200, 404], signal });
  try {
    return response.statusCode === 404 ? undefined : await read(response);
  } catch (error) {
    throw signal.aborted ? givenUp(what, signal) : toEngineError(error, what, connection.address);
  } finally {
    response.destroy();
  }
}

/** See ContainerEngine.readFile. */
export async function readFileIn(
  connection: Connection,
  id: string,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const what = `read ${path} of container ${id.slice(0, SHORT_ID)}`;
  return await readArchive(connection, { id, path, what, signal }, (response) => tailOfFirstFile(chunksOf(response), maxBytes));
}

/**
 * See ContainerEngine.giveToGroup. The files are listed here and changed by the sandbox's program: putting them anew would be shorter,
 * but what is cut off in the middle of that is lost.
 */
export async function giveTreeToGroup(
  connection: Connection,
  clock: Clock,
  id: string,
  directory: string,
  gid: number,
  signal: AbortSignal,
): Promise<void> {
  const what = `list ${directory} of container ${id.slice(0, SHORT_ID)}`;
  const entries = await listTree(connection, { id, path: `${directory}/.`, what, signal });
  if (entries === undefined) throw new EngineError('NotFound', `${what}: there is no such directory`);
  const changes = entries.flatMap((entry) => {
    if (entry.type !== 'directory' && entry.type !== 'file') return [];
    const mode = entry.mode | (entry.type === 'directory' ? GROUP_OF_DIRECTORY : GROUP_OF_FILE);
    return entry.gid === gid && mode === entry.mode ? [] : [[String(mode), posix.join(directory, entry.path)]];
  });
  // What lies deepest comes first and the root last: a root that belongs to the group proves that all below it does.
  const ordered = changes.toReversed();
  for (let at = 0; at < ordered.length; at += FILES_PER_RUN) {
    const command = [SANDBOX_PROGRAM, String(gid), ...ordered.slice(at, at + FILES_PER_RUN).flat()];
    const { exitCode } = await execIn(connection, clock, id, command, { maxOutputBytes: 0 }, signal);
    if (exitCode !== 0)
      throw new EngineError('Failed', `applyFSGroup failed: the files of ${directory} cannot be given to group ${gid}`);
  }
}

/** The engine's path of a container's files as archives. */
export function archivePath(id: string): string {
  return `/containers/${encodeURIComponent(id)}/archive`;
}
