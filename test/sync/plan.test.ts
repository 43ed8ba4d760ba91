import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/manifests/load.ts';
import {
  APPLICATION_ANNOTATION,
  type DeploymentSpec,
  type Desired,
  type InventoryEntry,
  keyOf,
  keyString,
  RECOVERED_ANNOTATION,
  REVISION_ANNOTATION,
  type Resource,
  type StatefulSetSpec,
} from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { planSync } from '../../src/sync/plan.ts';
import { type PlanMode, type SyncPlan } from '../../src/sync/planned.ts';
import { allowsPrune, guardPrune, lingering } from '../../src/sync/prune.ts';
import { changeWrites } from '../../src/sync/writes.ts';
import {
  aClaim,
  aConfigMap,
  aDeployment,
  aNamespace,
  aPod,
  aReplicaSet,
  aSecret,
  asDesired,
  aTemplate,
} from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const ours = { [APPLICATION_ANNOTATION]: 'shop' };
const manifest = (resource: Desired, line = 1): Manifest => ({ resource, file: 'app.yaml', line });
const entry = (resource: Desired): InventoryEntry => ({
  ...keyOf(resource),
  file: 'app.yaml',
  line: 1,
  commit: 'c1',
  author: 'Ada',
});

async function storeWith(...resources: readonly Resource[]): Promise<Store> {
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });
  for (const resource of resources) await store.write([{ op: 'create', resource }]);
  return store;
}

function plan(
  live: Store,
  desired: readonly Desired[],
  options: { inventory?: readonly Desired[]; mode?: PlanMode; withRecovered?: boolean } = {},
): SyncPlan {
  const inventory = (options.inventory ?? []).map(entry);
  const { mode = 'commit', withRecovered = false } = options;
  return planSync({
    desired: desired.map((resource) => manifest(resource)),
    live,
    inventory,
    application: 'shop',
    mode,
    withRecovered,
  });
}

const lines = (result: SyncPlan): string[] =>
  result.changes.map((change) => `${change.action} ${keyString(change.key)} ${change.effect}`);

