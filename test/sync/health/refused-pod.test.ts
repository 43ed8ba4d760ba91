// Pods that the policies of a namespace do not let in: whoever lacks them says why, for as long as it is so.
import { describe, expect, test } from 'vitest';
import type { JobSpec, JobStatus, Resource } from '../../../src/model/resource.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { healthOf } from '../../../src/sync/health/health.ts';
import { DaemonWorld } from '../../controllers/daemonset/sets.ts';
import { aJob, jobPod } from '../../controllers/job/jobs.ts';
import { SetWorld } from '../../controllers/statefulset/sets.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededIds } from '../../support/seeded-ids.ts';

const quotaOf = (pods: number): Resource => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'quota', namespace: 'default' },
  spec: { hard: { pods: String(pods) } },
});
const refusal = (owner: string, used: number, limited: number): string =>
  `FailedCreate: pods "${owner}-" is forbidden: exceeded quota: quota, requested: pods=1, used: pods=${used}, limited: pods=${limited}`;
const strange: Resource = { ...jobPod(aJob(), 'strange'), metadata: { name: 'strange', namespace: 'default' } };

describe('a Job', () => {
  const told = async (quota: number, spec: Partial<JobSpec>, status: JobStatus, ...pods: readonly string[]): Promise<string> => {
    const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
    const made = { ...aJob(spec, { status }), metadata: { name: 'pi', namespace: 'default' } };
    await store.write([{ op: 'create', resource: made }]);
    const job = store.get('Job', 'default', 'pi');
    if (job === undefined) throw new Error('no Job');
    const own = pods.map((name) => {
      const { metadata: of, ...pod } = jobPod(job, name);
      return { ...pod, metadata: { name, namespace: 'default', ownerReferences: of.ownerReferences ?? [] } };
    });
    for (const resource of [...own, strange, quotaOf(quota)]) await store.write([{ op: 'create', resource }]);
    return healthOf(job, store).message;
  };

  test.each<[string, Promise<string>, string]>([
    ['without room', told(1, {}, {}), `0 of 1 succeeded, 0 active; ${refusal('pi', 1, 1)}`],
    ['with room', told(2, {}, {}), '0 of 1 succeeded, 0 active'],
    ['that has all its pods', told(2, {}, { active: 1 }, 'pi-a'), '0 of 1 succeeded, 1 active'],
    [
      'that lacks one of two',
      told(2, { completions: 3, parallelism: 2 }, { active: 1 }, 'pi-a'),
      `0 of 3 succeeded, 1 active; ${refusal('pi', 2, 2)}`,
    ],
    [
      'that needs no more than it has',
      told(2, { completions: 3, parallelism: 2 }, { active: 1, succeeded: 2 }, 'pi-a'),
      '2 of 3 succeeded, 1 active',
    ],
  ])('%s', async (_title, message, expected) => {
    expect(await message).toBe(expected);
  });
});

test('a StatefulSet', async () => {
  const world = await SetWorld.with();
  await world.create(quotaOf(0));
  await world.settle();
  expect(healthOf(world.set(), world.store)).toEqual({
    state: 'progressing',
    message: `0 of 3 pods are available; ${refusal('db', 0, 0)}`,
  });
});

test('a DaemonSet', async () => {
  const world = await DaemonWorld.with(['a']);
  await world.create(quotaOf(0));
  await world.settle();
  expect(healthOf(world.daemonSet(), world.store)).toEqual({
    state: 'progressing',
    message: `0 of 1 pods are available; ${refusal('agent', 0, 0)}`,
  });
});
