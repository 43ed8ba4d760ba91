// Load balancers and pods that want one port of the hosts.
import { expect, test } from 'vitest';
import { judge, object, pod, service, workload } from './set-text.ts';

const published = workload('Deployment', 'db', pod('ports: [{containerPort: 5432, hostPort: 5432}]'));
const web = workload('Deployment', 'web', pod());
const balancer = (ports: string, more = '', metadata = ''): string =>
  service('lb', `type: LoadBalancer, selector: {app: web}, ports: [${ports}]${more}`, metadata);
const pools = object('ConfigMap', 'holdfast-address-pools', 'data: {default: 192.0.2.8/29}\n', 'namespace: holdfast-system');
const refused =
  'error Conflict c.yaml:4:59 spec.ports[0].port: port 5432/TCP of the nodes would lead here and no more to the pods of deployment/db (a.yaml:8): give one of them another port, or load balancers addresses of their own (configmap/holdfast-address-pools in holdfast-system)';

test.each<[string, readonly string[], string[]]>([
  ['one port', [published, web, balancer('{port: 5432}')], [refused]],
  ['two ports', [published, web, balancer('{port: 80}')], []],
  ['two protocols', [published, web, balancer('{port: 5432, protocol: UDP}')], []],
  ['another class', [published, web, balancer('{port: 5432}', ', loadBalancerClass: a.example/b')], []],
  ['an address that is asked for', [published, web, balancer('{port: 5432}', ', loadBalancerIP: 192.0.2.9')], []],
  ['a pool that is asked for', [published, web, balancer('{port: 5432}', '', 'annotations: {metallb.io/address-pool: a}')], []],
  ['the very pods', [published, service('lb', 'type: LoadBalancer, selector: {app: db}, ports: [{port: 5432}]')], []],
  [
    'pods at one address',
    [
      workload('Deployment', 'db', pod('ports: [{containerPort: 1, hostPort: 5432, hostIP: 127.0.0.1}]')),
      web,
      balancer('{port: 5432}'),
    ],
    [],
  ],
])('%s', (_name, texts, expected) => {
  expect(judge(texts)).toEqual(expected);
});

test('with pools there is nothing to share', () => {
  const namespace = object('Namespace', 'holdfast-system');
  expect(judge([published, web, balancer('{port: 5432}'), pools, namespace])).toEqual([]);
  const there = {
    exists: (_kind: string, _namespace: string, name: string) => (name === 'holdfast-address-pools' ? {} : undefined),
  };
  expect(judge([published, web, balancer('{port: 5432}')], there)).toEqual([]);
});
