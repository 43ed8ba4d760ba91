// A commit that does not become healthy is rolled back, and the repository goes back as well: the commit that does it is live without anything being touched.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { bareGitRepo } from '../support/git-repo.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-server-http.ts';

let at: Scene;
let git: GitHttpServer;
let place: string;

beforeEach(async () => {
  at = await scene('revert');
  place = await bareGitRepo(join(at.dir, 'served', 'app.git'));
  git = await startGitHttpServer({ dir: join(at.dir, 'served'), username: 'ada', password: 'p' });
});
afterEach(async () => {
  await at.close();
  await git.close();
});

/** The bad one never becomes ready, so that the good one is never ended, however slow the machine is. */
const web = (script: string, container: object = {}): string =>
  yaml(deployment('web', { replicas: 1, script, container, spec: { progressDeadlineSeconds: 4 } }));
const neverReady = { readinessProbe: { tcpSocket: { port: 9999 }, periodSeconds: 1 } };

test('a repository goes back after a rollback, once, and nothing that runs is touched', { timeout: 90_000 }, async () => {
  const application = {
    apiVersion: 'holdfast.dev/v1',
    kind: 'Application',
    metadata: { name: 'app' },
    spec: { rollback: { revert: { push: {} } } },
  };
  const good = await at.repo.commit(
    { 'apps/app.yaml': yaml(application), 'apps/web.yaml': web('echo one'), 'notes.md': '1' },
    'Good',
  );
  await at.repo.push(place);
  const options = [
    '--repo',
    `${git.url}/app.git`,
    '--path',
    'apps',
    '--branch',
    'main',
    '--application',
    'app',
    '--timeout',
    '30s',
  ];
  const env = { HOLDFAST_GIT_USERNAME: 'ada', HOLDFAST_GIT_PASSWORD: 'p' };
  const run = () => at.once(options, { env });
  const served = (...args: string[]): Promise<string> => at.repo.git(`--git-dir=${place}`, ...args);
  expect(await run()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
  const { containers } = await at.engine();

  const bad = await at.repo.commit({ 'apps/web.yaml': web('echo two', neverReady), 'notes.md': '2' }, 'Bad');
  await at.repo.push(place);
  expect(await run()).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back', commit: { id: bad } } });
  const revert = await served('rev-parse', 'main');
  expect(await served('log', '--format=%s', 'main')).toBe('Revert "Bad" in apps\nBad\nGood');
  expect(await served('diff', '--name-only', good, revert)).toBe('notes.md');
  const [text] = [(await at.ask(['status'])).stdout];
  expect(text).toContain(`commit ${bad.slice(0, 7)} was reverted on main by commit ${revert.slice(0, 7)}`);

  expect(await run()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: revert }, actions: [] } });
  expect((await at.engine()).containers).toEqual(containers);
  expect(await run()).toMatchObject({ exitCode: 0 });
  expect(await served('rev-parse', 'main')).toBe(revert);
});
