// What goes because the commit no longer says it, in which order, and when that is too much to believe. Pure.
import type { Problem } from '../manifests/problem.ts';
import { DEFAULT_ACCOUNT } from '../model/admission/admit-pod.ts';
import { kindNaming } from '../model/kinds.generated.ts';
import { usesClaim } from '../model/pod-claims.ts';
import { prunePolicyOf } from '../model/prune-policy.ts';
import {
  controllerOf,
  displayKey,
  type InventoryEntry,
  type Kind,
  keyOf,
  keyString,
  parseKey,
  type ResourceKey,
  type Stored,
} from '../model/resource.ts';
import { ownerOf } from '../runtime/owners.ts';
import type { StoreReader } from '../store/store.ts';
import { applicationOf, isRecovered } from './applied.ts';
import { withKeeping } from './deleted/keep.ts';
import { keyOfEntry, liveOf } from './order.ts';
import type { PlanMode, PlannedChange, SyncPlan } from './planned.ts';
import { byWave, waveOfChange } from './waves.ts';

/** The trailer of a commit message that lifts the guard. */
export const ALLOW_PRUNE_TRAILER = 'Holdfast-Allow-Prune';
/** From this many applied objects on, losing more than a part of them stops the sync. */
const GUARDED_FROM_OBJECTS = 4;
/** That part, in percent, when the application does not say. */
const MAX_PERCENT = 50;

export interface PruneInput {
  /** Keys that the commit has. */
  readonly desired: ReadonlySet<string>;
  readonly live: StoreReader;
  readonly inventory: readonly InventoryEntry[];
  readonly application: string;
  readonly mode: PlanMode;
  readonly withRecovered?: boolean;
  /** Whether anything is deleted at all; true when absent. */
  readonly prune?: boolean | undefined;
  /** For how long what is deleted can be brought back, where the objects do not say. */
  readonly softDelete?: string | undefined;
  /** The commit that the plan is for, once it is applied. */
  readonly commit?: string | undefined;
}

/**
 * Inventory minus manifests: deletions in reverse order of application, never of what is not this application's. Hooks that ended stay for
 * people to look at until a commit that does not have them is live.
 */
export function planPrune(input: PruneInput): Pick<SyncPlan, 'changes' | 'forgotten' | 'kept'> {
  const changes: PlannedChange[] = [];
  const forgotten: ResourceKey[] = [];
  const kept: { key: ResourceKey; message: string }[] = [];
  const going = new Set(input.inventory.map((entry) => keyString(keyOfEntry(entry))).filter((key) => !input.desired.has(key)));
  for (const entry of input.inventory) {
    const key = keyOfEntry(entry);
    if (input.desired.has(keyString(key))) continue;
    const live = liveOf(input.live, key);
    if (entry.hook !== undefined && live !== undefined && (input.mode === 'drift' || input.mode === 'rollback')) continue;
    const isOurs = live !== undefined && applicationOf(live) === input.application;
    // The namespace "default" is always there.
    if (!isOurs || keyString(key) === 'Namespace//default') {
      forgotten.push(key);
      continue;
    }
    if (input.prune === false) {
      kept.push({ key, message: `${displayKey(key)} stays: it is no longer declared, and the application does not prune` });
      continue;
    }
    if (prunePolicyOf(live) === 'disabled') {
      kept.push({ key, message: `${displayKey(key)} stays: its annotation disables pruning` });
      continue;
    }
    const tenant = key.kind === 'Namespace' ? foreignTenant(input, key.name, going) : undefined;
    if (tenant === undefined)
      changes.push(
        deletion(input, live, { file: entry.file, line: entry.line, message: deleteMessage(live, entry, input.mode) }),
      );
    else kept.push({ key, message: `${displayKey(key)} stays: ${tenant} is in it and is not this application's` });
  }
  if (input.withRecovered === true && input.prune !== false) {
    const message = 'it was found on the host, and nothing in the commit claims it';
    for (const live of recoveredLeftovers(input, going)) changes.push(deletion(input, live, { file: '', line: 0, message }));
  }
  const inOrder = withKeeping(changes, input).toSorted((a, b) => byWave(b, a));
  return { changes: input.mode === 'rollback' ? inOrder : afterHigherWaves(inOrder, input), forgotten, kept };
}

/**
 * Deletions of lower waves wait until those of higher ones are gone, and their pods too. What a bad commit brought does not: it may stand in
 * the way of what was there before.
 */
