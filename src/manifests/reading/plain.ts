// The node tree of one YAML document → plain values: aliases and merge keys resolved, duplicate keys found, everything capped.
import { type Alias, isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml';
import type { Path } from '../place.ts';
import type { ProblemReason } from '../problem.ts';
import { type Reading, resolvePlain, resolveTagged } from './scalar.ts';

/** How many nodes the aliases of one text may expand to. */
export const MAX_ALIASED_NODES = 20_000;

/** What aliases have expanded to so far, in all documents of a text. */
export interface AliasCount {
  aliasedNodes: number;
}

/** What is wrong with a document before its fields mean anything. */
export interface YamlFault {
  readonly reason: Extract<ProblemReason, 'InvalidYaml' | 'DuplicateKey' | 'TooLarge'>;
  readonly message: string;
  /** Where it is wrong, and for a duplicate key also where it is first. */
  readonly offset: number;
  readonly firstOffset?: number;
  readonly path: Path;
}

/** The node that each alias stands for. */
export type Anchors = ReadonlyMap<Alias, unknown>;

interface State {
  readonly maxDepth: number;
  readonly reading: Reading;
  readonly named: Map<string, unknown>;
  readonly open: Set<unknown>;
  readonly aliases: Map<Alias, unknown>;
  readonly faults: YamlFault[];
  readonly steps: (string | number)[];
  readonly count: AliasCount;
  aliasDepth: number;
}

/** The plain value of a node tree, its faults, and its aliases. */
export function toPlain(
  root: ParsedNode,
  maxDepth: number,
  count: AliasCount,
  reading: Reading,
): { value: unknown; faults: readonly YamlFault[]; anchors: Anchors } {
  const state: State = {
    maxDepth,
    reading,
    named: new Map(),
    open: new Set(),
    aliases: new Map(),
    faults: [],
    steps: [],
    count,
    aliasDepth: 0,
  };
  const value = convert(root, state);
  return { value, faults: state.faults, anchors: state.aliases };
}

/** Sets a key even when it is `__proto__`. */
export function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  else target[key] = value;
}

function fault(state: State, node: unknown, reason: YamlFault['reason'], message: string): undefined {
  state.faults.push({ reason, message, offset: startOf(node), path: [...state.steps] });
  return undefined;
}

function startOf(node: unknown): number {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[0] ?? 0;
}

function convert(node: unknown, state: State): unknown {
  if (isAlias(node)) return convertAlias(node, state);
  if (state.aliasDepth > 0) {
    state.count.aliasedNodes += 1;
    if (state.count.aliasedNodes > MAX_ALIASED_NODES) return undefined;
  } else {
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined) state.named.set(anchor, node);
  }
  if (isScalar(node)) return convertScalar(node, state);
  if (state.steps.length > state.maxDepth) return fault(state, node, 'TooLarge', `nested deeper than ${state.maxDepth} levels`);
  state.open.add(node);
  try {
    if (isMap(node)) return convertMap(node, state);
    if (isSeq(node)) return node.items.map((item, index) => within(index, state, () => convert(item, state)));
    return null;
  } finally {
    state.open.delete(node);
  }
}

function within<T>(step: string | number, state: State, work: () => T): T {
  state.steps.push(step);
  const result = work();
  state.steps.pop();
  return result;
}

function convertAlias(alias: Alias, state: State): unknown {
  const isKnown = state.aliases.has(alias);
  if (!isKnown) state.aliases.set(alias, state.named.get(alias.source));
  const node = state.aliases.get(alias);
  if (node === undefined) return fault(state, alias, 'InvalidYaml', `there is no anchor &${alias.source} above`);
  if (state.open.has(node)) return fault(state, alias, 'InvalidYaml', `the anchor &${alias.source} contains itself`);
  const before = state.count.aliasedNodes;
  state.aliasDepth += 1;
  const value = convert(node, state);
  state.aliasDepth -= 1;
  if (state.aliasDepth === 0 && (state.count.aliasedNodes > MAX_ALIASED_NODES || before > MAX_ALIASED_NODES))
    return fault(state, alias, 'TooLarge', `aliases expand to more than ${MAX_ALIASED_NODES} nodes`);
  return value;
}

function convertScalar(node: Scalar, state: State): string | number | boolean | null | undefined {
  // Every scalar is text to the reader that is used here.
  const text = typeof node.value === 'string' ? node.value : '';
  const source = node.source ?? text;
  if (node.tag !== undefined) {
    const value = resolveTagged(node.tag, node.type === 'PLAIN' ? source : text, state.reading);
    return value === undefined ? fault(state, node, 'InvalidYaml', `the text does not fit its tag ${node.tag}`) : value;
  }
  if (node.type !== 'PLAIN') return text;
  const value = resolvePlain(source, state.reading);
  if (typeof value === 'number' && !Number.isFinite(value))
    return fault(state, node, 'InvalidYaml', `${source} is not a number that JSON has`);
  return value;
}

function keyName(key: unknown, state: State): string | undefined {
  const node = isAlias(key) ? (convertAlias(key, state), state.aliases.get(key)) : key;
  if (!isScalar(node)) return fault(state, key, 'InvalidYaml', 'a key must be a single word or text');
  const value = convertScalar(node, state);
  if (value === null) return fault(state, key, 'InvalidYaml', 'a key is missing or null');
  if (state.reading === 'kustomize' && typeof value !== 'string' && value !== undefined)
    return fault(state, key, 'InvalidYaml', `kustomize does not take the ${typeof value} ${value} for a key; put it in quotes`);
  return value === undefined ? undefined : String(value);
}

/** The name of a key as it appears in the plain value; undefined for keys that are no scalars. */
export function nameOfKey(key: unknown, reading: Reading = 'kubernetes'): string | undefined {
  if (!isScalar(key)) return undefined;
  if (key.type !== 'PLAIN' || key.tag !== undefined) return String(key.value);
  return String(resolvePlain(key.source ?? '', reading));
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && (key.tag === undefined || key.tag.endsWith('merge')) && key.source === '<<';
}

function convertMap(node: YAMLMap, state: State): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const places = new Map<string, unknown>();
  const merged: Record<string, unknown>[] = [];
  for (const { key, value } of node.items) {
    if (isMergeKey(key)) {
      merged.push(...mergeSources(value, state));
      continue;
    }
    const name = keyName(key, state);
    if (name === undefined) continue;
    const first = places.get(name);
    if (first !== undefined) {
      state.faults.push({
        reason: 'DuplicateKey',
        message: `the key "${name}" is given twice`,
        offset: startOf(key),
        firstOffset: startOf(first),
        path: [...state.steps, name],
      });
    } else places.set(name, key);
    put(
      out,
      name,
      within(name, state, () => convert(value, state)),
    );
  }
  for (const source of merged)
    for (const [name, value] of Object.entries(source)) if (!Object.hasOwn(out, name)) put(out, name, value);
  return out;
}

/** What a merge key brings in: its own keys and those of earlier sources win. */
function mergeSources(value: unknown, state: State): Record<string, unknown>[] {
  const content = within('<<', state, () => convert(value, state));
  const sources = Array.isArray(content) ? (content as unknown[]) : [content];
  const maps = sources.filter(
    (source): source is Record<string, unknown> => typeof source === 'object' && source !== null && !Array.isArray(source),
  );
  if (maps.length !== sources.length && content !== undefined)
    fault(state, value, 'InvalidYaml', 'a merge key needs a mapping or a list of mappings');
  return maps;
}
