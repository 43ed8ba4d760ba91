import { describe, expect, test } from 'vitest';
import { findCondition } from '../../src/model/conditions.ts';
import type { StoredOf } from '../../src/model/resource.ts';
import { toRfc3339 } from '../../src/model/time.ts';
import { runController } from '../../src/runtime/run-controller.ts';
import { planSchedule, schedulerController } from '../../src/scheduler/schedule.ts';
import { Seating } from '../../src/scheduler/seating.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { aNode, aPod, type PodOptions, START_MS } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';
import { NOW, port, requests, required, toApp, zoned } from './scene.ts';

type Pods = readonly StoredOf<'Pod'>[];
const nodes = [aNode(), aNode({ name: 'node-b' })];

/** A pod that runs, with a priority, that takes this many processors. */
function running(name: string, nodeName: string, cpu: string, priority = 0, more: PodOptions = {}): StoredOf<'Pod'> {
  return aPod({ name, nodeName, phase: 'Running', container: requests(cpu), ...more, spec: { priority, ...more.spec } });
}

function budget(app: string, disruptionsAllowed: number): StoredOf<'PodDisruptionBudget'> {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name: app,
      namespace: 'default',
      uid: app,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: toRfc3339(START_MS),
    },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed },
  };
}

/** Who has to go for the pod, and where it is nominated; or what it is told. */
function making(
  pod: StoredOf<'Pod'>,
  others: Pods,
  budgets: readonly StoredOf<'PodDisruptionBudget'>[] = [],
  among = nodes,
): string {
  const seating = new Seating({ nodes: among, pods: [...others, pod] });
  const { actions, status } = planSchedule(pod, { nodes: among, budgets, seating }, NOW);
  const victims = actions.flatMap((action) => (action.type === 'evict' ? [action.key.name] : []));
  const where = status?.nominatedNodeName;
  if (where !== undefined) return `${where}: ${victims.join(' ')}`;
  return findCondition(status?.conditions, 'PodScheduled')?.message ?? `${actions.length} actions`;
}

const urgent = (cpu: string, more: PodOptions = {}): StoredOf<'Pod'> =>
  aPod({ name: 'urgent', container: requests(cpu), ...more, spec: { priority: 100, ...more.spec } });

describe('who has to go', () => {
  const started = (minutes: number): PodOptions => ({
    status: { phase: 'Running', startTime: toRfc3339(START_MS + minutes * 60_000) },
  });
  test.each<[string, StoredOf<'Pod'>, Pods, string]>([
    [
      'as few as possible',
      urgent('1'),
      [running('a1', 'node-a', '2'), running('a2', 'node-a', '2'), running('b', 'node-b', '4', 100)],
      'node-a: a2',
    ],
    [
      'the least important of a node',
      urgent('1'),
      [running('a1', 'node-a', '2', 1), running('a2', 'node-a', '2', 2), running('b', 'node-b', '4', 100)],
      'node-a: a1',
    ],
    [
      'where the most important victim is the least',
      urgent('4'),
      [running('a', 'node-a', '4', 50), running('b1', 'node-b', '2', 1), running('b2', 'node-b', '2', 2)],
      'node-b: b2 b1',
    ],
    [
      'where there are fewer of them',
      urgent('4'),
      [running('a1', 'node-a', '2', 5), running('a2', 'node-a', '2', 5), running('b', 'node-b', '4', 5)],
      'node-b: b',
    ],
    [
      'the ones that began last',
      urgent('4'),
      [running('a', 'node-a', '4', 5, started(1)), running('b', 'node-b', '4', 5, started(9))],
      'node-b: b',
    ],
    [
      'who has the port',
      urgent('1', { container: port(80) }),
      [running('a', 'node-a', '1', 0, { container: port(80) }), running('b', 'node-b', '1', 200, { container: port(80) })],
      'node-a: a',
    ],
    [
      'nobody who is leaving anyway',
      urgent('2'),
      [
        running('a1', 'node-a', '2', 0, { deletionTimestamp: toRfc3339(NOW + 9000) }),
        running('a2', 'node-a', '2'),
        running('b', 'node-b', '4', 100),
      ],
      'node-a: ',
    ],
  ])('%s', (_title, pod, others, expected) => {
    expect(making(pod, others)).toBe(expected);
  });

  test('who keeps it away', () => {
    const among = [zoned('node-a', 'north'), zoned('node-b', 'south')];
    const guard = (name: string, nodeName: string, priority: number): StoredOf<'Pod'> =>
      running(name, nodeName, '1', priority, { labels: { app: 'g' }, spec: required('podAntiAffinity', toApp('u')) });
    const others = [guard('a', 'node-a', 1), guard('b', 'node-b', 0)];
    expect(making(urgent('1', { labels: { app: 'u' } }), others, [], among)).toBe('node-b: b');
  });

  test('pods whose budget allows it rather than others', () => {
    const others = [running('a', 'node-a', '4', 0, { labels: { app: 'kept' } }), running('b', 'node-b', '4', 50)];
    expect(making(urgent('4'), others)).toBe('node-a: a');
    expect(making(urgent('4'), others, [budget('kept', 0)])).toBe('node-b: b');
    expect(making(urgent('4'), others, [budget('kept', 1)])).toBe('node-a: a');
  });

  test('a budget is broken when nothing else helps', () => {
    const others = [running('a', 'node-a', '4', 0, { labels: { app: 'kept' } }), running('b', 'node-b', '4', 100)];
    expect(making(urgent('4'), others, [budget('kept', 0)])).toBe('node-a: a');
  });
});

