// The lane of fragments: rules, names and memory of Services, pods and policies. It keeps what the container holds as fragments, so that a change of
// one object costs what that object costs, and nothing for the others.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../model/hash.ts';
import type { StoreReader, WatchEvent } from '../../store/store.ts';
import {
  changeScript,
  FRAGMENT_DIRECTORIES,
  FRAME_FILE,
  fullSyncScript,
  type ScriptOptions,
  UNFINISHED_FILE,
} from '../change-script.ts';
import type { Fragment, TableBodies } from '../fragment.ts';
import { frameDeclarations } from '../frame.ts';
import { recordsScript, recordsSyncScript } from '../names/records-script.ts';
import { STATE_DIRECTORY } from '../node-container.ts';
import type { NodeNetwork } from '../node-network.ts';
import { planChange } from '../plan-change.ts';
import { type FragmentSource, UNKNOWN } from './fragment-source.ts';
import type { Lane, LanePass } from './lane.ts';
import { ServedPods } from './served-pods.ts';

/** A change wakes the lane as well. */
const LOOK_AGAIN_MS = 1_000;

/** What the container holds. */
interface Holding {
  readonly fragments: Map<string, Fragment>;
  readonly frame: readonly TableBodies[];
}

export interface FragmentLaneOptions {
  readonly sources: readonly FragmentSource[];
  /** The frame of a node. */
  readonly frame: (node: NodeNetwork) => readonly TableBodies[];
  /** Pods to which no Service leads any more. */
  readonly onLeft?: (uids: readonly string[]) => void;
}

/** See Lane. */
export class FragmentLane implements Lane {
  readonly name = 'fragments';
  readonly #options: FragmentLaneOptions;
  readonly #served = new ServedPods();
  /** Fragments as they should be, but for those that are to be planned again. */
  readonly #planned = new Map<string, Fragment>();
  readonly #unplanned = new Set<string>();
  /** The node that they were planned for. */
  #node = '';
  #held: Holding | undefined;

  constructor(options: FragmentLaneOptions) {
    this.#options = options;
  }

  /** Whether a Service still leads to this pod, by what the container is known to hold. */
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
    // What the container holds cannot be told apart yet: to replace it by less would take running pods from their clients.
    if (this.#held === undefined && [...this.#unplanned].some((id) => !planned.has(id)))
      return { checkAgainAfterMs: LOOK_AGAIN_MS };
    const frame = this.#options.frame(node);
    const options: ScriptOptions = {
      records: (added, removed) => recordsScript(node, added, removed),
      allRecords: recordsSyncScript,
    };
    const held = this.#held;
    if (held === undefined) {
      if (!(await holds(node, frame, planned, run)))
        await run('program the network', fullSyncScript(planned, frame, node, options));
    } else {
      const change = planChange(held.fragments, planned, node);
      const isFrameNew = !isDeepStrictEqual(held.frame, frame);
      const script = isFrameNew ? changeScript(change, node, options, frame) : changeScript(change, node, options);
      // Until it is known to be done, nothing is known.
      this.#held = undefined;
      if (script !== '') await run('change the network', script);
    }
    this.#held = { fragments: new Map(planned), frame };
    const left = this.#served.settle(new Set(planned.keys()));
    if (left.length > 0) this.#options.onLeft?.(left);
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

/** Whether the container holds exactly this already: a controller that was started anew need not touch anything. */
async function holds(
  node: NodeNetwork,
  frame: readonly TableBodies[],
  fragments: ReadonlyMap<string, Fragment>,
  run: LanePass['run'],
): Promise<boolean> {
  const { written } = planChange(new Map(), fragments, node).files;
  const files = new Map([...written, [FRAME_FILE, frameDeclarations(node, frame)]]);
  const wanted = [...files].map(([path, text]) => `${createHash('sha256').update(text).digest('hex')}  ${path}`).toSorted();
  const globs = FRAGMENT_DIRECTORIES.map((directory) => `${directory}/*`).join(' ');
  const output = await run(
    'look at what the network holds',
    `(cd ${STATE_DIRECTORY} && [ ! -e ${UNFINISHED_FILE} ] && sha256sum ${FRAME_FILE} ${globs} 2>/dev/null)\ntrue\n`,
  );
  const seen = output.split('\n').filter((line) => line !== '');
  return isDeepStrictEqual(seen.toSorted(), wanted);
}
