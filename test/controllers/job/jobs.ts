// Jobs and their pods for tests.
import { type JobObserved, planJob } from '../../../src/controllers/job/plan.ts';
import type { Action } from '../../../src/model/action.ts';
import { JOB_INDEX_ANNOTATION, JOB_TRACKING_FINALIZER, JOB_UID_LABEL, withJobDefaults } from '../../../src/model/job.ts';
import type { JobSpec, JobStatus, StoredOf } from '../../../src/model/resource.ts';
import { toRfc3339 } from '../../../src/model/time.ts';
import type { Plan } from '../../../src/runtime/controller.ts';
import { aPod, aTemplate, type MetaOptions, type PodOptions, START_MS } from '../../support/builders.ts';
import { seededIds } from '../../support/seeded-ids.ts';

export const NOW = START_MS + 3_600_000;
export const UID = 'uid-job-default-pi';

/** A Job `pi` of one pod, with Kubernetes' defaults, begun at START_MS. */
export function aJob(
  spec: Partial<JobSpec> = {},
  options: { meta?: Partial<MetaOptions>; status?: JobStatus } = {},
): StoredOf<'Job'> {
  const { name = 'pi', namespace = 'default', labels, annotations, uid = UID, deletionTimestamp } = options.meta ?? {};
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: toRfc3339(START_MS),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: withJobDefaults({ template: aTemplate({ labels: { app: 'pi' }, spec: { restartPolicy: 'Never' } }), ...spec }),
    status: options.status ?? { startTime: toRfc3339(START_MS) },
  };
}

/** An indexed Job of so many indexes, all at once. */
export function indexedJob(completions: number, spec: Partial<JobSpec> = {}, status?: JobStatus): StoredOf<'Job'> {
  const options = status === undefined ? {} : { status };
  return aJob({ completionMode: 'Indexed', completions, parallelism: completions, ...spec }, options);
}

export interface JobPodOptions extends PodOptions {
  readonly index?: number;
  /** Whether its end was counted: then the finalizer is gone. */
  readonly isCounted?: boolean;
  /** How it ended and when: its phase follows. */
  readonly exitCode?: number;
  readonly endedAtMs?: number;
}

/** A pod of a Job on `node-a`, waiting to be counted. */
export function jobPod(job: StoredOf<'Job'>, name: string, options: JobPodOptions = {}): StoredOf<'Pod'> {
  const { index, isCounted = false, exitCode, endedAtMs = NOW - 600_000 } = options;
  const mark = index === undefined ? {} : { [JOB_INDEX_ANNOTATION]: String(index) };
  const phase = exitCode === undefined ? (options.phase ?? 'Running') : exitCode === 0 ? 'Succeeded' : 'Failed';
  const terminated = { exitCode: exitCode ?? 0, finishedAt: toRfc3339(endedAtMs) };
  const containerStatuses =
    exitCode === undefined
      ? undefined
      : [{ name: 'main', image: 'busybox:1.36', ready: false, restartCount: 0, state: { terminated } }];
  const pod = aPod({
    name,
    owner: job,
    nodeName: 'node-a',
    ...options,
    labels: { app: 'pi', [JOB_UID_LABEL]: job.metadata.uid, ...mark },
    annotations: { ...mark, ...options.annotations },
    phase,
    status: { ...(containerStatuses === undefined ? {} : { containerStatuses }), ...options.status },
  });
  return isCounted ? pod : { ...pod, metadata: { ...pod.metadata, finalizers: [JOB_TRACKING_FINALIZER] } };
}

/** The plan for a Job with these pods. */
export function plan(
  job: StoredOf<'Job'>,
  owned: readonly StoredOf<'Pod'>[],
  options: Partial<JobObserved> & { now?: number } = {},
): Plan<'Job'> {
  const ids = seededIds(7);
  const observed = { owned, orphans: [], hasPredecessors: false, isRemembered: true, ...options };
  return planJob(job, observed, options.now ?? NOW, () => ids.suffix());
}

/** What a plan does, shortly: `create pi-2-`, `delete a`, `count b`, `report Completed`. Suffixes are left out. */
export function deeds({ actions }: { readonly actions: readonly Action[] }): string[] {
  return actions.map((action) => {
    switch (action.type) {
      case 'create':
        return `create ${(action.resource.metadata.name ?? '').replace(/[a-z0-9]{5}$/, '')}`;
      case 'update':
        return `${action.reason === 'Counted' ? 'count' : action.reason} ${action.resource.metadata.name}`;
      case 'delete':
        return `delete ${action.key.name}`;
      case 'report':
        return `report ${action.reason}`;
      case 'evict':
        break;
    }
    return `evict ${action.key.name}`;
  });
}
