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

test('an engine with the runtime of NVIDIA has GPUs', () => {
  const info = { architecture: 'arm64', runtimes: ['runc', 'nvidia'] };
  expect(nodeLabels('host', info)).toMatchObject({ 'kubernetes.io/arch': 'arm64', 'nvidia.com/gpu.present': 'true' });
});
