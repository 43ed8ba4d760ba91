// What several fragments may say at once: elements of the frame's maps, and records. An entry stands as long as one of them says it; of
// different values for one key, that of the fragment with the lowest id holds. Only what may have changed is looked up in the others, so that
// a change costs next to nothing for those that stayed.
import type { Rules } from './fragment.ts';
import type { FragmentReader } from './fragment-index.ts';

type Elements = Rules['elements'];
/** Keys of elements by map. */
export type Keys = ReadonlyMap<string, ReadonlySet<string>>;

/** Who says something about a key. */
export interface Holder {
  readonly id: string;
  readonly value: string;
}

/** What holds for one key. */
export interface Held extends Holder {
  /** Fragments that want another value, and do not get it. */
  readonly losers: readonly string[];
}

/**
 * The keys about which fragments that change from the first to the second may have to be heard with the others: those that differ, and of maps
 * all, since somebody may want another value.
 */
export function keysOf(pairs: Iterable<readonly [Elements, Elements]>): Map<string, Set<string>> {
  const keys = new Map<string, Set<string>>();
  const look = (one: Elements, other: Elements): void => {
    for (const [map, entries] of one)
      for (const [key, value] of entries) if (value !== '' || other.get(map)?.get(key) !== value) setIn(keys, map).add(key);
  };
  for (const [was, is] of pairs) {
    look(was, is);
    look(is, was);
  }
  return keys;
}

/** What holds for these keys, by map and key; keys that no fragment has are absent. */
export function heldBy(fragments: FragmentReader, keys: Keys): Map<string, Map<string, Held>> {
  const held = new Map<string, Map<string, Held>>();
  for (const [map, wanted] of keys)
    for (const key of wanted) {
      const holders = fragments
        .withElement(map, key)
        .map((id): Holder => ({ id, value: fragments.get(id)?.rules.elements.get(map)?.get(key) ?? '' }));
      if (holders.length > 0) held.set(map, (held.get(map) ?? new Map<string, Held>()).set(key, decide(holders)));
    }
  return held;
}

function setIn(keys: Map<string, Set<string>>, map: string): Set<string> {
  const known = keys.get(map) ?? new Set<string>();
  keys.set(map, known);
  return known;
}

function decide(holders: readonly Holder[]): Held {
  const [first, ...others] = holders;
  if (first === undefined) throw new TypeError('a key without a holder');
  const winner = others.reduce((best, each) => (each.id < best.id ? each : best), first);
  return { ...winner, losers: holders.filter(({ value }) => value !== winner.value).map(({ id }) => id) };
}
