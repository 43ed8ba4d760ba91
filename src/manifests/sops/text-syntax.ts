// YAML and JSON texts with the places of everything that encryption replaces, so that what is not replaced stays as it was written. JSON is
// read as the YAML that it is.
import { CST, Parser } from 'yaml';
import { formatPath } from '../place.ts';
import { parseYaml } from '../reading/yaml.ts';
import { type Branch, type Entry, type Span, treeOf, withoutMetadata } from './tree.ts';

/** A comment, with its `#`, and the keys above it: what SOPS binds it to. */
export interface Comment extends Span {
  readonly text: string;
  readonly keys: readonly string[];
}

/** One document of a text. */
export interface TextDocument {
  readonly tree: Branch;
  readonly value: unknown;
  /** Whether it is written in braces, as JSON is. */
  readonly isFlow: boolean;
  /** From its first key to the end of its last value. */
  readonly span: Span;
  /** Where the document ends: at the marker of the next, or at the end of the text. */
  readonly end: number;
  readonly metadata: Entry | undefined;
}

export interface ParsedText {
  readonly text: string;
  readonly documents: readonly TextDocument[];
  readonly comments: readonly Comment[];
  readonly tags: readonly Span[];
}

/** What is wrong with a text, one line with line and column. */
export interface TextFault {
  readonly fault: string;
}

/** How many documents of one file are encrypted or decrypted together. */
const MAX_DOCUMENTS = 2_000;

/** Parses a text whose documents are all maps, as SOPS wants them. */
export function parseText(text: string): ParsedText | TextFault {
  if ((text.match(/^---/gm)?.length ?? 0) > MAX_DOCUMENTS) return { fault: `it has more than ${MAX_DOCUMENTS} documents` };
  const scan: Scan = { text, comments: [], tags: [], markers: [] };
  const parsed = parseYaml(text);
  for (const document of parsed) {
    const { value } = document;
    const [fault] = document.faults;
    if (fault !== undefined) {
      const { line, column } = fault.place;
      const field = formatPath(fault.path);
      return { fault: `line ${line}, column ${column}: ${field === '' ? '' : `${field}: `}${fault.message}` };
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return {
        fault: `line ${document.locate([]).line}: the document is no map of keys and values, and SOPS encrypts only these`,
      };
  }
  for (const token of new Parser().parse(text)) scanToken(token, [{ indent: 0, keys: [] }], scan);
  const documents: TextDocument[] = [];
  let marker = 0;
  for (const document of parsed) {
    const { documents: trees = [], index = 0 } = document.written?.() ?? {};
    const own = trees[index];
    const tree = own === undefined ? undefined : treeOf(own);
    if (own === undefined || tree?.kind !== 'branch') continue;
    const [start, end] = own.root.range;
    while ((scan.markers[marker] ?? text.length) < end) marker += 1;
    documents.push({
      tree: withoutMetadata(tree),
      value: withoutBlock(document.value),
      isFlow: text[start] === '{',
      span: { start, end },
      end: scan.markers[marker] ?? text.length,
      metadata: tree.entries.find(({ key }) => key === 'sops'),
    });
  }
  return { text, documents, comments: scan.comments, tags: scan.tags };
}

function withoutBlock(value: unknown): unknown {
  return Object.fromEntries(Object.entries(value as object).filter(([key]) => key !== 'sops'));
}

/** A text with parts replaced. The parts must not overlap. */
export function replaceParts(text: string, parts: readonly (Span & { readonly with: string })[]): string {
  let made = '';
  let at = 0;
  for (const part of parts.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    made += text.slice(at, part.start) + part.with;
    at = part.end;
  }
  return made + text.slice(at);
}

/** Where the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the line of an offset ends, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end === -1) return text.length;
  return text[end - 1] === '\r' && end > offset ? end - 1 : end;
}

interface Scan {
  readonly text: string;
  readonly comments: Comment[];
  readonly tags: Span[];
  readonly markers: number[];
}

/** A map or list around a token: how far its entries are indented, and the keys above them. */
interface Level {
  readonly indent: number;
  readonly keys: readonly string[];
}

/** Collects comments with the keys above them. Depth was limited when the text was read. */
function scanToken(token: CST.Token, levels: readonly Level[], scan: Scan): void {
  if ('start' in token && Array.isArray(token.start)) scanSources(token.start, levels, scan);
  if (token.type === 'document') {
    if (token.value !== undefined) scanToken(token.value, levels, scan);
    scanSources(token.end ?? [], levels, scan);
    return;
  }
  if ('items' in token) for (const item of token.items) scanItem(item, levels, scan);
  if ('props' in token)
    for (const prop of token.props) if ('source' in prop) scanSources([prop as CST.SourceToken], levels, scan);
  if ('end' in token) scanSources(token.end ?? [], levels, scan);
  if (token.type === 'comment') scanSources([token], levels, scan);
  else if (token.type === 'directive' || token.type === 'doc-end') scan.markers.push(token.offset);
}

function scanItem({ start, key, sep, value }: CST.CollectionItem, levels: readonly Level[], scan: Scan): void {
  // Behind the last entry, a comment belongs to the map or list with which it is aligned.
  const isRest = !key && !value && sep === undefined;
  for (const token of start) scanSources([token], isRest ? aligned(token, levels, scan) : levels, scan);
  if (key) scanToken(key, levels, scan);
  const name = key ? nameOf(key) : undefined;
  const own = levels.at(-1)?.keys ?? [];
  const isNested = value?.type === 'block-map' || value?.type === 'block-seq';
  const indent = isNested ? value.indent : 0;
  const below = [...levels, { indent, keys: name === undefined ? own : [...own, name] }];
  let isOwnLine = false;
  for (const token of sep ?? []) {
    if (token.type === 'newline') isOwnLine = true;
    // What stands on lines of its own below a key belongs to the entries there.
    scanSources([token], isNested && isOwnLine ? below : levels, scan);
  }
  // A comment behind a value belongs to the map or list that the value is in.
  if (value) scanToken(value, isNested || value.type === 'flow-collection' ? below : levels, scan);
}

function aligned({ offset }: CST.SourceToken, levels: readonly Level[], { text }: Scan): readonly Level[] {
  const column = offset - lineStart(text, offset);
  return levels.slice(0, Math.max(1, levels.findLastIndex(({ indent }) => indent <= column) + 1));
}

function nameOf(token: CST.Token): string | undefined {
  if (!('source' in token) || !CST.isScalar(token)) return undefined;
  return CST.resolveAsScalar(token)?.value;
}

function scanSources(tokens: readonly CST.SourceToken[], levels: readonly Level[], scan: Scan): void {
  for (const { type, offset, source } of tokens) {
    const span = { start: offset, end: offset + source.length };
    if (type === 'comment') scan.comments.push({ ...span, text: source, keys: levels.at(-1)?.keys ?? [] });
    else if (type === 'tag') scan.tags.push(span);
    else if (type === 'doc-start') scan.markers.push(offset);
  }
}
