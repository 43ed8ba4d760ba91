// The difference between what a node holds and what it should hold, as one transaction of nftables, lines of DNS, files and flows. Only fragments
// that differ are looked into. Pure; it must not know what the rules are for.
import type { Fragment, Fragments, Rules } from './fragment.ts';
import { NO_RULES } from './fragment.ts';
import { FragmentIndex, type FragmentReader, UpdatedFragments } from './fragment-index.ts';
import type { NodeNetwork } from './node-network.ts';
import { addSetText, elementTexts, rulesText, sortOfSet } from './rules-text.ts';
import { type Held, heldBy, type Keys, keysOf } from './shared-entries.ts';

/** What has to be done on a node. */
export interface Change {
  /** One transaction for `nft -f -`, each command on a line; empty for nothing to do. */
  readonly rules: string;
  /** Chains that nothing leads to any more, emptied by the transaction: to be deleted after it. Kernels before 6.2 may need a moment for that. */
  readonly unusedChains: readonly string[];
  /** Whole lines, as fragments have them. */
  readonly records: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Files relative to the state's directory: by path, what they shall hold; and those that go. */
  readonly files: { readonly written: ReadonlyMap<string, string>; readonly removed: readonly string[] };
  /** Where flows may lead now, as in `Rules.flows`; empty when they may lead nowhere. */
  readonly flows: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The name of the cluster's tables. */
export function tableOf({ cluster }: Pick<NodeNetwork, 'cluster'>): string {
  return `hf-${cluster}`;
}

/** Whether there is nothing to do. */
export function isEmptyChange({ rules, unusedChains, records, files, flows }: Change): boolean {
  const sizes = [
    rules.length,
    unusedChains.length,
    records.added.length,
    records.removed.length,
    files.written.size,
    files.removed.length,
  ];
  return sizes.every((size) => size === 0) && flows.size === 0;
}

/**
 * What makes a node that holds `before` hold `after`; the frame is the same. Fragments that are the same object in both cost nothing. The
 * transaction is refused by the kernel when the node holds something else, and then changes nothing.
 */
export function planChange(before: Fragments, after: Fragments, node: Pick<NodeNetwork, 'cluster'>): Change {
  return planUpdate(new FragmentIndex(before), changesBetween(before, after), node);
}

/** What of fragments is another object in the second, by id; undefined for those that it has not. */
export function changesBetween(before: Fragments, after: Fragments): Map<string, Fragment | undefined> {
  const changes = new Map<string, Fragment | undefined>();
  for (const [id, is] of after) if (before.get(id) !== is) changes.set(id, is);
  for (const id of before.keys()) if (!after.has(id)) changes.set(id, undefined);
  return changes;
}

/** The same for a node that holds `before`, of which some become others; undefined are those that go. Costs nothing for those that stay. */
export function planUpdate(
  before: FragmentIndex,
  changes: ReadonlyMap<string, Fragment | undefined>,
  node: Pick<NodeNetwork, 'cluster'>,
): Change {
  const after = new UpdatedFragments(before, changes);
  const changed = [...changes].map(([id, is]): Pair => ({ id, was: before.get(id), is })).filter(({ was, is }) => was !== is);
  const { pairs, keys, was, is } = withDisputed(changed, before, after);
  const transaction = new Transaction(tableOf(node));
  for (const pair of changed) transaction.fragment(pair.was?.rules ?? NO_RULES, pair.is?.rules ?? NO_RULES);
  for (const [map, inMap] of keys)
    for (const key of inMap) transaction.element(map, key, was.get(map)?.get(key)?.value, is.get(map)?.get(key)?.value);
  return {
    rules: transaction.text(),
    unusedChains: transaction.unusedChains,
    records: recordChange(before, after, changed),
    files: fileChange(pairs, was, is, tableOf(node)),
    flows: flowChange(after, changed),
  };
}

/** The files of one fragment, by path relative to the state's directory; `rules` is what of its rules holds. Absent ones are empty. */
export function filesOf(id: string, fragment: Fragment | undefined, rules: Rules, table: string): ReadonlyMap<string, string> {
  const paths = filesOfFragment(id);
  return new Map([
    [paths.rules, rulesText(table, rules)],
    [paths.records, [...(fragment?.records ?? [])].map((line) => `${line}\n`).join('')],
    [paths.memory, fragment?.memory === undefined ? '' : `${fragment.memory}\n`],
  ]);
}

/** Where the files of a fragment lie, relative to the state's directory. */
export function filesOfFragment(id: string): { readonly rules: string; readonly records: string; readonly memory: string } {
  const name = id.replaceAll('/', '~');
  return { rules: `rules/${name}.nft`, records: `records/${name}.zone`, memory: `memory/${name}.json` };
}

interface Pair {
  readonly id: string;
  readonly was: Fragment | undefined;
  readonly is: Fragment | undefined;
}

/** What holds, by map and key. */
type HeldKeys = ReadonlyMap<string, ReadonlyMap<string, Held>>;

/** The keys of what changed, and the fragments that look different though they are the same, since a key of theirs changed hands. */
function withDisputed(
  changed: readonly Pair[],
  before: FragmentReader,
  after: FragmentReader,
): { pairs: readonly Pair[]; keys: Keys; was: HeldKeys; is: HeldKeys } {
  const hold = (pairs: readonly Pair[]): { pairs: readonly Pair[]; keys: Keys; was: HeldKeys; is: HeldKeys } => {
    const elements = (fragment: Fragment | undefined): Rules['elements'] => fragment?.rules.elements ?? NO_RULES.elements;
    const keys = keysOf(pairs.map(({ was, is }) => [elements(was), elements(is)]));
    return { pairs, keys, was: heldBy(before, keys), is: heldBy(after, keys) };
  };
  const first = hold(changed);
  const ids = new Set(changed.map(({ id }) => id));
  const others = new Set([...losersOf(first.was), ...losersOf(first.is)].filter((id) => !ids.has(id)));
  if (others.size === 0) return first;
  return hold([...changed, ...[...others].map((id) => ({ id, was: before.get(id), is: after.get(id) }))]);
}

function losersOf(held: HeldKeys): readonly string[] {
  return [...held.values()].flatMap((inMap) => [...inMap.values()].flatMap(({ losers }) => losers));
}

function recordChange(before: FragmentReader, after: FragmentReader, changed: readonly Pair[]): Change['records'] {
  const linesOf = (side: 'was' | 'is'): Set<string> => new Set(changed.flatMap((pair) => [...(pair[side]?.records ?? [])]));
  const [was, is] = [linesOf('was'), linesOf('is')];
  return {
    added: [...is].filter((line) => !was.has(line) && !before.hasRecord(line)),
    removed: [...was].filter((line) => !is.has(line) && !after.hasRecord(line)),
  };
}

function fileChange(pairs: readonly Pair[], was: HeldKeys, is: HeldKeys, table: string): Change['files'] {
  const written = new Map<string, string>();
  const removed: string[] = [];
  for (const pair of pairs) {
    const old = filesOf(pair.id, pair.was, holding(pair.was, was), table);
    for (const [path, text] of filesOf(pair.id, pair.is, holding(pair.is, is), table))
      if (text !== old.get(path)) {
        if (text === '') removed.push(path);
        else written.set(path, text);
      }
  }
  return { written, removed };
}

/** The rules of a fragment without the elements that another one's stand for. */
function holding(fragment: Fragment | undefined, held: HeldKeys): Rules {
  const { rules } = fragment ?? { rules: NO_RULES };
  const isHeld = (map: string, key: string, value: string): boolean => value === '' || held.get(map)?.get(key)?.value === value;
  const elements = [...rules.elements].map(
    ([map, entries]) => [map, new Map([...entries].filter(([key, value]) => isHeld(map, key, value)))] as const,
  );
  return { ...rules, elements: new Map(elements) };
}

function flowChange(after: FragmentReader, changed: readonly Pair[]): Change['flows'] {
  const flows = new Map<string, Set<string>>();
  for (const { was, is } of changed) {
    const [old, now] = [was?.rules.flows, is?.rules.flows];
    for (const front of new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]))
      if (!isSame(old?.get(front), now?.get(front))) flows.set(front, new Set());
  }
  for (const [front, leads] of flows)
    for (const id of after.withFlows(front)) for (const lead of after.get(id)?.rules.flows?.get(front) ?? []) leads.add(lead);
  return flows;
}

