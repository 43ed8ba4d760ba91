// Jobs through their lives on a store: random pods fail, succeed, are taken away, and the controller is killed between any two writes.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { JOB_INDEX_ANNOTATION, JOB_TRACKING_FINALIZER, jobEnd } from '../../../src/model/job.ts';
import type { JobSpec, StoredOf } from '../../../src/model/resource.ts';
import { toRfc3339 } from '../../../src/model/time.ts';
import { letGoWrites } from '../../../src/runtime/deletion.ts';
import { performActions } from '../../../src/runtime/perform-actions.ts';
import { found, SmallWorld } from '../small-world.ts';
import { aJob } from './jobs.ts';

type StoredPod = StoredOf<'Pod'>;

/** A world in which pods end as the test says. */
class JobWorld extends SmallWorld {
  readonly ended = { Succeeded: new Set<string>(), Failed: new Set<string>() };

  job(): StoredOf<'Job'> {
    return found(this.store.get('Job', 'default', 'pi'), 'pi');
  }

  running(): StoredPod[] {
    return this.pods().filter(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase === 'Running');
  }

  async start(spec: Partial<JobSpec>): Promise<void> {
    const {
      metadata: { name },
      ...rest
    } = aJob(spec);
    const { status: _status, ...body } = rest;
    await this.create({ ...body, metadata: { name, namespace: 'default' } });
  }

  /** What the scheduler and the kubelet do in one go. */
  async runNode(): Promise<void> {
    for (const pod of this.pods()) {
      if (pod.spec.nodeName === undefined) await this.update({ ...pod, spec: { ...pod.spec, nodeName: 'node-a' } });
      else if (pod.metadata.deletionTimestamp !== undefined) await this.#letGo(pod);
      else if (pod.status?.phase === undefined) await this.setPodStatus(pod, { phase: 'Running' });
    }
  }

  async #letGo(pod: StoredPod): Promise<void> {
    const current = this.store.get('Pod', 'default', pod.metadata.name);
    if (current !== undefined) await this.store.write(letGoWrites(current));
  }

  async end(pod: StoredPod, phase: 'Succeeded' | 'Failed'): Promise<void> {
    this.ended[phase].add(pod.metadata.uid);
    const state = { terminated: { exitCode: phase === 'Failed' ? 1 : 0, finishedAt: toRfc3339(this.now) } };
    const containerStatuses = [{ name: 'main', image: '', ready: false, restartCount: 0, state }];
    await this.setPodStatus(pod, { phase, containerStatuses });
  }

  async takeAway(pod: StoredPod): Promise<void> {
    this.ended.Failed.add(pod.metadata.uid);
    const action = {
      type: 'delete',
      key: { kind: 'Pod', namespace: 'default', name: pod.metadata.name },
      uid: pod.metadata.uid,
      reason: 'Test',
      message: '',
    } as const;
    await performActions(this.store, pod, [action], undefined, { now: this.now, component: 'test' });
  }
}

const aSpec: fc.Arbitrary<Partial<JobSpec>> = fc
  .record({
    completions: fc.integer({ min: 1, max: 4 }),
    parallelism: fc.integer({ min: 1, max: 4 }),
    mode: fc.constantFrom('NonIndexed' as const, 'Indexed' as const, 'PerIndex' as const),
    replacement: fc.constantFrom('TerminatingOrFailed' as const, 'Failed' as const),
  })
  .map(({ completions, parallelism, mode, replacement }) => ({
    completions,
    parallelism,
    podReplacementPolicy: replacement,
    backoffLimit: 1000,
    ...(mode === 'NonIndexed' ? {} : { completionMode: 'Indexed' as const }),
    ...(mode === 'PerIndex' ? { backoffLimitPerIndex: 1000 } : {}),
  }));
const aStep = fc.tuple(fc.constantFrom('good', 'bad', 'gone', 'node', 'wait', 'pass'), fc.nat());

function check(world: JobWorld, spec: Partial<JobSpec>): void {
  const active = world
    .pods()
    .filter(({ metadata, status }) => !metadata.deletionTimestamp && !['Succeeded', 'Failed'].includes(status?.phase ?? ''));
  expect(active.length).toBeLessThanOrEqual(spec.parallelism ?? 1);
  const indexes = active.flatMap(({ metadata }) => metadata.annotations?.[JOB_INDEX_ANNOTATION] ?? []);
  expect(new Set(indexes).size).toBe(indexes.length);
  const { succeeded = 0, failed = 0 } = world.job().status ?? {};
  expect(succeeded).toBeLessThanOrEqual(spec.completions ?? 1);
  expect(failed).toBeLessThanOrEqual(world.ended.Failed.size);
}

test('never too many pods, every end counted once, and the Job completes', async () => {
  await fc.assert(
    fc.asyncProperty(aSpec, fc.array(aStep, { maxLength: 40 }), fc.nat(), async (spec, steps, seed) => {
      const world = new JobWorld(seed);
      await world.start(spec);
      for (const [step, choice] of steps) {
        const running = world.running();
        const pod = running[choice % Math.max(1, running.length)];
        if (step === 'good' && pod !== undefined) await world.end(pod, 'Succeeded');
        if (step === 'bad' && pod !== undefined) await world.end(pod, 'Failed');
        if (step === 'gone' && pod !== undefined) await world.takeAway(pod);
        if (step === 'node') await world.runNode();
        if (step === 'wait') world.now += 400_000;
        if (step === 'pass') await world.settle();
        check(world, spec);
      }
      for (let round = 0; round < 60 && jobEnd(world.job()) === undefined; round++) {
        await world.settle();
        await world.runNode();
        for (const pod of world.running()) await world.end(pod, 'Succeeded');
        world.now += 400_000;
        check(world, spec);
      }
      await world.settle();
      const { status } = world.job();
      expect(jobEnd(world.job())?.type).toBe('Complete');
      expect(status).toMatchObject({ succeeded: spec.completions, uncountedTerminatedPods: {} });
      expect(status?.failed ?? 0).toBe(world.ended.Failed.size);
      expect(world.pods().filter(({ metadata }) => metadata.finalizers?.includes(JOB_TRACKING_FINALIZER))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('a Job whose time to live is over goes with its pods', async () => {
  const world = new JobWorld();
  await world.start({ ttlSecondsAfterFinished: 30 });
  await world.settle();
  for (let round = 0; round < 3; round++) await world.runNode();
  for (const pod of world.running()) await world.end(pod, 'Succeeded');
  await world.settle();
  expect(jobEnd(world.job())?.type).toBe('Complete');
  world.now += 30_000;
  for (let round = 0; round < 4; round++) {
    await world.settle();
    await world.runNode();
  }
  expect([world.store.list('Job'), world.pods()]).toEqual([[], []]);
});

test('pods of a Job that was deleted are let go of', async () => {
  const world = new JobWorld();
  await world.start({});
  await world.settle();
  for (let round = 0; round < 3; round++) await world.runNode();
  await world.remove(world.job());
  for (let round = 0; round < 4; round++) {
    await world.settle();
    await world.runNode();
  }
  expect(world.pods()).toEqual([]);
});
