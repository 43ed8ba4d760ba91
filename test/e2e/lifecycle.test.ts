// The life of pods on a real engine: init containers, sidecars, hooks, restart rules, deadlines, last words. Many pods at once, in one commit.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pod, PodStatus } from '../../src/model/resource.ts';
import { BUSYBOX } from '../support/docker.ts';
import { clusterContainers, type SeenContainer } from '../support/e2e-engine.ts';
import { STAY, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const work = { name: 'work', emptyDir: {} };
const mounts = [{ name: 'work', mountPath: '/srv/app' }];
const sh = (name: string, script: string, more: object = {}): object => ({
  name,
  image: BUSYBOX,
  command: ['sh', '-c', script],
  volumeMounts: mounts,
  ...more,
});
const pod = (name: string, spec: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { terminationGracePeriodSeconds: 5, volumes: [work], ...spec },
});

let at: Scene;
const get = async (name: string): Promise<Pod> => JSON.parse((await at.ask(['get', `pod/${name}`, '-o', 'json'])).stdout) as Pod;
const statusOf = async (name: string): Promise<PodStatus> => (await get(name)).status ?? {};
const inside = async (name: string, ...command: string[]): Promise<string> =>
  (await at.ask(['exec', name, '--', ...command])).stdout;
const runsOf = async (name: string, container: string): Promise<readonly SeenContainer[]> =>
  (await clusterContainers(at.cluster)).filter((each) => each.pod === name && each.container === container);

