// Pods that write more than they may, on the fake engine: when it is measured, how they end, and what a break in between leaves.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../../src/kubelet/engine/container-engine.ts';
import { silentLogger } from '../../../src/system/logger.ts';
import { aContainer, aPod, type PodOptions } from '../../support/builders.ts';
import { NODE_NAME, SmallNode } from '../../support/small-node.ts';

const WORDS = 'Usage of EmptyDir volume "data" exceeds the limit "1Ki". ';
const MINUTE = 60_000;
const mount = { name: 'data', mountPath: '/data' };
const limited: PodOptions = {
  nodeName: NODE_NAME,
  spec: { volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Ki' } }], containers: [aContainer({ volumeMounts: [mount] })] },
};

let node: SmallNode;
let warnings: string[];
beforeEach(async () => {
  warnings = [];
  node = new SmallNode({ logger: { ...silentLogger, warn: (_fields, message) => void warnings.push(message) } });
  await node.start();
});
afterEach(async () => {
  await node.kubelet.stop();
});

const write = (bytes: number, directory = '/data'): Promise<void> => {
  const file = { path: 'file', type: 'file', mode: 0o644, content: new Uint8Array(bytes) } as const;
  return node.engine.putFiles(node.living().id, directory, [file], new AbortController().signal);
};
const measured = (): number => node.engine.calls.filter(({ name }) => name === 'diskUse').length;

describe('nothing is measured', () => {
  test('without a pod that has a limit', async () => {
    await node.create(aPod({ nodeName: NODE_NAME }));
    await node.clock.advance(10 * MINUTE);
    expect(measured()).toBe(0);
  });

  test('when the last pod with a limit is gone', async () => {
    await node.create(aPod(limited));
    await node.clock.advance(MINUTE);
    await node.deletePod('web', 0);
    await node.clock.advance(2 * MINUTE);
    const before = measured();
    await node.clock.advance(10 * MINUTE);
    expect([before > 0, measured() - before]).toEqual([true, 0]);
  });
});

test('it is measured soon after the pod runs, and then each minute', async () => {
  await node.create(aPod(limited));
  await node.clock.advance(10_000);
  const soon = measured();
  await node.clock.advance(10 * MINUTE);
  expect([soon > 0, measured() - soon]).toEqual([true, 10]);
  expect(node.isReady()).toBe(true);
});

test('the pod is evicted: its containers end within the grace of an eviction, and it has failed for good', async () => {
  node.engine.behave('busybox:1.36', { ignoresTerm: true });
  await node.create(aPod({ ...limited, spec: { ...limited.spec, terminationGracePeriodSeconds: 600 } }));
  await write(2_000);
  await node.clock.advance(30_000);
  expect(node.status()).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: WORDS });
  expect(node.status().conditions?.map(({ type }) => type)).not.toContain('DisruptionTarget');
  expect(node.engine.containers().filter(({ state }) => state === 'running')).toEqual([]);
  expect(node.events().filter((event) => event.startsWith('Evicted'))).toHaveLength(1);
  await node.clock.advance(10 * MINUTE);
  expect([node.runs().length, node.status().reason]).toEqual([1, 'Evicted']);
});

test('what a container writes beside its volumes counts', async () => {
  const resources = { limits: { 'ephemeral-storage': '1Ki' } };
  await node.create(aPod({ nodeName: NODE_NAME, spec: { containers: [aContainer({ resources })] } }));
  await write(2_000, '/tmp');
  await node.clock.advance(30_000);
  const message = 'Pod ephemeral local storage usage exceeds the total limit of containers 1Ki. ';
  expect(node.status()).toMatchObject({ phase: 'Failed', reason: 'Evicted', message });
});

test('another kubelet goes on with the end, though there is nothing to measure any more', async () => {
  node.engine.behave('busybox:1.36', { ignoresTerm: true });
  await node.create(aPod(limited));
  await write(2_000);
  while (node.status().reason === undefined) await node.clock.advance(500);
  expect([node.status().phase, node.living().state]).toEqual(['Running', 'running']);
  await write(0);
  node.engine.faults = (call) => (call === 'diskUse' ? 'hang' : undefined);
  await node.restart();
  await node.clock.advance(30_000);
  expect(node.status()).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: WORDS });
  expect(node.runs()).toHaveLength(1);
});

describe('an engine that cannot measure evicts nobody, which is logged, and is asked again in its time', () => {
  test.each([
    ['that refuses', new EngineError('Failed', 'a disk usage operation is already running'), 10],
    ['that does not answer', 'hang', 1],
  ] as const)('%s', async (_what, fault, times) => {
    node.engine.faults = (call) => (call === 'diskUse' ? fault : undefined);
    await node.create(aPod(limited));
    await write(2_000);
    await node.clock.advance(10 * MINUTE);
    expect([node.isReady(), node.status().reason, measured()]).toEqual([true, undefined, times]);
    const words = 'could not measure what pods have on the disk: no pod is evicted for it';
    expect(warnings).toEqual(Array.from({ length: times }, () => words));
    node.engine.faults = () => undefined;
    await node.clock.advance(30 * MINUTE);
    expect(node.status().reason).toBe('Evicted');
  });
});

test('it is measured once at a time, and after a long one there is a longer pause', async () => {
  let pending = 0;
  let most = 0;
  const measure = node.engine.diskUse.bind(node.engine);
  node.engine.diskUse = async (signal) => {
    most = Math.max(most, (pending += 1));
    await new Promise<void>((resolve) => node.clock.after(50_000, resolve));
    pending -= 1;
    return await measure(signal);
  };
  await node.create(aPod(limited));
  for (const name of ['b', 'c', 'd']) {
    await node.clock.advance(20_000);
    await node.create(aPod({ ...limited, name }));
  }
  await node.clock.advance(10 * MINUTE);
  expect([most, measured()]).toEqual([1, 2]);
});
