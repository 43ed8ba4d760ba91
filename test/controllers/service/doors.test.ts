// Load balancers and Ingresses that want the same port of a host.
import { beforeEach, describe, expect, test } from 'vitest';
import { ingressController } from '../../../src/controllers/ingress/controller.ts';
import { DOORS_ANNOTATION } from '../../../src/model/ingress/doors.ts';
import type { Ingress, ServiceSpec } from '../../../src/model/resource.ts';
import { ingressHealth } from '../../../src/sync/health/ingress.ts';
import { aCondition, aNode, asDesired } from '../../support/builders.ts';
import { aService } from '../endpointslice/services.ts';
import { found, SmallWorld } from '../small-world.ts';

const ADDRESS = '192.168.1.10';
let world: SmallWorld;

beforeEach(async () => {
  world = new SmallWorld();
  const node = asDesired(aNode({ name: 'a' }));
  await world.create({ ...node, metadata: { ...node.metadata, annotations: { [DOORS_ANNOTATION]: '80,8443' } } });
  const { metadata } = found(world.store.get('Node', '', 'a'));
  const status = {
    addresses: [{ type: 'InternalIP' as const, address: ADDRESS }],
    conditions: [aCondition('Ready', 'True')],
  };
  await world.store.write([{ op: 'updateStatus', key: { kind: 'Node', namespace: '', name: 'a' }, uid: metadata.uid, status }]);
});

async function balance(name: string, port: number, more: Partial<ServiceSpec> = {}): Promise<void> {
  const spec = { type: 'LoadBalancer' as const, ports: [{ port }], ...more };
  await world.create(asDesired(aService({ name, spec })));
  await world.settle();
}

const ingress = (spec: Partial<Ingress['spec']> = {}): Ingress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', namespace: 'default' },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } }, ...spec },
});

async function serve(spec: Partial<Ingress['spec']> = {}): Promise<void> {
  await world.create(ingress(spec));
  await world.settle();
}

/** Its addresses, or why it has none. */
function addressOf(name: string): unknown {
  const { loadBalancer, conditions } = found(world.store.get('Service', 'default', name)).status ?? {};
  const waiting = conditions?.find(({ type, status }) => type === 'LoadBalancerReady' && status === 'False');
  return waiting?.message ?? loadBalancer?.ingress?.map(({ ip }) => ip);
}

/** What is told of the Ingress, and whether it is healthy. */
function told(): readonly unknown[] {
  const stored = found(world.store.get('Ingress', 'default', 'shop'));
  const { findings } = ingressController.observe(world.store, stored);
  return [
    findings.flatMap(({ reason, message }) => (reason === 'DoorTaken' ? [message] : [])),
    ingressHealth(stored, world.store),
  ];
}

describe('where Ingresses are served', () => {
  test('a load balancer waits for their ports until they are gone, and has all others', async () => {
    await serve();
    await balance('web', 80);
    await balance('secure', 8443);
    await balance('other', 443);
    await balance('datagrams', 80, { ports: [{ port: 80, protocol: 'UDP' }] });
    expect([addressOf('web'), addressOf('secure'), addressOf('other'), addressOf('datagrams')]).toEqual([
      `port 80/TCP of ${ADDRESS} serves Ingresses, such as ingress/shop`,
      `port 8443/TCP of ${ADDRESS} serves Ingresses, such as ingress/shop`,
      [ADDRESS],
      [ADDRESS],
    ]);
    expect(told()[0]).toEqual([]);
    await world.remove(found(world.store.get('Ingress', 'default', 'shop')));
    await world.settle();
    expect([addressOf('web'), addressOf('secure')]).toEqual([[ADDRESS], [ADDRESS]]);
  });

  test('a load balancer that was there before keeps its port, and the Ingress is not healthy and says why', async () => {
    await balance('web', 80);
    world.now += 1000;
    await serve();
    expect(addressOf('web')).toEqual([ADDRESS]);
    const message = `port 80/TCP of ${ADDRESS} leads to service/web, a load balancer: give that one another port`;
    expect(told()).toEqual([[message], { state: 'progressing', message }]);
  });

  test('an Ingress that somebody else serves takes nothing', async () => {
    await serve({ ingressClassName: 'alb' });
    await balance('web', 80);
    expect(addressOf('web')).toEqual([ADDRESS]);
  });

  test('an address that was asked for is no way round them', async () => {
    await serve();
    await balance('web', 80, { loadBalancerIP: ADDRESS });
    expect(addressOf('web')).toBe(`port 80/TCP of ${ADDRESS} serves Ingresses, such as ingress/shop`);
  });
});
