import { beforeEach, describe, expect, test } from 'vitest';
import type { Action } from '../../src/model/action.ts';
import { keyOf, type Pod, type ReplicaSet, type Service, type Stored, type StoredOf } from '../../src/model/resource.ts';
import { allEventWrites, eventWrites, MAX_EVENTS } from '../../src/runtime/events.ts';
import { performActions, StalePlan } from '../../src/runtime/perform-actions.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const why = { reason: 'Because', message: 'a test says so' };
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'busybox:1.36' }] } satisfies Pod['spec'],
};
const replicaSet: ReplicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template },
};
const aPod = (name: string, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { ...template.spec, ...spec },
});

let clock: FakeClock;
let store: Store;
let about: StoredOf<'ReplicaSet'>;

beforeEach(async () => {
  clock = new FakeClock();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  about = (await stored(replicaSet)) as StoredOf<'ReplicaSet'>;
});

async function stored(resource: ReplicaSet | Pod): Promise<Stored> {
  const result = await store.write([{ op: 'create', resource }]);
  const [made] = result.ok ? result.resources : [];
  if (made === undefined) throw new Error('not created');
  return made;
}
const perform = (actions: readonly Action[], status?: unknown): Promise<readonly Action[]> =>
  performActions(store, about, actions, status, { now: clock.now(), component: 'test-controller' });
const pods = (): readonly StoredOf<'Pod'>[] => store.list('Pod');
const deletion = (pod: Stored): Action => ({ type: 'delete', key: keyOf(pod), uid: pod.metadata.uid, ...why });

describe('a Service', () => {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { ports: [{ port: 80 }] },
  };

  test('is given an address, which is recorded in the same transaction and goes with it', async () => {
    const before = store.revision();
    await perform([{ type: 'create', resource: service, ...why }]);
    expect(store.revision()).toBe(before + 1);
    const made = store.get('Service', 'shop', 'web');
    const { clusterIP = '' } = made?.spec ?? {};
    expect(store.list('IPAddress').map(({ metadata }) => metadata.name)).toEqual([clusterIP]);
    if (made !== undefined) await perform([{ type: 'delete', key: keyOf(made), uid: made.metadata.uid, ...why }]);
    expect(store.list('IPAddress')).toEqual([]);
  });

  test('that asks for what is taken is refused', async () => {
    const asking: Service = { ...service, spec: { ...service.spec, clusterIP: '10.96.0.10' } };
    await expect(perform([{ type: 'create', resource: asking, ...why }])).rejects.toThrow(
      'services "web" is forbidden: address 10.96.0.10 cannot be had: DNS of the cluster answers there; leave clusterIP out to be given a free one',
    );
  });
});

describe('a plan', () => {
  test('is one transaction: objects, status and events', async () => {
    const changed = { ...about, metadata: { ...about.metadata, annotations: { note: 'x' } } };
    const actions: Action[] = [
      { type: 'create', resource: aPod('web-1'), reason: 'SuccessfulCreate', message: 'Created pod: web-1' },
      { type: 'update', resource: changed, ...why },
    ];
    const before = store.revision();
    expect(await perform(actions, { replicas: 1 })).toEqual(actions);
    expect(store.revision()).toBe(before + 1);
    expect(pods().map(({ metadata }) => metadata.name)).toEqual(['web-1']);
    expect(store.get('ReplicaSet', 'shop', 'web')).toMatchObject({
      metadata: { annotations: { note: 'x' }, generation: 1 },
      status: { replicas: 1 },
    });
    expect(
      store.list('Event', 'shop').map(({ reason, message, count, type, source }) => [reason, message, count, type, source]),
    ).toEqual(
      expect.arrayContaining([
        ['SuccessfulCreate', 'Created pod: web-1', 1, 'Normal', { component: 'test-controller' }],
        ['Because', 'a test says so', 1, 'Normal', { component: 'test-controller' }],
      ]),
    );
  });

  test('without actions and with the status that is there writes nothing', async () => {
    await perform([], { replicas: 1 });
    const before = store.revision();
    about = store.get('ReplicaSet', 'shop', 'web') ?? about;
    expect(await perform([], { replicas: 1 })).toEqual([]);
    expect(await perform([])).toEqual([]);
    expect(store.revision()).toBe(before);
  });

  test.each([
    [
      'an object that changed since',
      (): Action => ({ type: 'update', resource: { ...about, spec: { ...about.spec, replicas: 9 } }, ...why }),
    ],
    ['a name that is taken', (): Action => ({ type: 'create', resource: aPod('taken'), ...why })],
    [
      'another object of that name',
      (): Action => ({ type: 'delete', key: { kind: 'Pod', namespace: 'shop', name: 'taken' }, uid: 'x', ...why }),
    ],
  ])('is refused whole for %s', async (_what, actionOf) => {
    await stored(aPod('taken'));
    await store.write([{ op: 'update', resource: { ...about, spec: { ...about.spec, replicas: 2 } } }]);
    const before = store.revision();
    await expect(perform([{ type: 'create', resource: aPod('web-1'), ...why }, actionOf()])).rejects.toThrow(StalePlan);
    expect(pods().map(({ metadata }) => metadata.name)).toEqual(['taken']);
    expect(store.revision()).toBe(before);
  });

  test('is refused when only its status is old', async () => {
    await store.write([{ op: 'update', resource: { ...about, spec: { ...about.spec, replicas: 2 } } }]);
    await expect(perform([], { replicas: 1 })).rejects.toThrow(StalePlan);
  });
});