function afterHigherWaves(deletions: readonly PlannedChange[], input: PruneInput): readonly PlannedChange[] {
  const leaving = input.inventory.filter((entry) => !input.desired.has(keyString(keyOfEntry(entry))));
  const waves = leaving.map(({ wave = 0 }) => wave);
  if (waves.every((wave) => wave === waves[0])) return deletions;
  const highest = Math.max(...waves);
  return deletions.map((change) => {
    const wave = waveOfChange(change);
    if (change.waitsFor !== undefined || wave >= highest) return change;
    const before = deletions.find((other) => waveOfChange(other) > wave)?.key ?? lingering(input.live, input.application)[0];
    return before === undefined ? change : { ...change, waitsFor: `${displayKey(before)} to go first` };
  });
}

function deletion(input: PruneInput, live: Stored, told: Pick<PlannedChange, 'file' | 'line' | 'message'>): PlannedChange {
  const key = keyOf(live);
  const waitsFor = deletionWaitsFor(input, live);
  const reason = input.mode === 'rollback' ? 'RolledBack' : 'Deleted';
  return {
    key,
    action: 'delete',
    effect: 'removed',
    fields: [],
    reason,
    ...told,
    live,
    ...(waitsFor === undefined ? {} : { waitsFor }),
  };
}

function deleteMessage(live: Stored, { undeleted }: InventoryEntry, mode: PlanMode): string {
  const gone = undeleted === true ? 'it was brought back until the next commit' : 'it is no longer in the commit';
  const why = mode === 'rollback' ? 'it is not part of the last good commit' : gone;
  if (live.kind !== 'PersistentVolumeClaim') return why;
  const { volumeName = '' } = live.spec;
  return `${why}; ${volumeName === '' ? 'its volume' : `its volume ${volumeName}`} stays with its data`;
}

function deletionWaitsFor({ live: reader, inventory }: PruneInput, live: Stored): string | undefined {
  const key = keyOf(live);
  if (live.metadata.deletionTimestamp !== undefined) return `${displayKey(key)} to end`;
  if (live.kind === 'Namespace') {
    // A claim that no commit has named, as a StatefulSet leaves them, goes with the namespace: nobody else would ever take it away.
    const isListed = (tenant: Stored): boolean =>
      inventory.some((entry) => keyString(keyOfEntry(entry)) === keyString(keyOf(tenant)));
    const tenant = tenants(reader, key.name).find((its) => its.kind !== 'PersistentVolumeClaim' || isListed(its));
    return tenant === undefined ? undefined : `${displayKey(keyOf(tenant))} to go first`;
  }
  if (live.kind === 'PersistentVolumeClaim') {
    const user = reader.list('Pod', key.namespace).find((pod) => usesClaim(pod, key.name));
    return user === undefined ? undefined : `${displayKey(keyOf(user))} to end, which uses it`;
  }
  return undefined;
}

/** Events and revisions are records of others; they keep nothing alive. */
const records: ReadonlySet<string> = new Set(['Event', 'ControllerRevision']);
const allNamespaced = (Object.keys(kindNaming) as Kind[]).filter(
  (kind) => kindNaming[kind].isNamespaced && kindNaming[kind].isSupported && !records.has(kind),
);
/** What runs comes first: it is what a person is told of. */
const namespacedKinds: readonly Kind[] = [...new Set<Kind>(['Pod', 'ReplicaSet', 'Deployment', ...allNamespaced])];

function tenants(reader: StoreReader, namespace: string): readonly Stored[] {
  return namespacedKinds
    .flatMap((kind): readonly Stored[] => reader.list(kind, namespace))
    .filter((tenant) => !isFixture(tenant));
}

/** Every namespace has its default account, and takes it along; what is made of a Service goes with the Service. */
function isFixture(resource: Stored): boolean {
  if (resource.kind === 'Endpoints' || resource.kind === 'EndpointSlice') return applicationOf(resource) === undefined;
  return (
    resource.kind === 'ServiceAccount' && resource.metadata.name === DEFAULT_ACCOUNT && applicationOf(resource) === undefined
  );
}

function foreignTenant(input: PruneInput, namespace: string, going: ReadonlySet<string>): string | undefined {
  const foreign = tenants(input.live, namespace).find(
    (tenant) =>
      !going.has(keyString(keyOf(tenant))) && applicationOf(tenant) !== input.application && controllerOf(tenant) === undefined,
  );
  return foreign === undefined ? undefined : displayKey(keyOf(foreign));
}

