// For how long a removed object can be brought back, and the record of it, which is written in the transaction that removes it. Pure.
import { softDeleteMsOf } from '../../model/prune-policy.ts';
import {
  type CommitInfo,
  type DeletedObject,
  type Desired,
  type InventoryEntry,
  keyOf,
  keyString,
  type ResourceKey,
  type Stored,
} from '../../model/resource.ts';
import { hookOf } from '../../model/sync-order.ts';
import { durationMs } from '../../model/sync-policy.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import type { StoreReader, Write } from '../../store/store.ts';
import { isSystemOwned } from '../applied.ts';
import { keyOfEntry } from '../order.ts';
import { span } from '../phrases.ts';
import type { PlanMode, PlannedChange } from '../planned.ts';
import { partsOf } from '../revision.ts';
import { type DeletedRecord, isCompanion, keyOfRecord, recordName, recordOf, recordsOf } from './records.ts';

interface KeepInput {
  readonly live: StoreReader;
  readonly inventory: readonly InventoryEntry[];
  readonly application: string;
  readonly mode: PlanMode;
  readonly softDelete?: string | undefined;
  readonly commit?: string | undefined;
}

/**
 * The deletions, with the time for which each object can be brought back: what it says itself, else what the application says, else as long
 * as something that may need it. What a rollback takes away was never good, and hooks are over.
 */
export function withKeeping(deletions: readonly PlannedChange[], input: KeepInput): readonly PlannedChange[] {
  if (input.mode === 'rollback' || deletions.length === 0) return deletions;
  const declared = new Set(input.inventory.filter(({ hook }) => hook === undefined).map((entry) => keyString(keyOfEntry(entry))));
  const general = input.softDelete === undefined ? undefined : durationMs(input.softDelete);
  const own = (change: PlannedChange): number | undefined => {
    const { live, key } = change;
    // An application takes its own objects along.
    if (live === undefined || key.kind === 'Application' || !declared.has(keyString(key))) return 0;
    return hookOf(live) === undefined ? (softDeleteMsOf(live) ?? general) : 0;
  };
  const times = deletions.map((change) => ({ key: change.key, ms: own(change) }));
  const kept = times.flatMap(({ key, ms }) => (ms === undefined || ms === 0 ? [] : [{ key, ms }]));
  // What goes in several steps: the first of them have been taken already.
  const before = recordsOf(input.live, input.application)
    .filter(({ spec }) => spec.removedBy.id === input.commit && spec.undeleted === undefined)
    .map((record) => ({ key: keyOfRecord(record), ms: keptMsOf(record) }));
  return deletions.map((change, index) => {
    const others = [...kept, ...before].filter(({ key }) => isCompanion(change.key, key));
    const ms = times[index]?.ms ?? Math.max(0, ...others.map((other) => other.ms));
    return ms === 0 ? change : { ...change, keptMs: ms, message: `${change.message}; for ${span(ms)} it can be brought back` };
  });
}

function keptMsOf({ spec }: DeletedRecord): number {
  return fromRfc3339(spec.until) - fromRfc3339(spec.deletedAt);
}

/** What is written with deletions so that they can be undone for a while. `commit` is the one that does not have the objects. */
export function keepWrites(
  deletions: readonly PlannedChange[],
  told: {
    readonly application: string;
    readonly commit: CommitInfo;
    /** The commit that may have them. */
    readonly lastGood: CommitInfo | undefined;
    readonly inventory: readonly InventoryEntry[];
    readonly store: StoreReader;
    readonly now: number;
  },
): readonly Write[] {
  const { application, commit, lastGood, inventory, store, now } = told;
  const entries = new Map(inventory.map((entry) => [keyString(keyOfEntry(entry)), entry]));
  const declared = lastGood === undefined ? [] : (partsOf(application, lastGood.id, store)?.objects ?? []);
  const written = new Map(declared.map(({ resource }) => [keyString(keyOf(resource)), resource]));
  return deletions.flatMap((change): Write[] => {
    const { key, live, keptMs } = change;
    const entry = entries.get(keyString(key));
    if (live === undefined || keptMs === undefined || entry === undefined) return [];
    const known = recordOf(store, application, key);
    const before = known?.spec.undeleted === undefined ? undefined : (known.spec.resource as Desired);
    const { undeleted: _undeleted, ...place } = entry;
    const spec: DeletedObject['spec'] = {
      application,
      entry: place,
      resource: written.get(keyString(key)) ?? before ?? asDeclared(live),
      removedBy: commit,
      deletedAt: toRfc3339(now),
      until: toRfc3339(now + keptMs),
    };
    return [recordWrite(application, key, spec, store)];
  });
}

/** Writes the record of an object, over that which was there. */
function recordWrite(application: string, key: ResourceKey, spec: DeletedObject['spec'], store: StoreReader): Write {
  const known = recordOf(store, application, key);
  if (known !== undefined) return { op: 'update', resource: { ...known, spec } };
  return {
    op: 'create',
    resource: { apiVersion: 'holdfast.dev/v1', kind: 'DeletedObject', metadata: { name: recordName(application, key) }, spec },
  };
}

/** The object without what the system wrote on it, where the manifest of it is not kept. */
function asDeclared(live: Stored): Desired {
  const { status: _status, ...rest } = { status: undefined, ...live };
  const { name, namespace, labels, annotations } = live.metadata;
  const own = Object.entries(annotations ?? {}).filter(([annotation]) => !isSystemOwned(annotation));
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(own.length === 0 ? {} : { annotations: Object.fromEntries(own) }),
  };
  return { ...rest, metadata };
}
