// When a Job has succeeded, failed, waits, or goes.
import { describe, expect, test } from 'vitest';
import type { Condition, JobSpec, JobStatus } from '../../../src/model/resource.ts';
import { toRfc3339 } from '../../../src/model/time.ts';
import { aCondition, START_MS } from '../../support/builders.ts';
import { aJob, deeds, indexedJob, type JobPodOptions, jobPod, NOW, plan } from './jobs.ts';

const startTime = toRfc3339(START_MS);
const now = toRfc3339(NOW);
const condition = (type: string, reason: string, message: string, time = now): Condition => ({
  type,
  status: 'True',
  reason,
  message,
  lastTransitionTime: time,
});
const reached = ['CompletionsReached', 'Reached expected number of succeeded pods'] as const;
const none = { startTime, ready: 0, terminating: 0, uncountedTerminatedPods: {} };

describe('success', () => {
  test('once enough have succeeded', () => {
    const job = aJob();
    const made = plan(job, [jobPod(job, 'a', { exitCode: 0 })]);
    expect(deeds(made)).toEqual(['count a', 'report Completed']);
    expect(made.status).toEqual({
      ...none,
      succeeded: 1,
      completionTime: now,
      conditions: [condition('SuccessCriteriaMet', ...reached), condition('Complete', ...reached)],
    });
  });

  test('of a Job that wants none', () => {
    expect(plan(aJob({ completions: 0 }), []).status).toMatchObject({ completionTime: now });
  });

  test('not before pods that are ending have ended', () => {
    const job = aJob({}, { status: { startTime, succeeded: 1 } });
    const made = plan(job, [jobPod(job, 'b', { isCounted: true, deletionTimestamp: now })]);
    expect(made.status).toEqual({
      ...none,
      terminating: 1,
      succeeded: 1,
      conditions: [condition('SuccessCriteriaMet', ...reached)],
    });
  });

  test.each<[string, NonNullable<JobSpec['successPolicy']>, string[], string | undefined]>([
    ['any of them', { rules: [{ succeededCount: 2 }] }, ['1', '3'], 'Matched rules at index 0'],
    ['too few of them', { rules: [{ succeededCount: 3 }] }, ['1', '3'], undefined],
    ['these', { rules: [{ succeededIndexes: '0' }, { succeededIndexes: '1,3' }] }, ['1', '3'], 'Matched rules at index 1'],
    ['some of these', { rules: [{ succeededIndexes: '0-2', succeededCount: 1 }] }, ['1', '3'], 'Matched rules at index 0'],
    ['not all of these', { rules: [{ succeededIndexes: '0-2' }] }, ['1', '3'], undefined],
  ])('by its policy: %s', (_what, successPolicy, done, message) => {
    const job = indexedJob(5, { successPolicy });
    const pods = [0, 1, 2, 3, 4].map((index) =>
      jobPod(job, `p${index}`, { index, ...(done.includes(String(index)) ? { exitCode: 0 } : { readyAtMs: START_MS }) }),
    );
    const { status, actions } = plan(job, pods);
    const met = status?.conditions?.find(({ type }) => type === 'SuccessCriteriaMet');
    expect(met).toEqual(message === undefined ? undefined : condition('SuccessCriteriaMet', 'SuccessPolicy', message));
    expect(status).toMatchObject({ completedIndexes: '1,3', succeeded: 2 });
    expect(status?.failed).toBeUndefined();
    expect(deeds({ actions }).filter((deed) => deed.startsWith('delete'))).toHaveLength(message === undefined ? 0 : 3);
  });
});

