// What a Job does with its pods, and what it reports.
import { describe, expect, test } from 'vitest';
import { JOB_MEMORY_ANNOTATION, JOB_TRACKING_FINALIZER } from '../../../src/model/job.ts';
import type { JobStatus, Pod, StoredOf } from '../../../src/model/resource.ts';
import { controllerReference, RECOVERED_ANNOTATION } from '../../../src/model/resource.ts';
import { toRfc3339 } from '../../../src/model/time.ts';
import { aPod, START_MS } from '../../support/builders.ts';
import { aJob, deeds, indexedJob, jobPod, NOW, plan, UID } from './jobs.ts';

const startTime = toRfc3339(START_MS);

describe('pods are made', () => {
  test('with the labels of Kubernetes, the finalizer, and the Job to rebuild', () => {
    const job = aJob();
    const { actions, status } = plan(job, []);
    const [action] = actions;
    const pod = (action?.type === 'create' ? action.resource : undefined) as Pod;
    expect(pod.metadata).toMatchObject({
      name: expect.stringMatching(/^pi-[a-z0-9]{5}$/) as string,
      labels: {
        app: 'pi',
        'batch.kubernetes.io/controller-uid': UID,
        'batch.kubernetes.io/job-name': 'pi',
        'controller-uid': UID,
        'job-name': 'pi',
      },
      finalizers: [JOB_TRACKING_FINALIZER],
      ownerReferences: [controllerReference(job)],
    });
    expect(JSON.parse(pod.metadata.annotations?.[JOB_MEMORY_ANNOTATION] ?? '')).toEqual({
      metadata: {},
      spec: job.spec,
      startTime,
    });
    expect(pod.spec).toEqual(job.spec.template.spec);
    expect(action).toMatchObject({ reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
    expect(status).toEqual({ startTime, active: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
  });

  test('of an index with its name, hostname, variable, label and annotation', () => {
    const { actions } = plan(indexedJob(3), []);
    expect(deeds({ actions })).toEqual(['create pi-0-', 'create pi-1-', 'create pi-2-']);
    const [, second] = actions;
    expect(second?.type === 'create' && second.resource).toMatchObject({
      metadata: {
        labels: { 'batch.kubernetes.io/job-completion-index': '1' },
        annotations: { 'batch.kubernetes.io/job-completion-index': '1' },
      },
      spec: {
        hostname: 'pi-1',
        containers: [
          {
            env: [
              {
                name: 'JOB_COMPLETION_INDEX',
                valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } },
              },
            ],
          },
        ],
      },
    });
  });

  test('with a name that is a DNS label, however long the name of the Job', () => {
    const { actions } = plan(indexedJob(11, {}, { completedIndexes: '0-9' }), []);
    const { actions: long } = plan({ ...indexedJob(1), metadata: { ...indexedJob(1).metadata, name: 'x'.repeat(63) } }, []);
    const names = [...actions, ...long].map((action) => (action.type === 'create' ? action.resource.metadata.name : ''));
    expect(names[0]).toMatch(/^pi-10-[a-z0-9]{5}$/);
    expect(names[1]).toMatch(/^x{55}-0-[a-z0-9]{5}$/);
  });

  test('without labels of its own for a Job that selects by itself', () => {
    const { actions } = plan(aJob({ manualSelector: true, selector: { matchLabels: { app: 'pi' } } }), []);
    expect(actions[0]?.type === 'create' && actions[0].resource.metadata.labels).toEqual({ app: 'pi' });
  });

  test('not while pods of a Job that had this name before still run', () => {
    expect(deeds(plan(aJob(), [], { hasPredecessors: true }))).toEqual([]);
  });
});

test('nobody is too many before each was looked at: of pods that were just rebuilt, those that seem to run may have ended', () => {
  const job = aJob({ completions: 3, parallelism: 2 });
  const rebuilt = (name: string): StoredOf<'Pod'> => {
    const { status: _status, ...pod } = jobPod(job, name);
    // The scheduler says at once that it has a node.
    return { ...pod, status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] } };
  };
  expect(deeds(plan(job, [rebuilt('a'), rebuilt('b'), rebuilt('c')]))).toEqual([]);
  expect(deeds(plan(job, [jobPod(job, 'a', { exitCode: 0 }), rebuilt('b'), rebuilt('c'), rebuilt('d')]))).toEqual(['count a']);
  expect(deeds(plan(job, [jobPod(job, 'a'), jobPod(job, 'b'), jobPod(job, 'c')]))).toEqual(['delete a', 'count a']);
});

type Row = [string, Parameters<typeof aJob>[0], JobStatus, string[], string[], JobStatus];
const job0 = aJob();
const p = {
  run: (name: string) => jobPod(job0, name, { readyAtMs: START_MS }),
  good: (name: string) => jobPod(job0, name, { exitCode: 0 }),
  bad: (name: string) => jobPod(job0, name, { exitCode: 1 }),
  counted: (name: string) => jobPod(job0, name, { exitCode: 0, isCounted: true }),
};
const podsOf = (words: string[]) => words.map((word) => p[word.split(' ')[0] as keyof typeof p](word.split(' ')[1] ?? ''));

