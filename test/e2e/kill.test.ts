// The controller dies at any moment: nothing that runs is disturbed, and the next one finishes without a duplicate.
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningCommand } from '../support/e2e-command.ts';
import { clusterContainers, doubledSlots } from '../support/e2e-engine.ts';
import { configMap, deployment, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

let at: Scene;
beforeEach(async () => {
  at = await scene('kill');
});
afterEach(async () => {
  await at.close();
});

/** A new pod has to stay for `minReadySeconds` before it counts: long enough for a slow machine to notice that it crashes. */
const files = (text: string, script = 'echo run', minReadySeconds = 1): Record<string, string> => ({
  'web.yaml': yaml(
    deployment('web', {
      replicas: 3,
      script,
      container: { env: [{ name: 'VERSION', value: text }] },
      spec: { minReadySeconds, progressDeadlineSeconds: 8 },
    }),
  ),
  'steady.yaml': yaml(deployment('steady', { replicas: 2 }), configMap('words', { text })),
});

async function killed(controller: RunningCommand): Promise<void> {
  controller.signal('SIGKILL');
  expect((await controller.ended).signal).toBe('SIGKILL');
}

/** Three of web and two of steady, each with its sandbox, and nothing else. */
async function expectWhole(): Promise<void> {
  const all = await until(
    'five pods, each once, and nothing else',
    () => clusterContainers(at.cluster),
    (containers) =>
      containers.length === 10 && containers.every(({ state }) => state === 'running') && doubledSlots(containers).length === 0,
  );
  expect(new Set(all.map(({ pod }) => pod)).size).toBe(5);
}

describe('kill -9', () => {
  // How many containers there are when it happens: none of a pod, half of one, several.
  test.each([1, 2, 6])('during the first apply, at container %i', { timeout: 60_000 }, async (count) => {
    const commit = await at.repo.commit(files('one'), 'One');
    const controller = at.controller();
    await until(
      'so many containers exist',
      () => clusterContainers(at.cluster),
      ({ length }) => length >= count,
    );
    await killed(controller);
    const ran = (await clusterContainers(at.cluster)).filter(({ state, role }) => state === 'running' && role === 'container');
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: commit } } });
    await expectWhole();
    expect(await clusterContainers(at.cluster)).toEqual(expect.arrayContaining(ran));
  });

  test.each([1, 2])('during a rollout, with %i new pods', { timeout: 60_000 }, async (count) => {
    const first = await at.repo.commit(files('one'), 'One');
    const controller = at.controller();
    const old = await at.untilLive(first);
    const second = await at.repo.commit(files('two'), 'Two');
    const isNew = ({ pod }: { pod: string }): boolean => pod.startsWith('web') && !old.some((each) => each.pod === pod);
    await until(
      'the rollout has begun',
      () => clusterContainers(at.cluster),
      (all) => new Set(all.filter(isNew).map(({ pod }) => pod)).size >= count,
    );
    await killed(controller);
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: second } } });
    await expectWhole();
    const now = await clusterContainers(at.cluster);
    expect(now.filter(({ pod, role }) => pod.startsWith('web') && role === 'container').every(isNew)).toBe(true);
    expect(now).toEqual(expect.arrayContaining(old.filter(({ pod }) => pod.startsWith('steady'))));
  });

  test('during a rollback', { timeout: 60_000 }, async () => {
    const first = await at.repo.commit(files('one'), 'One');
    const controller = at.controller();
    const old = await at.untilLive(first);
    const second = await at.repo.commit(files('two', 'exit 1', 5), 'Two');
    await controller.untilSays('rolling back', 40_000);
    await killed(controller);
    const ended = await at.once();
    expect(ended).toMatchObject({ exitCode: 1, outcome: { outcome: 'rolled-back', commit: { id: second } } });
    await expectWhole();
    expect(await clusterContainers(at.cluster)).toEqual(expect.arrayContaining(old as object[]));
    expect((await at.application()).status).toMatchObject({ lastGood: { id: first }, quarantined: { commit: { id: second } } });
  });

  test('at rest: the next one finds what was broken meanwhile', { timeout: 60_000 }, async () => {
    const commit = await at.repo.commit(files('one'), 'One');
    const controller = at.controller();
    const old = await at.untilLive(commit);
    await killed(controller);
    const [hurt, ...others] = old;
    if (hurt === undefined) throw new Error('nothing runs');
    process.kill(hurt.pid, 'SIGKILL');
    await until(
      'it has ended',
      () => clusterContainers(at.cluster),
      (all) => all.find(({ id }) => id === hurt.id)?.state === 'exited',
    );
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live' } });
    const now = await clusterContainers(at.cluster);
    expect(now).toEqual(expect.arrayContaining(others));
    expect(now.find(({ pod, role, state }) => pod === hurt.pod && role === 'container' && state === 'running')?.attempt).toBe(1);
    expect(doubledSlots(now)).toEqual([]);
  });
});

