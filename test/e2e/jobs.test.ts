// Jobs and CronJobs on a real engine: run to their end, once, and not again: not by a second run, a killed controller or a lost store.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BUSYBOX } from '../support/docker.ts';
import { clusterContainers, type SeenContainer } from '../support/e2e-engine.ts';
import { configMap, deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('jobs');
});
afterEach(async () => {
  await at.close();
});

interface JobOptions {
  readonly spec?: object;
  readonly pod?: object;
  readonly annotations?: Readonly<Record<string, string>>;
}

const podOf = (script: string, pod: object = {}): object => ({
  restartPolicy: 'Never',
  terminationGracePeriodSeconds: 1,
  containers: [{ name: 'main', image: BUSYBOX, command: ['sh', '-c', script] }],
  ...pod,
});
const job = (name: string, script: string, { spec = {}, pod = {}, annotations }: JobOptions = {}): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, ...(annotations === undefined ? {} : { annotations }) },
  spec: { template: { spec: podOf(script, pod) }, ...spec },
});

/** Every run of a container of pods whose names begin so, also those that have ended. */
async function runs(prefix: string): Promise<readonly SeenContainer[]> {
  const all = await clusterContainers(at.cluster);
  return all.filter(({ pod, role }) => role === 'container' && pod.startsWith(prefix));
}

async function live(files: Record<string, string | null>): Promise<void> {
  await at.repo.commit(files, 'Change');
  const { exitCode, outcome } = await at.once();
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
}

interface JobSeen {
  readonly status: {
    readonly succeeded?: number;
    readonly failed?: number;
    readonly completedIndexes?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}
async function seen(name: string): Promise<JobSeen['status']> {
  return (JSON.parse((await at.ask(['get', `job/${name}`, '-o', 'json'])).stdout) as JobSeen).status;
}

test('Jobs of every sort run to their end in one commit', { timeout: 120_000 }, async () => {
  const flaky = 'echo try; if [ $JOB_COMPLETION_INDEX = 1 ]; then exit 42; fi';
  const ignored = { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } }] };
  const perIndex = {
    completionMode: 'Indexed',
    completions: 2,
    parallelism: 2,
    backoffLimitPerIndex: 0,
    podFailurePolicy: ignored,
  };
  await at.repo.commit(
    {
      'jobs.yaml': yaml(
        job('once', 'echo done'),
        job('three', 'echo part', { spec: { completions: 3, parallelism: 2 } }),
        job('parts', 'echo "$(hostname) is $JOB_COMPLETION_INDEX"', {
          spec: { completionMode: 'Indexed', completions: 3, parallelism: 3 },
        }),
        job('any', 'if [ $JOB_COMPLETION_INDEX != 0 ]; then sleep 600; fi', {
          spec: {
            completionMode: 'Indexed',
            completions: 2,
            parallelism: 2,
            successPolicy: { rules: [{ succeededIndexes: '0' }] },
          },
        }),
        job('waits', 'echo never', { spec: { suspend: true } }),
      ),
      'web.yaml': yaml(deployment('web')),
    },
    'Jobs',
  );
  const { exitCode, outcome } = await at.once();
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  expect(await seen('once')).toMatchObject({ succeeded: 1, conditions: [{ type: 'SuccessCriteriaMet' }, { type: 'Complete' }] });
  expect(await seen('three')).toMatchObject({ succeeded: 3 });
  expect(await seen('parts')).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
  expect(await seen('any')).toMatchObject({
    completedIndexes: '0',
    conditions: [{ reason: 'SuccessPolicy' }, { type: 'Complete' }],
  });
  expect((await seen('waits')).conditions).toMatchObject([{ type: 'Suspended', status: 'True' }]);
  expect([(await runs('once-')).length, (await runs('three-')).length, (await runs('waits-')).length]).toEqual([1, 3, 0]);
  const parts = await runs('parts-');
  const told = await Promise.all(parts.map(async ({ pod }) => (await at.holdfast(['logs', pod])).stdout.trim()));
  expect(told.toSorted()).toEqual(['parts-0 is 0', 'parts-1 is 1', 'parts-2 is 2']);
  expect(parts.map(({ pod }) => pod.replace(/-[a-z0-9]{5}$/, '')).toSorted()).toEqual(['parts-0', 'parts-1', 'parts-2']);
  expect((await runs('any-1')).filter(({ state }) => state === 'running')).toEqual([]);
  const { stdout } = await at.ask(['get', 'jobs']);
  expect(stdout).toMatch(/^NAME +STATUS +COMPLETIONS +DURATION +AGE/);
  expect(stdout).toMatch(/three +Complete +3\/3/);
  expect(stdout).toMatch(/waits +Suspended +0\/1/);

  // An index that is given up fails its Job, and with it the commit; the other index has run.
  await at.repo.commit({ 'flaky.yaml': yaml(job('flaky', flaky, { spec: perIndex })) }, 'Flaky');
  const bad = await at.once();
  expect(bad).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back' } });
  expect(bad.outcome.message).toMatch(/job\/flaky.*FailedIndexes: Job has failed indexes/);
  expect(await runs('flaky-')).toEqual([]);
});

