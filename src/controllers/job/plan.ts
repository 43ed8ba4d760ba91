// Decides what one Job does next: which pods it makes, counts and takes away, whether it has ended, and what it reports. Counting a pod and
// letting it go is one transaction, so no pod is ever counted twice or not at all. It never changes a pod's spec.
import type { Action } from '../../model/action.ts';
import { findCondition, withCondition } from '../../model/conditions.ts';
import { isBound } from '../../model/deletion.ts';
import { isSuspended, JOB_TRACKING_FINALIZER, jobEnd, jobSelector } from '../../model/job.ts';
import { type Condition, type JobStatus, keyOf } from '../../model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../model/time.ts';
import type { Plan } from '../../runtime/controller.ts';
import { isRecovered, planClaims } from '../claims.ts';
import { isReady } from '../pods.ts';
import { type Count, countEnded } from './counting.ts';
import { isTracked, type StoredJob, type StoredPod } from './facts.ts';
import { planScaling, type Scaling } from './scaling.ts';
import { untracked } from './tracking.ts';
import { completionOf, deadlineInMs, type Ending, endingOf } from './verdict.ts';
import { type JobView, viewOf, wasSuspended } from './view.ts';

/** A Job's surroundings. */
export interface JobObserved {
  /** Pods whose managing controller is the Job, ending and ended ones included. */
  readonly owned: readonly StoredPod[];
  /** Pods that it may adopt: its selector matches, nobody owns them. */
  readonly orphans: readonly StoredPod[];
  /** Whether pods of a Job of this name that was there before have not ended. */
  readonly hasPredecessors: boolean;
  /** Whether whoever wants the Job would know that it has ended even when it is gone. */
  readonly isRemembered: boolean;
}

/** The next step of a Job (Kubernetes, "Jobs"). `checkAgainAfterMs` is the time until a back-off, its deadline or its time to live is over. */
export function planJob(job: StoredJob, observed: JobObserved, now: number, suffix: () => string): Plan<'Job'> {
  const { owned } = observed;
  if (job.metadata.deletionTimestamp !== undefined) return { actions: owned.filter(isTracked).map(untracked) };
  const claims = planJobClaims(job, observed);
  if (claims.length > 0) return { actions: claims, checkAgainAfterMs: 0 };
  // What was rebuilt from its pods waits for whoever wants it: its manifest may say otherwise by now.
  if (isRecovered(job)) return { actions: [] };
  const end = jobEnd(job);
  return end === undefined ? planOpen(job, observed, now, suffix) : planEnded(job, end, observed, now);
}

/** Adoptions and releases. What is adopted is counted, so it gets the finalizer. */
function planJobClaims(job: StoredJob, { owned, orphans }: JobObserved): readonly Action[] {
  return planClaims(job, jobSelector(job), owned, orphans).map((action): Action => {
    if (action.type !== 'update' || action.reason !== 'Adopted') return action;
    const others = (action.resource.metadata.finalizers ?? []).filter((name) => name !== JOB_TRACKING_FINALIZER);
    const metadata = { ...action.resource.metadata, finalizers: [...others, JOB_TRACKING_FINALIZER] };
    return { ...action, resource: { ...action.resource, metadata } };
  });
}

/** A pod that is taken away. Deleted first: what loses its finalizer while it is going is gone. */
function removed(pod: StoredPod): readonly Action[] {
  const { name, uid } = pod.metadata;
  const message = `Deleted pod: ${name}`;
  return [
    { type: 'delete', key: keyOf(pod), uid, reason: 'SuccessfulDelete', message },
    ...(isTracked(pod) ? [untracked(pod)] : []),
  ];
}

function planOpen(stored: StoredJob, observed: JobObserved, now: number, suffix: () => string): Plan<'Job'> {
  const job = started(stored, now);
  const view = viewOf(job, observed.owned);
  const ending = endingOf(view, now);
  const count = countEnded(view, ending);
  if (ending !== undefined) return planEnding(view, ending, count, now);
  const scaling = planScaling({ view, hasPredecessors: observed.hasPredecessors, now, suffix });
  const active = view.active.length - scaling.removed.length + scaling.created.length;
  const completion = completionOf(view, active);
  if (completion !== undefined) return planEnding(view, completion, count, now);
  const due = [scaling.checkAgainAfterMs, deadlineInMs(job, now), count.isCut ? 0 : undefined].filter(
    (wait) => wait !== undefined,
  );
  const { conditions, reports } = suspension(job, now);
  const status = (done: Scaling): JobStatus => ({
    ...statusOf(view, count, done),
    ...(conditions.length === 0 ? {} : { conditions: [...conditions] }),
  });
  return {
    actions: [...count.actions, ...scalingActions(scaling), ...reports],
    status: status(scaling),
    // What could not be made is not active.
    ...(scaling.created.length === 0 ? {} : { whenRefused: () => status({ ...scaling, created: [] }) }),
    ...(due.length === 0 ? {} : { checkAgainAfterMs: Math.min(...due) }),
  };
}

function scalingActions({ removed: gone, created }: Scaling): readonly Action[] {
  const creations = created.map((resource): Action => {
    return { type: 'create', resource, reason: 'SuccessfulCreate', message: `Created pod: ${resource.metadata.name}` };
  });
  return [...gone.flatMap(removed), ...creations];
}

