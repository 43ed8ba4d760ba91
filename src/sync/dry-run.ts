// What a commit would change, without changing it: reads the source and the store, pulls nothing, writes nothing.
import type { Problem } from '../manifests/problem.ts';
import { type ApplicationStatus, keyOf, keyString, type ResourceKey } from '../model/resource.ts';
import { allContainersOf } from '../model/workload.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import { DeadlineExceeded, withDeadline } from '../system/deadline.ts';
import type { CommitSource } from './commit-source.ts';
import { type DataNote, dataNotes } from './data-notes.ts';
import { placedFields } from './field-places.ts';
import { inOrderOfExecution } from './hooks/upcoming.ts';
import { type LoadedCommit } from './loaded-commit.ts';
import type { OutcomeAction } from './outcome.ts';
import type { SyncPlan } from './planned.ts';
import type { ImageKnown, ImageLookup, ManifestLoader, PlacementCheck } from './ports.ts';
import { preflight } from './preflight.ts';
import { changedImages } from './preflight-images.ts';
import { outcomeAction } from './writes.ts';

/** Reading a commit for the first time is a whole clone. */
const READ_TIMEOUT_MS = 600_000;
/** Nobody waits longer for the sizes of images. */
const LOOK_TIMEOUT_MS = 15_000;

export interface DryRunParts {
  readonly application: string;
  readonly store: StoreReader;
  readonly source: CommitSource;
  readonly load: ManifestLoader;
  /** Absent when the nodes are not known. */
  readonly checkPlacement?: PlacementCheck;
  /** Absent when nobody can tell. */
  readonly lookUpImages?: ImageLookup;
  /** For how long what is removed can be brought back, where the application does not say. */
  readonly softDelete?: string | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** What was found. Apply nothing when `problems` has an error. */
export interface DryRunResult {
  readonly application: string;
  readonly commit: { readonly id: string; readonly subject: string; readonly author: string };
  /** Without the unchanged ones, in the order in which they would be made. */
  readonly actions: readonly OutcomeAction[];
  readonly unchanged: number;
  readonly problems: readonly Problem[];
  /** The images of what changes that have to be pulled, or of which that is not known. */
  readonly images: readonly ImageKnown[];
  /** Applications that the commit declares: what they change is in plans of their own. */
  readonly declares: readonly string[];
  /** What the plan means for data. */
  readonly data: readonly DataNote[];
  /** The plan itself, for whoever saves it. */
  readonly found: { readonly plan: SyncPlan; readonly status: ApplicationStatus; readonly loaded: LoadedCommit };
}

/** Plans the newest commit. Throws SourceError, or DeadlineExceeded when the source does not answer. */
export async function dryRun(parts: DryRunParts): Promise<DryRunResult> {
  const { application, store, source, load, checkPlacement, softDelete, clock, signal } = parts;
  const read = async (inner: AbortSignal) => {
    const snapshot = await source.snapshot(await source.head(inner), inner);
    return { commit: snapshot.commit, ...(await load(snapshot, inner)) };
  };
  const loaded = await withDeadline(clock, 'reading the newest commit', READ_TIMEOUT_MS, read, signal);
  const now = clock.now();
  const status = store.get('Application', '', application)?.status ?? {};
  const policy = softDelete === undefined ? loaded.policy : { softDelete, ...loaded.policy };
  const judged: LoadedCommit = { ...loaded, loadedAtMs: now, ...(policy === undefined ? {} : { policy }) };
  const { plan, problems } = preflight({
    application,
    status,
    store,
    loaded: judged,
    ...(checkPlacement === undefined ? {} : { checkPlacement }),
    now,
    deadlineMs: now,
  });
  const { id, subject, author } = loaded.commit;
  const manifests = new Map(loaded.manifests.map((manifest) => [keyString(keyOf(manifest.resource)), manifest]));
  const placed = (action: OutcomeAction): OutcomeAction => ({
    ...action,
    fields: placedFields(action.fields, manifests.get(keyString(action as ResourceKey))),
  });
  return {
    application,
    commit: { id, subject, author },
    actions: inOrderOfExecution(plan).flatMap(outcomeAction).map(placed),
    unchanged: plan.changes.filter((change) => change.action === 'unchanged').length,
    problems,
    images: await missingImages(parts, judged, plan),
    declares: loaded.manifests.flatMap(({ resource: { kind, metadata } }) =>
      kind === 'Application' ? [metadata.name ?? ''] : [],
    ),
    data: dataNotes(plan.changes, store),
    found: { plan, status, loaded: judged },
  };
}

async function missingImages(
  { lookUpImages, store, clock, signal }: DryRunParts,
  { manifests, commit }: LoadedCommit,
  plan: SyncPlan,
): Promise<readonly ImageKnown[]> {
  const wanted = changedImages({ manifests, plan, store, wish: commit.id }).map((field) => field.wanted);
  // What may never be pulled is there, or preflight says that it is not.
  const pullable = wanted.filter(({ policy }) => policy !== 'Never');
  const once = pullable.filter(({ image }, index) => pullable.findIndex((other) => other.image === image) === index);
  if (once.length === 0) return [];
  // What runs already is there, whoever can be asked.
  const running = new Set(store.list('Pod').flatMap(({ spec }) => allContainersOf(spec).map(({ image }) => image)));
  const unknown = (): readonly ImageKnown[] => once.map(({ image }) => ({ image }));
  const look = async (inner: AbortSignal): Promise<readonly ImageKnown[]> => (await lookUpImages?.(once, inner)) ?? unknown();
  // A plan is worth having without the sizes of its images.
  const known = await withDeadline(clock, 'looking at images', LOOK_TIMEOUT_MS, look, signal).catch((error: unknown) => {
    if (error instanceof DeadlineExceeded) return unknown();
    throw error;
  });
  return known.filter(({ image, isPresent = running.has(image) }) => !isPresent);
}
