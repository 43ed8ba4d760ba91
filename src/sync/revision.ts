// The objects of a commit as they were applied: what a restarted controller goes on with, and what a rollback goes back to, both
// without asking Git. Pure.
import type { Manifest } from '../manifests/load.ts';
import {
  type ApplicationRevision,
  type ApplicationSpec,
  type ApplicationStatus,
  type CommitInfo,
  type Desired,
  type HealthCheckExpr,
  type InventoryEntry,
  keyOf,
  keyString,
  type ResourceKey,
  type StoredOf,
} from '../model/resource.ts';
import type { StoreReader, Write } from '../store/store.ts';
import { isApplied } from './decide.ts';
import { broughtBack, entryOfRecord, manifestOf } from './deleted/records.ts';
import { keyOfEntry } from './order.ts';
import type { PlanMode, SyncPlan } from './planned.ts';
import { type Parted, partManifests, waveEntry } from './waves.ts';

/** The key under which the revision of a commit is kept. */
export function revisionKey(application: string, commitId: string): ResourceKey {
  return { kind: 'ApplicationRevision', namespace: '', name: `${application}.${commitId}` };
}

function declaredKeys({ spec }: StoredOf<'ApplicationRevision'>): ReadonlySet<string> {
  return new Set(spec.inventory.map((entry) => keyString(keyOfEntry(entry))));
}

/** The keys of everything that a commit declares; none when it is not kept. */
export function declaredBy(application: string, commitId: string, reader: StoreReader): ReadonlySet<string> {
  const revision = reader.get('ApplicationRevision', '', revisionKey(application, commitId).name);
  return revision === undefined ? new Set() : declaredKeys(revision);
}

/** Removes the revisions of this application but those of these commits. */
export function otherRevisions(
  { application }: { readonly application: StoredOf<'Application'> },
  store: StoreReader,
  keep: readonly (string | undefined)[],
): readonly Write[] {
  const { name } = application.metadata;
  const kept = new Set(keep.flatMap((id) => (id === undefined ? [] : [revisionKey(name, id).name])));
  return store
    .listApplied(name)
    .filter(({ kind, metadata }) => kind === 'ApplicationRevision' && !kept.has(metadata.name))
    .map((revision) => ({ op: 'remove', key: keyOf(revision), uid: revision.metadata.uid }));
}

/** The revision to keep of a commit. `inventory` holds an entry for each of its manifests. */
export function newRevision(
  { metadata: { name: application }, spec: { healthCheckExprs } }: Pick<StoredOf<'Application'>, 'metadata' | 'spec'>,
  commit: CommitInfo,
  manifests: readonly Manifest[],
  inventory: readonly InventoryEntry[],
): ApplicationRevision {
  const wanted = new Set(manifests.map((manifest) => keyString(keyOf(manifest.resource))));
  return {
    apiVersion: 'holdfast.dev/v1',
    kind: 'ApplicationRevision',
    metadata: { name: revisionKey(application, commit.id).name },
    spec: {
      application,
      commit,
      resources: manifests.map((manifest) => manifest.resource),
      inventory: inventory.filter((entry) => wanted.has(keyString(keyOfEntry(entry)))),
      ...(healthCheckExprs === undefined ? {} : { healthCheckExprs }),
    },
  };
}

/** What should run now. */
export interface Target {
  readonly commit: CommitInfo;
  /** Its objects, and what was brought back beside them. */
  readonly manifests: readonly Manifest[];
  /** Its hooks: they run when the commit is applied, and at no other time. */
  readonly hooks: readonly Manifest[];
  readonly inventory: readonly InventoryEntry[];
  readonly mode: PlanMode;
  /** What the commit asks of the health of its objects. */
  readonly checks: readonly HealthCheckExpr[];
}

/**
 * What should run by the status: the attempt once it is applied, the last good commit while it is rolled back to or at rest, and a first
 * commit that failed, because there is nothing else. Undefined when nothing was applied, or its revision is lost.
 */