/** The Job with the time at which it became active: anew each time that it is resumed, because that is what its deadline counts from. */
function started(job: StoredJob, now: number): StoredJob {
  const known = wasSuspended(job) ? undefined : job.status?.startTime;
  return isSuspended(job) ? job : { ...job, status: { ...job.status, startTime: known ?? toRfc3339(now) } };
}

/** The condition Suspended: there once the Job was suspended. */
function suspension(job: StoredJob, now: number): { conditions: readonly Condition[]; reports: readonly Action[] } {
  const conditions = job.status?.conditions ?? [];
  const is = isSuspended(job);
  if (is === wasSuspended(job)) return { conditions, reports: [] };
  const [type, word] = is ? (['True', 'suspended'] as const) : (['False', 'resumed'] as const);
  const [reason, event] = is ? ['JobSuspended', 'Suspended'] : ['JobResumed', 'Resumed'];
  const message = `Job ${word}`;
  return {
    conditions: withCondition(conditions, { type: 'Suspended', status: type, reason, message }, now),
    reports: [{ type: 'report', severity: 'Normal', reason: event, message }],
  };
}

/** The Job is to end: its pods go, and when they are gone it has ended. */
function planEnding(view: JobView, ending: Ending, count: Count, now: number): Plan<'Job'> {
  const { job, active, terminating } = view;
  const going = active.filter(isBound).length + terminating.length;
  const { type, reason, message } = ending;
  const isNew = findCondition(job.status?.conditions, type)?.status !== 'True';
  const decided = isNew
    ? withCondition(job.status?.conditions, { type, status: 'True', reason, message }, now)
    : job.status?.conditions;
  const isOver = going === 0 && !count.isCut;
  const isComplete = type === 'SuccessCriteriaMet';
  const final = { type: isComplete ? 'Complete' : 'Failed', status: 'True', reason, message } as const;
  const conditions = isOver ? withCondition(decided, final, now) : (decided ?? []);
  return {
    actions: [
      ...count.actions,
      ...active.flatMap((pod) => removed(pod).slice(0, 1)),
      ...count.late,
      ...(isOver ? endReports(view, isComplete, reason, message) : []),
    ],
    status: {
      ...statusOf(view, count, { removed: active, created: [] }),
      conditions,
      ...(isOver && isComplete ? { completionTime: toRfc3339(now) } : {}),
    },
    ...(count.isCut ? { checkAgainAfterMs: 0 } : {}),
  };
}

function endReports({ job, succeeded }: JobView, isComplete: boolean, reason: string, message: string): readonly Action[] {
  if (!isComplete) return [{ type: 'report', severity: 'Warning', reason, message }];
  const tooMany = 'Too many succeeded pods running after completion count reached';
  return [
    ...(succeeded > (job.spec.completions ?? Number.POSITIVE_INFINITY)
      ? [{ type: 'report', severity: 'Warning', reason: 'TooManySucceededPods', message: tooMany } as const]
      : []),
    { type: 'report', severity: 'Normal', reason: 'Completed', message: 'Job completed' },
  ];
}

/** The numbers that a Job reports (Kubernetes, JobStatus); what is none is left out where Kubernetes leaves it out. */
function statusOf(view: JobView, count: Count, { removed: gone, created }: Scaling): JobStatus {
  const active = view.active.length - gone.length + created.length;
  const ready = view.active.filter((pod) => isReady(pod) && !gone.includes(pod)).length;
  const { succeeded, failed, completedIndexes, failedIndexes } = count;
  const { startTime } = view.job.status ?? {};
  return {
    ...(startTime === undefined ? {} : { startTime }),
    ...(active === 0 ? {} : { active }),
    ready,
    terminating: view.terminating.length + gone.filter(isBound).length,
    ...(succeeded === 0 ? {} : { succeeded }),
    ...(failed === 0 ? {} : { failed }),
    ...(completedIndexes === undefined || completedIndexes === '' ? {} : { completedIndexes }),
    ...(failedIndexes === undefined ? {} : { failedIndexes }),
    uncountedTerminatedPods: {},
  };
}

/** The Job has ended: nothing holds its pods, and it goes when its time to live is over. */
function planEnded(job: StoredJob, end: Condition, { owned, isRemembered }: JobObserved, now: number): Plan<'Job'> {
  const leftovers = owned.filter(isTracked).map(untracked);
  const { ttlSecondsAfterFinished: ttlSeconds } = job.spec;
  if (ttlSeconds === undefined) return { actions: leftovers };
  const dueMs = fromRfc3339(end.lastTransitionTime ?? job.metadata.creationTimestamp) + ttlSeconds * 1000;
  if (now < dueMs) return { actions: leftovers, checkAgainAfterMs: dueMs - now };
  if (!isRemembered) return { actions: leftovers };
  const message = `Deleted job ${job.metadata.name}: it ended ${ttlSeconds} seconds ago and more`;
  const { uid } = job.metadata;
  return {
    actions: [...leftovers, { type: 'delete', key: keyOf(job), uid, propagation: 'Foreground', reason: 'TTLExpired', message }],
  };
}
