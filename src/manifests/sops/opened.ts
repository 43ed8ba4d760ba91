// Decrypts whole documents with their data key, and never returns one whose checksum does not fit.
import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Path } from '../place.ts';
import { additionalData, isEncryptedValue, looksEncrypted, openValue, type ValueType } from './cipher.ts';
import { type PlainScalar, readOpened } from './leaf.ts';
import type { Metadata, SopsFault } from './metadata.ts';
import { compileRule, type Rule, RuleTooCostly } from './rule.ts';
import { type Branch, type Leaf, visitLeaves } from './tree.ts';

/** A leaf after decryption: what Kubernetes reads, and the bytes that a file has. */
export interface OpenedLeaf {
  readonly value: PlainScalar;
  /** How it is encrypted; absent for what is not, or is empty. */
  readonly sealed?: { readonly text: string; readonly type: ValueType };
  readonly bytes: Buffer;
  readonly isEncrypted: boolean;
  /** SOPS puts comments of lists among the items. */
  readonly isComment: boolean;
}

/** A fault, and in which of the documents. */
export interface DocumentFault extends SopsFault {
  readonly document: number;
}

/** Begins the checksum where it covers encrypted values only: the SHA-256 of "sops", so that the one can never pass for the other. */
export const MAC_ONLY_ENCRYPTED_START = createHash('sha256').update('sops').digest();

/** How many values that cannot be decrypted are told of one file. */
const MAX_FAULTS = 10;

const changedMessage =
  'the encrypted value was changed, moved or put under another key since it was encrypted; undo that, and change values with "holdfast secrets edit"';
const plainMessage =
  'the value is not encrypted, but the rule of this file says that it is; restore it, or set it with "holdfast secrets edit"';

/** What decides which values are encrypted and what the checksum covers. */
export type Coverage = Pick<Metadata, 'rule' | 'macOnlyEncrypted'>;

/** Documents without their `sops` blocks, decrypted; the checksum is what it should be, not what the file says. */
export interface ReadDocuments {
  readonly leaves: ReadonlyMap<Leaf, OpenedLeaf>;
  readonly checksum: Buffer;
}

/** Decrypts documents that share one `sops` block, and computes the checksum over all of them. Faults name fields, never values. */
export function readEncrypted(
  documents: readonly Branch[],
  coverage: Coverage,
  key: Uint8Array,
): ReadDocuments | { readonly faults: readonly DocumentFault[] } {
  const rule = compileRule(coverage.rule);
  if ('fault' in rule) return { faults: [{ document: 0, path: ['sops', coverage.rule.name], message: rule.fault }] };
  const faults: DocumentFault[] = [];
  const leaves = new Map<Leaf, OpenedLeaf>();
  const hash = createHash('sha512');
  if (coverage.macOnlyEncrypted) hash.update(MAC_ONLY_ENCRYPTED_START);
  const fail = (document: number, path: Path, message: string): void => void faults.push({ document, path, message });
  try {
    for (const [document, tree] of documents.entries()) {
      visitLeaves(tree, (leaf, keys, field) => {
        if (faults.length >= MAX_FAULTS || leaf.read.type === 'none') return;
        const opened = openLeaf(leaf, keys, rule, key);
        if ('problem' in opened) fail(document, field, opened.problem);
        else {
          leaves.set(leaf, opened);
          if (!opened.isComment && (opened.isEncrypted || !coverage.macOnlyEncrypted)) hash.update(opened.checked);
        }
      });
    }
  } catch (error) {
    if (!(error instanceof RuleTooCostly)) throw error;
    fail(0, ['sops', coverage.rule.name], error.message);
  }
  return faults.length > 0 ? { faults } : { leaves, checksum: Buffer.from(hash.digest('hex').toUpperCase()) };
}

/** The same for a whole file: nothing comes out of it unless the checksum fits. */
export function openDocuments(
  documents: readonly Branch[],
  metadata: Metadata,
  key: Uint8Array,
): ReadDocuments | { readonly faults: readonly DocumentFault[] } {
  const read = readEncrypted(documents, metadata, key);
  if ('faults' in read) return read;
  const fault = checksumFault(read.checksum, metadata, key);
  return fault === undefined ? read : { faults: [{ document: 0, ...fault }] };
}

/** Compares a checksum with the one of the file. */
export function checksumFault(checksum: Buffer, { mac, lastModified }: Metadata, key: Uint8Array): SopsFault | undefined {
  const expected = openValue(mac, key, lastModified)?.bytes;
  if (expected?.length === checksum.length && timingSafeEqual(expected, checksum)) return undefined;
  const message =
    'the checksum does not fit: something was added, removed or changed without the keys since the file was encrypted; ' +
    'undo that, and make changes with "holdfast secrets edit"';
  return { path: ['sops', 'mac'], message };
}

function openLeaf(
  leaf: Leaf,
  keys: readonly string[],
  rule: Rule,
  key: Uint8Array,
): (OpenedLeaf & { readonly checked: Buffer }) | { readonly problem: string } {
  const text = leaf.read.type === 'str' ? leaf.read.bytes.toString('utf8') : undefined;
  const isEncrypted = rule.byForm ? text !== undefined && looksEncrypted(text) : rule.covers(keys);
  if (!isEncrypted) {
    if (leaf.read.type === 'unknown') return { problem: 'SOPS does not know numbers as large as this one; put it in quotes' };
    return { value: leaf.value, bytes: leaf.read.bytes, checked: leaf.read.bytes, isEncrypted, isComment: false };
  }
  // What was empty stays empty when it is encrypted.
  if (text === '') return { value: '', bytes: leaf.read.bytes, checked: leaf.read.bytes, isEncrypted, isComment: false };
  if (text === undefined || !isEncryptedValue(text))
    return { problem: text !== undefined && text.includes('ENC[') ? changedMessage : plainMessage };
  const opened = openValue(text, key, additionalData(keys));
  if (opened === undefined) return { problem: changedMessage };
  const read = readOpened(opened);
  return 'problem' in read ? read : { ...read, isEncrypted, sealed: { text, type: opened.type } };
}
