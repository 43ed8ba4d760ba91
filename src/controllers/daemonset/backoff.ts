// How soon the failed pod of a node is replaced: later with every failure, so that a pod that a node cannot run is not made in a rush. The
// count is kept on the revision that fails, so that it outlives the controller and a new template starts afresh.
import type { StoredOf } from '../../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';

/** Annotation of a ControllerRevision: the failures of its pods by node, as JSON. */
export const FAILURES_ANNOTATION = 'holdfast.dev/failed-pods';

/** The first wait, and the longest (Kubernetes' daemon controller). */
export const FIRST_BACKOFF_MS = 1_000;
export const MAX_BACKOFF_MS = 15 * 60_000;

/** Failures in a row on one node, and when the last pod was replaced, RFC 3339. */
interface Failures {
  readonly count: number;
  readonly at: string;
}

/** Failures by node. */
export type FailureLog = Readonly<Record<string, Failures>>;

/** What a revision remembers; nothing when it cannot be read. */
export function readFailures(revision: StoredOf<'ControllerRevision'> | undefined): FailureLog {
  const text = revision?.metadata.annotations?.[FAILURES_ANNOTATION];
  if (text === undefined) return {};
  try {
    // A parsing edge: written by withFailures.
    const log: unknown = JSON.parse(text);
    return log !== null && typeof log === 'object' ? (log as FailureLog) : {};
  } catch {
    return {};
  }
}

/** Milliseconds until the failed pod of a node may be replaced; 0 when it may now. A clock that was set back does not prolong it. */
export function backoffMs(log: FailureLog, node: string, now: number): number {
  const failures = log[node];
  if (failures === undefined) return 0;
  const sinceMs = now - fromRfc3339(failures.at);
  const wait = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures.count - 1));
  return sinceMs < 0 || Number.isNaN(sinceMs) ? 0 : Math.max(0, wait - sinceMs);
}

/** The log after the failed pods of some nodes were replaced. What is older than twice the longest wait is forgotten. */
export function afterFailures(log: FailureLog, nodes: readonly string[], now: number): FailureLog {
  const isRecent = ({ at }: Failures): boolean => now - fromRfc3339(at) <= 2 * MAX_BACKOFF_MS;
  const kept = Object.fromEntries(Object.entries(log).filter(([, failures]) => isRecent(failures)));
  const added = nodes.map((node): [string, Failures] => [node, { count: (kept[node]?.count ?? 0) + 1, at: toRfc3339(now) }]);
  return { ...kept, ...Object.fromEntries(added) };
}

/** The revision with the log written on it. */
export function withFailures(revision: StoredOf<'ControllerRevision'>, log: FailureLog): StoredOf<'ControllerRevision'> {
  const annotations = { ...revision.metadata.annotations, [FAILURES_ANNOTATION]: JSON.stringify(log) };
  return { ...revision, metadata: { ...revision.metadata, annotations } };
}
