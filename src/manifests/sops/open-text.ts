// Decrypts a YAML or JSON text in place: what `holdfast secrets edit` shows, and what generators read. Layout and order stay.
import { type Buffer, isUtf8 } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import { removeBlock } from './block.ts';
import { additionalData, isEncryptedValue, openValue, wasEncrypted } from './cipher.ts';
import { type Metadata, readMetadata, type SopsFault } from './metadata.ts';
import { openDocuments, type ReadDocuments } from './opened.ts';
import { printText } from './print-scalar.ts';
import { compileRule } from './rule.ts';
import { plain, valueId } from './seal-text.ts';
import { type Comment, lineEnd, lineStart, type ParsedText, parseText, replaceParts } from './text-syntax.ts';
import { type Leaf, plainOf, type Span, type Tree, visitLeaves } from './tree.ts';

type Part = Span & { readonly with: string };

/** A decrypted text, and what is needed to encrypt it again with the smallest difference. */
export interface OpenedText {
  readonly text: string;
  /** Values and comments as they were encrypted. */
  readonly before: ReadonlyMap<string, string>;
}

/** An encrypted text that was parsed, with what its `sops` block says. */
export interface EncryptedText {
  readonly parsed: ParsedText;
  readonly metadata: Metadata;
}

/** How many faults are told of one file. */
const MAX_FAULTS = 10;

/** How many other places are tried for the comments of one file. */
const MAX_COMMENT_TRIES = 20_000;

/** Reads the block of a text. Its first document has the `sops` block that counts, and all others have the same. */
export function readEncryptedText(parsed: ParsedText): EncryptedText | { readonly fault: SopsFault } {
  const blocks = parsed.documents.map(({ metadata }) => metadata && plainOf(metadata.tree, ({ value }) => value));
  const [first] = blocks;
  if (first === undefined)
    return { fault: { path: [], message: 'the "sops" block that says how to decrypt the file is missing' } };
  if (!blocks.every((block) => isDeepStrictEqual(block, first))) {
    const message = 'its documents were not encrypted together; put each into a file of its own';
    return { fault: { path: ['sops'], message } };
  }
  const metadata = readMetadata(first);
  return 'fault' in metadata ? metadata : { parsed, metadata };
}

/** Decrypts a text whose data key is known. */
export function openText(
  { parsed, metadata }: EncryptedText,
  key: Uint8Array,
): OpenedText | { readonly faults: readonly SopsFault[] } {
  const read = openDocuments(
    parsed.documents.map(({ tree }) => tree),
    metadata,
    key,
  );
  if ('faults' in read) return read;
  const before = new Map<string, string>();
  const parts: Part[] = [];
  const faults: SopsFault[] = [];
  const step = indentStep(parsed.text);
  for (const { tree } of parsed.documents) {
    visitLeaves(tree, (leaf, keys, path) => {
      const opened = read.leaves.get(leaf);
      if (opened?.sealed === undefined) return;
      before.set(valueId(keys, opened.sealed.type, opened.bytes), opened.sealed.text);
      if (!isUtf8(opened.bytes)) faults.push({ path, message: 'what is encrypted here is not text' });
    });
    printTree(tree, () => 0, { parsed, read, parts, step });
  }
  for (const { span, with: text, id, sealed } of openComments({ parsed, metadata }, key, faults)) {
    before.set(id, sealed);
    parts.push({ ...span, with: text });
  }
  for (const document of parsed.documents) parts.push(...removeBlock(document, parsed));
  if (faults.length > 0) return { faults };
  const text = replaceParts(parsed.text, parts);
  return isSame(text, parsed, read) ? { text, before } : { faults: [cannotPrint] };
}

const cannotPrint: SopsFault = { path: [], message: 'the decrypted file cannot be written in the layout of the encrypted one' };

/** What was printed must read as what was decrypted. */
function isSame(text: string, { documents }: ParsedText, read: ReadDocuments): boolean {
  const printed = parseText(text);
  if ('fault' in printed) return false;
  const values = documents.map(({ tree }) => plain(tree, read)).filter((value) => !isDeepStrictEqual(value, {}));
  const found = printed.documents.map(({ value }) => value).filter((value) => !isDeepStrictEqual(value, {}));
  return isDeepStrictEqual(found, values);
}

interface Printing {
  readonly parsed: ParsedText;
  readonly read: ReadDocuments;
  readonly parts: Part[];
  /** How far the text indents what is inside of something. */
  readonly step: number;
}