describe('one object', () => {
  const web = asDesired(aDeployment({ annotations: ours }));
  const withSpec = (spec: Partial<DeploymentSpec>): Desired => asDesired(aDeployment({ annotations: ours, spec }));
  const replaced = { ...ours, 'holdfast.dev/replace': 'true' };
  const image = aTemplate({ container: { image: 'busybox:2' } });
  const pod = asDesired(aPod({ annotations: ours }));

  test.each<[string, Desired, Desired, string, string[]]>([
    ['equal', web, web, 'unchanged none', []],
    ['replicas', web, withSpec({ replicas: 5 }), 'update in-place', ['spec.replicas']],
    ['template', web, withSpec({ template: image }), 'update rolling update', ['spec.template.spec.containers[main].image']],
    [
      'template, strategy Recreate',
      withSpec({ strategy: { type: 'Recreate' } }),
      withSpec({ strategy: { type: 'Recreate' }, template: image }),
      'update restart',
      ['spec.template.spec.containers[main].image'],
    ],
    [
      'template while paused',
      withSpec({ paused: true }),
      withSpec({ paused: true, template: image }),
      'update in-place',
      ['spec.template.spec.containers[main].image'],
    ],
    [
      'selector, as the annotation allows',
      asDesired(aDeployment({ annotations: replaced })),
      asDesired(aDeployment({ annotations: replaced, spec: { selector: { matchLabels: { app: 'other' } } } })),
      'recreate restart',
      ['spec.selector.matchLabels.app'],
    ],
    [
      'env added',
      web,
      withSpec({ template: aTemplate({ container: { env: [{ name: 'A', value: '1' }] } }) }),
      'update rolling update',
      ['spec.template.spec.containers[main].env'],
    ],
    [
      'image of a pod',
      pod,
      asDesired(aPod({ annotations: ours, container: { image: 'busybox:2' } })),
      'recreate restart',
      ['spec.containers[main].image'],
    ],
    [
      'label of a pod',
      pod,
      asDesired(aPod({ annotations: ours, labels: { app: 'x' } })),
      'update in-place',
      ['metadata.labels.app'],
    ],
    [
      'data',
      asDesired(aConfigMap({ annotations: ours, data: { a: '1', b: '1' } })),
      asDesired(aConfigMap({ data: { a: '2', c: '1' } })),
      'update in-place',
      ['data.a', 'data.b', 'data.c'],
    ],
  ])('%s', async (_what, live, desired, expected, fields) => {
    const [change] = plan(await storeWith(live), [desired]).changes;
    expect(`${change?.action} ${change?.effect}`).toBe(expected);
    expect(change?.fields.map((field) => field.path)).toEqual(fields);
  });

  const paused = withSpec({ paused: true });
  const { selector } = aDeployment().spec;
  const setOf = (updateStrategy: NonNullable<StatefulSetSpec['updateStrategy']>, body = aTemplate()): Desired => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: web.metadata,
    spec: { serviceName: 'web', replicas: 3, selector, template: body, updateStrategy },
  });
  const from = (partition: number, body = aTemplate()): Desired =>
    setOf({ type: 'RollingUpdate', rollingUpdate: { partition } }, body);
  const daemons = (type: 'OnDelete' | 'RollingUpdate'): Desired => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: web.metadata,
    spec: { selector, template: aTemplate(), updateStrategy: { type } },
  });
  const updated = (count: number): object => ({ replicas: 3, updatedReplicas: count });

  test.each<[string, Desired, object, Desired, string]>([
    ['a pause that ends over pods of an earlier template', paused, updated(1), web, 'rolling update'],
    ['a pause that ends over pods of the template', paused, updated(3), web, 'in-place'],
    ['replicas in a pause', paused, updated(1), withSpec({ paused: true, replicas: 5 }), 'in-place'],
    ['a template below the partition', from(3), updated(3), from(3, image), 'in-place'],
    ['a template above the partition', from(2), updated(3), from(2, image), 'rolling update'],
    ['a lower partition with pods of an earlier template', from(2), updated(1), from(1), 'rolling update'],
    ['a lower partition with pods of the template', from(2), updated(3), from(1), 'in-place'],
    ['a higher partition', from(1), updated(2), from(2), 'in-place'],
    ['a set no more by hand', setOf({ type: 'OnDelete' }), updated(1), from(0), 'rolling update'],
    ['a set by hand from now on', from(0), updated(1), setOf({ type: 'OnDelete' }), 'in-place'],
    [
      'nodes no more by hand',
      daemons('OnDelete'),
      { desiredNumberScheduled: 3, updatedNumberScheduled: 1 },
      daemons('RollingUpdate'),
      'rolling update',
    ],
  ])('%s', async (_what, live, status, desired, effect) => {
    const [change] = plan(await storeWith({ ...live, status } as Resource), [desired]).changes;
    expect(change).toMatchObject({ action: 'update', effect });
  });

  test('values of Secrets differ and are not shown', async () => {
    const live = await storeWith(asDesired(aSecret({ annotations: ours, data: { a: 'c2VjcmV0', b: 'eA==' } })));
    const result = plan(live, [asDesired(aSecret({ data: { a: 'bmV3', c: 'eQ==' } }))]);
    expect(result.changes[0]?.fields).toEqual([
      { path: 'data.a', old: '(secret)', new: '(secret, changed)' },
      { path: 'data.b', old: '(secret)' },
      { path: 'data.c', new: '(secret)' },
    ]);
    expect(JSON.stringify(result.changes[0]?.fields)).not.toContain('c2VjcmV0');
  });

  test('what the system wrote on an object is kept, what a hand wrote goes', async () => {
    const annotations = { ...ours, [REVISION_ANNOTATION]: '3', 'by.hand/note': 'x' };
    const [change] = plan(await storeWith(asDesired(aDeployment({ annotations }))), [asDesired(aDeployment())]).changes;
    expect(change?.fields.map((field) => field.path)).toEqual(['metadata.annotations[by.hand/note]']);
    expect(change?.next?.metadata.annotations).toEqual({ ...ours, [REVISION_ANNOTATION]: '3' });
  });

  test('an order that has a meaning is a difference', async () => {
    const env = (...names: string[]): Desired =>
      withSpec({ template: aTemplate({ container: { env: names.map((name) => ({ name, value: '1' })) } }) });
    const [change] = plan(await storeWith(env('A', 'B')), [env('B', 'A')]).changes;
    expect(change?.fields).toEqual([{ path: 'spec.template.spec.containers[main].env', old: 'A, B', new: 'B, A' }]);
  });

  test('what was found equal is remembered for that manifest and that application alone', async () => {
    const live = await storeWith(aConfigMap({ name: 'a', data: { key: 'one' }, annotations: ours }));
    const one = asDesired(aConfigMap({ name: 'a', data: { key: 'one' } }));
    const two = asDesired(aConfigMap({ name: 'a', data: { key: 'two' } }));
    const actions = [one, two, one, two].map((resource) => plan(live, [resource], { inventory: [one] }).changes[0]?.action);
    expect(actions).toEqual(['unchanged', 'update', 'unchanged', 'update']);
    const elsewhere = planSync({ desired: [manifest(one)], live, inventory: [], application: 'other', mode: 'commit' });
    expect(elsewhere.problems.map(({ reason }) => reason)).toEqual(['Conflict']);
  });

  test('a pod that is ending is waited for', async () => {
    const live = await storeWith(asDesired(aPod({ annotations: ours })));
    const found = live.get('Pod', 'default', 'web');
    if (found !== undefined)
      await live.write([
        { op: 'update', resource: { ...found, metadata: { ...found.metadata, deletionTimestamp: '2026-01-01T00:00:30Z' } } },
      ]);
    const [change] = plan(live, [asDesired(aPod())]).changes;
    expect(change).toMatchObject({ action: 'recreate', waitsFor: 'pod/web to end' });
    expect(change === undefined ? [] : changeWrites(change, 0)).toEqual([]);
  });
});

