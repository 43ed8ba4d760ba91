// Jobs in a commit: changed ones, those that are done and gone, and whether they are healthy.
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/manifests/load.ts';
import { jobIdentity } from '../../src/model/job.ts';
import {
  APPLICATION_ANNOTATION,
  type Desired,
  type InventoryEntry,
  type JobSpec,
  type JobStatus,
  keyOf,
  type Resource,
  type StoredOf,
} from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { unhealthyManifests, withFinishedJobs } from '../../src/sync/finished-jobs.ts';
import { healthOf } from '../../src/sync/health/health.ts';
import { planSync } from '../../src/sync/plan.ts';
import { type PlanMode } from '../../src/sync/planned.ts';
import { explain } from '../../src/sync/why.ts';
import { aJob, jobPod } from '../controllers/job/jobs.ts';
import { aCondition, asDesired, aTemplate, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const image = (tag: string): JobSpec['template'] =>
  aTemplate({ labels: { app: 'pi' }, container: { image: `migrate:${tag}` }, spec: { restartPolicy: 'Never' } });

/** The Job `pi` as manifests have it. */
function wanted(spec: Partial<JobSpec> = {}, annotations: Record<string, string> = {}): Desired {
  return asDesired(aJob({ template: image('1'), ...spec }, { meta: { annotations }, status: {} }));
}
const complete = (): JobStatus => ({ conditions: [aCondition('Complete', 'True', 'CompletionsReached')] });

async function storeWith(...resources: readonly Resource[]): Promise<Store> {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  for (const resource of resources) await store.write([{ op: 'create', resource }]);
  return store;
}

/** A store in which the Job is, of the application `shop`. */
async function liveStore(spec: Partial<JobSpec> = {}, status: JobStatus = {}): Promise<Store> {
  const { metadata, ...job } = aJob({ template: image('1'), ...spec }, { status });
  const { name, namespace = 'default' } = metadata;
  return await storeWith({ ...job, metadata: { name, namespace, annotations: { [APPLICATION_ANNOTATION]: 'shop' } } });
}

const entry = (resource: Desired, extra: Partial<InventoryEntry> = {}): InventoryEntry => ({
  ...keyOf(resource),
  file: 'app.yaml',
  line: 1,
  commit: 'c1',
  author: 'Ada',
  ...extra,
});
const manifest = (resource: Desired): Manifest => ({ resource, file: 'app.yaml', line: 3 });

function plan(live: Store, resource: Desired, mode: PlanMode = 'commit', inventory: InventoryEntry[] = [entry(resource)]) {
  return planSync({ desired: [manifest(resource)], live, inventory, application: 'shop', mode });
}

const done = (resource: Desired, result: 'Complete' | 'Failed' = 'Complete'): InventoryEntry => {
  if (resource.kind !== 'Job') throw new Error('not a Job');
  return entry(resource, { finished: { identity: jobIdentity(resource.spec), result, time: '2026-01-01T00:00:00Z' } });
};

describe('a changed Job', () => {
  test('is refused at its place, with a way out', async () => {
    const { changes, problems } = plan(await liveStore(), wanted({ template: image('2') }));
    expect(changes).toEqual([]);
    expect(problems).toMatchObject([
      { severity: 'error', reason: 'Immutable', file: 'app.yaml', line: 3, field: 'spec.template' },
    ]);
    expect(problems[0]?.message).toContain('holdfast.dev/replace: "true"');
  });

  test.each([
    ['holdfast.dev/replace', 'true'],
    ['argocd.argoproj.io/sync-options', 'Prune=false, Replace=true'],
    ['argocd.argoproj.io/sync-options', 'Force=true'],
    ['kustomize.toolkit.fluxcd.io/force', 'Enabled'],
  ])('is replaced when its manifest says so: %s: %s', async (annotation, value) => {
    const { changes, problems } = plan(await liveStore(), wanted({ template: image('2') }, { [annotation]: value }));
    expect(problems).toEqual([]);
    expect(changes).toMatchObject([{ action: 'recreate', effect: 'restart', reason: 'Recreated' }]);
  });

  test.each<[string, Partial<JobSpec>]>([
    ['parallelism', { parallelism: 2 }],
    ['backoffLimit', { backoffLimit: 1 }],
    ['activeDeadlineSeconds', { activeDeadlineSeconds: 5 }],
    ['ttlSecondsAfterFinished', { ttlSecondsAfterFinished: 5 }],
    ['suspend', { suspend: true }],
  ])('stays where Kubernetes can change it: %s', async (_field, spec) => {
    expect(plan(await liveStore(), wanted(spec)).changes).toMatchObject([{ action: 'update', effect: 'in-place' }]);
  });

  test('goes elsewhere while it waits and never ran, and only then', async () => {
    const elsewhere = {
      suspend: true,
      template: { ...image('1'), spec: { ...image('1').spec, nodeSelector: { disk: 'fast' } } },
    };
    expect(plan(await liveStore({ suspend: true }), wanted(elsewhere)).changes).toMatchObject([{ action: 'update' }]);
    const ran = await liveStore({ suspend: true }, { startTime: '2026-01-01T00:00:00Z' });
    expect(plan(ran, wanted(elsewhere)).problems).toMatchObject([{ field: 'spec.template' }]);
  });

  test('an indexed one grows with its parallelism', async () => {
    const indexes = (count: number) => ({ completionMode: 'Indexed' as const, completions: count, parallelism: count });
    expect(plan(await liveStore(indexes(2)), wanted(indexes(4))).changes).toMatchObject([{ action: 'update' }]);
    const fixed = await liveStore({ completions: 2 });
    expect(plan(fixed, wanted({ completions: 4 })).problems).toMatchObject([{ field: 'spec.completions' }]);
  });
});

describe('a Job that is done and gone', () => {
  test.each<PlanMode>(['commit', 'apply', 'drift', 'rollback'])('is not run again: %s', async (mode) => {
    const { changes } = plan(await storeWith(), wanted(), mode, [done(wanted())]);
    expect(changes).toMatchObject([{ action: 'unchanged', effect: 'none' }]);
  });

  test('nor while it is on its way out', async () => {
    const store = await liveStore({}, complete());
    const live = store.get('Job', 'default', 'pi') as StoredOf<'Job'>;
    const finalizers = ['foregroundDeletion'];
    const metadata = { ...live.metadata, finalizers, deletionTimestamp: '2026-01-01T00:00:00Z' };
    await store.write([{ op: 'update', resource: { ...live, metadata } }]);
    expect(plan(store, wanted(), 'drift', [done(wanted())]).changes).toMatchObject([{ action: 'unchanged' }]);
  });

  test('runs again when it is to do something else, not when it is only kept longer', async () => {
    const store = await storeWith();
    expect(plan(store, wanted({ template: image('2') }), 'commit', [done(wanted())]).changes).toMatchObject([
      { action: 'create' },
    ]);
    expect(plan(store, wanted({ ttlSecondsAfterFinished: 9 }), 'commit', [done(wanted())]).changes).toMatchObject([
      { action: 'unchanged' },
    ]);
  });

  test('is not run again by going back to its commit: what was to be done instead goes', async () => {
    const other = await liveStore({ template: image('2') }, { failed: 1 });
    const { changes } = plan(other, wanted(), 'rollback', [done(wanted())]);
    expect(changes).toMatchObject([{ action: 'delete', reason: 'RolledBack' }]);
  });

  test('is healthy when it completed, lost when it failed', async () => {
    const store = await storeWith();
    expect(unhealthyManifests([manifest(wanted())], [done(wanted())], store)).toEqual([]);
    expect(unhealthyManifests([manifest(wanted())], [done(wanted(), 'Failed')], store)).toMatchObject([
      { state: 'stuck', isFinal: true },
    ]);
    expect(unhealthyManifests([manifest(wanted())], [entry(wanted())], store)).toMatchObject([{ message: 'it is missing' }]);
  });

  test('is remembered once it has ended, and explained', async () => {
    const status = { inventory: [entry(wanted())] };
    const running = await liveStore();
    expect(withFinishedJobs(status, [manifest(wanted())], 'shop', running)).toBe(status);
    const remembered = withFinishedJobs(status, [manifest(wanted())], 'shop', await liveStore({}, complete()));
    expect(remembered.inventory).toEqual([done(wanted())]);
    const spec = { repo: '/repo', revision: 'main', path: '.', timeoutSeconds: 300 };
    const store = await storeWith({
      apiVersion: 'holdfast.dev/v1',
      kind: 'Application',
      metadata: { name: 'shop' },
      spec,
      status: remembered,
    });
    expect(explain(keyOf(wanted()), store, START_MS)[0]).toMatch(
      /^job\/pi completed at 2026-01-01T00:00:00Z and is gone; it runs again when its spec changes; application shop wants it: app.yaml:1/,
    );
  });
});

describe('health', () => {
  const waiting = (reason: string) => [
    { name: 'main', image: '', ready: false, restartCount: 5, state: { waiting: { reason } } },
  ];
  const ended = [
    { name: 'main', image: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 3, reason: 'Error' } } },
  ];
  test.each<[string, JobStatus, Partial<JobSpec>, Parameters<typeof jobPod>[2] | undefined, object]>([
    ['complete', complete(), {}, undefined, { state: 'healthy' }],
    ['suspended', {}, { suspend: true }, undefined, { state: 'healthy' }],
    ['paused by a parallelism of none', {}, { parallelism: 0 }, undefined, { state: 'healthy' }],
    ['being paused', { active: 1 }, { parallelism: 0 }, undefined, { state: 'progressing' }],
    ['running', { active: 1 }, {}, {}, { state: 'progressing', message: '0 of 1 succeeded, 1 active' }],
    [
      'tried again',
      { active: 1, failed: 2 },
      {},
      { phase: 'Failed', status: { containerStatuses: ended } },
      {
        state: 'progressing',
        message: '0 of 1 succeeded, 1 active, 2 failed; pod a, Failed, container main: ended; last exit code 3 (Error)',
      },
    ],
    [
      'started again within its pod',
      { active: 1 },
      {},
      { status: { containerStatuses: waiting('CrashLoopBackOff') } },
      { state: 'progressing' },
    ],
    [
      'without an image',
      { active: 1 },
      {},
      { status: { containerStatuses: waiting('ImagePullBackOff') } },
      { state: 'stuck', message: 'pod a, container main: ImagePullBackOff after 5 restarts' },
    ],
    [
      'failed',
      {
        failed: 1,
        conditions: [
          aCondition('Failed', 'True', 'BackoffLimitExceeded', START_MS, 'Job has reached the specified backoff limit'),
        ],
      },
      {},
      { phase: 'Failed', status: { containerStatuses: ended } },
      {
        state: 'stuck',
        isFinal: true,
        sinceMs: START_MS,
        message:
          'BackoffLimitExceeded: Job has reached the specified backoff limit: pod a, Failed, container main: ended; last exit code 3 (Error)',
      },
    ],
  ])('%s', async (_what, status, spec, pod, expected) => {
    const store = await liveStore(spec, status);
    const job = store.get('Job', 'default', 'pi') as StoredOf<'Job'>;
    if (pod !== undefined) await store.write([{ op: 'create', resource: jobPod(job, 'a', pod) }]);
    expect(healthOf(job, store)).toMatchObject(expected);
  });
});
