// What is reported of Ingresses.
import { expect, test } from 'vitest';
import { ingressController } from '../../../src/controllers/ingress/controller.ts';
import type { StoredOf } from '../../../src/model/resource.ts';
import { aCondition, aNode, START_MS } from '../../support/builders.ts';

const ingress: StoredOf<'Ingress'> = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'u',
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
};
const plan = (observed: Parameters<typeof ingressController.plan>[1]): ReturnType<typeof ingressController.plan> =>
  ingressController.plan(ingress, observed, START_MS, () => 'abcde');

test('the addresses of the nodes, once each', () => {
  expect(plan({ addresses: ['192.0.2.2', '192.0.2.1', '192.0.2.2'], findings: [], told: new Set() })).toEqual({
    actions: [],
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { ip: '192.0.2.2' }] } },
  });
});

test('a finding is told once', () => {
  const finding = { reason: 'NoService', message: 'there is no Service "web"' } as const;
  expect(plan({ addresses: [], findings: [finding], told: new Set() })).toEqual({
    actions: [{ type: 'report', severity: 'Warning', ...finding }],
    status: { loadBalancer: {} },
  });
  expect(plan({ addresses: [], findings: [finding], told: new Set([finding.message]) }).actions).toEqual([]);
});

test('one that nobody here serves has no address', () => {
  const finding = { reason: 'NotServed', message: 'class "alb" is that of another' } as const;
  expect(plan({ addresses: ['192.0.2.1'], findings: [finding], told: new Set() })).toEqual({
    actions: [{ type: 'report', severity: 'Normal', ...finding }],
  });
});

test('nodes count that are ready and have a network', () => {
  const node = aNode({ name: 'one' });
  const without = aNode({ name: 'two' });
  const conditions = [...(without.status?.conditions ?? []), aCondition('NetworkUnavailable', 'True')];
  const nodes = [node, { ...without, status: { ...without.status, conditions } }];
  const store = {
    list: (kind: string) => (kind === 'Node' ? nodes : []),
    get: () => undefined,
  } as unknown as Parameters<typeof ingressController.observe>[0];
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  expect(ingressController.observe(store, ingress).addresses).toEqual(address === undefined ? [] : [address]);
});
