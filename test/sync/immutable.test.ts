// What may not be changed about a StatefulSet, and how its changes and a DaemonSet's are announced.
import { expect, test } from 'vitest';
import type { StatefulSetSpec, Stored } from '../../src/model/resource.ts';
import { immutableFields } from '../../src/sync/immutable.ts';
import { planSync } from '../../src/sync/plan.ts';
import { aDaemonSet, DaemonWorld } from '../controllers/daemonset/sets.ts';
import { aSet, SetWorld } from '../controllers/statefulset/sets.ts';

const claim = (storage: string): StatefulSetSpec['volumeClaimTemplates'] => [
  { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } },
];

test.each<[string, Partial<StatefulSetSpec>, string[]]>([
  [
    'replicas, template and strategy',
    { replicas: 5, minReadySeconds: 3, updateStrategy: { type: 'OnDelete' }, ordinals: { start: 2 } },
    [],
  ],
  ['another way to write the same size', { volumeClaimTemplates: claim('1024Mi') ?? [] }, []],
  ['the size of a claim', { volumeClaimTemplates: claim('2Gi') ?? [] }, ['spec.volumeClaimTemplates']],
  ['no claims any more', { volumeClaimTemplates: [] }, ['spec.volumeClaimTemplates']],
  ['the Service', { serviceName: 'other' }, ['spec.serviceName']],
  ['the order', { podManagementPolicy: 'Parallel' }, ['spec.podManagementPolicy']],
  ['the selector', { selector: { matchLabels: { app: 'x' } } }, ['spec.selector']],
  ['what becomes of claims', { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } }, []],
])('%s', async (_title, spec, fields) => {
  const world = await SetWorld.with({ claims: ['data'] });
  const refusals = immutableFields(aSet({ claims: ['data'], spec }), world.set());
  expect(refusals.map(({ field }) => field)).toEqual(fields);
});

test.each<[string, object, string]>([
  ['a new image', { image: 'v2' }, 'update rolling update'],
  ['a new image, by hand', { image: 'v2', spec: { updateStrategy: { type: 'OnDelete' } } }, 'update in-place'],
  ['a longer wait', { spec: { minReadySeconds: 5 } }, 'update in-place'],
])('%s', async (_title, options, expected) => {
  const sets = await SetWorld.with();
  const daemons = await DaemonWorld.with([]);
  const told = (live: SetWorld | DaemonWorld, resource: ReturnType<typeof aSet> | ReturnType<typeof aDaemonSet>): string[] =>
    planSync({
      desired: [{ resource, file: 'a.yaml', line: 1 }],
      live: live.store,
      inventory: [],
      application: 'shop',
      mode: 'apply',
    }).changes.map(({ action, effect }) => `${action} ${effect}`);
  expect(told(sets, aSet(options))).toEqual([expected]);
  expect(told(daemons, aDaemonSet(options))).toEqual([expected]);
});

test.each<[string, Record<string, string>, string[], string[]]>([
  ['refused', {}, ['spec.selector'], []],
  ['made anew when the annotation says so', { 'holdfast.dev/replace': 'true' }, [], ['recreate']],
])('another selector of a DaemonSet: %s', async (_case, annotations, refused, actions) => {
  const world = await DaemonWorld.with([]);
  const changed = aDaemonSet({ spec: { selector: { matchLabels: { app: 'x' } } } });
  const resource = { ...changed, metadata: { ...changed.metadata, annotations } };
  const live: Stored = world.daemonSet();
  expect(immutableFields(resource, live).map(({ field }) => field)).toEqual(refused);
  const { changes } = planSync({
    desired: [{ resource, file: 'a.yaml', line: 1 }],
    live: world.store,
    inventory: [],
    application: 'shop',
    mode: 'commit',
  });
  expect(changes.map(({ action }) => action)).toEqual(actions);
});
