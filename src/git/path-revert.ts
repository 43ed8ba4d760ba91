// A commit that brings back one folder as it was at an older commit, and leaves everything else as it is. Only trees and the commit are new: every file
// of it is in the repository already. Computes; writes nothing.
import { type GitObject, type ObjectType, objectId } from './objects.ts';

/** An object that is new. */
export interface NewObject extends GitObject {
  readonly id: string;
}

/** Who writes it, and when: a time that does not change makes the same commit of the same wish. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  /** Epoch seconds. */
  readonly seconds: number;
}

/** What is brought back, and on top of what. */
export interface PathRevert {
  /** The tree of the commit that the new one is made on. */
  readonly ontoTree: string;
  /** The tree of the commit whose folder is brought back. */
  readonly goodTree: string;
  /** The folder, '' for the whole repository. */
  readonly path: string;
  /** An object of the repository, which must be a tree. */
  readonly tree: (id: string) => Promise<Uint8Array>;
}

interface RawEntry {
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

const FOLDER = '40000';
const ID_BYTES = 20;

/** The tree with the folder brought back, and the trees that are new. Equal to `ontoTree` when nothing of the folder differs. */
export async function revertedTree(
  wanted: PathRevert,
): Promise<{ readonly id: string; readonly objects: readonly NewObject[] } | { readonly fault: string }> {
  const parts = wanted.path === '' ? [] : wanted.path.split('/');
  let good: string | undefined = wanted.goodTree;
  for (const part of parts) {
    const entry: RawEntry | undefined = good === undefined ? undefined : entryOf(await wanted.tree(good), part);
    if (entry !== undefined && entry.mode !== FOLDER)
      return { fault: `${wanted.path} is not a folder of the commit to go back to` };
    good = entry?.id;
  }
  if (good === undefined) return { fault: `the commit to go back to has no folder ${wanted.path}` };
  const objects: NewObject[] = [];
  const place = async (treeId: string | undefined, rest: readonly string[]): Promise<string> => {
    const [part, ...below] = rest;
    if (part === undefined) return good;
    const entries = treeId === undefined ? [] : rawEntries(await wanted.tree(treeId));
    const old = entries.find(({ name }) => name === part);
    const id = await place(old?.mode === FOLDER ? old.id : undefined, below);
    if (old?.mode === FOLDER && old.id === id && treeId !== undefined) return treeId;
    const next = [...entries.filter(({ name }) => name !== part), { mode: FOLDER, name: part, id }];
    const made = newObject('tree', treeBytes(next));
    objects.push(made);
    return made.id;
  };
  const id = await place(wanted.ontoTree, parts);
  return { id, objects };
}

/** The commit. Its message is kept as it is, with a line's end behind it. */
export function commitObject(of: {
  readonly tree: string;
  readonly parent: string;
  readonly by: Signature;
  readonly message: string;
}): NewObject {
  const { tree, parent, by, message } = of;
  const who = `${plain(by.name)} <${plain(by.email)}> ${by.seconds} +0000`;
  const text = `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n\n${message.trimEnd()}\n`;
  return newObject('commit', Buffer.from(text));
}

/** What Git itself takes out of names. */
const plain = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f<>]/g, ' ')
    .replace(/ +/g, ' ')
    .trim();

function newObject(type: ObjectType, bytes: Uint8Array): NewObject {
  return { id: objectId(type, bytes), type, bytes };
}

function entryOf(tree: Uint8Array, name: string): RawEntry | undefined {
  return rawEntries(tree).find((entry) => entry.name === name);
}

/** The lines of a tree with their modes. Names are bytes to Git: latin1 keeps each of them. */
function rawEntries(bytes: Uint8Array): RawEntry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: RawEntry[] = [];
  for (let at = 0; at < buffer.length; ) {
    const space = buffer.indexOf(0x20, at);
    const nul = buffer.indexOf(0, space + 1);
    const end = nul + 1 + ID_BYTES;
    entries.push({
      mode: buffer.toString('latin1', at, space).replace(/^0+/, ''),
      name: buffer.toString('latin1', space + 1, nul),
      id: buffer.toString('hex', nul + 1, end),
    });
    at = end;
  }
  return entries;
}

/** Git sorts by bytes, a folder as if its name ended in a slash. */
function treeBytes(entries: readonly RawEntry[]): Uint8Array {
  const key = ({ mode, name }: RawEntry): Buffer => Buffer.from(mode === FOLDER ? `${name}/` : name, 'latin1');
  const sorted = entries.toSorted((a, b) => Buffer.compare(key(a), key(b)));
  return Buffer.concat(
    sorted.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(id, 'hex')]),
  );
}