describe('who an object belongs to', () => {
  test('nobody: it is adopted, with a note', async () => {
    const result = plan(await storeWith(asDesired(aConfigMap())), [asDesired(aConfigMap())]);
    expect(result.changes[0]).toMatchObject({ action: 'update', reason: 'Adopted' });
    expect(result.problems).toMatchObject([{ severity: 'note', file: 'app.yaml', line: 1 }]);
  });

  test('another application: refused', async () => {
    const result = plan(await storeWith(asDesired(aConfigMap({ annotations: { [APPLICATION_ANNOTATION]: 'blog' } }))), [
      asDesired(aConfigMap()),
    ]);
    expect(result.changes).toEqual([]);
    expect(result.problems).toMatchObject([{ severity: 'error', reason: 'Conflict', file: 'app.yaml', line: 1 }]);
  });

  test('a controller: refused', async () => {
    const owner = aReplicaSet();
    const result = plan(await storeWith(aPod({ owner })), [asDesired(aPod())]);
    expect(result.problems).toMatchObject([
      { reason: 'Conflict', message: expect.stringContaining('belongs to ReplicaSet web') },
    ]);
  });

  test('found on the host: claimed without a word, and no longer marked', async () => {
    const live = await storeWith(asDesired(aPod({ annotations: { ...ours, [RECOVERED_ANNOTATION]: 'true' } })));
    const result = plan(live, [asDesired(aPod())]);
    expect(result.changes[0]).toMatchObject({ action: 'update', reason: 'Updated', effect: 'in-place' });
    expect(result.changes[0]?.next?.metadata.annotations).toEqual(ours);
    expect(result.problems).toEqual([]);
  });
});

describe('what cannot be changed', () => {
  const claim = (storage: string, more: object = {}): Desired =>
    asDesired(aClaim({ annotations: ours, spec: { resources: { requests: { storage } }, ...more } }));
  test.each<[string, Desired, Desired, string[]]>([
    ['a claim grows', claim('1Gi'), claim('2Gi'), []],
    ['a claim stays in other words', claim('1Gi'), claim('1024Mi'), []],
    [
      'a claim that has its volume gets the class that it had none of',
      claim('1Gi', { volumeName: 'pvc-1' }),
      claim('1Gi', { storageClassName: 'fast' }),
      [],
    ],
    [
      'a claim that has its volume changes its class',
      claim('1Gi', { volumeName: 'pvc-1', storageClassName: 'slow' }),
      claim('1Gi', { storageClassName: 'fast' }),
      ['spec.storageClassName'],
    ],
    ['a claim shrinks', claim('2Gi'), claim('1Gi'), ['spec.resources.requests.storage']],
    ['a claim changes its access', claim('1Gi'), claim('1Gi', { accessModes: ['ReadWriteMany'] }), ['spec.accessModes']],
    [
      'an immutable ConfigMap changes',
      asDesired(aConfigMap({ annotations: ours, immutable: true })),
      asDesired(aConfigMap({ immutable: true, data: { key: 'x' } })),
      ['data'],
    ],
    [
      'a ConfigMap stops being immutable',
      asDesired(aConfigMap({ annotations: ours, immutable: true })),
      asDesired(aConfigMap()),
      ['immutable'],
    ],
    [
      'a ConfigMap becomes immutable',
      asDesired(aConfigMap({ annotations: ours })),
      asDesired(aConfigMap({ immutable: true })),
      [],
    ],
  ])('%s', async (_what, live, desired, fields) => {
    const { problems } = plan(await storeWith(live), [desired]);
    expect(problems.map((problem) => [problem.reason, problem.field])).toEqual(fields.map((field) => ['Immutable', field]));
  });

  test('going back may recreate what is immutable, never a claim', async () => {
    const live = await storeWith(asDesired(aConfigMap({ annotations: ours, immutable: true })), claim('2Gi'));
    expect(lines(plan(live, [asDesired(aConfigMap({ data: { key: 'old' } })), claim('1Gi')], { mode: 'rollback' }))).toEqual([
      'recreate ConfigMap/default/config restart',
      'update PersistentVolumeClaim/default/data in-place',
    ]);
  });
});