describe('nobody has to go', () => {
  const busy = [running('a', 'node-a', '4', 100), running('b', 'node-b', '4', 100)];
  const insufficient = '0/2 nodes are available: 2 Insufficient cpu.';
  test.each<[string, StoredOf<'Pod'>, Pods, string]>([
    [
      'of the same priority',
      urgent('1'),
      busy,
      `${insufficient} preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.`,
    ],
    [
      'for what no node has',
      urgent('5'),
      [running('a', 'node-a', '4')],
      `${insufficient} preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.`,
    ],
    [
      'for a pod that says so',
      urgent('1', { spec: { preemptionPolicy: 'Never' } }),
      [running('a', 'node-a', '4'), running('b', 'node-b', '4')],
      `${insufficient} preemption: not eligible due to preemptionPolicy=Never.`,
    ],
    [
      'if it is not enough',
      urgent('3'),
      [running('a1', 'node-a', '2', 100), running('a2', 'node-a', '2'), running('b', 'node-b', '4', 100)],
      `${insufficient} preemption: 0/2 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod.`,
    ],
    [
      'while others make room already',
      urgent('4', { status: { phase: 'Pending', nominatedNodeName: 'node-a' } }),
      [running('a', 'node-a', '4', 0, { deletionTimestamp: toRfc3339(NOW + 9000) }), running('b', 'node-b', '4')],
      'node-a: ',
    ],
  ])('%s', (_title, pod, others, expected) => {
    expect(making(pod, others)).toBe(expected);
  });

  test('a pod that makes others go is told what it waits for', () => {
    const pod = urgent('4', { status: { phase: 'Pending', nominatedNodeName: 'node-a' } });
    const others = [running('a', 'node-a', '4', 0, { deletionTimestamp: toRfc3339(NOW + 9000) }), running('b', 'node-b', '4')];
    const { status } = planSchedule(pod, { nodes, budgets: [], seating: new Seating({ nodes, pods: [...others, pod] }) }, NOW);
    expect(findCondition(status?.conditions, 'PodScheduled')?.message).toBe(
      `${insufficient} preemption: not eligible due to a terminating pod on the nominated node.`,
    );
  });
});

describe('in the store', () => {
  async function world(pods: Pods): Promise<{ store: Store; idle: () => Promise<void>; stop: () => Promise<void> }> {
    const clock = new FakeClock();
    const ids = seededIds(1);
    const store = openMemoryStore({ clock, ids });
    await store.write([aNode(), ...pods].map((resource) => ({ op: 'create', resource, uid: resource.metadata.uid })));
    const controller = runController(schedulerController, { store, clock, ids, logger: silentLogger });
    await controller.idle();
    return { store, idle: () => controller.idle(), stop: () => controller.stop() };
  }
  const victim = running('low', 'node-a', '4');

  test('the victim is told, and goes gracefully; the pod follows; its room is kept from others', async () => {
    const { store, idle, stop } = await world([victim, urgent('3')]);
    const low = store.get('Pod', 'default', 'low');
    expect(low?.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
    expect(findCondition(low?.status?.conditions, 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    });
    expect(low?.status?.phase).toBe('Running');
    expect(store.get('Pod', 'default', 'urgent')?.status?.nominatedNodeName).toBe('node-a');
    const events = store
      .list('Event')
      .map(({ reason, involvedObject, message }) => `${involvedObject.name} ${reason}: ${message}`);
    expect(events.toSorted()).toEqual([
      `low Preempted: Preempted by pod ${urgent('3').metadata.uid} on node node-a`,
      'urgent FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.',
      'urgent FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to a terminating pod on the nominated node.',
    ]);
    const small = (name: string, cpu: string) => aPod({ name, container: requests(cpu) });
    await store.write([small('late', '2'), small('tiny', '1')].map((resource) => ({ op: 'create', resource })));
    await idle();
    await store.write([{ op: 'remove', key: { kind: 'Pod', namespace: 'default', name: 'low' } }]);
    await idle();
    const where = (name: string): string | undefined => store.get('Pod', 'default', name)?.spec.nodeName;
    expect([where('urgent'), where('late'), where('tiny')]).toEqual(['node-a', undefined, 'node-a']);
    expect(store.get('Pod', 'default', 'urgent')?.status?.nominatedNodeName).toBeUndefined();
    await stop();
  });

  test('nothing more happens while it waits', async () => {
    const { store, idle, stop } = await world([victim, urgent('3')]);
    const revision = store.revision();
    const node = store.get('Node', '', 'node-a');
    if (node !== undefined)
      await store.write([
        {
          op: 'updateStatus',
          key: { kind: 'Node', namespace: '', name: 'node-a' },
          uid: node.metadata.uid,
          status: { ...node.status, nodeInfo: {} },
        },
      ]);
    await idle();
    expect(store.revision()).toBe(revision + 1);
    await stop();
  });
});
