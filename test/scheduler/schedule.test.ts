import { describe, expect, test } from 'vitest';
import { findCondition } from '../../src/model/conditions.ts';
import type { Container, StoredOf } from '../../src/model/resource.ts';
import { keyOf } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { planSchedule, type ScheduleObserved, schedulerController } from '../../src/scheduler/schedule.ts';
import { Seating } from '../../src/scheduler/seating.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { aNode, aPod, aReplicaSet, type PodOptions, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const NOW = START_MS + 60_000;
type Nodes = readonly StoredOf<'Node'>[];

const requests = (cpu?: string, memory?: string): Partial<Container> => ({
  resources: { requests: { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) } },
});
const port = (hostPort: number, options: { protocol?: 'TCP' | 'UDP'; hostIP?: string } = {}): Partial<Container> => ({
  ports: [{ containerPort: 80, hostPort, ...options }],
});

const observed = (nodes: Nodes, pods: readonly StoredOf<'Pod'>[]): ScheduleObserved => ({
  nodes,
  budgets: [],
  seating: new Seating({ nodes, pods }),
});

function outcome(pod: StoredOf<'Pod'>, nodes: Nodes, others: readonly StoredOf<'Pod'>[] = []): string {
  const plan = planSchedule(pod, observed(nodes, [...others, pod]), NOW);
  const bound = plan.actions.find((action) => action.type === 'update');
  if (bound?.type === 'update' && bound.resource.kind === 'Pod') return `on ${bound.resource.spec.nodeName}`;
  return findCondition(plan.status?.conditions, 'PodScheduled')?.message ?? 'nothing';
}

describe('a pod that fits', () => {
  test('is bound, with its reason, and its PodScheduled condition', () => {
    const plan = planSchedule(aPod(), observed([aNode()], [aPod()]), NOW);
    expect(plan.actions).toMatchObject([
      {
        type: 'update',
        resource: { spec: { nodeName: 'node-a' } },
        reason: 'Scheduled',
        message: 'Successfully assigned default/web to node-a',
      },
    ]);
    expect(plan.status).toEqual({
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'True', reason: 'Scheduled', message: '', lastTransitionTime: toRfc3339(NOW) },
      ],
    });
  });

  test.each<[string, PodOptions, Nodes, readonly StoredOf<'Pod'>[], string]>([
    [
      'the emptier node',
      {},
      [aNode(), aNode({ name: 'node-b' })],
      [aPod({ name: 'x', nodeName: 'node-a', container: requests('2', '4Gi') })],
      'on node-b',
    ],
    ['the first by name among equals', {}, [aNode({ name: 'node-b' }), aNode()], [], 'on node-a'],
    [
      'the node without a sibling, although it is fuller',
      { owner: aReplicaSet() },
      [aNode(), aNode({ name: 'node-b' })],
      [
        aPod({ name: 'sibling', nodeName: 'node-a', owner: aReplicaSet() }),
        aPod({ name: 'x', nodeName: 'node-b', container: requests('1', '2Gi') }),
      ],
      'on node-b',
    ],
    ['exactly what is left', { container: requests('4', '8Gi') }, [aNode()], [], 'on node-a'],
    [
      'what finished pods have left',
      { container: requests('4') },
      [aNode()],
      [aPod({ name: 'x', nodeName: 'node-a', phase: 'Succeeded', container: requests('4') })],
      'on node-a',
    ],
    [
      'the same port over another protocol',
      { container: port(53, { protocol: 'UDP' }) },
      [aNode()],
      [aPod({ name: 'x', nodeName: 'node-a', container: port(53) })],
      'on node-a',
    ],
    [
      'the same port on another address',
      { container: port(80, { hostIP: '10.0.0.1' }) },
      [aNode()],
      [aPod({ name: 'x', nodeName: 'node-a', container: port(80, { hostIP: '10.0.0.2' }) })],
      'on node-a',
    ],
    [
      'a port that is taken on the other node only',
      { container: port(80) },
      [aNode(), aNode({ name: 'node-b' })],
      [aPod({ name: 'x', nodeName: 'node-a', container: port(80) })],
      'on node-b',
    ],
  ])('gets %s', (_title, options, nodes, others, expected) => {
    expect(outcome(aPod({ name: 'new', ...options }), nodes, others)).toBe(expected);
  });
});

