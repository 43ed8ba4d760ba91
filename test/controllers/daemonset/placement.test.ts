// On which nodes a DaemonSet has its pods, and what they look like.
import { describe, expect, test } from 'vitest';
import { daemonFit, isDaemonNodeAway } from '../../../src/model/daemon-set.ts';
import type { NodeFacts } from '../../../src/model/node-fit.ts';
import type { PodSpec } from '../../../src/model/resource.ts';
import { controllerReference } from '../../../src/model/resource.ts';
import { aCondition, aNode } from '../../support/builders.ts';
import { aDaemonSet, DaemonWorld } from './sets.ts';

const ready = aNode({ name: 'a' });
const unreachable = (status: 'False' | 'Unknown'): NodeFacts => ({
  ...ready,
  status: { conditions: [aCondition('Ready', status)] },
});
const tainted = (effect: 'NoSchedule' | 'NoExecute'): NodeFacts => ({ ...ready, spec: { taints: [{ key: 'gpu', effect }] } });
const labelled: NodeFacts = { ...ready, metadata: { ...ready.metadata, labels: { disk: 'ssd' } } };
const affine = (value: string): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: [value] }] }],
      },
    },
  },
});

const no = { shouldRun: false, mayStay: false };
const yes = { shouldRun: true, mayStay: true };
const stay = { shouldRun: false, mayStay: true };

test.each<[string, Partial<PodSpec>, NodeFacts, typeof no]>([
  ['any node', {}, ready, yes],
  ['a cordoned node', {}, { ...ready, spec: { unschedulable: true } }, yes],
  ['a node that is not ready', {}, unreachable('False'), stay],
  ['a node that is unknown', {}, unreachable('Unknown'), stay],
  [
    'a node under pressure',
    {},
    { ...ready, spec: { taints: [{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }] } },
    yes,
  ],
  ['a tainted node', {}, tainted('NoSchedule'), stay],
  ['a node that drives pods off', {}, tainted('NoExecute'), no],
  ['a tainted node that is tolerated', { tolerations: [{ key: 'gpu', operator: 'Exists' }] }, tainted('NoExecute'), yes],
  ['every taint is tolerated', { tolerations: [{ operator: 'Exists' }] }, unreachable('False'), yes],
  ['the selector matches', { nodeSelector: { disk: 'ssd' } }, labelled, yes],
  ['the selector does not match', { nodeSelector: { disk: 'ssd' } }, ready, no],
  ['the affinity matches', affine('ssd'), labelled, yes],
  ['the affinity does not match', affine('hdd'), labelled, no],
  ['the named node', { nodeName: 'a' }, ready, yes],
  ['another node is named', { nodeName: 'b' }, ready, no],
  [
    'no network yet, on the host network',
    { hostNetwork: true },
    { ...ready, spec: { taints: [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }] } },
    yes,
  ],
  [
    'no network yet',
    {},
    { ...ready, spec: { taints: [{ key: 'node.kubernetes.io/network-unavailable', effect: 'NoSchedule' }] } },
    stay,
  ],
])('%s', (_title, pod, node, expected) => {
  expect(daemonFit(aDaemonSet({ pod }), node)).toEqual(expected);
});

test.each<[string, NodeFacts, boolean]>([
  ['ready', ready, false],
  ['not ready', unreachable('False'), true],
  ['tainted by hand', tainted('NoSchedule'), false],
])('whether a pod is missed on a node that is %s', (_title, node, expected) => {
  expect(isDaemonNodeAway(aDaemonSet(), node)).toBe(expected);
});

