// A document as SOPS walks it: keys and values in the order of the file, with aliases written out and merge keys as keys of their own. This
// order, and not the one of plain objects, is what checksums go by.
import { isAlias, isMap, isScalar, isSeq, type Scalar } from 'yaml';
import type { Path } from '../place.ts';
import { nameOfKey, put } from '../reading/plain.ts';
import { resolvePlain, resolveTagged } from '../reading/scalar.ts';
import type { YamlTree } from '../reading/yaml-places.ts';
import { readAsSops } from './go-scalar.ts';
import { type PlainScalar, type SopsScalar, scalarOf, sealable } from './leaf.ts';

export type Tree = Branch | List | Leaf;

interface Made {
  /** The alias that it was written out for. */
  readonly alias?: Span;
}

/** A part of a text, by offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Placed {
  /** Where it stands in the text; absent for what was read from no text. */
  readonly span?: Span;
}

export interface Branch extends Made, Placed {
  readonly kind: 'branch';
  readonly entries: readonly Entry[];
}

export interface List extends Made, Placed {
  readonly kind: 'list';
  readonly items: readonly Tree[];
}

/** A single value. */
export interface Leaf extends Made, Placed {
  readonly kind: 'leaf';
  /** What Kubernetes reads. */
  readonly value: PlainScalar;
  /** What SOPS reads, for checksums of what is not encrypted. */
  readonly read: SopsScalar;
  /** What SOPS encrypts when the value is to be encrypted: Kubernetes' reading in SOPS' form. */
  readonly sealed: SopsScalar;
  /** Whether it stands in braces or brackets. */
  readonly isFlow: boolean;
  /** Whether it is written as indented lines after `|` or `>`. */
  readonly isLines: boolean;
  readonly hasTag: boolean;
}

export interface Entry {
  /** Where the key stands. */
  readonly span?: Span;
  /** What SOPS takes the key for; it is part of what every value below is bound to. */
  readonly key: string;
  /** What Kubernetes takes it for. */
  readonly name: string;
  readonly isMerge: boolean;
  /** Whether SOPS takes the key for text. It refuses files in which it does not. */
  readonly isText: boolean;
  readonly tree: Tree;
}

/** The tree of a document. Its aliases were counted when it was read, so that writing them out ends. */
export function treeOf({ root, anchors, reading }: YamlTree): Tree {
  const build = (node: unknown, isInFlow: boolean): Tree => {
    if (isAlias(node)) return { ...build(anchors.get(node), isInFlow), alias: spanOf(node) };
    if (!isSeq(node) && !isMap(node)) return leafOf(node, isInFlow, reading);
    const isFlow = isInFlow || node.flow === true;
    const span = spanOf(node);
    if (isSeq(node)) return { kind: 'list', span, items: node.items.map((item) => build(item, isFlow)) };
    return { kind: 'branch', span, entries: node.items.map(({ key, value }) => entryOf(key, build(value, isFlow))) };
  };
  const entryOf = (key: unknown, tree: Tree): Entry => {
    const node = isAlias(key) ? anchors.get(key) : key;
    const name = nameOfKey(node, reading) ?? '';
    if (!isScalar(node)) return { key: name, name, isMerge: false, isText: true, tree };
    const text = textOf(node);
    const isMerge = node.type === 'PLAIN' && text === '<<' && (node.tag === undefined || node.tag.endsWith('merge'));
    const isText = readAsSops(text, node.type === 'PLAIN', node.tag).type === 'str';
    return { key: text, name, isMerge, isText, span: spanOf(node), tree };
  };
  return build(root, false);
}

function spanOf({ range }: { readonly range?: readonly [number, number, number] | null }): Span {
  return { start: range?.[0] ?? 0, end: range?.[1] ?? 0 };
}

function textOf(node: Scalar): string {
  const text = typeof node.value === 'string' ? node.value : '';
  return node.type === 'PLAIN' ? (node.source ?? text) : text;
}

function leafOf(node: unknown, isFlow: boolean, reading: YamlTree['reading']): Leaf {
  const written = { isFlow, isLines: false, hasTag: false };
  if (!isScalar(node)) return { kind: 'leaf', value: null, read: scalarOf('none', ''), sealed: scalarOf('none', ''), ...written };
  const text = textOf(node);
  const isPlain = node.type === 'PLAIN';
  const value =
    node.tag === undefined ? (isPlain ? resolvePlain(text, reading) : text) : (resolveTagged(node.tag, text, reading) ?? text);
  return {
    kind: 'leaf',
    value,
    read: readAsSops(text, isPlain, node.tag),
    sealed: sealable(value, text),
    ...written,
    span: spanOf(node),
    isLines: node.type?.startsWith('BLOCK') === true,
    hasTag: node.tag !== undefined,
  };
}

/** The tree of plain values, for documents that were not read from a text. */
export function treeOfValue(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(treeOfValue) };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, entry]) => ({
      key,
      name: key,
      isMerge: false,
      isText: true,
      tree: treeOfValue(entry),
    }));
    return { kind: 'branch', entries };
  }
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  const sealed = sealable(plain, undefined);
  return { kind: 'leaf', value: plain, read: sealed, sealed, isFlow: false, isLines: false, hasTag: false };
}

/** A document without its `sops` block. */
export function withoutMetadata(tree: Branch): Branch {
  return { ...tree, entries: tree.entries.filter(({ key }) => key !== 'sops') };
}

/** A leaf with the way to it: its keys as SOPS has them, and its field for people. */
export type Visit = (leaf: Leaf, keys: readonly string[], field: Path) => void;

/** Visits the leaves in the order of the file. */
export function visitLeaves(tree: Tree, visit: Visit, keys: readonly string[] = [], field: Path = []): void {
  if (tree.kind === 'leaf') visit(tree, keys, field);
  else if (tree.kind === 'list')
    for (const [index, item] of tree.items.entries()) visitLeaves(item, visit, keys, [...field, index]);
  else for (const entry of tree.entries) visitLeaves(entry.tree, visit, [...keys, entry.key], [...field, entry.name]);
}

/** Stands for a comment that SOPS put into a list as an item. */
export const REMOVED: unique symbol = Symbol('removed');

/** Plain values as Kubernetes reads the tree, with a value of one's own for each leaf. */
export function plainOf(tree: Tree, valueOf: (leaf: Leaf) => PlainScalar | typeof REMOVED): unknown {
  if (tree.kind === 'leaf') return valueOf(tree);
  if (tree.kind === 'list') return tree.items.map((item) => plainOf(item, valueOf)).filter((item) => item !== REMOVED);
  const made: Record<string, unknown> = {};
  for (const { isMerge, name, tree: part } of tree.entries) if (!isMerge) put(made, name, plainOf(part, valueOf));
  for (const { isMerge, tree: part } of tree.entries) {
    if (!isMerge) continue;
    const content = plainOf(part, valueOf);
    for (const source of [content].flat())
      for (const [name, value] of Object.entries(source ?? {})) if (!Object.hasOwn(made, name)) put(made, name, value);
  }
  return made;
}