describe('a pod that does not fit is told why, in the words of Kubernetes', () => {
  const taken = aPod({ name: 'x', nodeName: 'node-a', container: port(80) });
  test.each<[string, PodOptions, Nodes, readonly StoredOf<'Pod'>[], string]>([
    ['no nodes', {}, [], [], 'no nodes available to schedule pods'],
    ['memory', { container: requests('1', '9Gi') }, [aNode()], [], '0/1 nodes are available: 1 Insufficient memory.'],
    [
      'limits without requests',
      { container: { resources: { limits: { memory: '9Gi' } } } },
      [aNode()],
      [],
      '0/1 nodes are available: 1 Insufficient memory.',
    ],
    [
      'cpu and memory',
      { container: requests('5', '9Gi') },
      [aNode()],
      [],
      '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.',
    ],
    [
      'cpu that others have',
      { container: requests('3') },
      [aNode()],
      [aPod({ name: 'x', nodeName: 'node-a', container: requests('1500m') })],
      '0/1 nodes are available: 1 Insufficient cpu.',
    ],
    [
      'the number of pods',
      {},
      [aNode({ allocatable: { pods: '1' } })],
      [aPod({ name: 'x', nodeName: 'node-a' })],
      '0/1 nodes are available: 1 Too many pods.',
    ],
    ['a closed node', {}, [aNode({ unschedulable: true })], [], '0/1 nodes are available: 1 node(s) were unschedulable.'],
    [
      'a node that is not ready',
      {},
      [aNode({ isReady: false })],
      [],
      '0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.',
    ],
    [
      'a port, and who has it',
      { container: port(80) },
      [aNode()],
      [taken],
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. Port 80/TCP of node node-a is taken by pod/x.",
    ],
    [
      'a port on one address, taken on all',
      { container: port(80, { hostIP: '10.0.0.1' }) },
      [aNode()],
      [taken],
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. Port 10.0.0.1:80/TCP of node node-a is taken by pod/x.",
    ],
    [
      'several nodes, counted by reason',
      { container: requests('3') },
      [
        aNode({ allocatable: { cpu: '2' } }),
        aNode({ name: 'node-b', allocatable: { cpu: '1' } }),
        aNode({ name: 'node-c', unschedulable: true }),
      ],
      [],
      '0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.',
    ],
  ])('%s', (_title, options, nodes, others, expected) => {
    expect(outcome(aPod({ name: 'new', ...options }), nodes, others).replace(/ preemption: [^.]*\./, '')).toBe(expected);
  });

  test('once: the same reason is not reported twice', () => {
    const first = planSchedule(aPod(), observed([], [aPod()]), NOW);
    expect(first.actions).toMatchObject([{ type: 'report', severity: 'Warning', reason: 'FailedScheduling' }]);
    expect(findCondition(first.status?.conditions, 'PodScheduled')).toMatchObject({ status: 'False', reason: 'Unschedulable' });
    const told = aPod({ status: first.status ?? {} });
    const again = planSchedule(told, observed([], [told]), NOW + 5000);
    expect(again).toEqual({ actions: [], status: first.status });
  });
});

describe('pods ahead in the queue', () => {
  test('have their seats reserved, so that two passes at the same time do not give one seat twice', () => {
    const nodes = [aNode(), aNode({ name: 'node-b' })];
    const waiting = ['a', 'b', 'c'].map((name) => aPod({ name, container: port(80) }));
    expect(
      waiting
        .map((pod) =>
          outcome(
            pod,
            nodes,
            waiting.filter((other) => other !== pod),
          ),
        )
        .map((text) => text.slice(0, 9)),
    ).toEqual(['on node-a', 'on node-b', '0/2 nodes']);
  });

  test('that do not fit anywhere hold nobody up', () => {
    const huge = aPod({ name: 'a-huge', container: requests('99') });
    expect(outcome(aPod({ name: 'small' }), [aNode()], [huge])).toBe('on node-a');
  });
});

describe('pods whose node is given', () => {
  test.each<[string, PodOptions, string]>([
    ['by name of a node that exists', { nodeName: 'node-a' }, ''],
    [
      'by name of a node that does not',
      { nodeName: 'node-x' },
      'The pod names node "node-x", which does not exist; there is node-a.',
    ],
    ['and gone after it ran', { nodeName: 'node-x', phase: 'Running' }, 'nothing'],
    ['but which have ended', { nodeName: 'node-x', phase: 'Failed' }, 'nothing'],
    ['and are leaving', { deletionTimestamp: toRfc3339(NOW) }, 'nothing'],
  ])('%s', (_title, options, expected) => {
    expect(outcome(aPod(options), [aNode()])).toBe(expected);
  });

  test('and scheduled already need nothing', () => {
    const { status } = planSchedule(aPod({ nodeName: 'node-a' }), observed([aNode()], []), NOW);
    expect(planSchedule(aPod({ nodeName: 'node-a', status: status ?? {} }), observed([aNode()], []), NOW)).toEqual({
      actions: [],
    });
  });
});

test('waiting pods are woken when a node changes, or a pod ends or goes, and not by anything else', async () => {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  const waiting = aPod({ name: 'waiting' });
  const running = aPod({ name: 'running', nodeName: 'node-a', phase: 'Running' });
  await store.write([waiting, running].map((resource) => ({ op: 'create', resource, uid: resource.metadata.uid })));
  expect(schedulerController.wakes(aNode(), store)).toContainEqual(keyOf(waiting));
  expect(schedulerController.wakes(running, store)).toEqual([]);
  expect(schedulerController.wakes(aPod({ name: 'running', nodeName: 'node-a', phase: 'Failed' }), store)).toEqual([
    keyOf(waiting),
  ]);
  expect(schedulerController.wakes(aPod({ name: 'gone', nodeName: 'node-a' }), store)).toEqual([keyOf(waiting)]);
});
