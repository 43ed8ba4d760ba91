// What becomes of every kind around the workloads: refused with the way out, or accepted without effect and kept.
import { expect, test } from 'vitest';
import { loadText, told } from '../../support/manifest-text.ts';

const away = 'leave it out with --skip-unknown-kinds, or keep it in a folder that Holdfast does not apply';
const webhook = `A webhook is called by a Kubernetes API server, and Holdfast has none yet: objects would pass without its answer; ${away}`;
const rbac = 'rbac.authorization.k8s.io/v1';
const admission = 'admissionregistration.k8s.io/v1';

const object = (kind: string, apiVersion: string, rest: string, name = 'x'): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\n${rest}\n`;

test.each<[string, string, string, string, string?]>([
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
    'Lease',
    'coordination.k8s.io/v1',
    'spec: {holderIdentity: a}',
    'Programs take and renew a lease through the Kubernetes API, which Holdfast does not have yet; Holdfast itself reads none.',
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
    "Volumes are made by the Docker Engine's own volume drivers; no CSI driver is asked.",
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

test.each([
  ['StorageClass', 'storage.k8s.io/v1', 'provisioner: a.example/b'],
  ['PersistentVolume', 'v1', 'spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /d}}'],
  ['ServiceAccount', 'v1', 'imagePullSecrets: [{name: a}]'],
  ['Ingress', 'networking.k8s.io/v1', 'spec: {rules: [{host: a.example}]}'],
  ['IngressClass', 'networking.k8s.io/v1', 'spec: {controller: a.example/b}'],
  ['NetworkPolicy', 'networking.k8s.io/v1', 'spec: {podSelector: {}}'],
])('%s is honoured', (kind, apiVersion, rest) => {
  const result = loadText(object(kind, apiVersion, rest));
  expect(told(result).filter((line) => line.startsWith('error') || line.includes('without effect'))).toEqual([]);
  expect(result.manifests.map(({ resource }) => resource.kind)).toEqual([kind]);
});

test('a namespace is dropped where a kind has none, as an API server does', () => {
  const text = `apiVersion: ${rbac}\nkind: ClusterRoleBinding\nmetadata: {name: x, namespace: shop}\nroleRef: {kind: ClusterRole, name: a}\n`;
  const result = loadText(text);
  expect(told(result)).toContain(
    'note NoEffect a.yaml:3:21 metadata.namespace: accepted without effect: ClusterRoleBinding is a kind without namespaces',
  );
  expect(result.manifests[0]?.resource.metadata).toEqual({ name: 'x' });
});

test('every field of a claim that needs more than a Docker volume can be is refused', () => {
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
  const empty = 'A claim starts empty; fill it from a pod that mounts it';
  expect(told(loadText(text)).filter((line) => line.startsWith('error'))).toEqual([
    refusal(
      7,
      'volumeMode',
      'Docker volumes are file systems; leave the field out, or give the device to the container as a hostPath of type BlockDevice',
    ),
    refusal(10, 'dataSource', empty),
    refusal(11, 'dataSourceRef', empty),
    refusal(
      12,
      'volumeAttributesClassName',
      "Docker volume drivers have no attributes to change; leave the field out and put the driver's options into the parameters of a StorageClass",
    ),
  ]);
});
