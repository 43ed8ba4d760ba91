// Budgets, bindings and classes of old versions, and versions that differ in their names alone.
import { expect, test } from 'vitest';
import { convertLegacy } from '../../../src/manifests/legacy/legacy.ts';
import { loadText, told } from '../../support/manifest-text.ts';
import { headOf, resourceOf } from '../../support/workload-text.ts';

test('an empty selector of a budget selected nothing', () => {
  const text = `${headOf('PodDisruptionBudget', 'policy/v1beta1')}spec: {minAvailable: 1, selector: {}}\n`;
  expect(told(loadText(text))[0]).toBe(
    'note Converted a.yaml:1:1 apiVersion: PodDisruptionBudget policy/v1beta1 is read as policy/v1; write that. Its empty selector selects no pod, as it did in that version.',
  );
  expect(resourceOf(text)).toHaveProperty('spec.selector', {
    matchExpressions: [{ key: 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match', operator: 'Exists' }],
  });
});

test('any other selector of a budget stays', () => {
  const text = `${headOf('PodDisruptionBudget', 'policy/v1beta1')}spec: {minAvailable: 1, selector: {matchLabels: {app: x}}}\n`;
  expect(resourceOf(text)).toHaveProperty('spec.selector', { matchLabels: { app: 'x' } });
});

test('subjects of v1alpha1 name a version where today they name a group', () => {
  const conversion = convertLegacy('rbac.authorization.k8s.io/v1alpha1', 'RoleBinding', {
    subjects: [
      { kind: 'User', apiVersion: 'rbac.authorization.k8s.io/v1alpha1', name: 'ann' },
      { kind: 'ServiceAccount', apiVersion: 'v1', name: 'robot', namespace: 'a' },
    ],
  });
  expect(conversion?.value['subjects']).toEqual([
    { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' },
    { kind: 'ServiceAccount', apiGroup: '', name: 'robot', namespace: 'a' },
  ]);
  expect(conversion?.placeOf(['subjects', 1, 'apiGroup'])).toEqual(['subjects', 1, 'apiVersion']);
});

test('a RuntimeClass of v1alpha1 has everything below its spec', () => {
  const text = `${headOf('RuntimeClass', 'node.k8s.io/v1alpha1')}spec: {runtimeHandler: r_sc, overhead: {podFixed: {cpu: 1}}, zebra: 1}\n`;
  const errorsOf = (each: string): string[] => told(loadText(each)).filter((line) => line.startsWith('error'));
  const [unknown, ...others] = errorsOf(text);
  expect(unknown).toBe('error UnknownField a.yaml:4:1 spec: unknown field "spec".');
  expect(others).toEqual(errorsOf(text.replace(', zebra: 1', '')));
  expect(others).toEqual([
    "error Invalid a.yaml:4:8 handler: Invalid value: \"r_sc\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
});

test.each([
  ['CronJob', 'batch/v1beta1', 'batch/v1'],
  ['CronJob', 'batch/v2alpha1', 'batch/v1'],
  ['ReplicaSet', 'apps/v1beta2', 'apps/v1'],
  ['StatefulSet', 'apps/v1beta2', 'apps/v1'],
  ['DaemonSet', 'apps/v1beta2', 'apps/v1'],
  ['Role', 'rbac.authorization.k8s.io/v1beta1', 'rbac.authorization.k8s.io/v1'],
  ['RoleBinding', 'rbac.authorization.k8s.io/v1beta1', 'rbac.authorization.k8s.io/v1'],
  ['ClusterRole', 'rbac.authorization.k8s.io/v1alpha1', 'rbac.authorization.k8s.io/v1'],
  ['ClusterRoleBinding', 'rbac.authorization.k8s.io/v1beta1', 'rbac.authorization.k8s.io/v1'],
  ['IngressClass', 'networking.k8s.io/v1beta1', 'networking.k8s.io/v1'],
  ['NetworkPolicy', 'extensions/v1beta1', 'networking.k8s.io/v1'],
  ['Lease', 'coordination.k8s.io/v1beta1', 'coordination.k8s.io/v1'],
  ['StorageClass', 'storage.k8s.io/v1beta1', 'storage.k8s.io/v1'],
  ['PriorityClass', 'scheduling.k8s.io/v1beta1', 'scheduling.k8s.io/v1'],
  ['PriorityClass', 'scheduling.k8s.io/v1alpha1', 'scheduling.k8s.io/v1'],
  ['RuntimeClass', 'node.k8s.io/v1beta1', 'node.k8s.io/v1'],
])('%s %s is %s by another name', (kind, apiVersion, current) => {
  const value = { apiVersion, kind, metadata: { name: 'x' }, spec: { some: ['thing'] } };
  const conversion = convertLegacy(apiVersion, kind, value);
  expect(conversion).toMatchObject({
    apiVersion: current,
    value: { ...value, apiVersion: current },
    note: `${kind} ${apiVersion} is read as ${current}; write that`,
    refusals: [],
  });
  expect(conversion?.placeOf(['spec', 'some', 0])).toEqual(['spec', 'some', 0]);
});

test.each([
  ['Deployment', 'apps/v1'],
  ['Deployment', 'apps/v2'],
  ['Zebra', 'v1'],
  ['constructor', 'v1'],
  ['Deployment', 'constructor'],
])('%s %s is not converted', (kind, apiVersion) => {
  expect(convertLegacy(apiVersion, kind, {})).toBeUndefined();
});
