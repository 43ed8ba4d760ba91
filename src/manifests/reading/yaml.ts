// YAML text → plain values, read as Kubernetes reads them, with a way back to the places. Knows nothing of Kubernetes objects.
import { Composer, type CST, isMap, isScalar, isSeq, type ParsedNode, Parser, type Scalar, type YAMLParseError } from 'yaml';
import { createPlaceFinder, type Path, type Place } from '../place.ts';
import { type BlockDocument, readBlocks } from './blocks.ts';
import { type AliasCount, toPlain, type YamlFault } from './plain.ts';
import { maybeReadTwoWays, type Reading } from './scalar.ts';
import { walk, type YamlTree } from './yaml-places.ts';
import { explainSyntax } from './yaml-syntax.ts';

/** How deep a document may be nested. */
export const MAX_DEPTH = 100;

/** What is wrong with a document before its fields mean anything, and where. */
export interface PlacedFault extends Pick<YamlFault, 'reason' | 'message' | 'path'> {
  readonly place: Place;
}

/** One document of a file. */
export interface YamlDocument {
  /** Strings, numbers, booleans, null, lists and objects. Meaningless when there are faults. */
  readonly value: unknown;
  readonly faults: readonly PlacedFault[];
  /** The place of the key (in a list: of the item) that a path leads to; of the nearest parent where the path ends early. */
  readonly locate: (path: Path) => Place;
  /** The text of the scalar that a path leads to, as written: with its quotes, and with its tag in front. */
  readonly sourceAt: (path: Path) => string | undefined;
  /** All documents of the text as nodes, for decryption, to which order and quotes matter; absent when there are faults. */
  readonly written?: () => WrittenDocument;
}

/** A document among those of its text, as it is written. */
export interface WrittenDocument {
  /** One for each document that is not empty; undefined for those with faults. */
  readonly documents: readonly (YamlTree | undefined)[];
  readonly index: number;
  /** The same object for all documents of one text, and for no other text. */
  readonly text: object;
}