describe('as many as are wanted', () => {
  test.each<Row>([
    ['parallelism bounds them', { completions: 5, parallelism: 2 }, {}, [], ['create pi-', 'create pi-'], { active: 2 }],
    [
      'what is left bounds them',
      { completions: 5, parallelism: 4 },
      { succeeded: 3 },
      ['run a'],
      ['create pi-'],
      { active: 2, ready: 1, succeeded: 3 },
    ],
    ['none at all', { completions: 5, parallelism: 0 }, {}, ['run a'], ['delete a', 'count a'], { ready: 0, terminating: 1 }],
    [
      'too many',
      { completions: 5, parallelism: 1 },
      {},
      ['run a', 'run b'],
      ['delete a', 'count a'],
      { active: 1, ready: 1, terminating: 1 },
    ],
    [
      'ended ones are counted and replaced',
      { completions: 3, parallelism: 2 },
      { succeeded: 1 },
      ['counted x', 'good a', 'run b'],
      ['count a'],
      { active: 1, ready: 1, succeeded: 2 },
    ],
    ['a queue', { parallelism: 2 }, {}, ['run a'], ['create pi-'], { active: 2, ready: 1 }],
    [
      'a queue of which one has succeeded',
      { parallelism: 2 },
      { succeeded: 1 },
      ['run a'],
      [],
      { active: 1, ready: 1, succeeded: 1 },
    ],
    [
      'failures are counted and replaced',
      { completions: 2, parallelism: 2 },
      {},
      ['bad a', 'run b'],
      ['count a', 'create pi-'],
      { active: 2, ready: 1, failed: 1 },
    ],
  ])('%s', (_what, spec, status, words, expected, told) => {
    const made = plan(aJob(spec, { status: { startTime, ...status } }), podsOf(words));
    expect(deeds(made)).toEqual(expected);
    expect(made.status).toEqual({ startTime, ready: 0, terminating: 0, uncountedTerminatedPods: {}, ...told });
  });

  test('one pod of every index, those without one go', () => {
    const job = indexedJob(2);
    const pods = [
      jobPod(job, 'a', { index: 0, readyAtMs: START_MS }),
      jobPod(job, 'b', { index: 0 }),
      jobPod(job, 'c', { index: 7 }),
      jobPod(job, 'd'),
    ];
    expect(deeds(plan(job, pods)).toSorted()).toEqual(['count b', 'count c', 'count d', 'delete b', 'delete c', 'delete d']);
  });

  test('a hundred in one pass, and the rest at once', () => {
    const { actions, checkAgainAfterMs } = plan(aJob({ completions: 150, parallelism: 150 }), []);
    expect([actions.length, checkAgainAfterMs]).toEqual([100, 0]);
  });
});

describe('pods that are ending', () => {
  const ending = (job = job0) => jobPod(job, 'a', { deletionTimestamp: toRfc3339(NOW) });

  test('count as failed and are replaced at once', () => {
    expect(plan(job0, [ending()], { now: NOW + 60_000 })).toMatchObject({
      actions: [{ type: 'update', isQuiet: true }, { type: 'create' }],
      status: { active: 1, terminating: 1, failed: 1 },
    });
  });

  test('are waited for when only failures are replaced', () => {
    const job = aJob({ podReplacementPolicy: 'Failed' });
    expect(plan(job, [ending(job)])).toEqual({
      actions: [],
      status: { startTime, ready: 0, terminating: 1, uncountedTerminatedPods: {} },
    });
    const gone = jobPod(job, 'a', { deletionTimestamp: toRfc3339(NOW - 60_000), exitCode: 137 });
    expect(deeds(plan(job, [gone]))).toEqual(['count a', 'create pi-']);
  });
});

describe('claims', () => {
  test('orphans that match are adopted with the finalizer, before anything else', () => {
    const job = aJob({ manualSelector: true, selector: { matchLabels: { app: 'pi' } } });
    const { actions, checkAgainAfterMs } = plan(job, [], { orphans: [aPod({ name: 'a', labels: { app: 'pi' } })] });
    expect(actions).toMatchObject([
      {
        reason: 'Adopted',
        resource: { metadata: { ownerReferences: [controllerReference(job)], finalizers: [JOB_TRACKING_FINALIZER] } },
      },
    ]);
    expect(checkAgainAfterMs).toBe(0);
  });

  test('its pods from before the store was lost get the finalizer back, so that they are counted', () => {
    const pod = jobPod(job0, 'a', { isCounted: true, exitCode: 0, annotations: { [RECOVERED_ANNOTATION]: 'true' } });
    expect(plan(job0, [pod]).actions).toMatchObject([
      { reason: 'Adopted', resource: { metadata: { annotations: {}, finalizers: [JOB_TRACKING_FINALIZER] } } },
    ]);
  });

  test('a Job that was rebuilt makes no pods before somebody claims it', () => {
    const job = aJob({}, { meta: { annotations: { [RECOVERED_ANNOTATION]: 'true' } } });
    expect(plan(job, [])).toEqual({ actions: [] });
  });
});

test('a Job that is being deleted lets go of its pods', () => {
  const job = aJob({}, { meta: { deletionTimestamp: toRfc3339(NOW) } });
  expect(deeds(plan(job, [jobPod(job, 'a'), jobPod(job, 'b', { exitCode: 1, isCounted: true })]))).toEqual(['count a']);
});
