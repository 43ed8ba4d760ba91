import { expect, test } from 'vitest';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { explain } from '../../src/sync/why.ts';
import { aNode, aPod, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

test('a node tells what its pods request of it, and whom it keeps away', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const container = { resources: { requests: { cpu: '500m', memory: '1Gi' } } };
  const tainted = {
    ...aNode(),
    spec: { taints: [{ key: 'gpu', value: 'a', effect: 'NoSchedule' as const }], unschedulable: true },
  };
  const pods = [
    aPod({ name: 'a', nodeName: 'node-a', container }),
    aPod({ name: 'b', nodeName: 'node-a', container }),
    aPod({ name: 'ended', nodeName: 'node-a', phase: 'Succeeded', container }),
    aPod({ name: 'elsewhere', nodeName: 'node-b', container }),
  ];
  await store.write([tainted, ...pods].map((resource) => ({ op: 'create', resource })));
  const lines = explain({ kind: 'Node', namespace: '', name: 'node-a' }, store, START_MS);
  expect(lines).toContain('its pods request cpu 1 of 4, memory 2Gi of 8Gi, pods 2 of 110');
  expect(lines).toContain(
    'pods that do not tolerate it are kept away by gpu=a:NoSchedule, node.kubernetes.io/unschedulable:NoSchedule',
  );
});
