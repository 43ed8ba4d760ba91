// A commit that does not become healthy goes back as a whole, is not tried again, and a revert makes the branch live.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configMap, deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('back');
});
afterEach(async () => {
  await at.close();
});

const reader = deployment('reader', {
  container: { volumeMounts: [{ name: 'words', mountPath: '/words' }] },
  pod: { volumes: [{ name: 'words', configMap: { name: 'words' } }] },
});
/** A new pod has to stay for a while before it counts, since it has no probe that tells sooner. */
const worker = (script: string, more: object = {}): string =>
  yaml(deployment('worker', { replicas: 2, script, spec: { minReadySeconds: 3, progressDeadlineSeconds: 6 }, ...more }));
const good = {
  'words.yaml': yaml(configMap('words', { greeting: 'hello' })),
  'reader.yaml': yaml(reader),
  'worker.yaml': worker('echo good'),
  'spare.yaml': yaml(deployment('spare')),
};
/** The config changes, a Deployment is pruned, and the worker is broken. */
const bad = (broken: string): Record<string, string | null> => ({
  'words.yaml': yaml(configMap('words', { greeting: 'good riddance' })),
  'spare.yaml': null,
  'worker.yaml': broken,
});

async function greeting(): Promise<string> {
  return (await at.ask(['exec', 'deploy/reader', '--', 'cat', '/words/greeting'])).stdout;
}

test.each([
  ['crashes', worker('echo "no such flag" >&2; exit 3'), /exit code 3|CrashLoopBackOff/],
  [
    'never becomes ready',
    worker('echo never', { container: { readinessProbe: { tcpSocket: { port: 9999 }, periodSeconds: 1 } } }),
    /worker/,
  ],
  ['cannot be started', worker(':', { container: { command: ['/no/such/program'] } }), /no\/such\/program/],
])('a commit that %s is rolled back as a whole', { timeout: 90_000 }, async (_how, broken, why) => {
  const first = await at.repo.commit(good, 'Good');
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  const before = await at.engine();
  const second = await at.repo.commit(bad(broken), 'Bad');

  const failed = await at.once(['--timeout', '40s']);
  expect(failed).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back', commit: { id: second } } });
  expect(failed.outcome.message + JSON.stringify(failed.outcome.problems)).toMatch(why);
  // Every container that ran before runs on, as it was: those of the worker too, whose new pods never were ready.
  const after = await at.engine();
  const ran = before.containers.filter(({ pod }) => !pod.startsWith('spare'));
  expect(after.containers).toEqual(expect.arrayContaining(ran));
  expect(await greeting()).toBe('hello');
  expect(after.containers.map(({ pod }) => pod.replace(/-.*/, '')).toSorted()).toEqual(
    before.containers.map(({ pod }) => pod.replace(/-.*/, '')).toSorted(),
  );

  const again = await at.once();
  expect(again).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back', commit: { id: second }, actions: [] } });
  expect(await at.engine()).toEqual(after);
  const { stdout } = await at.ask(['why', 'application/repo']);
  expect(stdout).toContain(`commit ${first.slice(0, 7)}`);
  expect(stdout).toMatch(/"Bad".* is not live \(rolled-back/);
  expect(stdout).toContain('it is not tried again until HEAD moves');

  await at.repo.git('revert', '--no-edit', 'HEAD');
  const reverted = await at.once();
  expect(reverted).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', actions: [] } });
  expect(await at.engine()).toEqual(after);
});

test('a running controller takes a bad commit back, and a revert makes the branch live', { timeout: 90_000 }, async () => {
  const first = await at.repo.commit(good, 'Good');
  at.controller();
  const before = await at.untilLive(first);
  const second = await at.repo.commit(bad(worker('exit 3')), 'Bad');
  const seen = await until(
    'the bad commit is quarantined',
    () => at.application(),
    ({ status }) => status.quarantined?.commit.id === second && status.attempt === undefined,
  );
  expect(seen.status).toMatchObject({ lastGood: { id: first }, held: { outcome: 'rolled-back' } });
  expect(await greeting()).toBe('hello');
  await at.repo.git('revert', '--no-edit', 'HEAD');
  const third = await at.repo.git('rev-parse', 'HEAD');
  const after = await at.untilLive(third);
  const unchanged = before.filter(({ pod }) => !pod.startsWith('spare'));
  expect(after).toEqual(expect.arrayContaining(unchanged));
});

test('a first commit that fails has nothing to go back to, says so, and a good one after it is live', {
  timeout: 60_000,
}, async () => {
  await at.repo.commit({ 'worker.yaml': worker('exit 3') }, 'Bad from the start');
  const failed = await at.once(['--timeout', '20s']);
  expect(failed).toMatchObject({ exitCode: 1, outcome: { outcome: 'failed' } });
  await at.repo.commit({ 'worker.yaml': worker('echo good') }, 'Good');
  expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
});

test('a newer commit overtakes one that does not become healthy', { timeout: 60_000 }, async () => {
  const first = await at.repo.commit(good, 'Good');
  at.controller();
  await at.untilLive(first);
  const slow = { container: { readinessProbe: { tcpSocket: { port: 9999 }, periodSeconds: 1 } }, spec: {} };
  const second = await at.repo.commit({ 'worker.yaml': worker('echo slow', slow) }, 'Slow');
  await until(
    'the slow commit is under way',
    () => at.application(),
    ({ status }) => status.attempt?.commit.id === second && status.attempt.phase === 'verifying',
  );
  const third = await at.repo.commit({ 'worker.yaml': worker('echo quick') }, 'Quick');
  await at.untilLive(third);
  const running = await at.untilRunning('two workers', 'worker', ({ length }) => length === 2);
  expect(running.map(({ state }) => state)).toEqual(['running', 'running']);
});