test('Ctrl-C and SIGTERM: exit code 0, and the containers go on', { timeout: 60_000 }, async () => {
  const commit = await at.repo.commit(files('one'), 'One');
  let controller = at.controller();
  const before = await at.untilLive(commit);
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    controller.signal(name);
    const { exitCode, stderr } = await controller.ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain('containers go on running');
    expect(await at.untilRunning('all', '', ({ length }) => length === 5)).toEqual(before);
    controller = at.controller();
    await controller.untilSays('is live');
  }
});

describe('a second controller', () => {
  test('on the same data folder, or for the same cluster, is told who holds it', { timeout: 60_000 }, async () => {
    const commit = await at.repo.commit(files('one'), 'One');
    const first = at.controller();
    await at.untilLive(commit);
    const before = await at.engine();
    for (const [args, what] of [
      [['--cluster', 'another-one'], `the data folder ${at.dataDir}`],
      [['--data-dir', `${at.dir}/other-data`], `cluster "${at.cluster}" on this Docker Engine`],
    ] as const) {
      const { exitCode, stderr } = await at.holdfast(['reconcile', '--once', '--repo', at.repo.dir, ...args]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`${what} is held by holdfast reconcile (process ${first.pid} `);
    }
    expect(await at.engine()).toEqual(before);
    // The lock goes with its holder, however it ends.
    await killed(first);
    expect(await at.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', actions: [] } });
  });

  test('a single run beside a single run with another data folder is told who holds it', { timeout: 60_000 }, async () => {
    const commit = await at.repo.commit(files('one', 'echo run', 5), 'One');
    const first = at.controller(['--once']);
    await until(
      'the first is at work',
      () => clusterContainers(at.cluster),
      ({ length }) => length > 0,
    );
    const other = ['--data-dir', `${at.dir}/other-data`];
    const { exitCode, stderr } = await at.holdfast(['reconcile', '--once', '--repo', at.repo.dir, ...other]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `cluster "${at.cluster}" on this Docker Engine is held by holdfast reconcile (process ${first.pid} `,
    );
    expect((await first.ended).exitCode).toBe(0);
    await expectWhole();
    expect(await at.once(other)).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: commit } } });
    await expectWhole();
  });

  test('on another machine is told who holds it', { timeout: 60_000 }, async () => {
    const commit = await at.repo.commit(files('one'), 'One');
    const first = at.controller();
    const before = await at.untilLive(commit);
    // The locks of a machine are in its folder for temporary files; a CI runner has neither a home folder nor a terminal.
    const env = { TMPDIR: await mkdtemp(join(at.dir, 'tmp-')), HOME: '', CI: 'true', GITHUB_ACTIONS: 'true' };
    const args = ['reconcile', '--once', '--repo', at.repo.dir, '--data-dir', `${at.dir}/elsewhere`];
    const { exitCode, stderr } = await at.holdfast(args, { env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `cluster "${at.cluster}" on this Docker Engine is held by holdfast reconcile (process ${first.pid} `,
    );
    await at.stop(first);
    // Its disk is empty: what runs is known from Docker, and is left alone.
    const { exitCode: taken, outcome } = await at.once(['--data-dir', `${at.dir}/elsewhere`], { env });
    expect({ taken, outcome: outcome.outcome }).toEqual({ taken: 0, outcome: 'live' });
    expect(await at.untilRunning('all', '', ({ length }) => length === before.length)).toEqual(before);
  });

  test('of another cluster name lives beside the first', { timeout: 60_000 }, async () => {
    const beside = await scene('beside');
    try {
      const commit = await at.repo.commit(files('one'), 'One');
      at.controller();
      await at.untilLive(commit);
      const before = await at.engine();
      const other = await beside.repo.commit({ 'web.yaml': yaml(deployment('web')) }, 'Other');
      expect(await beside.once()).toMatchObject({ exitCode: 0, outcome: { outcome: 'live', commit: { id: other } } });
      expect((await beside.engine()).containers).toHaveLength(2);
      expect(await at.engine()).toEqual(before);
    } finally {
      await beside.close();
    }
  });
});