function isSame(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): boolean {
  return one !== undefined && other !== undefined && one.size === other.size && [...one].every((lead) => other.has(lead));
}

/** Commands in the order in which the kernel takes them. */
class Transaction {
  readonly unusedChains: string[] = [];
  readonly #table: string;
  readonly #addedChains: string[] = [];
  readonly #flushed: string[] = [];
  readonly #deletedSets: string[] = [];
  readonly #addedSets: string[] = [];
  readonly #rules: string[] = [];
  readonly #deleted = new Map<string, Map<string, string>>();
  readonly #added = new Map<string, Map<string, string>>();
  readonly #goneSets = new Set<string>();

  constructor(table: string) {
    this.#table = table;
  }

  fragment(was: Rules, is: Rules): void {
    const table = this.#table;
    let isRedeclared = false;
    for (const [name, body] of was.sets)
      if (is.sets.get(name) !== body) {
        isRedeclared ||= is.sets.has(name);
        this.#goneSets.add(name);
        this.#deletedSets.push(`delete ${sortOfSet(body)} ip ${table} ${name}`);
      }
    for (const [name, body] of is.sets)
      if (was.sets.get(name) !== body) {
        this.#addedSets.push(addSetText(table, name, body));
        // Elements that stay as they are have to be put in again.
        for (const [key, value] of is.elements.get(name) ?? []) entriesOf(this.#added, name).set(key, value);
      }
    for (const name of was.chains.keys())
      if (!is.chains.has(name)) {
        this.#flushed.push(`flush chain ip ${table} ${name}`);
        this.unusedChains.push(name);
      }
    for (const [name, rules] of is.chains) this.#chain(name, was.chains.get(name), rules, isRedeclared);
  }

  /** The element before and after; undefined when there is none. */
  element(map: string, key: string, was: string | undefined, is: string | undefined): void {
    if (was === is) return;
    if (was !== undefined && !this.#goneSets.has(map)) entriesOf(this.#deleted, map).set(key, '');
    if (is !== undefined) entriesOf(this.#added, map).set(key, is);
  }

  text(): string {
    const lines = [
      ...this.#addedChains,
      ...this.#flushed,
      ...elementTexts('delete', this.#table, this.#deleted),
      ...this.#deletedSets,
      ...this.#addedSets,
      ...this.#rules,
      ...elementTexts('add', this.#table, this.#added),
    ];
    return lines.map((line) => `${line}\n`).join('');
  }

  #chain(name: string, was: readonly string[] | undefined, is: readonly string[], isForced: boolean): void {
    if (was !== undefined && !isForced && was.length === is.length && was.every((rule, index) => rule === is[index])) return;
    const chain = `ip ${this.#table} ${name}`;
    // One that could not be deleted before is there, and empty.
    if (was === undefined) this.#addedChains.push(`add chain ${chain}`);
    else this.#flushed.push(`flush chain ${chain}`);
    this.#rules.push(...is.map((rule) => `add rule ${chain} ${rule}`));
  }
}

function entriesOf(elements: Map<string, Map<string, string>>, map: string): Map<string, string> {
  const entries = elements.get(map) ?? new Map<string, string>();
  elements.set(map, entries);
  return entries;
}
