// What Kubernetes fills in where a binding, a webhook or a definition leaves something open.
import { expect, test } from 'vitest';
import { setDefaults } from '../../../src/manifests/defaults/defaults.ts';
import type {
  APIService,
  ClusterRoleBinding,
  CustomResourceDefinition,
  MutatingWebhook,
  MutatingWebhookConfiguration,
  Resource,
  RoleBinding,
  ValidatingWebhookConfiguration,
} from '../../../src/model/resource.ts';

const group = 'rbac.authorization.k8s.io';

/** The object after its defaults are set; a second time must change nothing. */
function defaulted<R extends Resource>(resource: R): R {
  setDefaults(resource);
  const once = structuredClone(resource);
  setDefaults(resource);
  expect(resource).toEqual(once);
  return resource;
}

test.each(['RoleBinding', 'ClusterRoleBinding'] as const)('%s: groups of roles, users and groups', (kind) => {
  const binding: RoleBinding | ClusterRoleBinding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name: 'a' },
    roleRef: { kind: 'ClusterRole', name: 'view' },
    subjects: [
      { kind: 'ServiceAccount', name: 'robot', namespace: 'shop' },
      { kind: 'User', name: 'ann' },
      { kind: 'Group', name: 'ops' },
    ],
  };
  const { roleRef, subjects } = defaulted(binding);
  expect(roleRef).toEqual({ apiGroup: group, kind: 'ClusterRole', name: 'view' });
  expect(subjects).toEqual([
    { kind: 'ServiceAccount', name: 'robot', namespace: 'shop' },
    { apiGroup: group, kind: 'User', name: 'ann' },
    { apiGroup: group, kind: 'Group', name: 'ops' },
  ]);
});

const webhook: MutatingWebhook = {
  name: 'a.example.com',
  clientConfig: { service: { namespace: 'a', name: 'b' } },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
};
const filled = {
  ...webhook,
  clientConfig: { service: { namespace: 'a', name: 'b', port: 443 } },
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*' }],
};

test('webhooks: policies, selectors, timeout, port and scope', () => {
  const validating: ValidatingWebhookConfiguration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'a' },
    webhooks: [structuredClone(webhook)],
  };
  const mutating: MutatingWebhookConfiguration = {
    ...validating,
    kind: 'MutatingWebhookConfiguration',
    webhooks: [structuredClone(webhook)],
  };
  expect(defaulted(validating).webhooks).toEqual([filled]);
  expect(defaulted(mutating).webhooks).toEqual([{ ...filled, reinvocationPolicy: 'Never' }]);
});

test('a definition: names and conversion', () => {
  const definition: CustomResourceDefinition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true }],
    },
  };
  const { names, conversion } = defaulted(definition).spec;
  expect(names).toEqual({ plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' });
  expect(conversion).toEqual({ strategy: 'None' });
});

test('an API service: the port', () => {
  const service: APIService = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1.example.com' },
    spec: {
      group: 'example.com',
      version: 'v1',
      service: { namespace: 'a', name: 'b' },
      groupPriorityMinimum: 1,
      versionPriority: 1,
    },
  };
  expect(defaulted(service).spec.service?.port).toBe(443);
});
