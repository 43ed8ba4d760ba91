// Where the parts of one document stand in its text: from paths to nodes, through aliases and merge keys.
import { isAlias, isMap, isSeq, type ParsedNode, type YAMLMap } from 'yaml';
import type { Path } from '../place.ts';
import { type Anchors, nameOfKey } from './plain.ts';
import type { Reading } from './scalar.ts';

/** What a document was composed of: its nodes, and what its aliases stand for. */
export interface YamlTree {
  readonly root: ParsedNode;
  readonly anchors: Anchors;
  readonly reading: Reading;
}

/** What a path leads to. */
export interface Found {
  readonly node: unknown;
  readonly offset: number;
  /** Whether the path was followed to its end. */
  readonly isComplete: boolean;
}

/** The node that a path leads to, or the nearest parent where the path ends early; with the offset of its key or item. */
export function walk(tree: YamlTree, path: Path): Found {
  let node: unknown = tree.root;
  let offset = tree.root.range[0];
  for (const step of path) {
    const next = stepInto(node, step, tree);
    if (next === undefined) return { node, offset, isComplete: false };
    ({ node, offset } = next);
  }
  return { node: target(node, tree.anchors), offset, isComplete: true };
}

function target(node: unknown, anchors: Anchors): unknown {
  return isAlias(node) ? anchors.get(node) : node;
}

function offsetOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | null | undefined)?.range?.[0];
}

interface KeyIndex {
  /** The last of equal keys is the one that is reported. */
  readonly pairs: ReadonlyMap<string, { readonly key: unknown; readonly value: unknown }>;
  readonly merged: readonly unknown[];
}

/** The keys of maps that were asked for; each is built once, because a map of thousands of keys may have thousands of faults. */
const keyIndexes = new WeakMap<YAMLMap, KeyIndex>();

function keysOf(map: YAMLMap, { anchors, reading }: YamlTree): KeyIndex {
  const known = keyIndexes.get(map);
  if (known !== undefined) return known;
  const pairs = new Map<string, { key: unknown; value: unknown }>();
  const merged: unknown[] = [];
  for (const { key, value } of map.items) {
    const name = nameOfKey(target(key, anchors), reading);
    if (name !== undefined && offsetOf(key) !== undefined) pairs.set(name, { key, value });
    if (name === '<<') merged.push(target(value, anchors));
  }
  const index = { pairs, merged: merged.flatMap((entry) => (isSeq(entry) ? entry.items : [entry])) };
  keyIndexes.set(map, index);
  return index;
}

function stepInto(from: unknown, step: string | number, tree: YamlTree): { node: unknown; offset: number } | undefined {
  const node = target(from, tree.anchors);
  if (isSeq(node)) {
    const item: unknown = node.items[Number(step)];
    const offset = offsetOf(item);
    return offset === undefined ? undefined : { node: item, offset };
  }
  if (!isMap(node)) return undefined;
  const { pairs, merged } = keysOf(node, tree);
  const pair = pairs.get(String(step));
  const offset = offsetOf(pair?.key);
  if (pair !== undefined && offset !== undefined) return { node: pair.value, offset };
  for (const source of merged) {
    const found = stepInto(source, step, tree);
    if (found !== undefined) return found;
  }
  return undefined;
}
