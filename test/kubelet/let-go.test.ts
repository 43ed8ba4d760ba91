// A pod that finalizers keep after its kubelet is done with it: nothing of it is left on the node, and it rests until it is let go.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StoredOf } from '../../src/model/resource.ts';
import { deletionWrite } from '../../src/runtime/deletion.ts';
import { aPod } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

let node: SmallNode;
beforeEach(async () => {
  node = new SmallNode();
  await node.start();
});
afterEach(async () => {
  await node.kubelet.stop();
});

const pod = (): StoredOf<'Pod'> | undefined => node.store.list('Pod')[0];
const found = (): StoredOf<'Pod'> => {
  const there = pod();
  if (there === undefined) throw new Error('the pod is gone');
  return there;
};

async function create(finalizers: string[]): Promise<void> {
  await node.create(aPod({ nodeName: NODE_NAME, spec: { terminationGracePeriodSeconds: 5 } }));
  const { metadata, ...rest } = found();
  await node.store.write([{ op: 'update', resource: { ...rest, metadata: { ...metadata, finalizers } } }]);
  await node.clock.settle();
}
async function remove(): Promise<void> {
  const write = deletionWrite(found(), node.clock.now());
  if (write !== undefined) await node.store.write([write]);
  await node.clock.advance(60_000);
}

test('its containers go, its phase is final, and nothing more is written', async () => {
  await create(['a.example/x']);
  await remove();
  expect(node.engine.containers()).toEqual([]);
  expect(found()).toMatchObject({
    metadata: { finalizers: ['a.example/x'], deletionGracePeriodSeconds: 0 },
    status: { phase: expect.stringMatching(/^(Failed|Succeeded)$/) },
  });
  const revision = node.store.revision();
  await node.clock.advance(600_000);
  await node.restart();
  await node.clock.advance(600_000);
  expect(node.store.revision()).toBe(revision);
});

test('it goes with the last finalizer', async () => {
  await create(['a.example/x']);
  await remove();
  const { finalizers: _off, ...metadata } = found().metadata;
  await node.store.write([{ op: 'update', resource: { ...found(), metadata } }]);
  await node.clock.settle();
  expect(pod()).toBeUndefined();
});
