// What the agent asks of whoever plans fragments: which of them a change concerns, and what one looks like now.
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import type { Fragment, Fragments } from '../fragment.ts';
import type { NodeNetwork } from '../node-network.ts';

/** Not known yet: what the container holds of it stays as it is. */
export const UNKNOWN = 'unknown';

/** Plans the fragments of one sort of objects. It may keep an index, which the watch of the store feeds; it never writes. */
export interface FragmentSource {
  /** Begins anew with what the store holds; yields the ids of all fragments that there should be. */
  reset(store: StoreReader): readonly string[];
  /** Takes one change in; yields the ids of the fragments that may look different now. Called for every change, in order. */
  take(event: WatchEvent, store: StoreReader): readonly string[];
  /** The fragment as it should be now; undefined when there should be none. Asked again when a change concerns it. Pure but for the index. */
  plan(id: string, store: StoreReader, node: NodeNetwork): Fragment | undefined | typeof UNKNOWN;
  /**
   * Before each pass: `found` is what the container was found to hold, when it was looked at just now. A source may plan what it remembers there
   * of objects that the store has forgotten, until the store knows again what there should be. Yields the ids that may look different now.
   */
  recall?(found: Fragments, store: StoreReader): readonly string[];
  /** Uids of the pods that the fragment, as it was planned just now, leads new clients to; none when absent. */
  served?(id: string, store: StoreReader): readonly string[];
}
