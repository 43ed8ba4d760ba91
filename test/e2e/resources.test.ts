// Requests, limits and what is made of them; and settings that somebody edits behind our back.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUSYBOX, byHand } from '../support/docker.ts';
import { runningContainers } from '../support/e2e-engine.ts';
import { type Inside, lookInside } from '../support/e2e-inside.ts';
import { deployment, podSpec, STAY, yaml } from '../support/e2e-manifests.ts';
import { type Scene, scene } from '../support/e2e-scene.ts';
import { until } from '../support/e2e-until.ts';

const aPod = (name: string, container: object, pod: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { ...podSpec({ container }), ...pod },
});
const MIB = 2 ** 20;
const sidecar = {
  name: 'side',
  image: BUSYBOX,
  command: ['sh', '-c', STAY],
  restartPolicy: 'Always',
  resources: { requests: { memory: '16Mi' } },
};

const smallDirectory = {
  container: { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] },
  pod: { volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }] },
};

let at: Scene;
let inside: Inside;
let result: Awaited<ReturnType<Scene['once']>>;

beforeAll(async () => {
  at = await scene('resources');
  await at.repo.commit(
    {
      'pods.yaml': yaml(
        aPod('none', {}),
        aPod('guaranteed', { resources: { limits: { cpu: '500m', memory: '64Mi' } } }),
        aPod('burstable', { resources: { requests: { cpu: '100m', memory: '32Mi' }, limits: { memory: '128Mi' } } }),
        aPod('disk', { resources: { requests: { 'ephemeral-storage': '1Mi' }, limits: { 'ephemeral-storage': '10Mi' } } }),
        aPod('resized', {
          resources: { limits: { cpu: '200m' } },
          resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
        }),
        aPod('sidecar', { resources: { requests: { memory: '512Mi' } } }, { initContainers: [sidecar] }),
        deployment('edited'),
        deployment('greedy', smallDirectory),
        aPod('hoarder', smallDirectory.container, smallDirectory.pod),
      ),
    },
    'Pods',
  );
  result = await at.once();
  inside = await lookInside(at.cluster);
}, 120_000);
afterAll(async () => {
  await at.close();
});

const qos = async (pod: string): Promise<unknown> => {
  const { stdout } = await at.ask(['get', 'pod', pod, '-o', 'json']);
  return (JSON.parse(stdout) as { status: { qosClass?: string } }).status.qosClass;
};

test('all of them are live', () =>
  expect({ code: result.exitCode, outcome: result.outcome }).toMatchObject({ code: 0, outcome: { outcome: 'live' } }));

test('nothing asked: the least weight, the first to go', async () => {
  expect((await inside.inspect('none')).HostConfig).toMatchObject({ Memory: 0, NanoCpus: 0, CpuShares: 2, OomScoreAdj: 1000 });
  expect(await inside.run('none', 'cat /proc/1/oom_score_adj')).toBe('1000');
  expect(await qos('none')).toBe('BestEffort');
});

test('limits alone: guaranteed', async () => {
  expect((await inside.inspect('guaranteed')).HostConfig).toMatchObject({
    Memory: 64 * MIB,
    MemorySwap: 64 * MIB,
    NanoCpus: 5e8,
    CpuShares: 512,
    OomScoreAdj: 0,
  });
  expect(await qos('guaranteed')).toBe('Guaranteed');
});

test('the limit holds', { timeout: 30_000 }, async () => {
  // `tail` keeps what it reads until the line ends, which it never does. The kernel may end more than one program: not the container's own.
  const first = 'echo 1000 >/proc/self/oom_score_adj';
  const output = await inside.run('guaranteed', `${first}; head -c 200m /dev/zero | tail; echo "ended with $?"`);
  expect(output).not.toContain('ended with 0');
});

test('a request and a limit: burstable, in between', async () => {
  const { HostConfig } = await inside.inspect('burstable');
  expect(HostConfig).toMatchObject({ Memory: 128 * MIB, NanoCpus: 0, CpuShares: 102 });
  expect(Number(HostConfig['OomScoreAdj'])).toBeGreaterThan(2);
  expect(Number(HostConfig['OomScoreAdj'])).toBeLessThan(1000);
  expect(await qos('burstable')).toBe('Burstable');
});

test('local disk is asked for where the node says how much it has, which is told', async () => {
  const { stdout } = await at.holdfast(['validate', at.repo.dir]);
  expect(stdout).toMatch(/ephemeral-storage.*requests count where the node says/i);
});

test('a sidecar is not killed before the container that it serves', async () => {
  const [side, main] = await Promise.all(['side', 'main'].map((name) => inside.inspect('sidecar', name)));
  expect(side?.HostConfig['OomScoreAdj']).toBe(main?.HostConfig['OomScoreAdj']);
  expect(await qos('sidecar')).toBe('Burstable');
});

test('a second run finds nothing to do', async () => {
  const before = await at.engine();
  expect((await at.once()).outcome).toMatchObject({ outcome: 'live', actions: [] });
  expect(await at.engine()).toEqual(before);
});

test('a limit that somebody sets by hand is noticed, and the container replaced', { timeout: 60_000 }, async () => {
  const [before] = await runningContainers(at.cluster, 'edited');
  const controller = at.controller();
  await byHand('POST', `/containers/${before?.id ?? ''}/update`, { PidsLimit: 77, CpusetCpus: '0' });
  const [after] = await at.untilRunning('another container', 'edited', ([one]) => one !== undefined && one.id !== before?.id);
  const host = (await byHand('GET', `/containers/${after?.id ?? ''}/json`)) as { HostConfig: object };
  expect(host.HostConfig).toMatchObject({ CpusetCpus: '' });
  const events = await until(
    'the event tells what was found',
    async () => (await at.ask(['get', 'events'])).stdout,
    (text) => text.includes('pidsLimit 0 → 77, cpusetCpus none → 0'),
  );
  expect(events).toContain('edited by hand');
  await at.stop(controller);
});

test('a pod whose emptyDir holds more than its limit is evicted, and its Deployment has another one', {
  timeout: 60_000,
}, async () => {
  const [before] = await runningContainers(at.cluster, 'greedy');
  const greedy = before?.pod ?? '';
  for (const pod of [greedy, 'hoarder'])
    await at.ask(['exec', pod, '--', 'dd', 'if=/dev/zero', 'of=/scratch/file', 'bs=1M', 'count=3']);
  const controller = at.controller();
  await until(
    'the pod of nobody is over',
    async () => (await at.ask(['get', 'pod', 'hoarder', '-o', 'json'])).stdout,
    (text) => text.includes('"phase": "Failed"'),
  );
  expect((await at.ask(['get', 'pods'])).stdout).toMatch(/hoarder +0\/1 +Evicted/);
  const words = 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi".';
  expect((await at.ask(['why', 'pod/hoarder'])).stdout).toContain(words);
  const [after] = await at.untilRunning('another pod', 'greedy', ([one]) => one !== undefined && one.pod !== greedy);
  expect(after?.pod).not.toBe(greedy);
  const events = (await at.ask(['get', 'events'])).stdout.split('\n');
  expect(events.filter((line) => line.includes(`${greedy} `) && line.includes(words))).toHaveLength(1);
  await at.stop(controller);
});
