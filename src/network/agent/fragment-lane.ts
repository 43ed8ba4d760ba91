// The lane of fragments: rules, names and memory of Services, pods and policies. It keeps what the container holds as fragments, so that a change of
// one object costs what that object costs, and nothing for the others.
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../model/hash.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import { changeScript, fullSyncScript, type ScriptOptions } from '../change-script.ts';
import type { Fragment, Fragments, TableBodies } from '../fragment.ts';
import {
  contentsScript,
  filesToRead,
  heldFragments,
  holdsFrame,
  listingScript,
  readContents,
  readListing,
} from '../held-state.ts';
import { recordsScript, recordsSyncScript } from '../names/records-script.ts';
import type { NodeNetwork } from '../node-network.ts';
import { planChange } from '../plan-change.ts';
import { type FragmentSource, UNKNOWN } from './fragment-source.ts';
import type { LanePass } from './lane.ts';
import type { LeadsToPods } from './pod-traffic.ts';
import { ServedPods } from './served-pods.ts';

/** A change wakes the lane as well. */
const LOOK_AGAIN_MS = 1_000;

/** What the container holds. */
interface Holding {
  readonly fragments: Fragments;
  /** Undefined for another one than there should be. */
  readonly frame: readonly TableBodies[] | undefined;
}

export interface FragmentLaneOptions {
  readonly sources: readonly FragmentSource[];
  /** The frame of a node. */
  readonly frame: (node: NodeNetwork) => readonly TableBodies[];
  /** Pods to which no Service leads any more, as far as it is known. */
  readonly onLeft?: (uids: readonly string[]) => void;
}

/** See Lane. */
export class FragmentLane implements LeadsToPods {
  readonly name = 'fragments';
  readonly isEssential = true;
  readonly #options: FragmentLaneOptions;
  readonly #served = new ServedPods();
  /** Fragments as they should be, but for those that are to be planned again. */
  readonly #planned = new Map<string, Fragment>();
  readonly #unplanned = new Set<string>();
  /** The node that they were planned for. */
  #node = '';
  #held: Holding | undefined;
  /** What the container was found to hold of objects that cannot be planned yet. */
  #kept = new Map<string, Fragment>();

  constructor(options: FragmentLaneOptions) {
    this.#options = options;
  }

  /** Whether a Service still leads to this pod, by what the container is known to hold; true as long as that is not known. */
  isServed(uid: string): boolean {
    return this.#served.has(uid);
  }

  reset(store: StoreReader): void {
    for (const id of this.#planned.keys()) this.#unplanned.add(id);
    for (const source of this.#options.sources) for (const id of source.reset(store)) this.#unplanned.add(id);
  }

  take(event: WatchEvent, store: StoreReader): boolean {
    const ids = this.#options.sources.flatMap((source) => source.take(event, store));
    for (const id of ids) this.#unplanned.add(id);
    return ids.length > 0;
  }

  forget(): void {
    this.#held = undefined;
  }

  async apply({ store, node, run }: LanePass): Promise<{ readonly checkAgainAfterMs?: number } | void> {
    const planned = this.#plan(store, node);
    const frame = this.#options.frame(node);
    const held = this.#held ?? (await look(planned, frame, node, run));
    const options: ScriptOptions = {
      records: (added, removed) => recordsScript(node, added, removed),
      allRecords: recordsSyncScript,
    };
    if (held === undefined) {
      // What the container holds cannot be told apart: to replace it by less would take running pods from their clients.
      if ([...this.#unplanned].some((id) => !planned.has(id))) return { checkAgainAfterMs: LOOK_AGAIN_MS };
      this.#kept.clear();
      await run('program the network', fullSyncScript(planned, frame, node, options));
      this.#held = { fragments: new Map(planned), frame };
    } else {
      this.#kept = this.#keep(this.#held === undefined ? held.fragments : this.#kept, planned);
      const wanted = new Map([...planned, ...this.#kept]);
      const change = planChange(held.fragments, wanted, node);
      const isFrameNew = !isDeepStrictEqual(held.frame, frame);
      const script = isFrameNew ? changeScript(change, node, options, frame) : changeScript(change, node, options);
      // Until it is known to be done, nothing is known.
      this.#held = undefined;
      if (script !== '') await run('change the network', script);
      this.#held = { fragments: wanted, frame };
    }
    // Whom the rest leads to is not known.
    if (this.#kept.size > 0) return;
    const everyone = this.#served.isKnown ? [] : store.list('Pod').map(({ metadata }) => metadata.uid);
    const left = [...everyone, ...this.#served.settle(new Set(planned.keys()))];
    if (left.length > 0) this.#options.onLeft?.(left);
  }

  /** Of these fragments those that cannot be planned yet. */
  #keep(candidates: Fragments, planned: Fragments): Map<string, Fragment> {
    return new Map([...candidates].filter(([id]) => !planned.has(id) && this.#unplanned.has(id)));
  }

  /** Plans what is not planned yet. A fragment that looks as before stays the same object, by which differences are found. */
  #plan(store: StoreReader, node: NodeNetwork): ReadonlyMap<string, Fragment> {
    const key = canonicalJson(node);
    if (key !== this.#node) for (const id of this.#planned.keys()) this.#unplanned.add(id);
    this.#node = key;
    const ids = [...this.#unplanned];
    for (const id of ids) {
      const before = this.#planned.get(id);
      const after = this.#planOne(id, store, node);
      if (after === UNKNOWN) continue;
      if (after === undefined) this.#planned.delete(id);
      else if (!isDeepStrictEqual(before, after)) this.#planned.set(id, after);
      this.#unplanned.delete(id);
    }
    return this.#planned;
  }

  #planOne(id: string, store: StoreReader, node: NodeNetwork): Fragment | undefined | typeof UNKNOWN {
    for (const source of this.#options.sources) {
      const fragment = source.plan(id, store, node);
      if (fragment === undefined) continue;
      if (fragment === UNKNOWN) return fragment;
      this.#served.expect(id, source.served?.(id) ?? []);
      return fragment;
    }
    this.#served.expect(id, []);
    return undefined;
  }
}

/**
 * What the container holds, looked at by a controller that does not know: so it need not touch what is right. Undefined when it holds nothing, or
 * when that cannot be told.
 */
async function look(
  planned: Fragments,
  frame: readonly TableBodies[],
  node: NodeNetwork,
  run: LanePass['run'],
): Promise<Holding | undefined> {
  const listing = readListing(await run('look at what the network holds', listingScript()));
  if (listing === undefined) return undefined;
  const paths = filesToRead(listing, planned, node);
  const contents = paths.length === 0 ? new Map() : readContents(await run('read what the network holds', contentsScript(paths)));
  const fragments = contents === undefined ? undefined : heldFragments(listing, contents, planned, node);
  return fragments === undefined ? undefined : { fragments, frame: holdsFrame(listing, frame, node) ? frame : undefined };
}
