// A quick reader for the YAML that most manifests are made of: block maps and lists, words, simple quotes, literal texts and one-line flow
// collections. Ten times as fast as the whole language, and of no opinion about the rest: whatever is not certain, wrong or unusual is left
// to the proper reader. What it does read must mean the same to both (see its tests).
import { put } from './plain.ts';
import { resolvePlain } from './scalar.ts';

/** One document: its value, and the line of its first key or item, from 1. */
export interface BlockDocument {
  readonly value: unknown;
  readonly line: number;
}

const MAX_LEVELS = 50;
/** Tabs, other line breaks, directives and ends of documents. */
const unusual = /[\t\r\u0085\u2028\u2029\ufeff]|^%|^\.\.\.|^---./m;
const keyed = /^(?:"([^"\\]*)"|'([^']*)'|([A-Za-z0-9_./][A-Za-z0-9_./-]*)):(?: +(.*))?$/;
const doubleQuoted = /^"([^"\\]*)" *(?: #.*)?$/;
const singleQuoted = /^'([^']*)' *(?: #.*)?$/;
const flowText = /^(\[[^[\]{}#]*\]|\{[^[\]{}#]*\}) *(?: #.*)?$/;
const flowWord = /^(?:"([^"\\]*)"|'([^']*)'|([A-Za-z0-9_./][A-Za-z0-9_./-]*))$/;
const flowPair = /^([A-Za-z0-9_./][A-Za-z0-9_./-]*): +(.+)$/;
const plainStart = /^(?:[A-Za-z0-9_./$(+~^]|-[A-Za-z0-9.])/;

/** Something that is not read here. */
class Unsure extends Error {}
const unsure = new Unsure();

/** The documents of a text that are not empty; undefined when the text is not certain to be understood. Never throws. */
export function readBlocks(text: string): readonly BlockDocument[] | undefined {
  if (unusual.test(text)) return undefined;
  try {
    return new BlockReader(text).documents();
  } catch (error) {
    if (error instanceof Unsure) return undefined;
    throw error;
  }
}

class BlockReader {
  readonly #lines: string[];
  /** The indentation of each line; -1 for what separates documents. */
  readonly #indents: number[] = [];
  /** The current line: not blank and no comment, or the end. */
  #at = 0;
  #level = 0;

  constructor(text: string) {
    this.#lines = text.split('\n');
    for (const line of this.#lines) {
      let indent = 0;
      while (line.charCodeAt(indent) === 32) indent += 1;
      this.#indents.push(line === '---' ? -1 : indent);
    }
    this.#skip();
  }

  documents(): BlockDocument[] {
    const documents: BlockDocument[] = [];
    while (this.#at < this.#lines.length) {
      if (this.#indent() === -1) {
        this.#next();
        continue;
      }
      if (this.#indent() !== 0) throw unsure;
      const line = this.#at + 1;
      documents.push({ value: this.#block(0), line });
      if (this.#indent() !== -1) throw unsure;
    }
    return documents;
  }

  #indent(): number {
    return this.#indents[this.#at] ?? -1;
  }

  #next(): void {
    this.#at += 1;
    this.#skip();
  }

  /** Goes on to a line with content. */
  #skip(): void {
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at] ?? '';
      const indent = this.#indents[this.#at] ?? 0;
      if (indent === -1 || (indent < line.length && line.charCodeAt(indent) !== 35)) return;
    }
  }

  /** Without the indentation; the rest of an item when it stands behind its dash. */
  #content(indent: number): string {
    return (this.#lines[this.#at] ?? '').slice(indent);
  }

  #isItem(indent: number): boolean {
    const line = this.#lines[this.#at] ?? '';
    return line.charCodeAt(indent) === 45 && (line.length === indent + 1 || line.charCodeAt(indent + 1) === 32);
  }

  #block(indent: number): unknown {
    if (this.#level >= MAX_LEVELS) throw unsure;
    this.#level += 1;
    const value = this.#isItem(indent) ? this.#list(indent) : this.#map(indent);
    this.#level -= 1;
    return value;
  }

  #map(indent: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    while (this.#indent() === indent && !this.#isItem(indent)) {
      const match = keyed.exec(this.#content(indent));
      if (match === null) throw unsure;
      const [, double, single, plain, rest = ''] = match;
      if (plain !== undefined && resolvePlain(plain) !== plain) throw unsure;
      const key = double ?? single ?? plain ?? '';
      if (Object.hasOwn(map, key)) throw unsure;
      put(map, key, this.#valueOf(rest, indent, true));
    }
    if (this.#indent() > indent) throw unsure;
    return map;
  }

  #list(indent: number): unknown[] {
    const list: unknown[] = [];
    while (this.#indent() === indent && this.#isItem(indent)) {
      const line = this.#lines[this.#at] ?? '';
      let start = indent + 1;
      while (line.charCodeAt(start) === 32) start += 1;
      const rest = line.slice(start);
      if (rest.startsWith('#')) throw unsure;
      if (rest === '-' || rest.startsWith('- ') || keyed.test(rest)) {
        // A block that begins behind the dash is indented as far as it begins.
        this.#indents[this.#at] = start;
        list.push(this.#block(start));
      } else list.push(this.#valueOf(rest, indent, false));
      if (this.#indent() > indent) throw unsure;
    }
    return list;
  }

  /** What stands behind a colon or a dash of the current line, or below it. */
  #valueOf(rest: string, indent: number, isOfMap: boolean): unknown {
    if (rest === '' || rest.startsWith('#') || rest.trim() === '') {
      this.#next();
      const below = this.#indent();
      if (below > indent) return this.#block(below);
      return isOfMap && below === indent && this.#isItem(indent) ? this.#block(indent) : null;
    }
    if (rest.startsWith('|')) return this.#literal(rest.trimEnd(), indent);
    const value = inline(rest);
    this.#next();
    // Whatever is indented deeper goes on with the value, or is a mistake.
    if (this.#indent() > indent) throw unsure;
    return value;
  }

  #literal(header: string, indent: number): string {
    if (header !== '|' && header !== '|-') throw unsure;
    const first = this.#at + 1;
    const inner = this.#indents[first] ?? 0;
    const lines: string[] = [];
    for (this.#at = first; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at] ?? '';
      const own = this.#indents[this.#at] ?? 0;
      const isBlank = own >= line.length && own !== -1;
      if (isBlank && line.length > inner) throw unsure;
      if (!isBlank && own <= indent) break;
      if (!isBlank && own < inner) throw unsure;
      lines.push(isBlank ? '' : line.slice(inner));
    }
    if (inner <= indent || lines[0] === undefined || lines[0] === '') throw unsure;
    while (lines.at(-1) === '') lines.pop();
    // A text that ends in the last line of the block has no line break there.
    const isOpen = this.#at === this.#lines.length && (this.#lines.at(-1) ?? '').trim() !== '';
    this.#skip();
    return lines.join('\n') + (header === '|' && !isOpen ? '\n' : '');
  }
}

function inline(rest: string): unknown {
  switch (rest.charAt(0)) {
    case '"':
      return matched(doubleQuoted.exec(rest));
    case "'":
      return matched(singleQuoted.exec(rest));
    case '[':
    case '{':
      return flow(matched(flowText.exec(rest)));
    default:
      return plain(rest);
  }
}

function matched(match: RegExpExecArray | null): string {
  const found = match?.[1];
  if (found === undefined) throw unsure;
  return found;
}

function plain(rest: string): unknown {
  if (!plainStart.test(rest)) throw unsure;
  const comment = rest.indexOf(' #');
  const text = (comment === -1 ? rest : rest.slice(0, comment)).trimEnd();
  if (text.endsWith(':') || text.includes(': ')) throw unsure;
  return resolved(text);
}

function resolved(text: string): unknown {
  const value = resolvePlain(text);
  if (typeof value === 'number' && !Number.isFinite(value)) throw unsure;
  return value;
}

/** One line in brackets or braces, with nothing nested. */
function flow(text: string): unknown {
  const isMap = text.startsWith('{');
  const inner = text.slice(1, -1).trim();
  if (inner === '') return isMap ? {} : [];
  const parts = inner.split(',').map((part) => part.trim());
  if (!isMap) return parts.map(flowScalar);
  const map: Record<string, unknown> = {};
  for (const part of parts) {
    const [, key, value] = flowPair.exec(part) ?? [];
    if (key === undefined || value === undefined || resolvePlain(key) !== key || Object.hasOwn(map, key)) throw unsure;
    put(map, key, flowScalar(value));
  }
  return map;
}

function flowScalar(text: string): unknown {
  const match = flowWord.exec(text);
  if (match === null) throw unsure;
  const [, double, single, word] = match;
  return double ?? single ?? resolved(word ?? '');
}
