// Services from Git to the store: written once, refused before anything is touched, and the same after a commit is taken back.
import { expect, test } from 'vitest';
import type { Desired, ServiceSpec } from '../../src/model/resource.ts';
import { aService } from '../support/a-service.ts';

import { benchForEach, deploymentOf, type SyncBench } from './sync-bench.ts';

const web = (image: string): Desired => deploymentOf('web', image);
const service = (name: string, spec: ServiceSpec = {}): Desired => aService({ name, spec });

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

async function commit(...resources: readonly Desired[]): Promise<void> {
  bench.push(resources);
  await bench.settle();
}

const addresses = (): Record<string, string | undefined> =>
  Object.fromEntries(bench.store.list('Service').map(({ metadata, spec }) => [metadata.name, spec.clusterIP]));
const records = (): string[] =>
  bench.store.list('IPAddress').map(({ metadata, spec }) => `${spec.parentRef.name} ${metadata.name}`);

test('a second pass over a live commit writes nothing', async () => {
  bench.start();
  await commit(web('web:1'), service('web'), service('nodes', { type: 'NodePort' }));
  expect(bench.status.health).toBe('Healthy');
  expect(records().toSorted()).toEqual(
    Object.entries(addresses())
      .map(([name, address]) => `${name} ${address}`)
      .toSorted(),
  );
  const revision = bench.store.revision();
  await bench.advance(120_000);
  await bench.restart();
  await bench.settle();
  expect(bench.store.revision()).toBe(revision);
});

test('a commit that asks for what is taken changes nothing', async () => {
  bench.start();
  await commit(web('web:1'), service('web'));
  const taken = addresses()['web'] ?? '';
  await commit(web('web:2'), service('web'), service('other', { clusterIP: taken }));
  expect(bench.status.held).toMatchObject({
    outcome: 'preflight-failed',
    message: expect.stringContaining(
      `app.yaml:5:169 spec.clusterIP: address ${taken} cannot be had: it is in use by service/web; leave clusterIP out`,
    ),
  });
  expect(Object.keys(addresses())).toEqual(['web']);
  expect(bench.store.get('Deployment', 'default', 'web')?.spec.template.spec.containers[0].image).toBe('web:1');
});

test('what is taken back keeps its address', async () => {
  bench.start();
  await commit(web('web:1'), service('web'), service('old'));
  const before = addresses();
  await commit(web('web:crash'), service('web', { type: 'NodePort' }), service('new'));
  await bench.advance(400_000);
  await bench.settle();
  expect(addresses()).toEqual(before);
  expect(records()).toHaveLength(2);
  expect(bench.store.get('Service', 'default', 'web')?.spec.ports?.[0]).not.toHaveProperty('nodePort');
});

test('a load balancer is waited for', async () => {
  bench.start();
  await commit(service('web', { type: 'LoadBalancer' }));
  expect(bench.status.attempt?.waitingFor).toEqual(['service/web: its load balancer has no address yet']);
  const [live] = bench.store.list('Service');
  if (live !== undefined)
    await bench.store.write([
      {
        op: 'updateStatus',
        key: { kind: 'Service', namespace: 'default', name: 'web' },
        uid: live.metadata.uid,
        status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
      },
    ]);
  await bench.settle();
  expect(bench.status.lastGood).toBeDefined();
  expect(bench.store.get('Service', 'default', 'web')?.status?.loadBalancer?.ingress).toEqual([{ ip: '192.0.2.1' }]);
});

test('without a network a Service is refused at its place', async () => {
  await bench.store.write([
    {
      op: 'create',
      resource: {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'a' },
        status: {
          conditions: [{ type: 'NetworkUnavailable', status: 'True', reason: 'Off', message: 'started with --network none' }],
        },
      },
    },
  ]);
  bench.start();
  await commit(service('web'));
  expect(bench.status.held?.message).toBe(
    'app.yaml:1:1 kind: a Service needs the network of the nodes, which is not there: started with --network none; start Holdfast without --network none on an engine that can have it, or publish the pods with hostPort',
  );
  expect(bench.store.list('Service')).toEqual([]);
});
