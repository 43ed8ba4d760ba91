// What the controller depends on goes away and comes back: nothing that runs is touched, the cause can be read, and work goes on.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { byHand, testDockerHost } from '../support/docker.ts';
import { clusterContainers, doubledSlots } from '../support/e2e-engine.ts';
import { deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';
import { openEngineProxy } from '../support/engine-proxy.ts';
import { bareGitRepo } from '../support/git-repo.ts';
import { startGitHttpServer } from '../support/git-server-http.ts';
import { freePort } from '../support/registry.ts';

const files = (replicas: number): Record<string, string> => ({ 'web.yaml': yaml(deployment('web', { replicas })) });

let at: Scene;
beforeEach(async () => {
  at = await scene('outage');
});
afterEach(async () => {
  await at.close();
});

describe('the repository', () => {
  async function untilTrouble(reason: RegExp): Promise<void> {
    await until(
      `the source is in trouble: ${reason}`,
      () => at.application(),
      ({ status }) => status.source?.ready === false && reason.test(`${status.source.reason}: ${status.source.message}`),
    );
    expect((await at.ask(['why', 'application/repo'])).stdout).toContain('what runs goes on, and it is tried again');
  }

  test('its server stops, refuses the password, loses the branch, and is pushed over', { timeout: 90_000 }, async () => {
    const served = await bareGitRepo(join(at.dir, 'served', 'repo.git'));
    const port = await freePort();
    const serve = (password: string): ReturnType<typeof startGitHttpServer> =>
      startGitHttpServer({ dir: join(at.dir, 'served'), username: 'ada', password, port });
    let server = await serve('one');
    const passwordFile = join(at.dir, 'password');
    await writeFile(passwordFile, 'one');
    const push = (refspec = 'main'): Promise<void> =>
      at.repo.push(`${server.urlWithCredentials}/repo.git`, { refspec, force: true });
    try {
      const first = await at.repo.commit(files(1), 'One');
      await push();
      at.controller([
        '--repo',
        `${server.url}/repo.git`,
        '--branch',
        'main',
        '--username',
        'ada',
        '--password-file',
        passwordFile,
      ]);
      await at.untilLive(first);
      const before = await at.engine();

      await server.close();
      await untilTrouble(/^Unreachable: .*connection refused/);
      server = await serve('two');
      await untilTrouble(/^\w+: .*(password|credentials)/);
      await writeFile(passwordFile, 'two');
      const isWell = async (): Promise<boolean> => (await at.application()).status.source?.ready === true;
      await until('the source is read again', isWell, Boolean);
      await push('main:aside');
      await at.repo.git('--git-dir', served, 'update-ref', '-d', 'refs/heads/main');
      await untilTrouble(/^RevisionNotFound: .*main/);
      expect(await at.engine()).toEqual(before);

      await at.repo.git('commit', '--quiet', '--amend', '--message', 'Another one');
      const amended = await at.repo.commit(files(2), 'Two');
      await push();
      expect(await at.untilLive(amended)).toHaveLength(2);
      expect((await at.engine()).containers).toEqual(expect.arrayContaining([...before.containers]));
    } finally {
      await server.close();
    }
  });
});

describe('the Docker Engine', () => {
  test('is out of reach for a while: what happened meanwhile is found', { timeout: 90_000 }, async () => {
    let proxy = await openEngineProxy(testDockerHost(), { path: join(at.dir, 'engine.sock') });
    const first = await at.repo.commit(files(2), 'One');
    const controller = at.controller([], { env: { DOCKER_HOST: proxy.address } });
    const [hurt, spared] = await at.untilLive(first);
    await proxy.close();
    await byHand('POST', `/containers/${hurt?.id}/kill`);
    const second = await at.repo.commit(files(3), 'Two');
    await until(
      'the node is told of',
      async () => (await at.ask(['status'])).stdout,
      (text) => /NotReady/.test(text),
      { timeoutMs: 60_000 },
    );
    expect(controller.hasEnded).toBe(false);
    proxy = await openEngineProxy(testDockerHost(), { path: join(at.dir, 'engine.sock') });
    const after = await at.untilLive(second, 60_000);
    await proxy.close();
    expect(after).toHaveLength(3);
    expect(after).toContainEqual(spared);
    expect(after.map(({ id }) => id)).not.toContain(hurt?.id);
    expect(doubledSlots(await clusterContainers(at.cluster))).toEqual([]);
  });
});

describe('the store', () => {
  test('a damaged file is said to be one, touches nothing, and may be taken away', { timeout: 60_000 }, async () => {
    const commit = await at.repo.commit(files(2), 'One');
    expect((await at.once()).exitCode).toBe(0);
    const before = await at.engine();
    await rm(join(at.dataDir, 'store.db-wal'), { force: true });
    await writeFile(join(at.dataDir, 'store.db'), 'not a database, but long enough to be read as one. '.repeat(100));
    const refused = await at.holdfast(['reconcile', '--once', '--repo', at.repo.dir]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/store\.db is damaged: .*move it away/);
    expect(refused.stderr).not.toMatch(/unexpected error/);
    expect(await at.engine()).toEqual(before);
    await rm(at.dataDir, { recursive: true });
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: commit } } });
    expect(await at.engine()).toEqual(before);
  });

  test('deleted below a running controller: the next one rebuilds it', { timeout: 60_000 }, async () => {
    const first = await at.repo.commit(files(1), 'One');
    const controller = at.controller();
    const before = await at.untilLive(first);
    await rm(at.dataDir, { recursive: true });
    await at.repo.commit(files(2), 'Two');
    await at.untilRunning('the running controller goes on', 'web', ({ length }) => length === 2);
    expect((await at.stop(controller)).exitCode).toBe(0);
    const state = await at.engine();
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
    expect(await at.engine()).toEqual(state);
    expect(state.containers).toEqual(expect.arrayContaining([...before]));
  });
});
