import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { setDefaults } from '../../../src/manifests/defaults/defaults.ts';
import { printManifest } from '../../../src/manifests/reading/print.ts';
import { parseYaml } from '../../../src/manifests/reading/yaml.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { loadText, told } from '../../support/manifest-text.ts';

const resourceOf = (text: string): Resource | undefined => {
  const result = loadText(text);
  expect(told(result).filter((line) => line.startsWith('error'))).toEqual([]);
  return result.manifests[0]?.resource;
};
const pod = (rest: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n${rest}`;

test.each([
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['nginx:1.25', 'IfNotPresent'],
  ['host:5000/nginx', 'Always'],
  ['host:5000/nginx:1', 'IfNotPresent'],
  [`nginx@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
  [`nginx:latest@sha256:${'0'.repeat(64)}`, 'Always'],
])('an image %s is pulled %s', (image, policy) => {
  expect(resourceOf(pod(`  containers: [{name: c, image: "${image}"}]\n`))).toMatchObject({
    spec: { containers: [{ imagePullPolicy: policy }] },
  });
});

test('a pod gets the defaults of Kubernetes, and zero values are the same as absence', () => {
  const text = pod(`  serviceAccount: robot
  hostNetwork: false
  containers:
    - name: c
      image: i:1
      args: []
      workingDir: ""
      env: [{name: E, value: ""}, {name: P, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
      ports: [{containerPort: 80, hostPort: 0}]
      resources: {limits: {cpu: 1, memory: 64Mi}, requests: {cpu: 0.5}}
      volumeMounts: [{name: a, mountPath: /a, readOnly: false, subPath: ""}]
      livenessProbe: {httpGet: {port: 80}, initialDelaySeconds: 0, periodSeconds: 0}
      readinessProbe: {tcpSocket: {port: 80}, timeoutSeconds: 5}
  volumes:
    - {name: a}
    - {name: b, configMap: {name: m, items: []}}
    - {name: c, secret: {secretName: s, defaultMode: 0400}}
    - {name: d, hostPath: {path: /x}}
`);
  expect(resourceOf(text)).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x', namespace: 'default' },
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
      serviceAccountName: 'robot',
      containers: [
        {
          name: 'c',
          image: 'i:1',
          imagePullPolicy: 'IfNotPresent',
          env: [{ name: 'E' }, { name: 'P', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } }],
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          resources: { limits: { cpu: '1', memory: '64Mi' }, requests: { cpu: '0.5', memory: '64Mi' } },
          volumeMounts: [{ name: 'a', mountPath: '/a' }],
          livenessProbe: {
            httpGet: { port: 80, path: '/', scheme: 'HTTP' },
            periodSeconds: 10,
            timeoutSeconds: 1,
            successThreshold: 1,
            failureThreshold: 3,
          },
          readinessProbe: {
            tcpSocket: { port: 80 },
            periodSeconds: 10,
            timeoutSeconds: 5,
            successThreshold: 1,
            failureThreshold: 3,
          },
        },
      ],
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', configMap: { name: 'm', defaultMode: 420 } },
        { name: 'c', secret: { secretName: 's', defaultMode: 256 } },
        { name: 'd', hostPath: { path: '/x', type: '' } },
      ],
    },
  });
});

const deploymentText = (strategy: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  ${strategy}\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}\n`;

test('a Deployment gets the defaults of Kubernetes', () => {
  expect(resourceOf(deploymentText('paused: false'))).toMatchObject({
    spec: {
      replicas: 1,
      minReadySeconds: 0,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    },
  });
  expect(resourceOf(deploymentText('strategy: {type: Recreate}'))).toMatchObject({ spec: { strategy: { type: 'Recreate' } } });
  expect(resourceOf(deploymentText('replicas: 0'))).toMatchObject({ spec: { replicas: 0 } });
});

test('the text of a Secret becomes data and wins over it', () => {
  const text =
    'apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  a: YQ==\n  b: |\n    YmJi\n    YmJi\nstringData: {a: é}\n';
  expect(resourceOf(text)).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'x', namespace: 'default' },
    type: 'Opaque',
    data: { a: 'w6k=', b: 'YmJiYmJi' },
  });
});

test('a claim is a file system, and a namespace carries its name', () => {
  expect(
    resourceOf(
      'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: x}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5}}}\n',
    ),
  ).toMatchObject({
    spec: { volumeMode: 'Filesystem', resources: { requests: { storage: '5' } } },
  });
  expect(resourceOf('apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n')).toEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'x', labels: { 'kubernetes.io/metadata.name': 'x' } },
  });
});

const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const probe = fc.record({ tcpSocket: fc.constant({ port: 80 }), periodSeconds: some(fc.nat(60)) });
const container = fc.record({
  name: fc.constantFrom('a', 'b'),
  image: fc.constantFrom('i', 'i:1', 'i:latest'),
  imagePullPolicy: some(fc.constantFrom('Always', 'Never')),
  ports: some(fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 65535 }) }), { minLength: 1 })),
  resources: some(
    fc.record({
      limits: some(fc.record({ cpu: some(fc.constantFrom(1, '500m')) })),
      requests: some(fc.record({ memory: some(fc.constant('1Mi')) })),
    }),
  ),
  livenessProbe: some(probe),
});
const volume = fc.record({ name: fc.constantFrom('v', 'w'), secret: some(fc.constant({ secretName: 's' })) });
const deployment = fc.record({
  apiVersion: fc.constant('apps/v1'),
  kind: fc.constant('Deployment'),
  metadata: fc.record({ name: fc.constant('x'), namespace: some(fc.constant('n')) }),
  spec: fc.record({
    replicas: some(fc.nat(9)),
    strategy: some(fc.record({ type: some(fc.constantFrom('Recreate', 'RollingUpdate')) })),
    selector: fc.constant({ matchLabels: { a: 'b' } }),
    template: fc.record({
      metadata: fc.constant({ labels: { a: 'b' } }),
      spec: fc.record({
        containers: fc.array(container, { minLength: 1, maxLength: 2 }),
        volumes: some(fc.array(volume, { minLength: 1, maxLength: 2 })),
      }),
    }),
  }),
});

test('defaults are idempotent, and what is set stays', () => {
  fc.assert(
    fc.property(deployment, (given) => {
      const once = JSON.parse(JSON.stringify(given)) as Resource;
      setDefaults(once);
      const twice = structuredClone(once);
      setDefaults(twice);
      expect(twice).toEqual(once);
    }),
  );
});

test('a printed resource reads back as itself, whatever its text looks like', () => {
  const words = fc.constantFrom(
    'yes',
    'y',
    '0644',
    '1e3',
    '.5',
    '12:30:45',
    '2024-01-31',
    '~',
    'null',
    '',
    ' a',
    'a: b',
    '# c',
    '- d',
    '*e',
    '&f',
    'é\n',
    '<<',
    '0x1F',
    '1_000',
    '08',
    '+5',
    '0b1',
    '0o7',
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(words, fc.string()), fc.oneof(words, fc.string(), fc.string({ unit: 'grapheme' }))),
      (data) => {
        const resource: Resource = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'default' }, data };
        expect(parseYaml(printManifest(resource))[0]?.value).toEqual(resource);
      },
    ),
    { numRuns: 500 },
  );
});
