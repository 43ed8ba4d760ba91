// Decides the next step of one DaemonSet: the nodes that get a pod, the pods that go, and what it reports. The scheduler binds a pod to
// the node that its affinity names.
import type { Action } from '../../model/action.ts';
import { daemonPodSpec } from '../../model/daemon-set.ts';
import type { StoredOf } from '../../model/resource.ts';
import { keyOf } from '../../model/resource.ts';
import { REVISION_HASH_LABEL } from '../../model/revision.ts';
import type { Plan } from '../../runtime/controller.ts';
import { planClaims } from '../claims.ts';
import { generatedName, podFromTemplate } from '../new-pod.ts';
import { availableInMs, isFinished, isTerminating } from '../pods.ts';
import { type History, type HistoryObserved, planHistory, planRevisionClaims, removeOldest } from '../revisions/history.ts';
import { afterFailures, readFailures, withFailures } from './backoff.ts';
import { type Changes, manageNodes, type Removal } from './manage.ts';
import { podsWithoutNode, readNodes, type StoredPod } from './nodes.ts';
import { daemonLimits, rollNodes, type UpdateStep } from './rolling.ts';
import { reportStatus } from './status.ts';

const DEFAULT_REVISION_HISTORY_LIMIT = 10;
/** Pods made and pods deleted in one pass; the next pass goes on (Kubernetes' burst of a DaemonSet). */
export const MAX_PODS_PER_PASS = 250;

/** A DaemonSet's surroundings. */
export interface DaemonSetObserved {
  readonly nodes: readonly StoredOf<'Node'>[];
  /** Pods whose managing controller it is, terminating and finished ones included. */
  readonly owned: readonly StoredPod[];
  /** Active pods that it may adopt: its selector matches, nobody owns them. */
  readonly orphans: readonly StoredPod[];
  readonly history: HistoryObserved;
}

/** A decided pass, before it becomes actions. */
interface Decision {
  readonly create: readonly string[];
  readonly remove: readonly Removal[];
  readonly isCut: boolean;
}

/** Both parts as one; a node gets one pod and a pod goes once. */
function decide(changes: Changes, step: UpdateStep, lost: readonly StoredPod[]): Decision {
  const create = [...new Set([...changes.create, ...step.create])];
  const removals = new Map<StoredPod, Removal>();
  for (const removal of [...changes.remove, ...[...step.remove, ...lost].map((pod) => ({ pod }))])
    if (!removals.has(removal.pod)) removals.set(removal.pod, removal);
  const remove = [...removals.values()];
  return {
    create: create.slice(0, MAX_PODS_PER_PASS),
    remove: remove.slice(0, MAX_PODS_PER_PASS),
    isCut: Math.max(create.length, remove.length) > MAX_PODS_PER_PASS,
  };
}

function creation(daemonSet: StoredOf<'DaemonSet'>, nodeName: string, hash: string, suffix: () => string): Action {
  const { template } = daemonSet.spec;
  const name = generatedName(daemonSet, suffix());
  const pod = podFromTemplate(daemonSet, { ...template, spec: daemonPodSpec(template.spec, nodeName) }, name);
  const labels = { ...pod.metadata.labels, [REVISION_HASH_LABEL]: hash };
  const resource = { ...pod, metadata: { ...pod.metadata, labels } };
  return { type: 'create', resource, reason: 'SuccessfulCreate', message: `Created pod: ${name}` };
}

function removalActions({ pod, report }: Removal): Action[] {
  const message = `Deleted pod: ${pod.metadata.name}`;
  const removal: Action = { type: 'delete', key: keyOf(pod), uid: pod.metadata.uid, reason: 'SuccessfulDelete', message };
  return report === undefined ? [removal] : [report, removal];
}

/** The current revision as it is stored, or as it is about to be. */
function currentRevision({ owned }: HistoryObserved, { update }: History): StoredOf<'ControllerRevision'> | undefined {
  return owned.find((revision) => revision.metadata.name === update.name);
}