/** `columnOf` tells where the entries of the map or list begin that a value stands in; it is asked only for block style. */
function printTree(tree: Tree, columnOf: () => number, printing: Printing): void {
  const { text } = printing.parsed;
  if (tree.kind === 'leaf') {
    printLeaf(tree, columnOf, printing);
    return;
  }
  if (tree.kind === 'branch') {
    for (const { span, tree: part } of tree.entries) {
      const start = span?.start ?? 0;
      printTree(part, () => start - lineStart(text, start), printing);
    }
    return;
  }
  for (const item of tree.items)
    printTree(item, () => Math.max(lineBefore(text, item.span?.start ?? 0).lastIndexOf('-'), 0), printing);
}

function lineBefore(text: string, offset: number): string {
  return text.slice(lineStart(text, offset), offset);
}

function printLeaf(leaf: Leaf, columnOf: () => number, { parsed: { text }, read, parts, step }: Printing): void {
  const opened = read.leaves.get(leaf);
  if (opened?.sealed === undefined || leaf.span === undefined) return;
  const { start, end } = leaf.span;
  if (opened.isComment) {
    const dash = leaf.isFlow ? -1 : lineBefore(text, start).search(/-[ \t]*$/);
    if (dash !== -1) parts.push({ start: lineStart(text, start) + dash, end, with: commentText(opened.bytes) });
    return;
  }
  if (typeof opened.value !== 'string') {
    const { type } = opened.sealed;
    parts.push({ start, end, with: type === 'bool' ? String(opened.value) : printNumber(opened.bytes.toString('utf8')) });
    return;
  }
  const printed = printText(opened.value, { isFlow: leaf.isFlow, indent: leaf.isFlow ? 0 : columnOf() + step });
  parts.push({ start, end, with: printed.text });
  if (printed.lines === undefined) return;
  const at = lineEnd(text, end);
  parts.push({ start: at, end: at, with: `\n${printed.lines}${at === text.length ? '\n' : ''}` });
}

function commentText(bytes: Buffer): string {
  return `#${bytes.toString('utf8').replace(/[\r\n]+/g, ' ')}`;
}

/** JSON has fewer ways to write a number than SOPS may have kept. */
function printNumber(text: string): string {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text) ? text : JSON.stringify(Number(text));
}

/** How far the text indents what is inside of something. */
function indentStep(text: string): number {
  const width = /^( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 2;
  return width > 8 ? 2 : width;
}

interface OpenedComment {
  readonly span: Span;
  readonly with: string;
  readonly id: string;
  readonly sealed: string;
}

/** Comments are bound to the keys above them too, but SOPS and we may not agree which these are: nearby ones are tried as well. */
function openComments({ parsed, metadata }: EncryptedText, key: Uint8Array, faults: SopsFault[]): OpenedComment[] {
  const rule = compileRule(metadata.rule);
  const isCovered = (keys: readonly string[]): boolean => !('fault' in rule) && !rule.byForm && rule.covers(keys);
  const made: OpenedComment[] = [];
  const places = new Map<string, readonly string[]>();
  for (const { tree } of parsed.documents) collectPlaces(tree, [], places);
  let tries = 0;
  for (const comment of parsed.comments) {
    if (faults.length >= MAX_FAULTS) break;
    const sealed = comment.text.slice(1);
    if (!isEncryptedValue(sealed)) {
      if (isCovered(comment.keys) && wasEncrypted(sealed))
        faults.push({ path: [], message: commentMessage(comment, parsed.text) });
      continue;
    }
    let opened = openValue(sealed, key, additionalData(comment.keys));
    for (const keys of opened === undefined ? [...parents(comment.keys), ...places.values()] : []) {
      tries += 1;
      if (opened !== undefined || tries > MAX_COMMENT_TRIES) break;
      opened = openValue(sealed, key, additionalData(keys));
    }
    if (opened?.type !== 'comment') faults.push({ path: [], message: commentMessage(comment, parsed.text) });
    else {
      const id = valueId(comment.keys, 'comment', opened.bytes);
      made.push({ span: comment, with: commentText(opened.bytes), id, sealed });
    }
  }
  return made;
}

function commentMessage({ start }: Comment, text: string): string {
  const line = text.slice(0, start).split('\n').length;
  return `line ${line}: the encrypted comment was changed or moved; remove it, or restore it from Git`;
}

function parents(keys: readonly string[]): (readonly string[])[] {
  return keys.map((_key, index) => keys.slice(0, keys.length - 1 - index));
}

function collectPlaces(tree: Tree, keys: readonly string[], places: Map<string, readonly string[]>): void {
  if (tree.kind === 'leaf') return;
  places.set(additionalData(keys), keys);
  if (tree.kind === 'list') for (const item of tree.items) collectPlaces(item, keys, places);
  else for (const entry of tree.entries) collectPlaces(entry.tree, [...keys, entry.key], places);
}
