// When a Service is what its manifest promises.
import { expect, test } from 'vitest';
import type { Service, StoredOf } from '../../../src/model/resource.ts';
import { serviceHealth } from '../../../src/sync/health/service.ts';
import { aService } from '../../support/a-service.ts';

const meta = { uid: 'u', resourceVersion: '1', generation: 2, creationTimestamp: '2026-01-01T00:00:00Z', name: 'web' };
const serviceWith = (type: NonNullable<Service['spec']['type']>, status?: Service['status']): StoredOf<'Service'> => ({
  ...aService({ spec: { type } }),
  metadata: meta,
  ...(status === undefined ? {} : { status }),
});
const condition = (observedGeneration: number) => ({
  type: 'Balanced',
  status: 'False' as const,
  reason: 'PortInUse',
  message: 'port 80 is taken',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  observedGeneration,
});

test.each<[string, StoredOf<'Service'>, string]>([
  ['by being there', serviceWith('ClusterIP'), 'healthy'],
  ['a port of the nodes too', serviceWith('NodePort'), 'healthy'],
  ['a load balancer without an address', serviceWith('LoadBalancer'), 'progressing its load balancer has no address yet'],
  ['a load balancer with one', serviceWith('LoadBalancer', { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }), 'healthy'],
  [
    'a load balancer that says why',
    serviceWith('LoadBalancer', { conditions: [condition(2)] }),
    'progressing PortInUse: port 80 is taken',
  ],
  [
    'what it said of an older spec does not count',
    serviceWith('LoadBalancer', { conditions: [condition(1)] }),
    'progressing its load balancer has no address yet',
  ],
])('%s', (_what, service, expected) => {
  const { state, message } = serviceHealth(service);
  expect(`${state} ${message}`.trim()).toBe(expected);
});
