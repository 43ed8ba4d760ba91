// Encrypts a YAML or JSON text in place: values and comments are replaced where they stand, everything else stays as it was written.
import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import { formatPath } from '../place.ts';
import { additionalData, looksEncrypted, sealValue } from './cipher.ts';
import { type Coverage, type ReadDocuments, readEncrypted } from './opened.ts';
import { quoted } from './print-scalar.ts';
import type { Rule } from './rule.ts';
import { type ParsedText, parseText, replaceParts, type TextFault } from './text-syntax.ts';
import { type Branch, type Leaf, plainOf, REMOVED, type Span, type Tree } from './tree.ts';

/** What encrypts the values of one file. */
export interface Sealing {
  readonly key: Uint8Array;
  readonly coverage: Coverage;
  readonly rule: Extract<Rule, { byForm: false }>;
  readonly random: (length: number) => Uint8Array;
  /** Encrypted values of before, by what they mean and where: what did not change is not encrypted anew, so that differences stay small. */
  readonly before: ReadonlyMap<string, string>;
}

type Part = Span & { readonly with: string };

/** An encrypted text without `sops` blocks, and its checksum. */
export interface SealedText extends Pick<ReadDocuments, 'checksum'> {
  readonly parsed: ParsedText;
  /** How many values are encrypted. */
  readonly count: number;
}

/** What a value means at a place, whatever its type is called. */
export function valueId(keys: readonly string[], type: string, bytes: Buffer): string {
  const kind = type === 'int' || type === 'float' ? 'number' : type === 'bool' || type === 'comment' ? type : 'text';
  return `${kind} ${bytes.toString('base64')} ${additionalData(keys)}`;
}

/** Encrypts a value, or takes the encrypted one of before. */
export function sealed(
  keys: readonly string[],
  type: Leaf['sealed']['type'] | 'comment',
  bytes: Buffer,
  sealing: Sealing,
): string {
  const known = sealing.before.get(valueId(keys, type, bytes));
  // The other types hold no value.
  return known ?? sealValue({ type: type as 'str', bytes }, sealing.key, additionalData(keys), sealing.random);
}

/** Encrypts a text. The result was read back: what comes out of decryption is what the text meant before. */
export function sealText(text: string, sealing: Sealing): SealedText | TextFault {
  const original = parseText(text);
  if ('fault' in original) return original;
  if (original.documents.length === 0) return { fault: 'there is nothing in it to encrypt' };
  if (original.documents.some(({ metadata }) => metadata !== undefined))
    return { fault: 'it has a "sops" block already; use "holdfast secrets edit" or "rotate" to change it' };
  const normal = parseText(
    replaceParts(
      text,
      original.documents.flatMap(({ tree }) => normalise(tree)),
    ),
  );
  if ('fault' in normal) return notFaithful;
  const parts: Part[] = [];
  const faults: string[] = [];
  for (const { tree } of normal.documents) sealTree(tree, [], [], { normal, sealing, parts, faults });
  if (faults[0] !== undefined) return { fault: faults[0] };
  for (const { start, end, text: comment, keys } of normal.comments) {
    const bytes = Buffer.from(comment.slice(1));
    if (bytes.length > 0 && !looksEncrypted(comment.slice(1)) && sealing.rule.covers(keys))
      parts.push({ start, end, with: `#${sealed(keys, 'comment', bytes, sealing)}` });
  }
  const parsed = parseText(replaceParts(normal.text, parts));
  if ('fault' in parsed || parsed.documents.length !== original.documents.length) return notFaithful;
  const read = readEncrypted(
    parsed.documents.map(({ tree }) => tree),
    sealing.coverage,
    sealing.key,
  );
  if ('faults' in read) return notFaithful;
  const isFaithful = parsed.documents.every(({ tree }, index) =>
    isDeepStrictEqual(plain(tree, read), original.documents[index]?.value),
  );
  if (!isFaithful) return notFaithful;
  return { parsed, checksum: read.checksum, count: [...read.leaves.values()].filter(({ isEncrypted }) => isEncrypted).length };
}

