// `git push` to every kind of server ends in running containers; and the other ways to name what should run.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { bareGitRepo } from '../support/git-repo.ts';
import { startGitHttpServer } from '../support/git-server-http.ts';
import { startGitSshServer } from '../support/git-server-ssh.ts';

const PASSWORD = 'correct horse:battery/staple';
const version = (text: string): Record<string, string> => ({
  'web.yaml': yaml(deployment('web', { script: `echo ${text}`, container: { env: [{ name: 'VERSION', value: text }] } })),
});

/** A server to push to, and how the controller reads it. */
interface Server {
  readonly pushTo: string;
  readonly pushEnv?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

let at: Scene;
beforeEach(async () => {
  at = await scene('push');
});
afterEach(async () => {
  await at.close();
});

/** The value of VERSION in each running container. */
async function untilRuns(text: string): Promise<void> {
  const look = async (): Promise<string[]> => {
    const { stdout } = await at.ask(['exec', 'deploy/web', '--', 'sh', '-c', 'echo $VERSION']);
    const all = await at.untilRunning('one container', 'web', (containers) => containers.length === 1);
    return [stdout.trim(), ...all.map(({ state }) => state)];
  };
  await expect.poll(look, { timeout: 20_000, interval: 200 }).toEqual([text, 'running']);
}

async function httpServer(how: 'file' | 'environment'): Promise<Server> {
  await bareGitRepo(join(at.dir, 'served', 'app.git'));
  const server = await startGitHttpServer({ dir: join(at.dir, 'served'), username: 'ada', password: PASSWORD });
  const passwordFile = join(at.dir, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  const repo = ['--repo', `${server.url}/app.git`];
  const pushTo = `${server.urlWithCredentials}/app.git`;
  const close = (): Promise<void> => server.close();
  if (how === 'file') return { pushTo, args: [...repo, '--username', 'ada', '--password-file', passwordFile], close };
  return { pushTo, args: repo, env: { HOLDFAST_GIT_USERNAME: 'ada', HOLDFAST_GIT_PASSWORD: PASSWORD }, close };
}

const servers: Readonly<Record<string, () => Promise<Server>>> = {
  'a bare repository': async () => {
    const bare = await bareGitRepo(join(at.dir, 'app.git'));
    return { pushTo: bare, args: ['--repo', bare], close: async () => {} };
  },
  'git http-backend, with a password from a file': () => httpServer('file'),
  'git http-backend, with a password from the environment': () => httpServer('environment'),
  'sshd, with a deploy key': async () => {
    await bareGitRepo(join(at.dir, 'served', 'app.git'));
    const server = await startGitSshServer({ dir: join(at.dir, 'served') });
    const url = `${server.url}/app.git`;
    const args = ['--repo', url, '--ssh-key-file', server.keyFile, '--known-hosts-file', server.knownHostsFile];
    return { pushTo: url, pushEnv: server.env, args, close: () => server.close() };
  },
};

describe('git push to', () => {
  test.each(Object.keys(servers))('%s', { timeout: 60_000 }, async (name) => {
    const server = await servers[name]?.();
    if (server === undefined) throw new Error(`no server ${name}`);
    const env = server.pushEnv === undefined ? {} : { env: server.pushEnv };
    try {
      const first = await at.repo.commit(version('one'), 'One');
      await at.repo.push(server.pushTo, env);
      const controller = at.controller(server.args, server.env === undefined ? {} : { env: server.env });
      await at.untilLive(first);
      await untilRuns('one');

      const second = await at.repo.commit(version('two'), 'Two');
      await at.repo.push(server.pushTo, env);
      await at.untilLive(second);
      await untilRuns('two');

      const { exitCode, stderr, stdout } = await at.stop(controller);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      expect(stderr + stdout).not.toContain(PASSWORD);
      expect(await at.untilRunning('it goes on without the controller', 'web', ({ length }) => length === 1)).toHaveLength(1);
    } finally {
      await server.close();
    }
  });
});

test('a tag and a commit are stayed at, whatever the branch does', async () => {
  const first = await at.repo.commit(version('one'), 'One');
  await at.repo.git('tag', '--annotate', '--message', 'Release', 'v1');
  const second = await at.repo.commit(version('two'), 'Two');
  await at.repo.commit(version('three'), 'Three');
  expect(await at.once(['--tag', 'v1'])).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: first } } });
  await untilRuns('one');
  expect(await at.once(['--commit', second])).toMatchObject({
    exitCode: 0,
    outcome: { outcome: 'live', commit: { id: second } },
  });
  await untilRuns('two');
});

test('a working tree is followed without a commit', async () => {
  await at.repo.commit(version('one'), 'One');
  await at.repo.write(version('two'));
  at.controller(['--working-tree']);
  await at.untilRunning('the first pod', 'web', ({ length }) => length === 1);
  await untilRuns('two');
  await at.repo.write(version('three'));
  await untilRuns('three');
});