/** Writes the failures on the current revision; in one update with whatever else changes about it. */
function revisionActions(
  history: History,
  observed: HistoryObserved,
  failedOn: readonly string[],
  now: number,
): readonly Action[] {
  const stored = currentRevision(observed, history);
  if (failedOn.length === 0 || stored === undefined) return history.actions;
  const renumbered = history.actions.find((action) => action.type === 'update');
  const base = renumbered?.resource.kind === 'ControllerRevision' ? renumbered.resource : stored;
  const resource = withFailures(base, afterFailures(readFailures(stored), failedOn, now));
  const message = `Pods of revision ${stored.metadata.name} failed on ${failedOn.join(', ')}`;
  return [{ type: 'update', resource, reason: 'PodFailuresCounted', message }];
}

/** Revisions that no pod has any more, beyond the limit. Those that pods have count too, as in Kubernetes. */
function cleanUp(daemonSet: StoredOf<'DaemonSet'>, { owned, history }: DaemonSetObserved, { update }: History): Action[] {
  const limit = daemonSet.spec.revisionHistoryLimit ?? DEFAULT_REVISION_HISTORY_LIMIT;
  const live = new Set(owned.map((pod) => pod.metadata.labels?.[REVISION_HASH_LABEL]));
  const old = history.owned.filter((revision) => revision.metadata.name !== update.name);
  const unused = old.filter((revision) => !live.has(revision.metadata.labels?.[REVISION_HASH_LABEL]));
  return removeOldest(unused, old.length - limit, limit);
}

/**
 * The next step of a DaemonSet (Kubernetes, "DaemonSet"). `suffix` yields five random characters. `checkAgainAfterMs` is the time until a
 * pod becomes available or a failed one may be replaced.
 */
export function planDaemonSet(
  daemonSet: StoredOf<'DaemonSet'>,
  observed: DaemonSetObserved,
  now: number,
  suffix: () => string,
): Plan<'DaemonSet'> {
  if (daemonSet.metadata.deletionTimestamp !== undefined) return { actions: [] };
  const { selector } = daemonSet.spec;
  const active = observed.owned.filter((pod) => !isFinished(pod));
  const claims = [
    ...planClaims(daemonSet, selector, active, observed.orphans),
    ...planRevisionClaims(daemonSet, selector, observed.history),
  ];
  if (claims.length > 0) return { actions: claims, checkAgainAfterMs: 0 };
  const history = planHistory(daemonSet, observed.history, REVISION_HASH_LABEL);
  if (history === 'waiting') return { actions: [] };

  const { hash } = history.update;
  const nodes = readNodes(daemonSet, observed.nodes, observed.owned);
  const limits = daemonLimits(daemonSet, nodes);
  const failures = readFailures(currentRevision(observed.history, history));
  const changes = manageNodes(nodes, { daemonSet, hash, maxSurge: limits.maxSurge, failures, now });
  const step = rollNodes(nodes, { daemonSet, hash, limits, now });
  const decision = decide(changes, step, podsWithoutNode(observed.nodes, observed.owned));

  const minReadySeconds = daemonSet.spec.minReadySeconds ?? 0;
  const availability = observed.owned
    .filter((pod) => !isTerminating(pod))
    .map((pod) => availableInMs(pod, minReadySeconds, now) ?? 0);
  const waits = [...changes.waitsMs, ...availability].filter((wait) => wait > 0);
  const checkAgainAfterMs = decision.isCut ? 0 : waits.length > 0 ? Math.min(...waits) : undefined;
  return {
    actions: [
      ...revisionActions(history, observed.history, changes.failedOn, now),
      ...decision.create.map((node) => creation(daemonSet, node, hash, suffix)),
      ...decision.remove.flatMap(removalActions),
      ...cleanUp(daemonSet, observed, history),
    ],
    status: reportStatus(daemonSet, nodes, hash, history.collisionCount, now),
    ...(checkAgainAfterMs === undefined ? {} : { checkAgainAfterMs }),
  };
}
