// Fragments, and who of them says what: elements of maps, records, where flows may lead. So a change of some is compared with those that say the same,
// and costs nothing for the others. Plain bookkeeping.
import type { Fragment, Fragments } from './fragment.ts';

/** Most things are said by one fragment. */
type Ids = string | Set<string>;
type Entries = Map<string, Ids>;

/** Reads of fragments. */
export interface FragmentReader {
  get(id: string): Fragment | undefined;
  /** The fragments that have an element of this key. */
  withElement(map: string, key: string): readonly string[];
  /** Whether any fragment has this record. */
  hasRecord(line: string): boolean;
  /** The fragments that say where flows from here may lead. */
  withFlows(front: string): readonly string[];
}

/** Fragments that change one by one. */
export class FragmentIndex implements FragmentReader {
  readonly #fragments: Map<string, Fragment>;
  readonly #elements = new Map<string, Entries>();
  readonly #records: Entries = new Map();
  readonly #fronts: Entries = new Map();

  constructor(fragments: Fragments = new Map()) {
    this.#fragments = new Map(fragments);
    for (const [id, fragment] of fragments) this.#file(id, fragment, addTo);
  }

  /** All of them; not to be kept over a `put`. */
  get fragments(): Fragments {
    return this.#fragments;
  }

  get(id: string): Fragment | undefined {
    return this.#fragments.get(id);
  }

  /** Takes over what became of a fragment; undefined when it is gone. */
  put(id: string, fragment: Fragment | undefined): void {
    const before = this.#fragments.get(id);
    if (before !== undefined) this.#file(id, before, takeFrom);
    if (fragment === undefined) this.#fragments.delete(id);
    else {
      this.#fragments.set(id, fragment);
      this.#file(id, fragment, addTo);
    }
  }

  withElement(map: string, key: string): readonly string[] {
    return idsOf(this.#elements.get(map)?.get(key));
  }

  hasRecord(line: string): boolean {
    return this.#records.has(line);
  }

  /** The fragments that have this record. */
  withRecord(line: string): readonly string[] {
    return idsOf(this.#records.get(line));
  }

  withFlows(front: string): readonly string[] {
    return idsOf(this.#fronts.get(front));
  }

  #file(id: string, { rules, records }: Fragment, file: (entries: Entries, key: string, id: string) => void): void {
    for (const [map, inMap] of rules.elements) {
      const entries: Entries = this.#elements.get(map) ?? new Map();
      for (const key of inMap.keys()) file(entries, key, id);
      if (entries.size === 0) this.#elements.delete(map);
      else this.#elements.set(map, entries);
    }
    for (const line of records) file(this.#records, line, id);
    for (const front of rules.flows?.keys() ?? []) file(this.#fronts, front, id);
  }
}

/** Fragments as they will be once some of them have changed. */
export class UpdatedFragments implements FragmentReader {
  readonly #held: FragmentIndex;
  readonly #changed: ReadonlyMap<string, Fragment | undefined>;
  readonly #new: FragmentIndex;

  /** `changed` tells what becomes of fragments by id; undefined of those that go. */
  constructor(held: FragmentIndex, changed: ReadonlyMap<string, Fragment | undefined>) {
    this.#held = held;
    this.#changed = changed;
    this.#new = new FragmentIndex(
      new Map([...changed].flatMap(([id, fragment]): [string, Fragment][] => (fragment === undefined ? [] : [[id, fragment]]))),
    );
  }

  get(id: string): Fragment | undefined {
    return this.#changed.has(id) ? this.#changed.get(id) : this.#held.get(id);
  }

  withElement(map: string, key: string): readonly string[] {
    return [...this.#staying(this.#held.withElement(map, key)), ...this.#new.withElement(map, key)];
  }

  hasRecord(line: string): boolean {
    return this.#new.hasRecord(line) || this.#staying(this.#held.withRecord(line)).length > 0;
  }

  withFlows(front: string): readonly string[] {
    return [...this.#staying(this.#held.withFlows(front)), ...this.#new.withFlows(front)];
  }

  #staying(ids: readonly string[]): readonly string[] {
    return ids.filter((id) => !this.#changed.has(id));
  }
}

function idsOf(ids: Ids = new Set()): readonly string[] {
  return typeof ids === 'string' ? [ids] : [...ids];
}

function addTo(entries: Entries, key: string, id: string): void {
  const ids = entries.get(key);
  if (ids === undefined) entries.set(key, id);
  else if (typeof ids !== 'string') ids.add(id);
  else if (ids !== id) entries.set(key, new Set([ids, id]));
}

function takeFrom(entries: Entries, key: string, id: string): void {
  const ids = entries.get(key);
  if (typeof ids === 'object') ids.delete(id);
  if (ids === id || (typeof ids === 'object' && ids.size === 0)) entries.delete(key);
}
