// Git's objects in the form that this room needs. Bytes from a repository become typed here; what does not parse is Corrupt.
import { createHash } from 'node:crypto';
import { type Commit, SourceError } from '../sync/commit-source.ts';

/** The types of Git objects. */
export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** An object as it is stored. */
export interface GitObject {
  readonly type: ObjectType;
  readonly bytes: Uint8Array;
}

/** One line of a tree. */
export interface TreeEntry {
  readonly name: string;
  readonly id: string;
  readonly type: 'file' | 'symlink' | 'folder' | 'submodule';
}

/** A commit and the tree it holds. */
export interface ParsedCommit {
  readonly commit: Commit;
  readonly treeId: string;
}

const ID_BYTES = 20;
const NUL = 0;
const SPACE = 32;

/** The name that Git gives to these bytes. */
export function objectId(type: ObjectType, bytes: Uint8Array): string {
  return createHash('sha1').update(`${type} ${bytes.byteLength}\0`).update(bytes).digest('hex');
}

/** The lines of a tree object, in its order. */
export function parseTree(treeId: string, bytes: Uint8Array): TreeEntry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: TreeEntry[] = [];
  for (let at = 0; at < buffer.length; ) {
    const space = buffer.indexOf(SPACE, at);
    const nul = buffer.indexOf(NUL, space + 1);
    if (space < 0 || nul < 0 || nul + 1 + ID_BYTES > buffer.length) throw damaged('tree', treeId);
    const mode = buffer.toString('latin1', at, space);
    const end = nul + 1 + ID_BYTES;
    entries.push({
      name: buffer.toString('utf8', space + 1, nul),
      id: buffer.toString('hex', nul + 1, end),
      type: entryType(mode),
    });
    at = end;
  }
  return entries;
}

function entryType(mode: string): TreeEntry['type'] {
  switch (mode) {
    case '40000':
    case '040000':
      return 'folder';
    case '120000':
      return 'symlink';
    case '160000':
      return 'submodule';
    default:
      return 'file';
  }
}

/** A commit object. The time is the committer's: when this commit came to be. */
export function parseCommit(id: string, bytes: Uint8Array): ParsedCommit {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headEnd = buffer.indexOf('\n\n');
  const head = buffer.subarray(0, headEnd < 0 ? buffer.length : headEnd);
  const encoding = headerOf(head.toString('latin1'), 'encoding');
  const decode = (part: Buffer): string => decoded(part, encoding);
  const headText = decode(head);
  const treeId = headerOf(headText, 'tree');
  const author = headerOf(headText, 'author');
  const committer = headerOf(headText, 'committer') ?? author;
  if (treeId === undefined || !/^[0-9a-f]{40}$/.test(treeId) || author === undefined || committer === undefined)
    throw damaged('commit', id);
  const message = headEnd < 0 ? '' : decode(buffer.subarray(headEnd + 2));
  return { treeId, commit: { id, subject: subjectOf(message), author: personOf(author), time: timeOf(id, committer), message } };
}

/** The commits that a commit object was made on, in its order: none for a first commit, several for a merge. */
export function parseParents(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1');
  const head = text.slice(0, text.includes('\n\n') ? text.indexOf('\n\n') : undefined);
  return head.split('\n').flatMap((line) => /^parent ([0-9a-f]{40})$/.exec(line)?.slice(1) ?? []);
}

/** The object that an annotated tag points at. */
export function parseTag(id: string, bytes: Uint8Array): string {
  const target = headerOf(Buffer.from(bytes).toString('latin1'), 'object');
  if (target === undefined) throw damaged('tag', id);
  return target;
}

/** Continuation lines (of signatures) start with a space, so a header is only where a line starts with its name. */
function headerOf(head: string, name: string): string | undefined {
  for (const line of head.split('\n')) {
    if (line.startsWith(`${name} `)) return line.slice(name.length + 1);
    if (line === '') return undefined;
  }
  return undefined;
}

function decoded(bytes: Buffer, encoding: string | undefined): string {
  try {
    return new TextDecoder(encoding ?? 'utf-8').decode(bytes);
  } catch {
    // An encoding that the platform does not know: the ASCII part is readable at least.
    return bytes.toString('utf8');
  }
}

/** As `git log --oneline`: the first paragraph on one line. */
function subjectOf(message: string): string {
  const paragraph = message.replace(/^\s+/, '').split(/\n[ \t\r]*\n/, 1)[0] ?? '';
  return paragraph.trim().replace(/[ \t]*\r?\n[ \t]*/g, ' ');
}

function personOf(line: string): string {
  return line.replace(/ -?\d+(?: [+-]\d+)?$/, '');
}

function timeOf(id: string, line: string): string {
  const seconds = Number(/ (-?\d+)(?: [+-]\d+)?$/.exec(line)?.[1] ?? Number.NaN);
  const time = new Date(seconds * 1000);
  if (Number.isNaN(time.getTime())) throw damaged('commit', id);
  return time.toISOString().replace('.000Z', 'Z');
}

/** The error for an object that is missing or not what its name says. */
export const damaged = (type: string, id: string, cause?: unknown): SourceError =>
  new SourceError('Corrupt', `the repository is damaged: ${type} ${id} is missing or cannot be read`, { cause });
