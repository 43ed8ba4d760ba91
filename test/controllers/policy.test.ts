// Namespaces that go, accounts that come, quotas and budgets that count, and what admission does to what controllers make.
import { describe, expect, test } from 'vitest';
import { eventController } from '../../src/controllers/event/controller.ts';
import { findCondition } from '../../src/model/conditions.ts';
import type { LimitRange, PodDisruptionBudget, ResourceQuota } from '../../src/model/resource.ts';
import { deletionWrite } from '../../src/runtime/deletion.ts';
import { EVENT_LIFE_MS } from '../../src/runtime/events.ts';
import { aClaim, aConfigMap, aDeployment, aNamespace, aPod, aReplicaSet, asDesired } from '../support/builders.ts';
import { found, SmallWorld } from './small-world.ts';

const namespace = 'shop';
const quota = (hard: Record<string, string>, more: object = {}): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace: 'default' },
  spec: { hard, ...more },
});

describe('a namespace that is asked to go', () => {
  async function leaving(): Promise<SmallWorld> {
    const world = new SmallWorld();
    await world.create(asDesired(aNamespace()));
    await world.create(asDesired(aDeployment({ namespace })));
    await world.create(asDesired(aConfigMap({ namespace })));
    await world.create(asDesired(aClaim({ namespace })));
    await world.converge();
    const write = deletionWrite(found(world.store.get('Namespace', '', namespace)), world.now);
    await world.store.write([found(write)]);
    return world;
  }

  test('ends its pods first, says what it waits for, and is gone when it is empty', async () => {
    const world = await leaving();
    await world.settle();
    expect(world.store.list('Deployment')).toEqual([]);
    expect(world.store.list('ConfigMap')).toHaveLength(1);
    const { status } = found(world.store.get('Namespace', '', namespace));
    expect(status?.phase).toBe('Terminating');
    expect(findCondition(status?.conditions, 'NamespaceContentRemaining')).toMatchObject({
      status: 'True',
      reason: 'SomeResourcesRemain',
      message:
        'Some resources are remaining: configmaps. has 1 resource instances, persistentvolumeclaims. has 1 resource instances, pods. has 3 resource instances, serviceaccounts. has 1 resource instances',
    });
    await world.converge();
    expect(world.store.get('Namespace', '', namespace)).toBeUndefined();
    const kinds = ['Deployment', 'ReplicaSet', 'Pod', 'ConfigMap', 'PersistentVolumeClaim', 'ServiceAccount'] as const;
    expect(kinds.flatMap((kind) => world.store.list(kind, namespace))).toEqual([]);
    expect(world.store.list('Event', namespace)).toEqual([]);
  });

  test('waits for finalizers, and says so', async () => {
    const world = await leaving();
    const config = found(world.store.get('ConfigMap', namespace, 'config'));
    await world.update({ ...config, metadata: { ...config.metadata, finalizers: ['a.example/x'] } });
    await world.converge();
    const { status } = found(world.store.get('Namespace', '', namespace));
    expect(findCondition(status?.conditions, 'NamespaceFinalizersRemaining')?.message).toBe(
      'Some content in the namespace has finalizers remaining: a.example/x in 1 resource instances',
    );
    const { finalizers: _off, ...metadata } = found(world.store.get('ConfigMap', namespace, 'config')).metadata;
    await world.update({ ...config, metadata });
    await world.converge();
    expect(world.store.get('Namespace', '', namespace)).toBeUndefined();
  });

  test('lets nothing new in', async () => {
    const world = await leaving();
    const set = aReplicaSet({ namespace, name: 'late', replicas: 1 });
    await world.create(asDesired(set));
    await world.settle();
    expect(world.store.list('Pod', namespace).filter(({ metadata }) => metadata.name.startsWith('late'))).toEqual([]);
  });
});

test('every namespace has its account, also after somebody removed it', async () => {
  const world = new SmallWorld();
  await world.create(asDesired(aNamespace()));
  await world.settle();
  const account = found(world.store.get('ServiceAccount', namespace, 'default'));
  await world.remove(account);
  await world.settle();
  expect(world.store.get('ServiceAccount', namespace, 'default')?.metadata.uid).not.toBe(account.metadata.uid);
});