const options = {
  version: '1.1',
  schema: 'failsafe',
  merge: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/** A text and, while they are needed, its node trees: they take twenty times its room. */
interface HeldText {
  readonly text: string;
  readonly reading: Reading;
  /** One for each document that is not empty; undefined for those with faults. */
  trees: readonly (YamlTree | undefined)[] | undefined;
  placeOf: ((offset: number) => Place) | undefined;
}

/** How much text may have its trees built again at a time, for questions about places; one text always may. */
const MAX_REOPENED_LENGTH = 512 * 1024;

/** Those texts, the last one at the end. */
const reopened = new Set<HeldText>();

/**
 * All documents of a text that are not empty. Never throws. `release` lets go of what only places need; whoever asks for a place after
 * that pays for reading the text again.
 */
export function parseYaml(text: string, reading: Reading = 'kubernetes'): readonly YamlDocument[] {
  return readYaml(text, reading).documents;
}

/** The same, with the means to save memory. */
export function readYaml(
  text: string,
  reading: Reading = 'kubernetes',
): { readonly documents: readonly YamlDocument[]; readonly release: () => void } {
  const held: HeldText = { text, reading, trees: undefined, placeOf: undefined };
  const quick = reading === 'kustomize' && maybeReadTwoWays(text) ? undefined : readBlocks(text);
  const documents =
    quick === undefined ? readProperly(held) : quick.map((document, index) => quickDocument(held, index, document));
  return { documents, release: () => release(held) };
}

function readProperly(held: HeldText): readonly YamlDocument[] {
  const read = compose(held.text, held.reading);
  held.trees = read.map(({ tree }) => tree);
  return read.map(({ tree, value, faults }, index) =>
    tree === undefined
      ? faultyDocument(faults, finderOf(held))
      : {
          value,
          faults: faults.map((fault) => placed(fault, finderOf(held))),
          locate: locatorOf(held, index),
          sourceAt: sourceFinderOf(held, index),
          ...(faults.length === 0 ? { written: writtenOf(held, index) } : {}),
        },
  );
}

/** Where it begins is known; for all other places the text is read properly. */
function quickDocument(held: HeldText, index: number, { value, line }: BlockDocument): YamlDocument {
  const sourceAt = sourceFinderOf(held, index);
  return { value, faults: [], locate: quickLocator(line, locatorOf(held, index)), sourceAt, written: writtenOf(held, index) };
}

function quickLocator(line: number, locate: YamlDocument['locate']): YamlDocument['locate'] {
  return (path) => (path.length === 0 ? { line, column: 1 } : locate(path));
}

function release(held: HeldText): void {
  reopened.delete(held);
  held.trees = undefined;
  held.placeOf = undefined;
}

// Apart from where values are at hand, so that what is kept for places keeps nothing else.
function locatorOf(held: HeldText, index: number): YamlDocument['locate'] {
  return (path) => {
    const tree = treeOf(held, index);
    return tree === undefined ? { line: 1, column: 1 } : finderOf(held)(walk(tree, path).offset);
  };
}

function sourceFinderOf(held: HeldText, index: number): YamlDocument['sourceAt'] {
  return (path) => {
    const tree = treeOf(held, index);
    if (tree === undefined) return undefined;
    const { node, isComplete } = walk(tree, path);
    return isComplete && isScalar(node) ? writtenScalar(node, held.text) : undefined;
  };
}

function writtenOf(held: HeldText, index: number): () => WrittenDocument {
  return () => ({ documents: treesOf(held), index, text: held });
}

/** An untagged plain scalar is its own text; all others begin with what makes them text: a quote, `|`, `>` or a tag. */
function writtenScalar({ type, tag, source, range }: Scalar, text: string): string | undefined {
  const written = type === 'PLAIN' || range === null || range === undefined ? source : text.slice(range[0], range[1]);
  return tag === undefined ? written : `${tag.replace(/^tag:yaml\.org,2002:/, '!!')} ${written ?? ''}`;
}

function treeOf(held: HeldText, index: number): YamlTree | undefined {
  return treesOf(held)[index];
}

function treesOf(held: HeldText): readonly (YamlTree | undefined)[] {
  if (held.trees === undefined) {
    held.trees = compose(held.text, held.reading).map(({ tree }) => tree);
    reopened.add(held);
    let length = 0;
    for (const other of [...reopened].toReversed()) {
      length += other.text.length;
      if (other === held || length <= MAX_REOPENED_LENGTH) continue;
      release(other);
    }
  }
  return held.trees;
}

function finderOf(held: HeldText): (offset: number) => Place {
  held.placeOf ??= createPlaceFinder(held.text);
  return held.placeOf;
}

interface Composed {
  /** Undefined when there is nothing to ask for places. */
  readonly tree: YamlTree | undefined;
  readonly value: unknown;
  readonly faults: readonly YamlFault[];
}

function compose(text: string, reading: Reading): readonly Composed[] {
  const failed = (reason: YamlFault['reason'], message: string, offset: number): Composed => ({
    tree: undefined,
    value: undefined,
    faults: [{ reason, message, offset, path: [] }],
  });
  try {
    const tokens = [...new Parser().parse(text)];
    const tooDeep = findTooDeep(tokens);
    if (tooDeep !== undefined) return [failed('TooLarge', `nested deeper than ${MAX_DEPTH} levels`, tooDeep)];
    const documents: Composed[] = [];
    const count: AliasCount = { aliasedNodes: 0 };
    for (const composed of new Composer(options).compose(tokens, false, text.length)) {
      const [error] = composed.errors;
      if (error !== undefined) documents.push(failed('InvalidYaml', explained(error, text), error.pos[0]));
      else if (composed.contents !== null && !isEmpty(composed.contents)) {
        leaveBlockOpen(composed.contents, text);
        documents.push(readDocument(composed.contents, count, reading));
      }
    }
    return documents;
  } catch (error) {
    // The reader itself gave up, which no text should make it do: still a fault of the file, not of the program.
    return [failed('InvalidYaml', `cannot be read: ${oneLine(error instanceof Error ? error.message : String(error))}`, 0)];
  }
}

/** A block scalar in whose last line the text ends has no line break at its end: the text has none there. */
function leaveBlockOpen(root: ParsedNode, text: string): void {
  if (/\n[ \t]*$/.test(text)) return;
  let node: unknown = root;
  while (isMap(node) || isSeq(node)) node = isMap(node) ? node.items.at(-1)?.value : node.items.at(-1);
  if (!isScalar(node) || (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED')) return;
  if (typeof node.value === 'string' && (node.range?.[1] ?? 0) >= text.length) node.value = node.value.replace(/\n$/, '');
}

function readDocument(root: ParsedNode, count: AliasCount, reading: Reading): Composed {
  const { value, faults, anchors } = toPlain(root, MAX_DEPTH, count, reading);
  return { tree: { root, anchors, reading }, value, faults };
}

function faultyDocument(faults: readonly YamlFault[], placeOf: (offset: number) => Place): YamlDocument {
  const place = placeOf(faults[0]?.offset ?? 0);
  return {
    value: undefined,
    faults: faults.map((fault) => placed(fault, placeOf)),
    locate: () => place,
    sourceAt: () => undefined,
  };
}

function placed({ reason, message, offset, firstOffset, path }: YamlFault, placeOf: (offset: number) => Place): PlacedFault {
  const first = firstOffset === undefined ? undefined : placeOf(firstOffset);
  const suffix = first === undefined ? '' : `; first at line ${first.line}, column ${first.column}`;
  return { reason, message: message + suffix, path, place: placeOf(offset) };
}

/** Empty is what has neither content nor a tag nor a word for null. */
function isEmpty(node: ParsedNode): boolean {
  return isScalar(node) && node.type === 'PLAIN' && (node.source ?? '') === '' && node.tag === undefined;
}

function explained({ code, message, pos }: YAMLParseError, text: string): string {
  return explainSyntax({ code, message, offset: pos[0] }, text);
}

function oneLine(message: string): string {
  const first = message.split('\n', 1)[0] ?? '';
  return first.charAt(0).toLowerCase() + first.slice(1);
}

/** The offset at which a token tree gets too deep. Iterative, because what follows is not. */
function findTooDeep(tokens: readonly CST.Token[]): number | undefined {
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { token, depth } = entry;
    if (depth > MAX_DEPTH) return token.offset;
    if (token.type === 'document' && token.value !== undefined) open.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}
