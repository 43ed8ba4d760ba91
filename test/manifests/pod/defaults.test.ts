// The defaults of pods beyond those that every honoured manifest has.
import { expect, test } from 'vitest';
import { setDefaults } from '../../../src/manifests/defaults/defaults.ts';
import type { Deployment, Pod, PodSpec } from '../../../src/model/resource.ts';

const container = { name: 'c', image: 'i:1' };

function defaulted(spec: Partial<PodSpec>): PodSpec {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x' },
    spec: { containers: [container], ...structuredClone(spec) },
  };
  setDefaults(pod);
  return pod.spec;
}

test('init and ephemeral containers have the defaults of containers', () => {
  const [init] =
    defaulted({
      initContainers: [{ name: 'i', image: 'i', ports: [{ containerPort: 1 }], resources: { limits: { cpu: 2 } } }],
    }).initContainers ?? [];
  expect(init).toEqual({
    name: 'i',
    image: 'i',
    imagePullPolicy: 'Always',
    ports: [{ containerPort: 1, protocol: 'TCP' }],
    resources: { limits: { cpu: '2' }, requests: { cpu: '2' } },
  });
  expect(defaulted({ ephemeralContainers: [{ name: 'e', image: 'e:1' }] }).ephemeralContainers).toEqual([
    { name: 'e', image: 'e:1', imagePullPolicy: 'IfNotPresent' },
  ]);
});

test('probes and hooks', () => {
  const spec = defaulted({
    containers: [
      {
        ...container,
        lifecycle: { postStart: { httpGet: { port: 80 } }, preStop: { sleep: { seconds: 1 } } },
        livenessProbe: { grpc: { port: 1 } },
      },
    ],
  });
  expect(spec.containers[0]).toMatchObject({
    lifecycle: { postStart: { httpGet: { port: 80, path: '/', scheme: 'HTTP' } }, preStop: { sleep: { seconds: 1 } } },
    livenessProbe: {
      grpc: { port: 1, service: '' },
      periodSeconds: 10,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 3,
    },
  });
});

test('a limit is the request too, of whatever resource', () => {
  const limits = { cpu: 1, 'nvidia.com/gpu': 1 };
  const spec = defaulted({ containers: [{ ...container, resources: { limits, requests: { cpu: '500m' } } }] });
  expect(spec.containers[0]?.resources).toEqual({
    limits: { cpu: '1', 'nvidia.com/gpu': '1' },
    requests: { cpu: '500m', 'nvidia.com/gpu': '1' },
  });
});

test('the requests of a whole pod are those of its containers, or its limits', () => {
  const containers: PodSpec['containers'] = [
    { ...container, resources: { requests: { cpu: '250m', memory: '64Mi' } } },
    { name: 'd', image: 'd', resources: { requests: { cpu: '250m' } } },
  ];
  expect(defaulted({ containers, resources: { limits: { cpu: 2, memory: '1Gi' } } }).resources).toEqual({
    limits: { cpu: '2', memory: '1Gi' },
    requests: { cpu: '500m', memory: '64Mi' },
  });
  expect(defaulted({ resources: { limits: { cpu: '2' } } }).resources).toEqual({ limits: { cpu: '2' }, requests: { cpu: '2' } });
  expect(defaulted({ containers, resources: { requests: { cpu: 1 } } }).resources).toEqual({ requests: { cpu: '1' } });
});

test('the network of the host gives every port its own number there, on pods and not in templates', () => {
  const spec: PodSpec = { hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 80 }] }] };
  expect(defaulted(spec).containers[0]?.ports).toEqual([{ containerPort: 80, protocol: 'TCP', hostPort: 80 }]);
  const deployment: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x' },
    spec: { selector: {}, template: { spec: structuredClone(spec) } },
  };
  setDefaults(deployment);
  expect(deployment.spec.template.spec.containers[0]?.ports).toEqual([{ containerPort: 80, protocol: 'TCP' }]);
});

test.each<[string, object, object]>([
  ['no source', {}, { emptyDir: {} }],
  [
    'projected',
    {
      projected: {
        sources: [
          { serviceAccountToken: { path: 't' } },
          { downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } },
        ],
      },
    },
    {
      projected: {
        defaultMode: 420,
        sources: [
          { serviceAccountToken: { path: 't', expirationSeconds: 3600 } },
          { downwardAPI: { items: [{ path: 'n', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }] } },
        ],
      },
    },
  ],
  [
    'fields of the pod',
    { downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } },
    { downwardAPI: { defaultMode: 420, items: [{ path: 'n', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }] } },
  ],
  ['an image', { image: { reference: 'a' } }, { image: { reference: 'a', pullPolicy: 'Always' } }],
  ['an image of a tag', { image: { reference: 'a:1' } }, { image: { reference: 'a:1', pullPolicy: 'IfNotPresent' } }],
  [
    'a claim of the pod',
    { ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: 5 } } } } } },
    {
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem', resources: { requests: { storage: '5' } } },
        },
      },
    },
  ],
  [
    'iSCSI',
    { iscsi: { targetPortal: 'a', iqn: 'b', lun: 0 } },
    { iscsi: { targetPortal: 'a', iqn: 'b', lun: 0, iscsiInterface: 'default' } },
  ],
  [
    'RBD',
    { rbd: { monitors: ['a'], image: 'b' } },
    { rbd: { monitors: ['a'], image: 'b', pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' } },
  ],
  [
    'Azure',
    { azureDisk: { diskName: 'a', diskURI: 'b' } },
    { azureDisk: { diskName: 'a', diskURI: 'b', cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false } },
  ],
  [
    'ScaleIO',
    { scaleIO: { gateway: 'a', system: 'b', volumeName: 'c', secretRef: {} } },
    { scaleIO: { gateway: 'a', system: 'b', volumeName: 'c', secretRef: {}, storageMode: 'ThinProvisioned', fsType: 'xfs' } },
  ],
  ['a type that has no defaults', { nfs: { server: 'a', path: '/' } }, { nfs: { server: 'a', path: '/' } }],
])('a volume of %s', (_name, source, expected) => {
  expect(defaulted({ volumes: [{ name: 'v', ...source }] }).volumes).toEqual([{ name: 'v', ...expected }]);
});

test('the old name of the account gives way, unless it says something else', () => {
  expect(defaulted({ serviceAccount: 'a' })).toMatchObject({ serviceAccountName: 'a' });
  expect(defaulted({ serviceAccount: 'a' })).not.toHaveProperty('serviceAccount');
  expect(defaulted({ serviceAccount: 'a', serviceAccountName: 'b' })).toMatchObject({
    serviceAccount: 'a',
    serviceAccountName: 'b',
  });
});

test('nothing is made up for what a pod leaves out', () => {
  expect(defaulted({})).toEqual({
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    containers: [{ name: 'c', image: 'i:1', imagePullPolicy: 'IfNotPresent' }],
  });
});