describe('pods that come up', { timeout: 120_000 }, () => {
  let shared: string;
  let pods: readonly object[];
  beforeAll(async () => {
    at = await scene('lifecycle');
    shared = join(at.dir, 'shared');
    const host = { name: 'work', hostPath: { path: shared, type: 'DirectoryOrCreate' } };
    const say = (text: string): string => `echo ${text} >> /srv/app/story`;
    pods = [
      pod('init', {
        initContainers: [
          sh('first', say('first')),
          sh('second', `${say('second')}; test -e /srv/app/again || { touch /srv/app/again; exit 1; }`),
        ],
        containers: [sh('main', `${say('main')}; ${STAY}`)],
      }),
      pod('side', {
        initContainers: [
          sh('log', `sleep 1; touch /srv/app/up; ${say('log')}; ${STAY}`, {
            restartPolicy: 'Always',
            startupProbe: { exec: { command: ['test', '-e', '/srv/app/up'] }, periodSeconds: 1, failureThreshold: 30 },
          }),
        ],
        containers: [sh('main', `${say('main')}; ${STAY}`)],
      }),
      pod('done', {
        restartPolicy: 'Never',
        initContainers: [sh('log', STAY, { restartPolicy: 'Always' })],
        containers: [sh('main', 'echo all is well > /dev/termination-log')],
      }),
      pod('hooks', {
        volumes: [host],
        containers: [
          sh('main', `trap 'echo term >> /srv/app/hooks; exit 0' TERM; while :; do sleep 3600 & wait $!; done`, {
            lifecycle: {
              postStart: { exec: { command: ['sh', '-c', 'sleep 1; echo started >> /srv/app/hooks'] } },
              preStop: { exec: { command: ['sh', '-c', 'echo bye >> /srv/app/hooks; sleep 1; echo gone >> /srv/app/hooks'] } },
            },
          }),
        ],
      }),
      pod('rules', {
        restartPolicy: 'Never',
        containers: [
          sh('main', `test -e /srv/app/again || { touch /srv/app/again; echo out of luck > /srv/app/words; exit 42; }; ${STAY}`, {
            restartPolicy: 'Never',
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
            terminationMessagePath: '/srv/app/words',
          }),
        ],
      }),
      pod('crash', {
        containers: [
          sh('main', `test -e /srv/app/again || { touch /srv/app/again; echo panic: no such table; exit 3; }; ${STAY}`, {
            terminationMessagePolicy: 'FallbackToLogsOnError',
          }),
        ],
      }),
    ];
    const commit = await at.repo.commit({ 'pods.yaml': yaml(...pods) }, 'Pods');
    at.controller();
    await at.untilLive(commit, 90_000);
  }, 120_000);
  afterAll(async () => {
    await at.close();
  });

  test('init containers run one after another, and a failing one again, before the main container', async () => {
    expect(await inside('init', 'cat', '/srv/app/story')).toBe('first\nsecond\nsecond\nmain\n');
    const { initContainerStatuses: inits, phase } = await statusOf('init');
    expect([phase, inits?.map(({ restartCount, state }) => [restartCount, state?.terminated?.reason])]).toEqual([
      'Running',
      [
        [0, 'Completed'],
        [1, 'Completed'],
      ],
    ]);
  });

  test('a sidecar has started before the main container', async () => {
    expect(await inside('side', 'cat', '/srv/app/story')).toBe('log\nmain\n');
    expect(await statusOf('side')).toMatchObject({ phase: 'Running', initContainerStatuses: [{ ready: true, started: true }] });
  });

  test('a sidecar does not keep a pod from succeeding, and what it left to say is told', async () => {
    const status = await until(
      'the pod has succeeded',
      () => statusOf('done'),
      ({ phase }) => phase === 'Succeeded',
    );
    expect(status.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0, message: 'all is well\n' });
    expect((await runsOf('done', 'log')).map(({ state }) => state)).toEqual(['exited']);
  });

  test('a rule starts a container again that is not to be restarted otherwise, and the words of the first run are told', async () => {
    const { containerStatuses } = await statusOf('rules');
    expect(containerStatuses?.[0]).toMatchObject({
      ready: true,
      restartCount: 1,
      lastState: { terminated: { exitCode: 42, message: 'out of luck\n' } },
    });
  });

  test('the end of the output stands in for last words', async () => {
    expect((await statusOf('crash')).containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 3,
      message: 'panic: no such table\n',
    });
  });

  test('postStart comes before readiness, preStop before the signal', async () => {
    expect(await readFile(join(shared, 'hooks'), 'utf8')).toBe('started\n');
    const others = pods.filter((each) => !JSON.stringify(each).includes('bye'));
    await at.repo.commit({ 'pods.yaml': yaml(...others) }, 'Fewer');
    await until(
      'the pod is gone',
      () => runsOf('hooks', 'main'),
      (runs) => runs.length === 0,
      { timeoutMs: 60_000 },
    );
    expect(await readFile(join(shared, 'hooks'), 'utf8')).toBe('started\nbye\ngone\nterm\n');
  });
});

describe('pods that do not', { timeout: 120_000 }, () => {
  test.each([
    ['its deadline', { activeDeadlineSeconds: 2, containers: [sh('main', STAY)] }, 'DeadlineExceeded'],
    [
      'its init container',
      { restartPolicy: 'Never', initContainers: [sh('migrate', 'exit 9')], containers: [sh('main', STAY)] },
      'container migrate: ended; last exit code 9 (Error)',
    ],
    [
      'its hook',
      { containers: [sh('main', STAY, { lifecycle: { postStart: { exec: { command: ['sh', '-c', 'exit 7'] } } } })] },
      'container main',
    ],
  ])('a pod that cannot become ready names %s', async (_what, spec, words) => {
    const here = await scene('lifecycle-bad');
    try {
      const readinessProbe = { exec: { command: ['false'] } };
      const [first, ...others] = spec.containers;
      const containers = [{ ...first, ...('activeDeadlineSeconds' in spec ? { readinessProbe } : {}) }, ...others];
      await here.repo.commit({ 'bad.yaml': yaml(pod('bad', { ...spec, containers })) }, 'Bad');
      const { exitCode, outcome } = await here.once(['--timeout', '20s']);
      expect(exitCode).toBe(1);
      expect(outcome.message).toContain(words);
    } finally {
      await here.close();
    }
  });
});
