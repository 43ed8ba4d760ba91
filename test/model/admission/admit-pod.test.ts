// What a pod is given when it is created, and why it may be refused.
import { describe, expect, test } from 'vitest';
import { admitPod, type PodAdmissionContext, withAdmitted } from '../../../src/model/admission/admit-pod.ts';
import { claimLimitFaults } from '../../../src/model/admission/limits.ts';
import type { LimitRange, LimitRangeItem, Pod, PodSpec, PriorityClass, ServiceAccount } from '../../../src/model/resource.ts';
import { aClaim } from '../../support/builders.ts';

const pod = (spec: Partial<PodSpec> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'app', image: 'x' }], ...spec },
});
const range = (...limits: LimitRangeItem[]): LimitRange => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'l' },
  spec: { limits },
});
const priority = (name: string, value: number, more: Partial<PriorityClass> = {}): PriorityClass => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  ...more,
});
const account = (name: string, more: Partial<ServiceAccount> = {}): ServiceAccount => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name },
  ...more,
});
const nothing: PodAdmissionContext = {
  namespace: undefined,
  limitRanges: [],
  priorityClasses: [],
  serviceAccount: () => undefined,
  runtimeClass: () => undefined,
  quotas: [],
};
function admitted(subject: Pod, context: Partial<PodAdmissionContext> = {}): Pod {
  const result = admitPod(subject, { ...nothing, ...context });
  if (!result.ok) throw new Error(result.message);
  return result.pod;
}
const refused = (subject: Pod, context: Partial<PodAdmissionContext>): string => {
  const result = admitPod(subject, { ...nothing, ...context });
  return result.ok ? 'let in' : result.message;
};

test('without policies a pod gets the default account and the priority 0', () => {
  expect(admitted(pod())).toEqual(pod({ serviceAccountName: 'default', priority: 0, preemptionPolicy: 'PreemptLowerPriority' }));
});

describe('LimitRanges', () => {
  const limits = range({ type: 'Container', default: { cpu: '500m', memory: '1Gi' }, defaultRequest: { cpu: '100m' } });

  test('give what containers do not say, and tell of it as Kubernetes does', () => {
    const subject = pod({
      containers: [{ name: 'app', image: 'x', resources: { requests: { memory: '64Mi' } } }],
      initContainers: [{ name: 'init', image: 'x', resources: { limits: { cpu: '1' } } }],
    });
    const { spec, metadata } = admitted(subject, { limitRanges: [limits] });
    expect(spec.containers[0].resources).toEqual({
      requests: { memory: '64Mi', cpu: '100m' },
      limits: { cpu: '500m', memory: '1Gi' },
    });
    expect(spec.initContainers?.[0]?.resources).toEqual({ requests: {}, limits: { cpu: '1', memory: '1Gi' } });
    expect(metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu request for container app; cpu, memory limit for container app; memory limit for init container init',
    });
  });

  const app = (requests: Record<string, string>, limit: Record<string, string> = {}): Pod =>
    pod({ containers: [{ name: 'app', image: 'x', resources: { requests, limits: limit } }] });
  test.each<[string, LimitRangeItem, Pod, string]>([
    [
      'min',
      { type: 'Container', min: { cpu: '100m' } },
      app({ cpu: '50m' }),
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [
      'min, nothing said',
      { type: 'Container', min: { cpu: '100m' } },
      app({}),
      'minimum cpu usage per Container is 100m.  No request is specified',
    ],
    [
      'max',
      { type: 'Container', max: { memory: '1Gi' } },
      app({}, { memory: '2Gi' }),
      'maximum memory usage per Container is 1Gi, but limit is 2Gi',
    ],
    [
      'max, nothing said',
      { type: 'Container', max: { memory: '1Gi' } },
      app({}),
      'maximum memory usage per Container is 1Gi.  No limit is specified',
    ],
    [
      'ratio',
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      app({ cpu: '100m' }, { cpu: '500m' }),
      'cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000',
    ],
    [
      'ratio, nothing said',
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      app({}),
      'cpu max limit to request ratio per Container is 2, but no request is specified or request is 0',
    ],
    [
      'of the pod as a whole',
      { type: 'Pod', max: { cpu: '1' } },
      app({}, { cpu: '1500m' }),
      'maximum cpu usage per Pod is 1, but limit is 1500m',
    ],
    [
      'several',
      { type: 'Container', min: { cpu: '1', memory: '1Gi' } },
      app({ cpu: '10m' }),
      '[minimum cpu usage per Container is 1, but request is 10m, minimum memory usage per Container is 1Gi.  No request is specified]',
    ],
    ['what fits', { type: 'Container', min: { cpu: '1' }, max: { cpu: '2' } }, app({ cpu: '1' }, { cpu: '2' }), 'let in'],
  ])('%s', (_name, item, subject, message) => {
    expect(refused(subject, { limitRanges: [range(item)] })).toBe(message);
  });

  test('hold claims too', () => {
    const claim = {
      ...aClaim(),
      spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '500Mi' } } },
    };
    const bounds = [range({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '10Gi' } })];
    expect(claimLimitFaults(claim, bounds)).toEqual([
      'minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
    ]);
  });
});

