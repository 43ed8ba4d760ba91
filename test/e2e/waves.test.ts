// The order within one commit on a real engine: waves, and hooks before, after and around it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BUSYBOX, byHand } from '../support/docker.ts';
import { clusterContainers, type SeenContainer } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('waves');
});
afterEach(async () => {
  await at.close();
});

interface Named {
  readonly metadata: object;
}

const inWave = (wave: number, object: object): object => {
  const { metadata } = object as Named;
  return { ...object, metadata: { ...metadata, annotations: { 'holdfast.dev/sync-wave': String(wave) } } };
};
const hook = (name: string, event: string, script: string, annotations: Readonly<Record<string, string>> = {}): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, annotations: { 'argocd.argoproj.io/hook': event, ...annotations } },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'main', image: BUSYBOX, command: ['sh', '-c', script] }],
      },
    },
  },
});
const web = (version: string): object => deployment('web', { script: `echo ${version}` });

/** Every run of a container of pods whose names begin so, also those that have ended. */
async function runs(prefix: string): Promise<readonly SeenContainer[]> {
  const all = await clusterContainers(at.cluster);
  return all.filter(({ pod, role }) => role === 'container' && pod.startsWith(prefix));
}

const ids = async (prefix: string): Promise<string> => String((await runs(prefix)).map(({ id }) => id));

async function live(files: Record<string, string | null>): Promise<string> {
  const commit = await at.repo.commit(files, 'Change');
  const { exitCode, outcome } = await at.once();
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  return commit;
}

interface PodsSeen {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly creationTimestamp: string };
    readonly status: { readonly conditions: readonly { readonly type: string; readonly lastTransitionTime: string }[] };
  }[];
}

test('two waves: the second begins when the first is ready', { timeout: 60_000 }, async () => {
  const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1 };
  const db = deployment('db', { script: 'sleep 3; touch /tmp/ready', container: { readinessProbe } });
  const commit = await at.repo.commit({ 'app.yaml': yaml(inWave(1, web('one')), inWave(0, db)) }, 'Two waves');
  const plan = await at.holdfast(['diff', '--repo', at.repo.dir]);
  expect(plan.stdout).toMatch(/create deployment\/db .*create deployment\/web, wave 1/s);
  const controller = at.controller();
  await until(
    'the second wave waits for the first',
    async () => (await at.ask(['why', 'application/repo'])).stdout + (await at.ask(['status'])).stdout,
    (told) => /wave 1 waits for deployment\/db: /.test(told) && /applying wave 0/.test(told),
  );
  expect(await runs('web-')).toEqual([]);
  await at.untilLive(commit);
  await at.stop(controller);
  const { items } = JSON.parse((await at.ask(['get', 'pods', '-o', 'json'])).stdout) as PodsSeen;
  const pod = (name: string): PodsSeen['items'][number] | undefined =>
    items.find(({ metadata }) => metadata.name.startsWith(name));
  const ready = pod('db-')?.status.conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '';
  expect(ready).not.toBe('');
  expect(Date.parse(pod('web-')?.metadata.creationTimestamp ?? '')).toBeGreaterThanOrEqual(Date.parse(ready));
});

test('a migration that runs before the Deployment changes, and only once', { timeout: 60_000 }, async () => {
  await live({ 'web.yaml': yaml(web('one')) });
  const before = await ids('web-');
  const commit = await at.repo.commit(
    { 'web.yaml': yaml(web('two')), 'migrate.yaml': yaml(hook('migrate', 'PreSync', 'sleep 3; echo migrated')) },
    'Migrate',
  );
  const plan = await at.holdfast(['diff', '--repo', at.repo.dir]);
  expect(plan.stdout).toMatch(/» run job\/migrate, pre-sync hook \(migrate\.yaml:1\)\n~ update deployment\/web/);
  const controller = at.controller();
  await until(
    'it runs',
    () => runs('migrate-'),
    ([run]) => run?.state === 'running',
  );
  expect(await ids('web-')).toBe(before);
  expect((await at.ask(['status'])).stdout).toMatch(/running its pre-sync hooks/);
  await at.untilLive(commit);
  await at.stop(controller);
  const [run, ...others] = await runs('migrate-');
  expect([run?.state, others, (await ids('web-')) === before]).toEqual(['exited', [], false]);
  expect((await at.holdfast(['history'])).stdout).toMatch(/pre-sync hook job\/migrate succeeded in \d+s/);
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live', actions: [] });
  expect((await at.holdfast(['diff', '--repo', at.repo.dir])).exitCode).toBe(0);
  expect(await runs('migrate-')).toEqual([run]);
});

