// The lane of fragments: rules, names and memory of Services, pods and policies. It keeps what the container holds as fragments, so that a change of
// one object costs what that object costs, and nothing for the others.
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../model/hash.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import { areRulesInForce, changeScript, fullSyncScript, SCRIPT_FAULTS, type ScriptOptions } from '../change-script.ts';
import type { Fragment, Fragments, TableBodies } from '../fragment.ts';
import { FragmentIndex } from '../fragment-index.ts';
import {
  contentsScript,
  filesToRead,
  heldFragments,
  holdsFrame,
  listingScript,
  readContents,
  readListing,
} from '../held-state.ts';
import { recordsCheckScript, recordsScript, recordsSyncScript } from '../names/records-script.ts';
import type { NodeNetwork } from '../node-network.ts';
import { changesBetween, planUpdate } from '../plan-change.ts';
import { type FragmentSource, UNKNOWN } from './fragment-source.ts';
import { type LanePass, ScriptFailed } from './lane.ts';
import type { LeadsToPods } from './pod-traffic.ts';
import { ServedPods } from './served-pods.ts';

/** A change wakes the lane as well. */
const LOOK_AGAIN_MS = 1_000;

/** What the container holds. */
interface Holding {
  readonly fragments: FragmentIndex;
  /** Undefined for another one than there should be. */
  readonly frame: readonly TableBodies[] | undefined;
}

export interface FragmentLaneOptions {
  readonly sources: readonly FragmentSource[];
  /** The frame of a node. */
  readonly frame: (node: NodeNetwork) => readonly TableBodies[];
  /** Pods to which no Service leads any more, as far as it is known. */
  readonly onLeft?: (uids: readonly string[]) => void;
  /** Whether a fragment that was found stays although nothing asks for it; none does when absent. */
  readonly keeps?: (id: string, fragment: Fragment, store: StoreReader) => boolean;
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
  /** Fragments that were planned since the container was in line, if it is known what it holds. */
  readonly #touched = new Set<string>();
  /** The node that they were planned for. */
  #node = '';
  #held: Holding | undefined;
  /** Whether the name server may not have all records: the container brings it in line, and tells when it is. */
  #areNamesBehind = false;
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
    // What a node is, fragments are planned with: each pass compares it.
    return ids.length > 0 || event.resource.kind === 'Node';
  }

  forget(): void {
    this.#held = undefined;
  }

  async apply({ store, node, run }: LanePass): Promise<{ readonly checkAgainAfterMs?: number } | void> {
    const frame = this.#options.frame(node);
    const held = this.#held ?? (await look(this.#plan(store, node), frame, node, run));
    this.#recall(this.#held === undefined ? held?.fragments.fragments : undefined, store);
    const planned = this.#plan(store, node);
    const options: ScriptOptions = {
      records: (added, removed) => recordsScript(node, added, removed),
      allRecords: recordsSyncScript,
    };
    if (held === undefined) {
      // What the container holds cannot be told apart: to replace it by less would take running pods from their clients.
      if ([...this.#unplanned].some((id) => !planned.has(id))) return { checkAgainAfterMs: LOOK_AGAIN_MS };
      this.#kept = this.#keep(this.#kept, planned, store);
      const wanted = new Map([...planned, ...this.#kept]);
      await this.#send(run, 'program the network', fullSyncScript(wanted, frame, node, options), planned, store);
      this.#held = { fragments: new FragmentIndex(wanted), frame };
    } else {
      const changes = this.#changes(held.fragments, planned, store);
      const change = planUpdate(held.fragments, changes, node);
      const isFrameNew = !isDeepStrictEqual(held.frame, frame);
      const script = isFrameNew ? changeScript(change, node, options, frame) : changeScript(change, node, options);
      // Until it is known to be done, nothing is known.
      this.#held = undefined;
      if (script !== '') await this.#send(run, 'change the network', script, planned, store);
      for (const [id, fragment] of changes) held.fragments.put(id, fragment);
      this.#held = { fragments: held.fragments, frame };
    }
    this.#touched.clear();
    this.#settle(planned, store);
    if (!this.#areNamesBehind) return;
    await run('bring the names in line', recordsCheckScript());
    this.#areNamesBehind = false;
  }

  #recall(found: Fragments | undefined, store: StoreReader): void {
    for (const source of this.#options.sources)
      for (const id of source.recall?.(found ?? new Map(), store) ?? []) this.#unplanned.add(id);
  }

  /** Sends what differs. That names are behind keeps nothing else from being known; another fault does, though connections go where they should. */
  async #send(run: LanePass['run'], what: string, script: string, planned: Fragments, store: StoreReader): Promise<void> {
    try {
      await run(what, script);
    } catch (error) {
      if (!(error instanceof ScriptFailed) || !areRulesInForce(error.exitCode)) throw error;
      this.#areNamesBehind = true;
      if (error.exitCode === SCRIPT_FAULTS.names) return;
      this.#settle(planned, store);
      throw error;
    }
  }

  /** The kernel leads to what was planned. */
  #settle(planned: Fragments, store: StoreReader): void {
    // Whom the rest leads to is not known.
    if (this.#kept.size > 0) return;
    const everyone = this.#served.isKnown ? [] : store.list('Pod').map(({ metadata }) => metadata.uid);
    const left = [...everyone, ...this.#served.settle(planned)];
    if (left.length > 0) this.#options.onLeft?.(left);
  }

  /** What becomes of the fragments that the container holds: all are compared when it was looked at, else those alone that were planned. */
  #changes(held: FragmentIndex, planned: Fragments, store: StoreReader): ReadonlyMap<string, Fragment | undefined> {
    if (this.#held === undefined) {
      this.#kept = this.#keep(held.fragments, planned, store);
      return changesBetween(held.fragments, new Map([...planned, ...this.#kept]));
    }
    const ids = new Set([...this.#touched, ...this.#kept.keys()]);
    this.#kept = this.#keep(this.#kept, planned, store);
    return new Map([...ids].map((id) => [id, planned.get(id) ?? this.#kept.get(id)]));
  }

  /** Of these fragments those that cannot be planned yet, or that somebody wants kept. */
  #keep(candidates: Fragments, planned: Fragments, store: StoreReader): Map<string, Fragment> {
    const { keeps = () => false } = this.#options;
    const isKept = (id: string, fragment: Fragment): boolean => this.#unplanned.has(id) || keeps(id, fragment, store);
    return new Map([...candidates].filter(([id, fragment]) => !planned.has(id) && isKept(id, fragment)));
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
      this.#touched.add(id);
    }
    return this.#planned;
  }

  #planOne(id: string, store: StoreReader, node: NodeNetwork): Fragment | undefined | typeof UNKNOWN {
    for (const source of this.#options.sources) {
      const fragment = source.plan(id, store, node);
      if (fragment === undefined) continue;
      if (fragment === UNKNOWN) return fragment;
      this.#served.expect(id, source.served?.(id, store) ?? []);
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
  if (fragments === undefined) return undefined;
  return { fragments: new FragmentIndex(fragments), frame: holdsFrame(listing, frame, node) ? frame : undefined };
}
