// What objects use of a quota, which of them it counts, and when it refuses one.
import { describe, expect, test } from 'vitest';
import { countedKinds, quotaFault, totalUsage, usageOf } from '../../../src/model/admission/quota.ts';
import type { PodSpec, Resource, ResourceQuota, ResourceQuotaSpec } from '../../../src/model/resource.ts';
import { aClaim, aConfigMap, aDeployment, aPod } from '../../support/builders.ts';

const quota = (spec: ResourceQuotaSpec): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace: 'default' },
  spec,
});
const container = (
  name: string,
  requests: Record<string, string>,
  limits: Record<string, string> = {},
): PodSpec['containers'][0] => ({
  name,
  image: 'x',
  resources: { requests, limits },
});

describe('usage', () => {
  test('of a pod: the sum of its containers, or what an init container takes beside the sidecars before it', () => {
    const pod = aPod({
      spec: {
        containers: [container('a', { cpu: '100m', memory: '64Mi' }, { memory: '1Gi' }), container('b', {}, { cpu: '200m' })],
        initContainers: [
          { ...container('side', { cpu: '50m' }), restartPolicy: 'Always' },
          container('init', { cpu: '400m', 'ephemeral-storage': '1Gi' }),
        ],
      },
    });
    expect(usageOf(pod)).toEqual({
      pods: 1,
      'count/pods': 1,
      cpu: 450,
      'requests.cpu': 450,
      memory: 64 * 2 ** 20,
      'requests.memory': 64 * 2 ** 20,
      'ephemeral-storage': 2 ** 30,
      'requests.ephemeral-storage': 2 ** 30,
      'limits.memory': 2 ** 30,
      'limits.cpu': 200,
    });
  });

  test.each<[string, Resource, Record<string, number>]>([
    ['a pod that has ended', aPod({ phase: 'Succeeded' }), {}],
    ['a ConfigMap', aConfigMap(), { configmaps: 1, 'count/configmaps': 1 }],
    ['a Deployment', aDeployment(), { 'count/deployments.apps': 1 }],
    [
      'a claim of a class',
      {
        ...aClaim(),
        spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } },
      },
      {
        persistentvolumeclaims: 1,
        'count/persistentvolumeclaims': 1,
        'requests.storage': 5 * 2 ** 30,
        'fast.storageclass.storage.k8s.io/requests.storage': 5 * 2 ** 30,
        'fast.storageclass.storage.k8s.io/persistentvolumeclaims': 1,
      },
    ],
    [
      'a Service with ports on the nodes',
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 's' },
        spec: { type: 'LoadBalancer', ports: [{ port: 1 }, { port: 2 }] },
      },
      { services: 1, 'count/services': 1, 'services.loadbalancers': 1, 'services.nodeports': 2 },
    ],
  ])('of %s', (_what, resource, usage) => {
    expect(usageOf(resource)).toEqual(usage);
  });

  test('a quota reads only the kinds that it counts', () => {
    expect(countedKinds({ hard: { pods: '1', 'requests.storage': '1', 'count/jobs.batch': '1' } }).toSorted()).toEqual([
      'Job',
      'PersistentVolumeClaim',
      'Pod',
    ]);
  });
});

describe('scopes', () => {
  const best = aPod({ name: 'best' });
  const bounded = aPod({ name: 'bounded', spec: { containers: [container('a', { cpu: '1' })], activeDeadlineSeconds: 5 } });
  const high = aPod({ name: 'high', spec: { priorityClassName: 'high' } });
  const crossing = aPod({
    name: 'crossing',
    spec: {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'x', namespaces: ['other'] }],
        },
      },
    },
  });
  test.each<[string, ResourceQuotaSpec, number]>([
    ['none', {}, 4],
    ['BestEffort', { scopes: ['BestEffort'] }, 3],
    ['NotBestEffort', { scopes: ['NotBestEffort'] }, 1],
    ['Terminating', { scopes: ['Terminating'] }, 1],
    ['NotTerminating and BestEffort', { scopes: ['NotTerminating', 'BestEffort'] }, 3],
    [
      'PriorityClass In',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      1,
    ],
    [
      'PriorityClass NotIn',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } },
      3,
    ],
    ['PriorityClass Exists', { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] } }, 1],
    [
      'PriorityClass DoesNotExist',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }] } },
      3,
    ],
    ['CrossNamespacePodAffinity', { scopes: ['CrossNamespacePodAffinity'] }, 1],
  ])('%s', (_name, scope, pods) => {
    expect(totalUsage({ ...scope, hard: { pods: '10' } }, [best, bounded, high, crossing, aConfigMap()])).toEqual({ pods });
  });
});

describe('refusal', () => {
  const spec = (requests: Record<string, string>, limits: Record<string, string> = {}): Partial<PodSpec> => ({
    containers: [container('app', requests, limits), container('side', requests, limits)],
  });

  test('names what is asked for, used and allowed, of the resources that do not suffice', () => {
    const tight = quota({ hard: { cpu: '1', 'requests.memory': '1Gi', pods: '10' } });
    expect(
      quotaFault(
        tight,
        { cpu: 700, 'requests.memory': 2 ** 29, pods: 3 },
        aPod({ spec: spec({ cpu: '200m', memory: '300Mi' }) }),
      ),
    ).toBe(
      'exceeded quota: q, requested: cpu=400m,requests.memory=600Mi, used: cpu=700m,requests.memory=512Mi, limited: cpu=1,requests.memory=1Gi',
    );
  });

  test('of objects by their number', () => {
    expect(quotaFault(quota({ hard: { 'count/deployments.apps': '2' } }), { 'count/deployments.apps': 2 }, aDeployment())).toBe(
      'exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=2, limited: count/deployments.apps=2',
    );
    expect(quotaFault(quota({ hard: { pods: '5' } }), { pods: 0 }, aPod(), 6)).toBe(
      'exceeded quota: q, requested: pods=6, used: pods=0, limited: pods=5',
    );
  });

  test('of containers that do not say what a quota limits', () => {
    const asking = quota({ hard: { 'limits.cpu': '4', memory: '4Gi', pods: '9' } });
    expect(quotaFault(asking, {}, aPod({ spec: spec({ cpu: '1' }, { cpu: '1' }) }))).toBe(
      'failed quota: q: must specify memory for: app,side',
    );
    expect(quotaFault(asking, {}, aPod({ spec: spec({ memory: '1Gi' }) }))).toBe(
      'failed quota: q: must specify limits.cpu for: app,side',
    );
    expect(
      quotaFault({ ...asking, spec: { ...asking.spec, scopes: ['BestEffort'], hard: { pods: '9' } } }, {}, aPod()),
    ).toBeUndefined();
  });

  test('what fits exactly is let in', () => {
    expect(
      quotaFault(quota({ hard: { pods: '3', cpu: '1' } }), { pods: 2, cpu: 500 }, aPod({ spec: spec({ cpu: '250m' }) })),
    ).toBeUndefined();
  });
});
