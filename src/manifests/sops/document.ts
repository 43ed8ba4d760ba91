// Documents that SOPS encrypted, decrypted in memory. Several documents of a file that were encrypted together share one `sops` block and one
// checksum, so they are decrypted together, whichever of them is asked for.
import { isUtf8 } from 'node:buffer';
import type { Path } from '../place.ts';
import type { YamlTree } from '../reading/yaml-places.ts';
import type { SourceObject } from '../source.ts';
import { isEncryptedValue } from './cipher.ts';
import { createDataKeys, type DataKeys } from './data-key.ts';
import type { DecryptionKeys } from './keys.ts';
import { isPlainMap, readMetadata, type SopsFault } from './metadata.ts';
import { openDocuments } from './opened.ts';
import { type Branch, plainOf, REMOVED, type Tree, treeOf, treeOfValue, withoutMetadata } from './tree.ts';

/** A decrypted value in the shape of the encrypted one, without its `sops`; or what is wrong. */
export type DecryptedDocument = { readonly value: unknown } | { readonly faults: readonly SopsFault[] };

/**
 * Whether SOPS encrypted a document: it has a `sops` block. One that has lost it but holds encrypted values counts as well, so that it is
 * refused and does not pass for plain text.
 */
export function isEncryptedDocument(value: unknown): boolean {
  if (!isPlainMap(value)) return false;
  const block = value['sops'];
  if (isPlainMap(block) && ('mac' in block || 'lastmodified' in block || 'version' in block)) return true;
  return holdsEncryptedValue(value);
}

function holdsEncryptedValue(root: unknown): boolean {
  const open: unknown[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === 'string') {
      if (isEncryptedValue(value)) return true;
    } else if (typeof value === 'object' && value !== null) for (const entry of Object.values(value)) open.push(entry ?? null);
  }
  return false;
}

/** Decrypts documents and remembers what it opened last. */
export interface DocumentDecrypter {
  decrypt(source: SourceObject): Promise<DecryptedDocument>;
}

/** A decrypter with its own memory. */
export function createDocumentDecrypter(dataKeys: DataKeys): DocumentDecrypter {
  // All documents of a text are decrypted with the first, so that a file of many costs no more than its size.
  const texts = new WeakMap<object, Promise<readonly DecryptedDocument[]>>();
  return {
    decrypt: async (source) => {
      const written = source.written?.();
      if (written === undefined)
        return (await decryptAll([treeOfValue(source.value)], dataKeys))[0] ?? { faults: [missingMetadata] };
      const known = texts.get(written.text);
      const results = known ?? decryptAll(written.documents.map(toTree), dataKeys);
      if (written.documents.length > 1) texts.set(written.text, results);
      return (await results)[written.index] ?? { faults: [missingMetadata] };
    },
  };
}

/** Decrypts one document with keys that are used for nothing else. */
export async function decryptDocument(source: SourceObject, keys: DecryptionKeys): Promise<DecryptedDocument> {
  return await createDocumentDecrypter(createDataKeys(keys)).decrypt(source);
}

const missingMetadata: SopsFault = {
  path: [],
  message: 'there are encrypted values, but the "sops" block that says how to decrypt them is missing; restore the file from Git',
};

function toTree(tree: YamlTree | undefined): Tree | undefined {
  return tree === undefined ? undefined : treeOf(tree);
}

function metadataOf(tree: Tree): unknown {
  const entry = tree.kind === 'branch' ? tree.entries.find(({ key }) => key === 'sops') : undefined;
  return entry === undefined ? undefined : plainOf(entry.tree, ({ value }) => value);
}

/** Groups documents by their `sops` blocks. */
async function decryptAll(trees: readonly (Tree | undefined)[], dataKeys: DataKeys): Promise<readonly DecryptedDocument[]> {
  const results: DecryptedDocument[] = trees.map(() => ({ faults: [missingMetadata] }));
  const groups = new Map<
    string,
    { readonly block: unknown; readonly members: { readonly tree: Branch; readonly at: number }[] }
  >();
  for (const [at, tree] of trees.entries()) {
    const block = tree === undefined ? undefined : metadataOf(tree);
    if (tree?.kind !== 'branch' || block === undefined) continue;
    const id = JSON.stringify(block);
    const group = groups.get(id) ?? { block, members: [] };
    group.members.push({ tree, at });
    groups.set(id, group);
  }
  for (const { block, members } of groups.values()) {
    const decrypted = await decryptTogether(
      members.map(({ tree }) => tree),
      block,
      dataKeys,
    );
    for (const [index, { at }] of members.entries()) results[at] = decrypted[index] ?? { faults: [missingMetadata] };
  }
  return results;
}

/** The documents of one `sops` block. A fault of one is a fault of all; it is told with the document it is in, and the block's with the first. */
async function decryptTogether(
  trees: readonly Branch[],
  block: unknown,
  dataKeys: DataKeys,
): Promise<readonly DecryptedDocument[]> {
  const refused = (faults: readonly (SopsFault & { readonly document: number })[]): readonly DecryptedDocument[] =>
    trees.map((_tree, index) => ({
      faults: faults.filter(({ document }) => document === index).map(({ path, message }) => ({ path, message })),
    }));
  const metadata = readMetadata(block);
  if ('fault' in metadata) return refused([{ document: 0, ...metadata.fault }]);
  const opened = await dataKeys.open(metadata);
  if ('fault' in opened) return refused([{ document: 0, ...opened.fault }]);
  const documents = trees.map(withoutMetadata);
  const result = openDocuments(documents, metadata, opened.key);
  if ('faults' in result) return refused(result.faults);
  const faults: (SopsFault & { readonly document: number })[] = [];
  const values = documents.map((tree) =>
    plainOf(tree, (leaf) => {
      const found = result.leaves.get(leaf);
      return found === undefined ? leaf.value : found.isComment ? REMOVED : found.value;
    }),
  );
  for (const [document, tree] of documents.entries()) {
    const path = findBinary(tree, (leaf) => result.leaves.get(leaf)?.bytes);
    if (path !== undefined)
      faults.push({ document, path, message: 'what is encrypted here is not text; put it in base64 under "data"' });
  }
  return faults.length > 0 ? refused(faults) : values.map((value) => ({ value }));
}

/** The first leaf whose bytes are no text. */
function findBinary(tree: Tree, bytesOf: (leaf: Extract<Tree, { kind: 'leaf' }>) => Uint8Array | undefined): Path | undefined {
  if (tree.kind === 'leaf') {
    const bytes = bytesOf(tree);
    return bytes === undefined || isUtf8(bytes) ? undefined : [];
  }
  const parts = tree.kind === 'list' ? tree.items.entries() : tree.entries.map(({ name, tree: part }) => [name, part] as const);
  for (const [step, part] of parts) {
    const found = findBinary(part, bytesOf);
    if (found !== undefined) return [step, ...found];
  }
  return undefined;
}