export function targetOf(application: string, status: ApplicationStatus, reader: StoreReader): Target | undefined {
  const { attempt, lastGood, quarantined } = status;
  // What was half applied when a newer commit came stays as it is while that one's first hooks run.
  if (attempt?.phase === 'pre-sync' && attempt.replaces !== undefined) return undefined;
  const isRunning = isApplied(attempt);
  const isBack = isRunning && attempt.phase === 'rolling-back';
  // What failed before anything of it was written is nothing to hold on to.
  const held = quarantined?.nothingApplied === true ? undefined : quarantined?.commit;
  // Where nothing is taken back, what failed is what runs.
  const stays = isRunning || attempt?.phase === 'pre-sync' ? undefined : quarantined?.stays;
  const commitId = isRunning && !isBack ? attempt.commit.id : (stays ?? (lastGood ?? held)?.id);
  if (commitId === undefined) return undefined;
  const revision = reader.get('ApplicationRevision', '', revisionKey(application, commitId).name);
  if (revision === undefined) return undefined;
  const mode = isBack ? 'rollback' : isRunning ? 'apply' : 'drift';
  const { objects, hooks } = partManifests(manifestsOf(revision));
  const isHook = new Set(hooks.map(({ resource }) => keyString(keyOf(resource))));
  const inventory = revision.spec.inventory.filter((entry) => !isHook.has(keyString(keyOfEntry(entry))));
  const { commit, healthCheckExprs: checks = [] } = revision.spec;
  const own = { commit, hooks, mode, checks } as const;
  const restored = broughtBack(reader, application, commitId, () => declaredKeys(revision));
  if (restored.length === 0) return { ...own, manifests: objects, inventory };
  const manifests = [...objects, ...restored.map(manifestOf)];
  return { ...own, manifests, inventory: [...inventory, ...restored.map(entryOfRecord)] };
}

/** What is asked now of the health of what an application declares, beside what the kinds demand. */
export function checksInForce(application: StoredOf<'Application'>, reader: StoreReader): readonly HealthCheckExpr[] {
  const target = targetOf(application.metadata.name, application.status ?? {}, reader);
  return target === undefined ? [] : checksOf(application.spec, target);
}

/**
 * What is asked of the health of a target's objects beside what their kinds demand. Going back to an older commit goes back to what that one
 * asked; where the declaration stands in another history than the commits, it is the declaration that counts.
 */
export function checksOf({ source, healthCheckExprs = [] }: ApplicationSpec, { checks }: Target): readonly HealthCheckExpr[] {
  return source === undefined ? checks : healthCheckExprs;
}

/** The manifests of a commit that is kept; undefined when it is not. */
export function partsOf(application: string, commitId: string, reader: StoreReader): Parted | undefined {
  const revision = reader.get('ApplicationRevision', '', revisionKey(application, commitId).name);
  return revision === undefined ? undefined : partManifests(manifestsOf(revision));
}

/** A revision is frozen: its manifests are put together once. */
const cache = new WeakMap<StoredOf<'ApplicationRevision'>, readonly Manifest[]>();

function manifestsOf(revision: StoredOf<'ApplicationRevision'>): readonly Manifest[] {
  const known = cache.get(revision);
  if (known !== undefined) return known;
  const places = new Map(revision.spec.inventory.map((entry) => [keyString(keyOfEntry(entry)), entry]));
  // What is in a revision was admitted by the manifests room before it was stored.
  const manifests = (revision.spec.resources as readonly Desired[]).map((resource): Manifest => {
    const place = places.get(keyString(keyOf(resource)));
    return { resource, file: place?.file ?? '', line: place?.line ?? 0 };
  });
  cache.set(revision, manifests);
  return manifests;
}

/**
 * The inventory once this commit is applied: its objects, with the commit that last changed each, and those of before that are yet to be
 * pruned.
 */
export function inventoryWith(
  manifests: readonly Manifest[],
  plan: SyncPlan,
  old: readonly InventoryEntry[],
  commit: Pick<CommitInfo, 'id' | 'author'>,
): InventoryEntry[] {
  const before = new Map(old.map((entry) => [keyString(keyOfEntry(entry)), entry]));
  const unchanged = new Set(
    plan.changes.filter((change) => change.action === 'unchanged').map((change) => keyString(change.key)),
  );
  const entries = manifests.map((manifest): InventoryEntry => {
    const key = keyOf(manifest.resource);
    const { kind, namespace, name } = key;
    const known = unchanged.has(keyString(key)) ? before.get(keyString(key)) : undefined;
    const author = { commit: known?.commit ?? commit.id, author: known?.author ?? commit.author };
    return { kind, namespace, name, file: manifest.file, line: manifest.line, ...author, ...waveEntry(manifest.resource) };
  });
  return withLeaving(entries, old, plan);
}

/** These entries, and those of before that are yet to be pruned. */
export function withLeaving(
  entries: readonly InventoryEntry[],
  old: readonly InventoryEntry[],
  plan: Pick<SyncPlan, 'forgotten'>,
): InventoryEntry[] {
  const gone = new Set([...entries.map((entry) => keyString(keyOfEntry(entry))), ...plan.forgotten.map(keyString)]);
  const finished = new Map(old.map((entry) => [keyString(keyOfEntry(entry)), entry.finished]));
  // What has been done stays done whatever is written about it.
  const lasting = entries.map((entry) => {
    // What a revision remembers may be of a Job before: the newest word counts.
    const end = finished.get(keyString(keyOfEntry(entry))) ?? entry.finished;
    return end === undefined ? entry : { ...entry, finished: end };
  });
  return [...lasting, ...old.filter((entry) => !gone.has(keyString(keyOfEntry(entry))))];
}