describe('a quota', () => {
  test('refuses pods beyond it: the ReplicaSet says so, and fills up when there is room', async () => {
    const world = new SmallWorld();
    await world.create(quota({ pods: '2', 'count/replicasets.apps': '5' }));
    await world.create(asDesired(aReplicaSet({ replicas: 3 })));
    await world.converge();
    expect(world.pods()).toHaveLength(2);
    expect(world.store.get('ResourceQuota', 'default', 'q')?.status).toEqual({
      hard: { pods: '2', 'count/replicasets.apps': '5' },
      used: { pods: '2', 'count/replicasets.apps': '1' },
    });
    const set = found(world.store.list('ReplicaSet')[0]);
    const failure = findCondition(set.status?.conditions, 'ReplicaFailure');
    expect(failure).toMatchObject({ status: 'True', reason: 'FailedCreate' });
    expect(failure?.message).toMatch(
      /^pods "web-\w{5}" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2$/,
    );
    const event = world.store.list('Event').find(({ reason }) => reason === 'FailedCreate');
    expect(event).toMatchObject({ type: 'Warning', involvedObject: { kind: 'ReplicaSet', name: 'web' } });
    expect(event?.message).toMatch(/^Error creating: pods "web-\w{5}" is forbidden: exceeded quota/);
    const stored = found(world.store.get('ResourceQuota', 'default', 'q'));
    await world.update({ ...stored, spec: { hard: { pods: '5' } } });
    await world.converge();
    expect(world.pods()).toHaveLength(3);
    expect(findCondition(world.store.list('ReplicaSet')[0]?.status?.conditions, 'ReplicaFailure')).toBeUndefined();
  });

  test('counts pods of one transaction together, and not those that have ended', async () => {
    const world = new SmallWorld();
    await world.create(quota({ 'requests.cpu': '1' }));
    const container = { name: 'main', image: 'x', resources: { requests: { cpu: '400m' } } };
    await world.create(asDesired(aPod({ name: 'done', labels: {}, spec: { containers: [container], restartPolicy: 'Never' } })));
    const done = found(world.store.get('Pod', 'default', 'done'));
    await world.setPodStatus(done, { phase: 'Succeeded' });
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] as [typeof container] } };
    await world.create(asDesired(aReplicaSet({ replicas: 4, spec: { template } })));
    await world.settle();
    expect(world.pods().filter(({ metadata }) => metadata.name !== 'done')).toHaveLength(2);
    expect(world.store.get('ResourceQuota', 'default', 'q')?.status?.used).toEqual({ 'requests.cpu': '800m' });
  });
});

test('pods of controllers get the defaults of LimitRanges', async () => {
  const world = new SmallWorld();
  const range: LimitRange = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'l', namespace: 'default' },
    spec: { limits: [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '100m' } }] },
  };
  await world.create(range);
  await world.create(asDesired(aDeployment()));
  await world.converge();
  expect(world.pods().map(({ spec }) => spec.containers[0].resources)).toEqual(
    Array.from({ length: 3 }, () => ({ requests: { cpu: '100m' }, limits: { cpu: '1' } })),
  );
  const { revision } = { revision: world.store.revision() };
  await world.converge();
  expect(world.store.revision()).toBe(revision);
});

test('a namespace that enforces a standard refuses pods that violate it, and records what it audits', async () => {
  const world = new SmallWorld();
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/audit': 'restricted' };
  await world.create({ ...asDesired(aNamespace()), metadata: { name: namespace, labels } });
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { hostPID: true, containers: [{ name: 'app', image: 'x' }] as [{ name: string; image: string }] },
  };
  await world.create(asDesired(aReplicaSet({ namespace, replicas: 1, spec: { template } })));
  await world.create(
    asDesired(
      aReplicaSet({
        namespace,
        name: 'good',
        replicas: 1,
        labels: { app: 'good' },
        spec: {
          selector: { matchLabels: { app: 'good' } },
          template: { metadata: { labels: { app: 'good' } }, spec: { containers: template.spec.containers } },
        },
      }),
    ),
  );
  await world.converge();
  expect(world.pods().map(({ metadata }) => metadata.labels)).toEqual([{ app: 'good' }]);
  const messages = world.store.list('Event').map(({ reason, message }) => `${reason}: ${message}`);
  expect(messages.find((message) => message.startsWith('FailedCreate'))).toMatch(
    /violates PodSecurity "baseline:latest": host namespaces \(hostPID=true\)$/,
  );
  expect(messages.find((message) => message.startsWith('PodSecurityAudit'))).toMatch(
    /^PodSecurityAudit: would violate PodSecurity "restricted:latest"/,
  );
});

test('a budget counts the pods of a Deployment against its replicas', async () => {
  const world = new SmallWorld();
  const budget: PodDisruptionBudget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default' },
    spec: { maxUnavailable: '50%', selector: { matchLabels: { app: 'web' } } },
  };
  await world.create(budget);
  await world.settle();
  expect(world.store.list('Event').map(({ reason, message }) => [reason, message])).toEqual([
    ['NoPods', 'No matching pods found'],
  ]);
  await world.create(asDesired(aDeployment()));
  await world.converge();
  expect(world.store.get('PodDisruptionBudget', 'default', 'web')?.status).toMatchObject({
    expectedPods: 3,
    desiredHealthy: 1,
    currentHealthy: 3,
    disruptionsAllowed: 2,
  });
});

test('an event goes an hour after it was told the last time', async () => {
  const world = new SmallWorld();
  await world.create(asDesired(aReplicaSet({ replicas: 1 })));
  await world.settle();
  const told = world.store.list('Event').length;
  world.now += EVENT_LIFE_MS - 1000;
  await world.passAll(eventController);
  expect(world.store.list('Event')).toHaveLength(told);
  world.now += 1000;
  await world.passAll(eventController);
  expect(world.store.list('Event')).toEqual([]);
});
