// Services come and go: containers that run are left alone, and the next one that is made is told of those that are there.
import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../src/kubelet/engine/container-engine.ts';
import { CONTAINER_LABEL } from '../../src/kubelet/labels.ts';
import { aService } from '../controllers/endpointslice/services.ts';
import { aPod, asDesired } from '../support/builders.ts';
import { NODE_NAME, SmallNode } from '../support/small-node.ts';

test('a running container is told of no new Service, and is not made anew, also over a restart and a lost store', async () => {
  const node = new SmallNode();
  const made: ContainerSpec[] = [];
  node.engine.faults = (call, [spec]) => {
    if (call === 'create') made.push(spec as ContainerSpec);
    return undefined;
  };
  const hosts = (): (readonly string[])[] =>
    made
      .filter(({ labels }) => labels[CONTAINER_LABEL] === 'main')
      .map(({ env }) => env.filter((line) => line.includes('_SERVICE_HOST=')).toSorted());
  await node.start();
  await node.create(asDesired(aService({ name: 'db' })));
  await node.create(asDesired(aPod({ nodeName: NODE_NAME })), 'uid-web');
  expect(hosts()).toEqual([['DB_SERVICE_HOST=10.96.0.7']]);
  const { id } = node.living();

  await node.create(asDesired(aService({ name: 'cache', spec: { clusterIP: '10.96.0.8' } })));
  await node.create(asDesired(aService({ name: 'far', namespace: 'other', spec: { clusterIP: '10.96.0.9' } })));
  const db = node.store.get('Service', 'default', 'db');
  await node.store.write([
    { op: 'remove', key: { kind: 'Service', namespace: 'default', name: 'db' }, uid: db?.metadata.uid ?? '' },
  ]);
  await node.restart();
  await node.clock.advance(60_000);
  expect(node.living().id).toBe(id);
  await node.loseStore();
  await node.clock.advance(60_000);
  expect(node.living().id).toBe(id);
  expect(hosts()).toHaveLength(1);

  await node.create(asDesired(aService({ name: 'cache', spec: { clusterIP: '10.96.0.8' } })));
  node.engine.crash(id, 1);
  await node.clock.advance(60_000);
  expect(node.living().id).not.toBe(id);
  expect(hosts()[1]).toEqual(['CACHE_SERVICE_HOST=10.96.0.8']);
});
