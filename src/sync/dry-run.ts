// What a commit would change, without changing it: reads the source and the store, pulls nothing, writes nothing.
import type { Problem } from '../manifests/problem.ts';
import type { StoreReader } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';
import { withDeadline } from '../system/deadline.ts';
import type { CommitSource } from './commit-source.ts';
import { inOrderOfExecution } from './hooks/upcoming.ts';
import type { OutcomeAction } from './outcome.ts';
import type { ManifestLoader, PlacementCheck } from './ports.ts';
import { preflight } from './preflight.ts';
import { outcomeAction } from './writes.ts';

/** Reading a commit for the first time is a whole clone. */
const READ_TIMEOUT_MS = 600_000;

export interface DryRunParts {
  readonly application: string;
  readonly store: StoreReader;
  readonly source: CommitSource;
  readonly load: ManifestLoader;
  /** Absent when the nodes are not known. */
  readonly checkPlacement?: PlacementCheck;
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
}

/** Plans the newest commit. Throws SourceError, or DeadlineExceeded when the source does not answer. */
export async function dryRun(parts: DryRunParts): Promise<DryRunResult> {
  const { application, store, source, load, checkPlacement, clock, signal } = parts;
  const read = async (inner: AbortSignal) => {
    const snapshot = await source.snapshot(await source.head(inner), inner);
    return { commit: snapshot.commit, ...(await load(snapshot, inner)) };
  };
  const loaded = await withDeadline(clock, 'reading the newest commit', READ_TIMEOUT_MS, read, signal);
  const now = clock.now();
  const found = preflight({
    application,
    status: store.get('Application', '', application)?.status ?? {},
    store,
    loaded: { ...loaded, loadedAtMs: now },
    ...(checkPlacement === undefined ? {} : { checkPlacement }),
    now,
    deadlineMs: now,
  });
  const { id, subject, author } = loaded.commit;
  return {
    application,
    commit: { id, subject, author },
    actions: inOrderOfExecution(found.plan).flatMap(outcomeAction),
    unchanged: found.plan.changes.filter((change) => change.action === 'unchanged').length,
    problems: found.problems,
  };
}