describe('the whole', () => {
  const objects: Desired[] = [
    asDesired(aDeployment({ namespace: 'shop', annotations: ours })),
    asDesired(aConfigMap({ namespace: 'shop', annotations: ours })),
    asDesired(aClaim({ namespace: 'shop', annotations: ours })),
    asDesired(aNamespace({ annotations: ours })),
  ];

  test('applies what others need first, and deletes in reverse', async () => {
    expect(lines(plan(await storeWith(), objects))).toEqual([
      'create Namespace//shop new',
      'create ConfigMap/shop/config new',
      'create PersistentVolumeClaim/shop/data new',
      'create Deployment/shop/web new',
    ]);
    const pruned = plan(await storeWith(...objects), [], { inventory: objects });
    expect(lines(pruned).map((line) => line.split(' ')[1])).toEqual([
      'Deployment/shop/web',
      'PersistentVolumeClaim/shop/data',
      'ConfigMap/shop/config',
      'Namespace//shop',
    ]);
    expect(pruned.changes[1]?.message).toContain('its volume stays with its data');
    expect(pruned.changes[3]?.waitsFor).toBe('deployment/web in shop to go first');
  });

  test('leaves what is no longer its own, and a namespace that others live in', async () => {
    const foreign = asDesired(aConfigMap({ namespace: 'shop', name: 'theirs' }));
    const taken = asDesired(aConfigMap({ name: 'taken', annotations: { [APPLICATION_ANNOTATION]: 'blog' } }));
    const result = plan(await storeWith(asDesired(aNamespace({ annotations: ours })), foreign, taken), [], {
      inventory: [asDesired(aNamespace()), taken],
    });
    expect(result.changes).toEqual([]);
    expect(result.forgotten.map(keyString)).toEqual(['ConfigMap/default/taken']);
    expect(result.kept.map((kept) => kept.message)).toEqual([
      "namespace/shop stays: configmap/theirs in shop is in it and is not this application's",
    ]);
  });

  test('a namespace stays for an object of any kind, also for one that runs nothing', async () => {
    const account: Desired = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'shop', name: 'robot' } };
    const result = plan(await storeWith(asDesired(aNamespace({ annotations: ours })), account), [], {
      inventory: [asDesired(aNamespace())],
    });
    expect(result.changes).toEqual([]);
    expect(result.kept.map((kept) => kept.message)).toEqual([
      "namespace/shop stays: serviceaccount/robot in shop is in it and is not this application's",
    ]);
  });

  test('a namespace does not wait for a claim that a StatefulSet left in it, and that no commit has ever named', async () => {
    const namespace = asDesired(aNamespace({ annotations: ours }));
    const left = asDesired(aClaim({ namespace: 'shop', name: 'data-db-0', annotations: ours }));
    const result = plan(await storeWith(namespace, left), [], { inventory: [asDesired(aNamespace())] });
    expect(lines(result)).toEqual(['delete Namespace//shop removed']);
    expect(result.changes[0]?.waitsFor).toBeUndefined();
  });

  test('keeps a claim until the pods that use it have ended', async () => {
    const claim = asDesired(aClaim({ annotations: ours }));
    const user = asDesired(aPod({ spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } }));
    const result = plan(await storeWith(claim, user), [], { inventory: [claim] });
    expect(result.changes[0]?.waitsFor).toBe('pod/web to end, which uses it');
  });

  test('takes away what was found on the host and nobody claims, only when told to', async () => {
    const mark = { ...ours, [RECOVERED_ANNOTATION]: 'true' };
    const owner = aReplicaSet({ annotations: ours });
    const live = await storeWith(
      asDesired(aPod({ annotations: mark })),
      aPod({ name: 'claimed', annotations: mark, owner }),
      aPod({ name: 'left', annotations: mark, owner: aReplicaSet({ name: 'gone' }) }),
    );
    await live.write([{ op: 'create', resource: asDesired(owner), uid: owner.metadata.uid }]);
    expect(lines(plan(live, []))).toEqual([]);
    expect(lines(plan(live, [], { withRecovered: true }))).toEqual([
      'delete Pod/default/web removed',
      'delete Pod/default/left removed',
    ]);
  });

  test('planned again after it was carried out, changes nothing', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const some = fc.uniqueArray(
      fc.oneof(
        fc
          .record({ name, value: fc.constantFrom('1', '2') })
          .map(({ name, value }): Desired => asDesired(aConfigMap({ name, data: { value } }))),
        fc.record({ name, replicas: fc.integer({ min: 0, max: 3 }) }).map((options): Desired => asDesired(aDeployment(options))),
        fc
          .record({ name, image: fc.constantFrom('x:1', 'x:2') })
          .map(({ name, image }): Desired => asDesired(aPod({ name, container: { image } }))),
      ),
      { selector: (resource) => keyString(keyOf(resource)) },
    );
    await fc.assert(
      fc.asyncProperty(some, some, async (before, after) => {
        const live = await storeWith();
        for (const [desired, inventory] of [
          [before, []],
          [after, before],
        ] as const) {
          const writes = plan(live, desired, { inventory }).changes.flatMap((change) => changeWrites(change, 0));
          expect((await live.write(writes)).ok).toBe(true);
        }
        expect(
          plan(live, after, { inventory: [...before, ...after] }).changes.filter((change) => change.action !== 'unchanged'),
        ).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the guard', () => {
  const objects = ['a', 'b', 'c', 'd', 'e'].map((name) => asDesired(aConfigMap({ name, annotations: ours })));
  test.each([
    [4, 4, '', []],
    [4, 2, '', []],
    [4, 1, '', ['Guarded']],
    [3, 1, '', []],
    [5, 2, '', ['Guarded']],
    [5, 2, 'Less\n\nHoldfast-Allow-Prune: true', []],
    [2, 0, '', ['Guarded']],
    [2, 0, 'Stop\n\nHoldfast-Allow-Prune: true\n', []],
    [0, 0, '', ['Empty']],
    [0, 0, 'Stop\n\nHoldfast-Allow-Prune: true', ['Empty']],
  ])('of %i objects %i stay, message %j', async (applied, stay, message, reasons) => {
    const inventory = objects.slice(0, applied);
    const result = plan(await storeWith(...inventory), objects.slice(0, stay), { inventory });
    expect(guardPrune(stay, result, inventory.map(entry), { message }).map((problem) => problem.reason)).toEqual(reasons);
  });

  test.each([
    ['Subject\n\nHoldfast-Allow-Prune: true', true],
    ['Subject\n\nSigned-off-by: A\nholdfast-allow-prune: TRUE', true],
    ['Subject\n\nHoldfast-Allow-Prune: true\n\nMore text', false],
    ['Subject\n\nHoldfast-Allow-Prune: false', false],
    ['Holdfast-Allow-Prune: truely', false],
  ])('the trailer in %j', (message, allowed) => {
    expect(allowsPrune(message)).toBe(allowed);
  });
});

test('pods that are on their way out are known', async () => {
  const live = await storeWith(
    aPod({ name: 'left', annotations: ours, owner: aReplicaSet({ name: 'gone' }) }),
    aPod({ name: 'ending', annotations: ours, deletionTimestamp: '2026-01-01T00:00:30Z' }),
    aPod({ name: 'staying', annotations: ours }),
    aPod({ name: 'theirs', deletionTimestamp: '2026-01-01T00:00:30Z' }),
  );
  expect(lingering(live, 'shop').map((key) => key.name)).toEqual(['ending', 'left']);
});