function recoveredLeftovers(input: PruneInput, going: ReadonlySet<string>): readonly Stored[] {
  const all = input.live.listApplied(input.application).filter(isRecovered);
  return namespacedKinds.flatMap((kind) =>
    all.filter((live) => {
      const key = keyString(keyOf(live));
      return live.kind === kind && !(isOwned(input.live, live) || input.desired.has(key) || going.has(key));
    }),
  );
}

/** Whether the owner that manages an object is there; one of a kind that is not known here counts as there. */
function isOwned(reader: StoreReader, live: Stored): boolean {
  const owner = controllerOf(live);
  return owner !== undefined && ownerOf(reader, live.metadata.namespace ?? 'default', owner) !== 'gone';
}

/** Whether the message of a commit lifts the guard: the trailer stands in its last paragraph. */
export function allowsPrune(message: string): boolean {
  const last =
    message
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  return last.split('\n').some((line) => new RegExp(`^${ALLOW_PRUNE_TRAILER}:\\s*true\\s*$`, 'i').test(line));
}

/** Refuses a commit that takes away so much that it is more likely a mistake. `weightOf`: for how many objects one stands. */
export function guardPrune(
  manifests: number,
  plan: SyncPlan,
  inventory: readonly InventoryEntry[],
  {
    message,
    maxPercent = MAX_PERCENT,
    weightOf = () => 1,
  }: {
    readonly message: string;
    readonly maxPercent?: number | undefined;
    readonly weightOf?: (key: ResourceKey) => number;
  },
): readonly Problem[] {
  // What ran as a hook is no part of what the application is, and what was brought back a commit has taken away before.
  const others = inventory.filter(({ hook, undeleted }) => hook !== undefined || undeleted === true);
  const uncounted = new Set(others.map((entry) => keyString(keyOfEntry(entry))));
  const isObject = (key: ResourceKey): boolean => !uncounted.has(keyString(key));
  const weigh = (keys: readonly ResourceKey[]): number => keys.filter(isObject).reduce((sum, key) => sum + weightOf(key), 0);
  const applied = weigh(inventory.map(keyOfEntry)) - weigh(plan.forgotten);
  const removed = weigh(plan.changes.flatMap(({ action, key }) => (action === 'delete' ? [key] : [])));
  const isEmpty = manifests === 0;
  const isMass = applied >= GUARDED_FROM_OBJECTS && removed * 100 > applied * maxPercent;
  const unconfirmed = plan.changes.find(
    ({ key, action, live }) => action === 'delete' && live !== undefined && prunePolicyOf(live) === 'confirm' && isObject(key),
  );
  if (!isEmpty && !isMass && unconfirmed === undefined) return [];
  if (allowsPrune(message) && applied > 0) return [];
  const what =
    isEmpty && applied === 0
      ? 'there is no manifest below this path'
      : isEmpty
        ? `the commit has no manifests; all ${applied} objects would be deleted`
        : isMass || unconfirmed === undefined
          ? `the commit would delete ${removed} of ${applied} objects, and ${maxPercent}% at most go at once`
          : `the commit would delete ${displayKey(unconfirmed.key)}, whose annotation asks for a confirmation`;
  const remedy = applied === 0 ? 'check the path' : `if that is meant, commit with the trailer "${ALLOW_PRUNE_TRAILER}: true"`;
  const reason = isEmpty && applied === 0 ? 'Empty' : 'Guarded';
  return [{ severity: 'error', reason, file: '', line: 0, column: 0, field: '', message: `${what}; ${remedy}` }];
}

/** Pods, and what makes pods for an owner. */
const lingeringKinds: readonly Kind[] = ['Pod', 'ReplicaSet', 'Job'];

/**
 * Pods of this application, and what makes pods for an owner, that are on their way out: being deleted, or left by an owner that is gone.
 * Until they are, the host does not match the commit yet.
 */
export function lingering(reader: StoreReader, application: string): readonly ResourceKey[] {
  const isLeft = (resource: Stored): boolean => {
    if (resource.metadata.deletionTimestamp !== undefined) return true;
    const owner = controllerOf(resource);
    if (owner === undefined) return false;
    const key = parseKey(`${owner.kind}/${resource.metadata.namespace ?? 'default'}/${owner.name}`);
    return liveOf(reader, key)?.metadata.uid !== owner.uid;
  };
  const all = reader.listApplied(application);
  return lingeringKinds.flatMap((kind) => all.filter((resource) => resource.kind === kind && isLeft(resource))).map(keyOf);
}