test('a migration that fails: nothing of the commit is applied', { timeout: 60_000 }, async () => {
  await live({ 'web.yaml': yaml(web('one')) });
  const before = await ids('web-');
  const files = { 'web.yaml': yaml(web('two')), 'migrate.yaml': yaml(hook('migrate', 'PreSync', 'echo no such table; exit 3')) };
  await at.repo.commit(files, 'Bad migration');
  const { exitCode, outcome } = await at.once();
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 1, outcome: { outcome: 'failed' } });
  expect(outcome.message).toMatch(/^pre-sync hook job\/migrate failed: BackoffLimitExceeded: .*exit code 3/s);
  expect(outcome.problems).toMatchObject([{ file: 'migrate.yaml', line: 1 }]);
  expect(await ids('web-')).toBe(before);
  const [run] = await runs('migrate-');
  expect((await at.holdfast(['logs', run?.pod ?? ''])).stdout).toBe('no such table\n');
  expect(await at.once()).toMatchObject({ exitCode: 1, outcome: { outcome: 'failed' } });
  expect(await runs('migrate-')).toEqual([run]);
});

test('a check after the commit that fails takes it back, and the alarm is raised', { timeout: 60_000 }, async () => {
  const good = await live({ 'web.yaml': yaml(web('one')) });
  await at.repo.commit(
    {
      'web.yaml': yaml(web('two')),
      'hooks.yaml': yaml(hook('check', 'PostSync', 'exit 1'), hook('alarm', 'SyncFail', 'echo alarm')),
    },
    'Bad check',
  );
  const { exitCode, outcome } = await at.once();
  expect({ exitCode, outcome }).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back' } });
  expect(outcome.message).toMatch(/^post-sync hook job\/check failed: /);
  expect((await at.application()).status.lastGood?.id).toBe(good);
  const serving = (await runs('web-')).find(({ state }) => state === 'running');
  expect((await at.holdfast(['logs', serving?.pod ?? ''])).stdout).toBe('one\n');
  expect((await runs('alarm-')).map(({ state }) => state)).toEqual(['exited']);
  expect((await at.holdfast(['history'])).stdout).toMatch(
    /post-sync hook job\/check failed.*sync-fail hook job\/alarm succeeded/s,
  );
});

test('a hook whose containers are removed by hand has failed, and is not waited for', { timeout: 60_000 }, async () => {
  await live({ 'web.yaml': yaml(web('one')) });
  const before = await ids('web-');
  const commit = await at.repo.commit(
    { 'web.yaml': yaml(web('two')), 'migrate.yaml': yaml(hook('migrate', 'PreSync', 'sleep 600')) },
    'Migrate',
  );
  const controller = at.controller();
  const [run] = await until(
    'it runs',
    () => runs('migrate-'),
    ([first]) => first?.state === 'running',
  );
  await byHand('DELETE', `/containers/${run?.id}?force=1`);
  const { status } = await until(
    'it has failed',
    () => at.application(),
    (seen) => seen.status.held?.outcome === 'failed',
  );
  expect(status.held).toMatchObject({
    commit: { id: commit },
    message: expect.stringMatching(/^pre-sync hook job\/migrate failed: /),
  });
  expect(await ids('web-')).toBe(before);
  await at.stop(controller);
});

test('the controller is killed while a hook runs: it runs to its end, once', { timeout: 60_000 }, async () => {
  await live({ 'web.yaml': yaml(web('one')) });
  const commit = await at.repo.commit(
    {
      'web.yaml': yaml(web('two')),
      'hooks.yaml': yaml(hook('migrate', 'PreSync', 'sleep 4'), hook('check', 'PostSync', 'sleep 4')),
    },
    'Hooks',
  );
  for (const name of ['migrate-', 'check-']) {
    const controller = at.controller();
    await until(
      'it runs',
      () => runs(name),
      ([run]) => run?.state === 'running',
    );
    controller.signal('SIGKILL');
    await controller.ended;
  }
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: commit } } });
  expect([(await runs('migrate-')).length, (await runs('check-')).length]).toEqual([1, 1]);
});
