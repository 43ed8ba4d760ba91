// What holds for every set, whatever is in it.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSet } from '../../../src/manifests/checks/check-set.ts';
import type { Manifest } from '../../../src/manifests/load.ts';
import { loadText } from '../../support/manifest-text.ts';
import { findProblems, job, object, pod, service, workload } from './set-text.ts';

const scaler = (name: string, target: string): string =>
  object(
    'HorizontalPodAutoscaler',
    name,
    `spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${target}}, maxReplicas: 5}\n`,
  );
const ingress = (name: string, to: string): string =>
  object(
    'Ingress',
    name,
    `spec: {ingressClassName: edge, rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${to}, port: {number: 80}}}}]}}]}\n`,
  );

/** Objects that get in each other's way, refer to each other, and miss each other when some are left out. */
const pool: readonly string[] = [
  object('ConfigMap', 'settings', 'data: {a: b}\n', 'namespace: shop'),
  object('Secret', 'login', 'stringData: {user: u}\n'),
  workload('Deployment', 'web', pod('envFrom: [{secretRef: {name: login}}], ports: [{containerPort: 80, hostPort: 80}]')),
  workload('Deployment', 'wep', pod('envFrom: [{configMapRef: {name: setting}}], ports: [{containerPort: 80, hostPort: 80}]')),
  workload('Deployment', 'wide', pod('', 'priorityClassName: high'), '  replicas: 3\n', 'app: web'),
  workload('ReplicaSet', 'set', pod('', 'priorityClassName: high'), '', 'app: web'),
  workload('DaemonSet', 'every', pod('ports: [{containerPort: 80, hostPort: 80, hostIP: 192.0.2.1}]')),
  workload('DaemonSet', 'each', pod('ports: [{containerPort: 80, hostPort: 80}]')),
  object('Pod', 'alone', `spec: ${pod('ports: [{containerPort: 80, hostPort: 80}]', 'nodeName: n1')}\n`, 'labels: {app: web}'),
  job('Job', 'once', pod('', 'volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]')),
  object('PersistentVolumeClaim', 'data', 'spec: {accessModes: [ReadWriteOncePod], resources: {requests: {storage: 1Gi}}}\n'),
  service('web', 'selector: {app: web}, type: NodePort, ports: [{port: 80, targetPort: http, nodePort: 30080}]'),
  service('wep', 'selector: {app: wep}, type: NodePort, clusterIP: 10.96.0.9, ports: [{port: 81, nodePort: 30080}]'),
  service('none', 'selector: {app: none}, clusterIP: 10.96.0.9, ports: [{port: 80}]'),
  scaler('one', 'web'),
  scaler('two', 'web'),
  scaler('three', 'wide'),
  ingress('one', 'web'),
  ingress('two', 'wep'),
  object(
    'IngressClass',
    'edge',
    'spec: {controller: x.example/y}\n',
    'annotations: {ingressclass.kubernetes.io/is-default-class: "true"}',
  ),
  object(
    'IngressClass',
    'other',
    'spec: {controller: x.example/y}\n',
    'annotations: {ingressclass.kubernetes.io/is-default-class: "true"}',
  ),
  object('PriorityClass', 'high', 'value: 1\nglobalDefault: true\n'),
  object('PriorityClass', 'higher', 'value: 2\nglobalDefault: true\n'),
  object('NetworkPolicy', 'none', 'spec: {podSelector: {matchLabels: {app: none}}}\n'),
];
const manifests: readonly Manifest[] = pool.flatMap((text, index) => loadText(text, `file-${index % 7}/${index}.yaml`).manifests);
const someOf = fc.subarray([...manifests]);

test('the pool has problems of every kind', () => {
  const problems = checkSet(manifests);
  expect(manifests).toHaveLength(pool.length);
  expect(problems.filter(({ severity }) => severity === 'error').length).toBeGreaterThan(8);
  expect(problems.filter(({ severity }) => severity === 'note').length).toBeGreaterThan(5);
});

test('the order of the files does not matter', () => {
  fc.assert(
    fc.property(
      someOf.chain((chosen) => fc.tuple(fc.constant(chosen), fc.shuffledSubarray(chosen, { minLength: chosen.length }))),
      ([chosen, shuffled]) => {
        expect(checkSet(shuffled)).toEqual(checkSet(chosen));
      },
    ),
  );
});

test('problems are sorted by place, and none is told twice', () => {
  fc.assert(
    fc.property(someOf, (chosen) => {
      const problems = checkSet(chosen);
      const places = problems.map(({ file, line, column }) => [file, line, column] as const);
      const sorted = places.toSorted(([a, b, c], [x, y, z]) => (a === x ? b - y || c - z : a < x ? -1 : 1));
      expect(places).toEqual(sorted);
      expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).toBe(problems.length);
    }),
  );
});

test('objects that have nothing to do with a set change nothing', () => {
  const away = 'namespace: elsewhere';
  const strangers = [
    object('Namespace', 'elsewhere'),
    object('ConfigMap', 'distant', 'data: {x: y}\n', away),
    workload('Deployment', 'distant').replace('name: distant', `name: distant, ${away}`),
    service('distant', 'selector: {app: distant}, ports: [{port: 80}]', away),
    object('StorageClass', 'distant', 'provisioner: docker.holdfast.dev/local\n'),
  ].flatMap((text, index) => loadText(text, `file-3/stranger-${index}.yaml`).manifests);
  fc.assert(
    fc.property(someOf, fc.subarray(strangers.slice(2)), (chosen, others) => {
      expect(checkSet([...others, ...chosen, ...strangers.slice(0, 2)])).toEqual(checkSet(chosen));
    }),
  );
});

test('a second object of the same key is left to others', () => {
  const text = service('web', 'type: NodePort, ports: [{port: 80, nodePort: 30080}]');
  expect(findProblems([text, text])).toEqual([]);
});

test('what is known of an object is found out once', () => {
  const touched: string[] = [];
  const watched = manifests.map(({ resource, ...rest }): Manifest => {
    const metadata = new Proxy(resource.metadata, {
      get: (target, property, receiver) => {
        touched.push(String(property));
        return Reflect.get(target, property, receiver) as unknown;
      },
    });
    return { ...rest, resource: { ...resource, metadata } };
  });
  const first = checkSet(watched);
  touched.length = 0;
  expect(checkSet(watched)).toEqual(first);
  expect(touched.filter((property) => property === 'name' || property === 'namespace')).toEqual([]);
});

test("many that are in each other's way are told once each, not once for each pair", () => {
  const count = 200;
  const many = Array.from({ length: count }, (_, index) => [
    workload('Deployment', `web-${index}`, pod('ports: [{containerPort: 80, hostPort: 80}]'), '', 'app: web'),
    service(`web-${index}`, 'selector: {app: web}, type: NodePort, ports: [{port: 80, nodePort: 30080}]'),
    ingress(`web-${index}`, `web-${index}`),
  ]);
  const problems = findProblems([...many.flat(), object('IngressClass', 'edge', 'spec: {controller: holdfast.dev/ingress}\n')]);
  expect(problems).toHaveLength(4 * (count - 1));
});