describe('failure', () => {
  const failedPods = (count: number, job = aJob(), options: JobPodOptions = {}) =>
    Array.from({ length: count }, (_, index) => jobPod(job, `p${index}`, { exitCode: 1, ...options }));

  test('after more failures than the limit: pods go first', () => {
    const job = aJob({ backoffLimit: 1, parallelism: 2, completions: 2 });
    const made = plan(job, [...failedPods(2, job), jobPod(job, 'run', { readyAtMs: START_MS })]);
    const why = ['BackoffLimitExceeded', 'Job has reached the specified backoff limit'] as const;
    expect(deeds(made)).toEqual(['count p0', 'count p1', 'delete run', 'count run']);
    expect(made.status).toEqual({ ...none, terminating: 1, failed: 3, conditions: [condition('FailureTarget', ...why)] });

    const next = aJob({ backoffLimit: 1, parallelism: 2, completions: 2 }, { status: made.status as JobStatus });
    const ended = plan(next, failedPods(2, job, { isCounted: true }), { now: NOW + 5000 });
    expect(deeds(ended)).toEqual(['report BackoffLimitExceeded']);
    expect(ended.status).toEqual({
      ...none,
      failed: 3,
      conditions: [condition('FailureTarget', ...why), condition('Failed', ...why, toRfc3339(NOW + 5000))],
    });
  });

  test('after restarts within the pods, with restartPolicy OnFailure', () => {
    const template = { ...aJob().spec.template, spec: { ...aJob().spec.template.spec, restartPolicy: 'OnFailure' as const } };
    const job = aJob({ backoffLimit: 3, template });
    const pod = (restartCount: number) =>
      jobPod(job, 'a', { status: { containerStatuses: [{ name: 'main', image: '', ready: false, restartCount }] } });
    expect(plan(job, [pod(2)]).status?.conditions).toBeUndefined();
    expect(plan(job, [pod(3)]).status?.conditions).toMatchObject([{ type: 'FailureTarget', reason: 'BackoffLimitExceeded' }]);
  });

  test('after its time', () => {
    const job = aJob({ activeDeadlineSeconds: 3600 });
    expect(plan(job, [jobPod(job, 'a')]).status).toMatchObject({
      failed: 1,
      conditions: [condition('FailureTarget', 'DeadlineExceeded', 'Job was active longer than specified deadline')],
    });
    expect(plan(job, [jobPod(job, 'a')], { now: NOW - 1000 })).toMatchObject({ actions: [], checkAgainAfterMs: 1000 });
  });

  test.each<[string, NonNullable<JobSpec['podFailurePolicy']>['rules'][number], JobPodOptions, object]>([
    [
      'FailJob by exit code',
      { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
      { exitCode: 42 },
      {
        failed: 1,
        conditions: [
          {
            reason: 'PodFailurePolicy',
            message: 'Container main for pod default/a failed with exit code 42 matching FailJob rule at index 0',
          },
          { type: 'Failed' },
        ],
      },
    ],
    [
      'another exit code',
      { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
      { exitCode: 1 },
      { failed: 1, active: 1 },
    ],
    [
      'an exit code that is not among them',
      { action: 'Ignore', onExitCodes: { operator: 'NotIn', values: [42] } },
      { exitCode: 1 },
      { active: 1 },
    ],
    [
      'another container',
      { action: 'Ignore', onExitCodes: { containerName: 'side', operator: 'In', values: [1] } },
      { exitCode: 1 },
      { failed: 1, active: 1 },
    ],
    [
      'FailJob by condition',
      { action: 'FailJob', onPodConditions: [{ type: 'ConfigIssue', status: 'True' }] },
      { phase: 'Failed', status: { conditions: [aCondition('ConfigIssue', 'True')] } },
      {
        failed: 1,
        conditions: [{ message: 'Pod default/a has condition ConfigIssue matching FailJob rule at index 0' }, { type: 'Failed' }],
      },
    ],
    [
      'Ignore by condition',
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { phase: 'Failed', status: { conditions: [aCondition('DisruptionTarget', 'True')] } },
      { active: 1 },
    ],
    ['Count', { action: 'Count', onExitCodes: { operator: 'In', values: [1] } }, { exitCode: 1 }, { failed: 1, active: 1 }],
  ])('by a rule: %s', (_what, rule, options, expected) => {
    const job = aJob({ podFailurePolicy: { rules: [rule] } });
    const { status } = plan(job, [jobPod(job, 'a', { creationTimestamp: startTime, ...options })]);
    expect({ failed: 0, ...status }).toMatchObject({ failed: 0, ...expected });
  });
});

describe('limits per index', () => {
  const spec = { backoffLimitPerIndex: 1, backoffLimit: 1000 };
  const counted = (failures: number) => ({ 'batch.kubernetes.io/job-index-failure-count': String(failures) });

  test('a failed pod stays uncounted until its index has another one, which knows of it', () => {
    const job = indexedJob(1, spec);
    const bad = jobPod(job, 'a', { index: 0, exitCode: 1, annotations: counted(0) });
    const made = plan(job, [bad]);
    expect(deeds(made)).toEqual(['create pi-0-']);
    expect(made.actions[0]).toMatchObject({ resource: { metadata: { annotations: counted(1) } } });
    expect(made.status).toEqual({ ...none, active: 1, failedIndexes: '' });
    const other = jobPod(job, 'b', { index: 0, annotations: counted(1) });
    expect(plan(job, [bad, other])).toMatchObject({ actions: [{ reason: 'Counted' }], status: { failed: 1, active: 1 } });
  });

  test('an index that failed too often is given up; the others go on, then the Job has failed', () => {
    const job = indexedJob(2, spec);
    const bad = jobPod(job, 'a', { index: 0, exitCode: 1, annotations: counted(1) });
    const run = jobPod(job, 'b', { index: 1, readyAtMs: START_MS });
    expect(plan(job, [bad, run]).status).toEqual({ ...none, active: 1, ready: 1, failed: 1, failedIndexes: '0' });
    const good = jobPod(job, 'b', { index: 1, exitCode: 0 });
    expect(plan(job, [bad, good]).status).toMatchObject({
      failedIndexes: '0',
      completedIndexes: '1',
      conditions: [{ type: 'FailureTarget', reason: 'FailedIndexes', message: 'Job has failed indexes' }, { type: 'Failed' }],
    });
  });

  test('too many failed indexes', () => {
    const job = indexedJob(3, { ...spec, maxFailedIndexes: 0 });
    const bad = jobPod(job, 'a', { index: 0, exitCode: 1, annotations: counted(1) });
    expect(plan(job, [bad]).status).toMatchObject({
      conditions: [
        { reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' },
        { type: 'Failed' },
      ],
    });
  });

  test('an index is given up at once by a rule', () => {
    const rules = [{ action: 'FailIndex' as const, onExitCodes: { operator: 'In' as const, values: [42] } }];
    const job = indexedJob(2, { ...spec, backoffLimitPerIndex: 5, podFailurePolicy: { rules } });
    const bad = jobPod(job, 'a', { index: 0, exitCode: 42, annotations: counted(0) });
    expect(plan(job, [bad]).status).toMatchObject({ failedIndexes: '0', active: 1 });
  });

  test('each index waits for itself', () => {
    const job = indexedJob(2, spec);
    const fresh = jobPod(job, 'a', { index: 0, exitCode: 1, annotations: counted(0), endedAtMs: NOW - 4000 });
    expect(plan(job, [fresh])).toMatchObject({ actions: [{ type: 'create' }], checkAgainAfterMs: 6000 });
  });
});

test.each([
  [1, 10],
  [2, 20],
  [3, 40],
  [5, 160],
  [6, 320],
  [7, 360],
  [50, 360],
])('after %i failures in a row it waits %i seconds', (failures, seconds) => {
  const job = aJob({ backoffLimit: 100 });
  const pods = Array.from({ length: failures }, (_, index) =>
    jobPod(job, `p${index}`, { exitCode: 1, isCounted: index > 0, endedAtMs: NOW - (index + 1) * 1000 }),
  );
  expect(plan(job, pods)).toMatchObject({ actions: [{ reason: 'Counted' }], checkAgainAfterMs: (seconds - 1) * 1000 });
  expect(deeds(plan(job, pods, { now: NOW + (seconds - 1) * 1000 }))).toContain('create pi-');
  // The clock was set back: not longer than the whole wait.
  expect(plan(job, pods, { now: NOW - 86_400_000 }).checkAgainAfterMs).toBe(seconds * 1000);
});

test('a success ends the row of failures', () => {
  const job = aJob({ completions: 3 });
  const pods = [
    jobPod(job, 'a', { exitCode: 1, endedAtMs: NOW - 2000 }),
    jobPod(job, 'b', { exitCode: 0, endedAtMs: NOW - 1000 }),
  ];
  expect(deeds(plan(job, pods))).toEqual(['count a', 'count b', 'create pi-']);
});

describe('suspended', () => {
  const suspended = {
    type: 'Suspended',
    status: 'True',
    reason: 'JobSuspended',
    message: 'Job suspended',
    lastTransitionTime: now,
  } as const;

  test('pods go, and count for nothing', () => {
    const job = aJob({ suspend: true });
    const made = plan(job, [jobPod(job, 'a', { readyAtMs: START_MS })]);
    expect(deeds(made)).toEqual(['delete a', 'count a', 'report Suspended']);
    expect(made.status).toEqual({ ...none, terminating: 1, conditions: [suspended] });
  });

  test('from the beginning it has not started', () => {
    const made = plan(aJob({ suspend: true }, { status: {} }), []);
    expect(made.status).toEqual({ ready: 0, terminating: 0, uncountedTerminatedPods: {}, conditions: [suspended] });
  });

  test('resumed it starts anew, and so does its deadline', () => {
    const job = aJob({ activeDeadlineSeconds: 60 }, { status: { startTime, conditions: [suspended] } });
    const later = NOW + 3_600_000;
    const made = plan(job, [], { now: later });
    expect(deeds(made)).toEqual(['create pi-', 'report Resumed']);
    expect(made.status).toMatchObject({
      startTime: toRfc3339(later),
      active: 1,
      conditions: [{ type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }],
    });
    expect(made.checkAgainAfterMs).toBe(60_000);
  });
});

describe('its time to live', () => {
  const end = aCondition('Complete', 'True', 'CompletionsReached', NOW - 60_000);
  const job = (ttlSecondsAfterFinished: number) =>
    aJob({ ttlSecondsAfterFinished }, { status: { startTime, conditions: [end] } });

  test('is waited for', () => {
    expect(plan(job(100), [])).toEqual({ actions: [], checkAgainAfterMs: 40_000 });
  });

  test('then it goes, and its pods before it', () => {
    expect(plan(job(60), []).actions).toMatchObject([{ type: 'delete', propagation: 'Foreground', uid: job(60).metadata.uid }]);
  });

  test('but not before its application remembers that it has ended', () => {
    expect(plan(job(60), [], { isRemembered: false })).toEqual({ actions: [] });
  });

  test('nothing holds pods of a Job that has ended', () => {
    expect(deeds(plan(job(100), [jobPod(job(100), 'late', { exitCode: 0 })]))).toEqual(['count late']);
  });
});