test('what has run does not run again: not by another run, not with a lost store; a changed one only when that is said', {
  timeout: 120_000,
}, async () => {
  const files = (version: string, annotations: Record<string, string> = {}) => ({
    'migrate.yaml': yaml(job('migrate', `echo ${version}`, { annotations })),
    'web.yaml': yaml(deployment('web')),
  });
  await live(files('one'));
  const [first] = await runs('migrate-');
  expect(first).toMatchObject({ state: 'exited' });
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live', actions: [] });
  await rm(at.dataDir, { recursive: true });
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live' });
  expect(await runs('migrate-')).toEqual([first]);
  expect(await seen('migrate')).toMatchObject({ succeeded: 1 });

  await at.repo.commit(files('two'), 'Two');
  const refused = await at.once();
  expect(refused).toMatchObject({
    exitCode: 1,
    outcome: { outcome: 'preflight-failed', problems: [{ reason: 'Immutable', line: 1 }] },
  });
  expect(refused.outcome.problems[0]).toMatchObject({ file: 'migrate.yaml' });
  expect(await runs('migrate-')).toEqual([first]);

  await live(files('two', { 'holdfast.dev/replace': 'true' }));
  const again = await runs('migrate-');
  expect(again).toHaveLength(1);
  expect(again[0]?.id).not.toBe(first?.id);
  expect((await at.holdfast(['logs', again[0]?.pod ?? ''])).stdout).toBe('two\n');
});

test('a Job that goes by its time to live is done all the same', { timeout: 60_000 }, async () => {
  const ttl = job('brief', 'echo brief', { spec: { ttlSecondsAfterFinished: 1 } });
  const commit = await at.repo.commit({ 'brief.yaml': yaml(ttl, configMap('rest', { a: '1' })) }, 'Brief');
  const controller = at.controller();
  await until(
    'it ran and is gone',
    async () => ({ why: (await at.ask(['why', 'job/brief'])).stdout, containers: await clusterContainers(at.cluster) }),
    ({ why, containers }) => /completed at .* and is gone/.test(why) && containers.length === 0,
  );
  expect((await at.application()).status).toMatchObject({ health: 'Healthy', lastGood: { id: commit } });
  await at.stop(controller);
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live', actions: [] });
  await live({ 'brief.yaml': yaml(ttl, configMap('rest', { a: '2' })) });
  expect(await clusterContainers(at.cluster)).toEqual([]);
});

test('a Job that fails takes the commit back, after as many tries as it says', { timeout: 60_000 }, async () => {
  await live({ 'web.yaml': yaml(deployment('web')) });
  await at.repo.commit({ 'bad.yaml': yaml(job('bad', 'echo no such table >&2; exit 3', { spec: { backoffLimit: 0 } })) }, 'Bad');
  const { exitCode, outcome } = await at.once();
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back' } });
  expect(outcome.message).toMatch(
    /job\/bad: BackoffLimitExceeded: Job has reached the specified backoff limit: pod bad-\w+, .*exit code 3/s,
  );
  expect(await runs('bad-')).toEqual([]);
});

test('the controller is killed while a Job runs: no part of it runs twice', { timeout: 120_000 }, async () => {
  const spec = { completionMode: 'Indexed', completions: 6, parallelism: 3 };
  const commit = await at.repo.commit({ 'parts.yaml': yaml(job('parts', 'sleep 1', { spec })) }, 'Parts');
  for (const count of [1, 3, 5]) {
    const controller = at.controller();
    await until(
      'so many have begun',
      () => runs('parts-'),
      ({ length }) => length >= count,
    );
    controller.signal('SIGKILL');
    await controller.ended;
  }
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: commit } } });
  const pods = (await runs('parts-')).map(({ pod }) => pod.replace(/-[a-z0-9]{5}$/, ''));
  expect(pods.toSorted()).toEqual(['parts-0', 'parts-1', 'parts-2', 'parts-3', 'parts-4', 'parts-5']);
});

test('a CronJob starts one Job for a time, also when the controller is killed and the store is lost, and says when it does next', {
  timeout: 60_000,
}, async () => {
  const cron = (name: string, spec: object): object => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: { jobTemplate: { spec: { template: { spec: podOf('echo tick') } } }, ...spec },
  });
  const files = yaml(
    // Times of one minute share the name of their Job: there is one at most.
    cron('tick', { schedule: '@every 1s' }),
    cron('yearly', { schedule: '@yearly', timeZone: 'Europe/Berlin' }),
    cron('off', { schedule: '* * * * *', suspend: true }),
  );
  await at.repo.commit({ 'cron.yaml': files }, 'Cron');
  let controller = at.controller();
  const isDone = (all: readonly SeenContainer[]): boolean => all.length > 0 && all.every(({ state }) => state === 'exited');
  const [run] = await until('it ticks', () => runs('tick-'), isDone);
  controller.signal('SIGKILL');
  await controller.ended;
  await rm(at.dataDir, { recursive: true });
  controller = at.controller();
  const { job: first = '' } = /^(?<job>tick-\d+)/.exec(run?.pod ?? '')?.groups ?? {};
  await until(
    'it has its Job back',
    async () => (await at.ask(['why', `job/${first}`])).stdout,
    (why) => why.includes('made by cronjob/tick') && why.includes(`job/${first} is healthy`),
  );
  const after = await runs('tick-');
  const jobs = after.map(({ pod }) => pod.replace(/-[a-z0-9]{5}$/, ''));
  expect(after).toContainEqual(run);
  expect(new Set(jobs).size).toBe(jobs.length);
  const table = (await at.ask(['get', 'cronjobs'])).stdout;
  expect(table).toMatch(/^NAME +SCHEDULE +TIMEZONE +SUSPEND +ACTIVE +LAST SCHEDULE +NEXT SCHEDULE +AGE/);
  expect(table).toMatch(/off +\* \* \* \* \* +<none> +True +0 +<none> +<none>/);
  const { stdout } = await at.ask(['why', 'cronjob/yearly']);
  expect(stdout).toMatch(/runs next in .*, at \d{4}-01-01T00:00:00\+01:00 \("@yearly", Europe\/Berlin\)/);
  await at.stop(controller);
});
