// A single run as CI makes it, with a forge and a mail server that are told what became of the commit.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { bareGitRepo } from '../support/git-repo.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-server-http.ts';
import { ScriptedForge } from '../support/scripted-forge.ts';
import { openSmtpServer, type SmtpServer } from '../support/smtp-server.ts';

const TOKEN = 'T0K3N-0F-A-F0RGE';

let at: Scene;
let git: GitHttpServer;
let forge: ScriptedForge;
let api: Awaited<ReturnType<ScriptedForge['listen']>>;
let smtp: SmtpServer;

beforeEach(async () => {
  at = await scene('statuses');
  await bareGitRepo(join(at.dir, 'served', 'acme', 'app.git'));
  git = await startGitHttpServer({ dir: join(at.dir, 'served'), username: 'ada', password: 'p' });
  forge = new ScriptedForge('gitea', TOKEN);
  api = await forge.listen();
  smtp = await openSmtpServer();
});
afterEach(async () => {
  await at.close();
  await Promise.all([git.close(), api.close(), smtp.close()]);
});

test('a single run tells forge and mailbox what became of the commit', { timeout: 60_000 }, async () => {
  const application = {
    apiVersion: 'holdfast.dev/v1',
    kind: 'Application',
    metadata: { name: 'app' },
    spec: { notifications: [{ type: 'email', to: ['ops@example.com'] }] },
  };
  const good = await at.repo.commit(
    { 'app.yaml': yaml(application), 'web.yaml': yaml(deployment('web', { script: 'echo one' })) },
    'One',
  );
  await at.repo.push(`${git.urlWithCredentials}/acme/app.git`);
  const tokenFile = join(at.dir, 'token');
  await writeFile(tokenFile, `${TOKEN}\n`);
  const argv = ['--repo', `${git.url}/acme/app.git`, '--application', 'app', '--smtp-url', `smtp://127.0.0.1:${smtp.port}`];
  const telling = ['--commit-status-token-file', tokenFile, '--commit-status-forge', 'gitea'];
  const apiAddress = ['--commit-status-api', `http://127.0.0.1:${api.port}/api/v1`];
  const env = { HOLDFAST_GIT_USERNAME: 'ada', HOLDFAST_GIT_PASSWORD: 'p', HOLDFAST_LOG: 'debug' };
  const run = () => at.once([...argv, ...telling, ...apiAddress], { env });

  const first = await run();
  expect(first.exitCode).toBe(0);
  expect(forge.statesOf(good).at(-1)).toBe('success');
  expect(forge.shown.at(-1)).toMatchObject({ repository: 'acme/app', description: 'live' });
  expect(forge.shown.at(-1)?.context).toMatch(/^holdfast\/.+\/app$/);
  expect(smtp.mails.map(({ to }) => to)).toEqual([['ops@example.com']]);
  expect(smtp.mails[0]?.data).toMatch(/^Subject: Holdfast: app is live$/m);

  const told = forge.calls;
  expect((await run()).exitCode).toBe(0);
  expect([forge.calls, smtp.mails.length]).toEqual([told, 1]);

  const bad = await at.repo.commit({ 'web.yaml': 'kind: [' }, 'Two');
  await at.repo.push(`${git.urlWithCredentials}/acme/app.git`);
  const second = await run();
  expect(second.exitCode).toBe(1);
  expect(forge.shown.at(-1)).toMatchObject({
    commit: bad,
    state: 'failure',
    description: expect.stringMatching(/^refused: .*web.yaml:1/),
  });
  const all = [first, second].map(({ stdout, stderr }) => stdout + stderr).join('');
  expect(all).not.toContain(TOKEN);
});
