// Whatever stands where something else belongs, it ends in problems and never in an exception.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadText, told } from '../../support/manifest-text.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const metadata = { name: 'x' };
const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
const webhook = {
  name: 'a.b.example',
  clientConfig: { service: { namespace: 'a', name: 'b', path: '/c' } },
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};

const objects: readonly Readonly<Record<string, Json>>[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'LoadBalancer',
      ports: [{ port: 80 }],
      clusterIP: '10.0.0.1',
      externalIPs: ['10.0.0.1'],
      sessionAffinity: 'ClientIP',
    },
  },
  { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'a' }] } }],
    ports: [{ port: 80 }],
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata,
    spec: {
      rules: [
        {
          host: '*.a.example',
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 1 } } } }] },
        },
      ],
      tls: [{ hosts: ['a.example'], secretName: 'a' }],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: {},
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 1, endPort: 2 }] }],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata,
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      csi: { driver: 'a.b', volumeHandle: 'c', nodeStageSecretRef: { name: 'a', namespace: 'b' } },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] } },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'a' },
    },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata,
    provisioner: 'a.b/c',
    parameters: { a: 'b' },
    allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata,
    rules: [rule],
    aggregationRule: { clusterRoleSelectors: [{}] },
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { kind: 'Role', name: 'a' },
    subjects: [{ kind: 'User', name: 'a' }],
  },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata, webhooks: [webhook] },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.a.example' },
    spec: {
      group: 'a.example',
      scope: 'Cluster',
      names: { plural: 'things', kind: 'Thing' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { properties: { a: { type: 'string' } } } } },
      ],
      conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://a' } } },
    },
  },
];

/** Every way from the top of a value to a part of it. */
function pathsOf(value: Json, path: readonly (string | number)[] = []): (string | number)[][] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const steps = inner.map(([key, entry]): [string | number, Json] => [Array.isArray(value) ? Number(key) : key, entry]);
  return [[...path], ...steps.flatMap(([key, entry]) => pathsOf(entry, [...path, key]))];
}

function replaced(value: Json, [step, ...rest]: readonly (string | number)[], by: Json): Json {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((item: Json, index) => (index === step ? replaced(item, rest, by) : item));
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Json>>).map(([key, entry]) => [
      key,
      key === step ? replaced(entry, rest, by) : entry,
    ]),
  );
}

const mutations = objects.flatMap((object) =>
  pathsOf(object)
    .filter((path) => path.length > 0 && path[0] !== 'apiVersion' && path[0] !== 'kind')
    .map((path) => [object, path] as const),
);
const words = [
  '',
  '*',
  'None',
  '..',
  '/',
  '::',
  '0.0.0.0',
  '1/1',
  '-',
  'a'.repeat(300),
  '10.0.0.0/99',
  'https://',
  '\u0000',
  '${A}',
];
const value = fc.oneof(
  fc.constantFrom<Json>(null, 0, -1, 1.5, 2 ** 40, true, {}, [], [null], [{}], { a: null }, ...words),
  fc.jsonValue({ maxDepth: 3 }).map((given) => given as Json),
);

test('an object with anything in the place of any part', () => {
  fc.assert(
    fc.property(fc.constantFrom(...mutations), value, ([object, path], by) => {
      const result = loadText(`${JSON.stringify(replaced(object, path, by))}\n`);
      for (const line of told(result)) expect(line).toMatch(/^(?:error|note) [A-Z]\w+ a\.yaml/);
    }),
    { numRuns: 1500 },
  );
});

test.each(objects.map((object) => [object['kind'], object] as const))('%s is right as it stands', (_kind, object) => {
  const faults = loadText(`${JSON.stringify(object)}\n`).problems.filter(
    ({ severity, reason }) => severity === 'error' && !reason.startsWith('Unsupported'),
  );
  expect(faults).toEqual([]);
});
