// Hashes on what runs are compared by later versions of Holdfast: another hash of the same object restarts every pod of everybody. Where
// one of these tests fails, it is the code that has to change back.
import { expect, test } from 'vitest';
import type { PodEnvironment } from '../../src/kubelet/environment.ts';
import { claimVolumeName, networkName, podVolumeName } from '../../src/kubelet/names.ts';
import { containerHash, sandboxHash } from '../../src/kubelet/spec/container-spec.ts';
import { expectedContainer, expectedSandbox } from '../../src/kubelet/spec/hand-edits.ts';
import { volumeContent } from '../../src/kubelet/volumes/content.ts';
import { configMapBytes } from '../../src/model/keyed-bytes.ts';
import type { Deployment } from '../../src/model/resource.ts';
import { templateHash } from '../../src/model/rollout.ts';
import { aConfigMap, aContainer, aDeployment, aPod } from '../support/builders.ts';
import { resourceOf } from '../support/workload-text.ts';
import { aSandbox } from './planning.ts';

const container = aContainer({
  image: 'web:1',
  command: ['/web'],
  args: ['--port=80'],
  env: [{ name: 'NODE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } }],
  ports: [{ name: 'web', containerPort: 80, hostPort: 8080, protocol: 'TCP' }],
  resources: { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
  volumeMounts: [{ name: 'config', mountPath: '/etc/web' }],
});
const volumes = [
  { name: 'config', configMap: { name: 'web', defaultMode: 0o644 } },
  { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
];
const pod = aPod({ name: 'web-1', uid: '11112222-3333-4444-5555-666677778888', container, spec: { volumes } });
const environment: Pick<PodEnvironment, 'cluster' | 'node' | 'sandboxImage' | 'claimVolumes'> = {
  cluster: 'main',
  node: { cpus: 4, memoryBytes: 2 ** 33, enforces: { memory: true, cpuShares: true, pids: true } },
  sandboxImage: 'sandbox',
  claimVolumes: new Map(),
};
const whole = environment as PodEnvironment;
const identity = { cluster: 'main', namespace: 'default', pod: 'web-1', uid: pod.metadata.uid };

test('what a pod is made from hashes as in every version', () => {
  expect({ container: containerHash(container), sandbox: sandboxHash(pod) }).toEqual({
    container: '77abba8730',
    sandbox: 'f08526d822',
  });
  expect(
    templateHash(
      aDeployment({ spec: { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container], volumes } } } }),
    ),
  ).toEqual('797c02c51b');
});

test('what is looked for on what runs is what every version made', () => {
  expect(expectedSandbox(pod, aSandbox(pod), whole)).toEqual({
    cpuShares: 2,
    memoryBytes: 0,
    name: 'hf.main.default.web-1._sandbox.11112222.0',
    nanoCpus: 0,
    networks: ['holdfast-main'],
    formerNetworks: ['hf-main'],
  });
  expect(expectedContainer(pod, container, 0, whole)).toEqual({
    cpuShares: 102,
    memoryBytes: 67108864,
    name: 'hf.main.default.web-1.main.11112222.0',
    nanoCpus: 500000000,
    networks: [],
  });
});

test('names of volumes and networks, and versions of their content, are those of every version', () => {
  expect([claimVolumeName('main', 'shop', 'data'), podVolumeName(identity, 'config'), networkName('main')]).toEqual([
    'hf-main-shop-data',
    'hf.main.default.web-1.config.11112222',
    'holdfast-main',
  ]);
  const bytes = configMapBytes(aConfigMap({ data: { key: 'value' } }));
  const configuration = { configMaps: new Map([['web', bytes]]), secrets: new Map(), claims: new Map(), claimVolumes: new Map() };
  const result = volumeContent(pod, volumes[0] ?? { name: '' }, { ...configuration, node: whole.node });
  expect(result.ok && result.content.version).toEqual('e222d119e226491d');
});

test.each([
  ['', ''],
  // As charts write it whose values say nothing.
  ['securityContext: {}\n      affinity: {}\n      dnsConfig: {}', 'securityContext: {}\n          lifecycle: {}'],
  ['dnsPolicy: ClusterFirst\n      enableServiceLinks: true', 'terminationMessagePath: /dev/termination-log'],
  ['tolerations: []\n      nodeSelector: {}\n      initContainers: []', 'terminationMessagePolicy: File'],
])('a manifest that leaves all open means the same template as in every version: %s %s', (ofPod, ofContainer) => {
  const resource = resourceOf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: main
          image: web:1
          ports: [{containerPort: 80}]
          env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
          resources: {limits: {cpu: 1}}
          livenessProbe: {httpGet: {port: 80}}
          ${ofContainer}
          volumeMounts: [{name: config, mountPath: /etc/web}, {name: tmp, mountPath: /tmp}]
      ${ofPod}
      volumes: [{name: config, configMap: {name: web}}, {name: tmp, emptyDir: {}}]
`) as Deployment;
  expect(templateHash(resource)).toBe('68834f948f');
});
