// What becomes of every kind around the workloads: refused with the way out, or accepted without effect and kept.
import { expect, test } from 'vitest';
import { loadText, told } from '../../support/manifest-text.ts';

const services = 'Services come with a later version of Holdfast';
const away = 'leave it out with --skip-unknown-kinds, or keep it in a folder that Holdfast does not apply';
const webhook = `A webhook is called by a Kubernetes API server, and Holdfast has none yet: objects would pass without its answer; ${away}`;
const rbac = 'rbac.authorization.k8s.io/v1';
const admission = 'admissionregistration.k8s.io/v1';

const object = (kind: string, apiVersion: string, rest: string, name = 'x'): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\n${rest}\n`;

test.each<[string, string, string, string, string?]>([
  [
    'Service',
    'v1',
    'spec: {ports: [{port: 80}]}',
    `${services}; until then publish a pod on its host with hostPort, and let others reach it there`,
  ],
  [
    'Endpoints',
    'v1',
    'subsets: [{addresses: [{ip: 10.0.0.1}]}]',
    `They are the addresses of a Service, and ${services}; give the address to the programs that use it`,
  ],
  [
    'EndpointSlice',
    'discovery.k8s.io/v1',
    'addressType: IPv4',
    `It holds addresses of a Service, and ${services}; give the address to the programs that use it`,
  ],
  [
    'Ingress',
    'networking.k8s.io/v1',
    'spec: {rules: [{host: a.example}]}',
    'Ingresses come with a later version of Holdfast; until then run a reverse proxy in a pod that publishes hostPort 80 and 443',
  ],
  [
    'NetworkPolicy',
    'networking.k8s.io/v1',
    'spec: {podSelector: {}}',
    'Nothing enforces it yet, and pods that it is to protect would be open; take it out once you have made sure that they may be, or keep them apart with the firewall of the host',
  ],
  [
    'PersistentVolume',
    'v1',
    'spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /d}}',
    'A claim is a Docker volume of its own and takes no PersistentVolume; write the claim alone, or mount the directory with a hostPath volume',
  ],
  ['ValidatingWebhookConfiguration', admission, 'webhooks: []', webhook],
  ['MutatingWebhookConfiguration', admission, 'webhooks: []', webhook],
  [
    'CustomResourceDefinition',
    'apiextensions.k8s.io/v1',
    'spec: {group: a.example, scope: Cluster, names: {plural: things, kind: Thing}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {}}}]}',
    `Custom resources come with a later version of Holdfast; ${away}`,
    'things.a.example',
  ],
  [
    'APIService',
    'apiregistration.k8s.io/v1',
    'spec: {group: a.example, version: v1, groupPriorityMinimum: 1, versionPriority: 1}',
    `It adds a server to the Kubernetes API, which Holdfast does not have yet; ${away}`,
    'v1.a.example',
  ],
])('%s is refused', (kind, apiVersion, rest, reason, name) => {
  expect(told(loadText(object(kind, apiVersion, rest, name)))).toEqual([
    `error UnsupportedKind a.yaml:2:1 kind: ${kind} is not supported yet: ${reason}`,
  ]);
});

const noAccess = 'There is no Kubernetes API yet that it could grant access to.';

test.each<[string, string, string, string]>([
  [
    'IngressClass',
    'networking.k8s.io/v1',
    'spec: {controller: a.example/b}',
    'It names who serves Ingresses, and there are none yet.',
  ],
  [
    'Lease',
    'coordination.k8s.io/v1',
    'spec: {holderIdentity: a}',
    'Programs take and renew a lease through the Kubernetes API, which Holdfast does not have yet; Holdfast itself reads none.',
  ],
  [
    'StorageClass',
    'storage.k8s.io/v1',
    'provisioner: a.example/b',
    'Every claim is a Docker volume of the local driver whatever its class, and is kept when its manifest goes; provisioner, parameters and policies are not used.',
  ],
  [
    'VolumeAttributesClass',
    'storage.k8s.io/v1',
    'driverName: a.example\nparameters: {iops: "1"}',
    'Only claims with volumeAttributesClassName use it, and these are refused.',
  ],
  [
    'CSIDriver',
    'storage.k8s.io/v1',
    'spec: {}',
    'Claims are Docker volumes of the local driver; no other storage driver is asked.',
  ],
  [
    'ServiceAccount',
    'v1',
    'automountServiceAccountToken: false',
    'There is no Kubernetes API yet that pods could use the account with.',
  ],
  ['Role', rbac, 'rules: []', noAccess],
  ['ClusterRole', rbac, 'rules: []', noAccess],
  ['RoleBinding', rbac, 'roleRef: {kind: Role, name: a}', noAccess],
  ['ClusterRoleBinding', rbac, 'roleRef: {kind: ClusterRole, name: a}', noAccess],
])('%s is accepted without effect, and kept', (kind, apiVersion, rest, reason) => {
  const result = loadText(object(kind, apiVersion, rest));
  expect(told(result)).toEqual([`note NoEffect a.yaml:2:1 kind: accepted without effect: ${reason}`]);
  expect(result.manifests.map(({ resource }) => resource.kind)).toEqual([kind]);
});

test('credentials of an account would change what can be pulled, and are refused', () => {
  expect(told(loadText(object('ServiceAccount', 'v1', 'imagePullSecrets: [{name: a}]')))).toContain(
    'error UnsupportedField a.yaml:4:1 imagePullSecrets: imagePullSecrets is not supported yet: Pods do not take credentials from their account yet; log the Docker Engine of the host in, or pull the image there beforehand',
  );
});

test('a namespace is dropped where a kind has none, as an API server does', () => {
  const text = `apiVersion: ${rbac}\nkind: ClusterRoleBinding\nmetadata: {name: x, namespace: shop}\nroleRef: {kind: ClusterRole, name: a}\n`;
  const result = loadText(text);
  expect(told(result)).toContain(
    'note NoEffect a.yaml:3:21 metadata.namespace: accepted without effect: ClusterRoleBinding is a kind without namespaces',
  );
  expect(result.manifests[0]?.resource.metadata).toEqual({ name: 'x' });
});

test('every field of a claim that needs more than a Docker volume is refused', () => {
  const text = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: x}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
  volumeMode: Block
  volumeName: a
  selector: {matchLabels: {a: b}}
  dataSource: {kind: PersistentVolumeClaim, name: a}
  dataSourceRef: {kind: PersistentVolumeClaim, name: a}
  volumeAttributesClassName: fast
`;
  const refusal = (line: number, field: string, reason: string): string =>
    `error UnsupportedField a.yaml:${line}:3 spec.${field}: ${field}${field === 'volumeMode' ? ' "Block"' : ''} is not supported yet: ${reason}`;
  const own = 'A claim is a Docker volume of its own and takes no PersistentVolume; leave the field out';
  const empty = 'A claim starts empty; fill it from a pod that mounts it';
  expect(told(loadText(text)).filter((line) => line.startsWith('error'))).toEqual([
    refusal(7, 'volumeMode', 'A claim is a Docker volume, which is a file system.'),
    refusal(8, 'volumeName', `${own}, or mount the directory with a hostPath volume`),
    refusal(9, 'selector', own),
    refusal(10, 'dataSource', empty),
    refusal(11, 'dataSourceRef', empty),
    refusal(
      12,
      'volumeAttributesClassName',
      'Docker volumes are of one kind, the local driver, which has no attributes to choose; leave the field out',
    ),
  ]);
});
