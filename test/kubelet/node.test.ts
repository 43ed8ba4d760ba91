import { expect, test } from 'vitest';
import { nodeLabels } from '../../src/kubelet/node.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

test('a node has the labels that nodes have, and keeps those that others gave it', async () => {
  const node = new SmallNode();
  await node.kubelet.start();
  const labels = (): unknown => node.store.get('Node', '', NODE_NAME)?.metadata.labels;
  expect(labels()).toEqual({
    'kubernetes.io/hostname': NODE_NAME,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': 'amd64',
  });
  await node.kubelet.stop();
  const stored = node.store.get('Node', '', NODE_NAME);
  if (stored !== undefined)
    await node.store.write([
      { op: 'update', resource: { ...stored, metadata: { ...stored.metadata, labels: { disk: 'ssd' } } } },
    ]);
  node.kubelet = node.newKubelet();
  await node.kubelet.start();
  expect(labels()).toMatchObject({ disk: 'ssd', 'kubernetes.io/hostname': NODE_NAME });
  await node.kubelet.stop();
});

test('an engine is not asked again who it is when it said so a moment ago, and is when that was longer ago', async () => {
  const node = new SmallNode();
  const info = await node.engine.info(new AbortController().signal);
  const said = { info: { ...info, runtimes: ['runc', 'nvidia'] }, atMs: node.clock.now() };
  const asked = (): number => node.engine.calls.filter(({ name }) => name === 'info').length;
  const labels = (): unknown => node.store.get('Node', '', NODE_NAME)?.metadata.labels;
  const before = asked();
  for (const [ageMs, more] of [
    [2_000, 0],
    [2_001, 1],
    [-1, 2],
  ] as const) {
    node.options = { engineSaid: { ...said, atMs: node.clock.now() - ageMs } };
    node.store = node.newStore();
    node.kubelet = node.newKubelet();
    await node.kubelet.start();
    expect(asked() - before).toBe(more);
    expect(Object.keys(labels() ?? {}).includes('nvidia.com/gpu.present')).toBe(more === 0);
    await node.kubelet.stop();
  }
});

test('an engine with the runtime of NVIDIA has GPUs', () => {
  const info = { architecture: 'arm64', runtimes: ['runc', 'nvidia'] };
  expect(nodeLabels('host', info)).toMatchObject({ 'kubernetes.io/arch': 'arm64', 'nvidia.com/gpu.present': 'true' });
});