describe('priorities', () => {
  const classes = [priority('high', 1000, { preemptionPolicy: 'Never' }), priority('usual', 5, { globalDefault: true })];

  test.each<[string, Partial<PodSpec>, Partial<PodSpec>]>([
    ['a class', { priorityClassName: 'high' }, { priority: 1000, preemptionPolicy: 'Never', priorityClassName: 'high' }],
    ['the default class', {}, { priority: 5, preemptionPolicy: 'PreemptLowerPriority', priorityClassName: 'usual' }],
    [
      'a class of the system',
      { priorityClassName: 'system-node-critical' },
      { priority: 2_000_001_000, preemptionPolicy: 'PreemptLowerPriority' },
    ],
    ['a number that is the same', { priorityClassName: 'high', priority: 1000 }, { priority: 1000 }],
  ])('of %s', (_name, spec, expected) => {
    expect(admitted(pod(spec), { priorityClasses: classes }).spec).toMatchObject(expected);
  });

  test.each<[string, Partial<PodSpec>, string]>([
    ['a class that is not there', { priorityClassName: 'gone' }, 'no PriorityClass with name gone was found'],
    [
      'another number',
      { priority: 7 },
      'the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 5 from the given PriorityClass name',
    ],
    [
      'another policy',
      { priorityClassName: 'high', preemptionPolicy: 'PreemptLowerPriority' },
      'the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
    ],
  ])('refuse %s', (_name, spec, message) => {
    expect(refused(pod(spec), { priorityClasses: classes })).toBe(message);
  });
});

describe('accounts', () => {
  const accounts = [account('robot', { imagePullSecrets: [{ name: 'registry' }] }), account('default')];
  const serviceAccount = (name: string): ServiceAccount | undefined => accounts.find(({ metadata }) => metadata.name === name);

  test('hand their pull secrets to pods that have none', () => {
    expect(admitted(pod({ serviceAccountName: 'robot' }), { serviceAccount }).spec.imagePullSecrets).toEqual([
      { name: 'registry' },
    ]);
    const own = [{ name: 'own' }];
    expect(
      admitted(pod({ serviceAccountName: 'robot', imagePullSecrets: own }), { serviceAccount }).spec.imagePullSecrets,
    ).toEqual(own);
  });

  test('must exist', () => {
    expect(refused(pod({ serviceAccountName: 'gone' }), { serviceAccount })).toBe(
      'error looking up service account shop/gone: serviceaccount "gone" not found',
    );
  });
});

test('what is only recorded lets the pod in', () => {
  const namespace = { metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/audit': 'baseline' } } };
  expect(admitPod(pod({ hostPID: true }), { ...nothing, namespace })).toMatchObject({
    ok: true,
    audit: ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'],
  });
});

test('the same manifest compared with the admitted pod does not differ; a changed field does', () => {
  const limits = range({ type: 'Container', default: { cpu: '1' } });
  const written = pod().spec;
  const stored = admitted(pod(), {
    limitRanges: [limits],
    priorityClasses: [priority('usual', 5, { globalDefault: true })],
  }).spec;
  expect(withAdmitted(written, stored)).toEqual(stored);
  expect(withAdmitted({ ...written, hostname: 'other' }, stored)).toEqual({ ...stored, hostname: 'other' });
});