test('a pod is pinned to its node by affinity, and bears what daemons bear', async () => {
  const own = { key: 'gpu', operator: 'Exists' as const };
  const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' as const }] } }];
  const { affinity } = affine('ssd');
  const world = await DaemonWorld.with([], {
    pod: {
      tolerations: [own],
      affinity: { nodeAffinity: { ...affinity?.nodeAffinity, preferredDuringSchedulingIgnoredDuringExecution: preferred } },
    },
  });
  await world.addNode('a', { labels: { disk: 'ssd' } });
  await world.settle();
  const [pod] = world.pods();
  const set = world.daemonSet();
  const [revision] = world.store.list('ControllerRevision');
  const hash = revision?.metadata.labels?.['controller-revision-hash'] ?? '';
  expect(pod?.metadata).toMatchObject({
    labels: { app: 'agent', 'controller-revision-hash': hash },
    ownerReferences: [controllerReference(set)],
  });
  expect(pod?.metadata.name).toMatch(/^agent-[a-z0-9]{5}$/);
  expect(revision?.metadata.name).toBe(`agent-${hash}`);
  expect(pod?.spec.affinity).toEqual({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
      },
      preferredDuringSchedulingIgnoredDuringExecution: preferred,
    },
  });
  expect(pod?.spec.tolerations).toEqual([
    own,
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
    { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
  ]);
});

describe('nodes come and go', () => {
  test('one pod on each, and on each that comes', async () => {
    const world = await DaemonWorld.with(['a', 'b']);
    await world.converge();
    expect(world.look()).toEqual(['a v1', 'b v1']);
    expect(world.daemonSet().status).toEqual({
      observedGeneration: 1,
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      numberMisscheduled: 0,
      numberReady: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
      numberUnavailable: 0,
    });
    await world.addNode('c');
    await world.converge();
    expect(world.look()).toEqual(['a v1', 'b v1', 'c v1']);
  });

  test('a cordon changes nothing', async () => {
    const world = await DaemonWorld.with(['a']);
    await world.converge();
    await world.update({ ...world.node('a'), spec: { unschedulable: true } });
    await world.addNode('b', { spec: { unschedulable: true } });
    await world.converge();
    expect(world.look()).toEqual(['a v1', 'b v1']);
  });

  test('a taint leaves the pod there and counts it, another drives it off', async () => {
    const world = await DaemonWorld.with(['a', 'b']);
    await world.converge();
    await world.update({ ...world.node('a'), spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } });
    await world.converge();
    expect(world.look()).toEqual(['a v1', 'b v1']);
    expect(world.daemonSet().status).toMatchObject({ desiredNumberScheduled: 1, numberMisscheduled: 1, numberAvailable: 1 });
    await world.update({ ...world.node('a'), spec: { taints: [{ key: 'gpu', effect: 'NoExecute' }] } });
    await world.converge();
    expect(world.look()).toEqual(['b v1']);
  });

  test('a node that no longer has the label loses its pod', async () => {
    const world = await DaemonWorld.with([], { pod: { nodeSelector: { disk: 'ssd' } } });
    await world.addNode('a', { labels: { disk: 'ssd' } });
    await world.addNode('b');
    await world.converge();
    expect(world.look()).toEqual(['a v1']);
    const node = world.node('a');
    await world.update({ ...node, metadata: { ...node.metadata, labels: {} } });
    await world.converge();
    expect(world.look()).toEqual([]);
  });

  test('a pod that waits for a node which has gone is deleted; one that runs there is not doubled', async () => {
    const world = await DaemonWorld.with(['a', 'b']);
    await world.settle();
    await world.remove(world.node('a'));
    await world.settle();
    expect(world.look()).toEqual(['b v1']);
    await world.converge();
    await world.remove(world.node('b'));
    await world.settle();
    expect(world.look()).toEqual(['b v1']);
    expect(world.daemonSet().status).toMatchObject({ desiredNumberScheduled: 0, currentNumberScheduled: 0 });
  });

  test('of two pods on one node the older stays', async () => {
    const world = await DaemonWorld.with(['a']);
    await world.converge();
    const [first] = world.pods();
    if (first === undefined) throw new Error('no pod');
    world.now += 1_000;
    const { labels = {}, ownerReferences = [] } = first.metadata;
    await world.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'agent-aaaaa', namespace: 'default', labels, ownerReferences },
      spec: first.spec,
    });
    await world.converge();
    expect(world.pods().map(({ metadata }) => metadata.uid)).toEqual([first.metadata.uid]);
  });
});