describe('delete', () => {
  test.each([
    ['a running pod', {}, 'Running', 30],
    ['a pod with a grace of its own', { terminationGracePeriodSeconds: 5 }, 'Running', 5],
    ['a pod with no grace', { terminationGracePeriodSeconds: 0 }, 'Running', 0],
    ['a finished pod, whose containers are still there', {}, 'Succeeded', 30],
  ])('of %s that is bound asks its kubelet', async (_what, spec, phase, grace) => {
    const pod = await stored(aPod('web-1', { ...spec, nodeName: 'n1' }));
    await store.write([{ op: 'updateStatus', key: keyOf(pod), uid: pod.metadata.uid, status: { phase } }]);
    await perform([deletion(pod)]);
    expect(store.get('Pod', 'shop', 'web-1')).toMatchObject({
      metadata: {
        deletionTimestamp: new Date(clock.now() + grace * 1000).toISOString().replace('.000', ''),
        deletionGracePeriodSeconds: grace,
        generation: 2,
      },
      status: { phase },
    });
  });

  test('of a bound pod a second time changes nothing, not even the deadline', async () => {
    const pod = await stored(aPod('web-1', { nodeName: 'n1' }));
    await perform([deletion(pod)]);
    const dying = store.get('Pod', 'shop', 'web-1');
    const before = store.revision();
    await clock.advance(5_000);
    expect(await perform([deletion(pod)])).toEqual([]);
    expect(store.get('Pod', 'shop', 'web-1')).toBe(dying);
    expect(store.revision()).toBe(before);
  });

  test('of a pod without a node, or of anything else, removes it', async () => {
    const pod = await stored(aPod('web-1'));
    await perform([deletion(pod), deletion(about)], { replicas: 0 });
    expect(pods()).toEqual([]);
    expect(store.list('ReplicaSet')).toEqual([]);
  });

  test('of what is gone already has nothing to do', async () => {
    const pod = await stored(aPod('web-1'));
    await perform([deletion(pod)]);
    const before = store.revision();
    expect(await perform([deletion(pod)])).toEqual([]);
    expect(store.revision()).toBe(before);
  });
});

describe('events', () => {
  const report = { reason: 'Waiting', message: 'for the image', severity: 'Warning', component: 'kubelet' } as const;
  const tell = async (resource: Stored, message: string = report.message): Promise<void> => {
    await store.write(eventWrites(store, resource, { ...report, message, isSpared: true }, clock.now()));
  };

  test('say what happened to which object', async () => {
    await tell(about);
    const [event] = store.list('Event', 'shop');
    expect(event).toMatchObject({
      metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{10}$/), namespace: 'shop' },
      involvedObject: { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'shop', name: 'web', uid: about.metadata.uid },
      reason: 'Waiting',
      message: 'for the image',
      type: 'Warning',
      count: 1,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'kubelet' },
    });
  });

  test('are counted when they repeat', async () => {
    await tell(about);
    await clock.advance(60_000);
    await tell(about);
    await tell(about, 'for the volume');
    const counted = store.list('Event').map(({ message, count, lastTimestamp }) => [message, [count, lastTimestamp]] as const);
    expect(new Map(counted)).toEqual(
      new Map([
        ['for the image', [2, '2026-01-01T00:01:00Z']],
        ['for the volume', [1, '2026-01-01T00:01:00Z']],
      ]),
    );
  });

  test('that repeat within one plan are counted too', async () => {
    const action: Action = { type: 'report', severity: 'Warning', ...why };
    await perform([action, action]);
    expect(store.list('Event').map(({ count, type }) => [count, type])).toEqual([[2, 'Warning']]);
  });

  test('of cluster-wide objects are in the namespace default', async () => {
    const result = await store.write([
      { op: 'create', resource: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } },
    ]);
    const [namespace] = result.ok ? result.resources : [];
    if (namespace === undefined) throw new Error('not created');
    await tell(namespace);
    expect(store.list('Event', 'default').map(({ involvedObject }) => involvedObject.name)).toEqual(['shop']);
  });

  test('are limited: the oldest go', async () => {
    for (let number = 0; number <= MAX_EVENTS; number++) {
      await tell(about, `message ${number}`);
      expect(store.list('Event').length).toBeLessThanOrEqual(MAX_EVENTS);
    }
    const messages = new Set(store.list('Event').map(({ message }) => message));
    expect([messages.has('message 0'), messages.has('message 500'), messages.has(`message ${MAX_EVENTS}`)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('that repeat are not the ones that go', async () => {
    for (let number = 0; number < MAX_EVENTS; number++) await tell(about, `message ${number}`);
    const oldestAndNew = ['message 0', 'new'].map((message) => ({ ...report, message, isSpared: true as const }));
    await store.write(allEventWrites(store, about, oldestAndNew, clock.now()));
    expect(store.list('Event').find(({ message }) => message === 'message 0')?.count).toBe(2);
    expect(store.list('Event').length).toBeLessThanOrEqual(MAX_EVENTS);
  });
});
