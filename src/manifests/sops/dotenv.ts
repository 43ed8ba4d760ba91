// Env files as SOPS encrypts them: `KEY=value` in lines, comments that begin the line, and the `sops` block flattened into keys that begin
// with `sops_`. Values are bytes to the end of the line; `\n` in them stands for a line break. Quotes have no meaning here.
import { Buffer } from 'node:buffer';
import { scalarOf } from './leaf.ts';
import { isPlainMap } from './metadata.ts';
import type { Branch, Entry, Leaf } from './tree.ts';

/** A line of a file. */
export type EnvLine =
  | { readonly type: 'entry'; readonly key: string; readonly leaf: Leaf }
  | { readonly type: 'comment'; readonly text: string }
  | { readonly type: 'blank' };

/** An env file. The block is absent when it is not encrypted. */
export interface EnvFile {
  readonly lines: readonly EnvLine[];
  /** The lines of the block as they are. */
  readonly blockLines: readonly string[];
  readonly block: unknown;
}

const PREFIX = 'sops_';
const MAX_BLOCK_LINES = 10_000;
/** How deep the keys of a block may go; SOPS needs five. */
const MAX_STEPS = 16;

/** Parses an env file. */
export function parseEnv(text: string): EnvFile | { readonly fault: string } {
  const lines: EnvLine[] = [];
  const blockLines: string[] = [];
  const written = text.split('\n');
  if (written.at(-1) === '') written.pop();
  for (const [index, line] of written.entries()) {
    if (line.startsWith(PREFIX)) blockLines.push(line);
    else if (line === '') lines.push({ type: 'blank' });
    else if (line.startsWith('#')) lines.push({ type: 'comment', text: line.slice(1) });
    else {
      const at = line.indexOf('=');
      if (at === -1) return { fault: `line ${index + 1} has no "="; write KEY=value, or # before a comment` };
      lines.push({ type: 'entry', key: line.slice(0, at), leaf: textLeaf(line.slice(at + 1).replaceAll('\\n', '\n')) });
    }
  }
  if (blockLines.length > MAX_BLOCK_LINES) return { fault: 'the "sops_" block is too large' };
  return { lines, blockLines, block: blockLines.length === 0 ? undefined : unflatten(blockLines) };
}

function textLeaf(text: string): Leaf {
  const read = scalarOf('str', text);
  return { kind: 'leaf', value: text, read, sealed: read, isFlow: false, isLines: false, hasTag: false };
}

/** The values as SOPS walks them. */
export function envTree({ lines }: EnvFile): Branch {
  const entries: Entry[] = [];
  for (const line of lines)
    if (line.type === 'entry') entries.push({ key: line.key, name: line.key, isMerge: false, isText: true, tree: line.leaf });
  return { kind: 'branch', entries };
}

/** The bytes of a file; each line break of a value becomes `\n` again. */
export function printEnv(lines: readonly (readonly [start: string, value?: Buffer])[]): Buffer {
  const parts = lines.flatMap(([start, value]) => [
    Buffer.from(start),
    ...(value === undefined ? [] : [escapeLines(value)]),
    Buffer.from('\n'),
  ]);
  return Buffer.concat(parts);
}

function escapeLines(value: Buffer): Buffer {
  return value.includes(10) ? Buffer.from(value.toString('latin1').replaceAll('\n', '\\n'), 'latin1') : value;
}

/** The lines of a block. */
export function flatten(block: Record<string, unknown>): string[] {
  const lines: string[] = [];
  const add = (value: unknown, key: string): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) add(item, `${key}__list_${index}`);
    else if (isPlainMap(value)) for (const [name, entry] of Object.entries(value)) add(entry, `${key}__map_${name}`);
    else lines.push(`${PREFIX}${key}=${String(value).replaceAll('\n', '\\n')}`);
  };
  for (const [key, value] of Object.entries(block)) add(value, key);
  return lines;
}

/** A branch of a block in the making: lists are maps of numbers until all their items are there. */
type Growing = Map<string, Growing | string>;

function unflatten(lines: readonly string[]): unknown {
  const root: Growing = new Map();
  for (const line of lines) {
    const at = line.indexOf('=');
    const steps = (at === -1 ? line : line.slice(0, at)).slice(PREFIX.length).split(/__(?=map_|list_)/);
    const value = at === -1 ? '' : line.slice(at + 1).replaceAll('\\n', '\n');
    if (steps.length > MAX_STEPS) continue;
    let node = root;
    for (const step of steps.slice(0, -1)) {
      const next = node.get(step);
      const below: Growing = next instanceof Map ? next : new Map();
      node.set(step, below);
      node = below;
    }
    node.set(steps.at(-1) ?? '', value);
  }
  return grown(root);
}

function grown(node: Growing | string): unknown {
  if (typeof node === 'string') return node;
  const keys = [...node.keys()];
  // A list that lacks an item is none.
  if (keys.length > 0 && keys.every((_key, index) => node.has(`list_${index}`)))
    return keys.map((_key, index) => grown(node.get(`list_${index}`) ?? ''));
  return Object.fromEntries(keys.map((key) => [key.replace(/^map_/, ''), grown(node.get(key) ?? '')]));
}