const notFaithful: TextFault = {
  fault: 'it is written in a way that cannot be kept while its values are encrypted; write it in plain block style and try again',
};

/** The plain values of a tree that was decrypted. */
export function plain(tree: Branch, { leaves }: Pick<ReadDocuments, 'leaves'>): unknown {
  return plainOf(tree, (leaf) => {
    const found = leaves.get(leaf);
    return found === undefined ? leaf.value : found.isComment ? REMOVED : found.value;
  });
}

/** SOPS knows neither aliases nor keys that are no text: the first are written out, the others get quotes. */
function normalise(tree: Tree): Part[] {
  if (tree.alias !== undefined) {
    return [{ ...tree.alias, with: flowText(tree) }];
  }
  if (tree.kind === 'leaf') return [];
  if (tree.kind === 'list') return tree.items.flatMap(normalise);
  return tree.entries.flatMap((entry) => {
    const isKept = entry.isMerge || (entry.isText && entry.name === entry.key);
    const renamed = isKept || entry.span === undefined ? [] : [{ ...entry.span, with: quoted(entry.name) }];
    return [...renamed, ...normalise(entry.tree)];
  });
}

/** A part of a document in one line. Merge keys stay what they are. */
function flowText(tree: Tree): string {
  if (tree.kind === 'leaf') return typeof tree.value === 'string' ? quoted(tree.value) : JSON.stringify(tree.value);
  if (tree.kind === 'list') return `[${tree.items.map(flowText).join(', ')}]`;
  const entries = tree.entries.map(({ name, isMerge, tree: part }) => `${isMerge ? '<<' : quoted(name)}: ${flowText(part)}`);
  return `{${entries.join(', ')}}`;
}

interface Work {
  readonly normal: ParsedText;
  readonly sealing: Sealing;
  readonly parts: Part[];
  readonly faults: string[];
}

function sealTree(tree: Tree, keys: readonly string[], field: readonly (string | number)[], work: Work): void {
  if (tree.kind === 'branch')
    for (const entry of tree.entries) sealTree(entry.tree, [...keys, entry.key], [...field, entry.name], work);
  else if (tree.kind === 'list') for (const [index, item] of tree.items.entries()) sealTree(item, keys, [...field, index], work);
  else if (tree.sealed.type !== 'none' && work.sealing.rule.covers(keys)) sealLeaf(tree, keys, field, work);
  else if (tree.read.type === 'unknown') work.faults.push(tooLarge(field));
}

function tooLarge(field: readonly (string | number)[]): string {
  return `${formatPath(field)}: SOPS does not know numbers as large as this one; put it in quotes`;
}

function sealLeaf(leaf: Leaf, keys: readonly string[], field: readonly (string | number)[], work: Work): void {
  const { sealing, parts, faults, normal } = work;
  const { type, bytes } = leaf.sealed;
  if (type === 'unknown') faults.push(tooLarge(field));
  if (type === 'unknown' || leaf.span === undefined || bytes.length === 0) return;
  if (typeof leaf.value === 'string' && looksEncrypted(leaf.value)) {
    faults.push(`${formatPath(field)}: the value is encrypted already`);
    return;
  }
  const value = sealed(keys, type, bytes, sealing);
  const { start, end } = leaf.span;
  const tag = leaf.hasTag ? normal.tags.findLast((span) => span.end <= start) : undefined;
  if (tag !== undefined) parts.push({ start: tag.start, end: tag.end + (normal.text[tag.end] === ' ' ? 1 : 0), with: '' });
  const header = /^[|>][-+0-9]*/.exec(normal.text.slice(start, start + 4))?.[0];
  if (!leaf.isLines || header === undefined) {
    parts.push({ start, end, with: leaf.isFlow ? quoted(value) : value });
    return;
  }
  const below = normal.text.indexOf('\n', start) + 1;
  parts.push({ start, end: start + header.length, with: value });
  if (below > 0 && below < end) parts.push({ start: below, end, with: '' });
}
