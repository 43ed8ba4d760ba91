// What a commit's pods are given, and what is let in: the plan knows it, and a second pass finds nothing to do.
import { expect, test } from 'vitest';
import type { Desired, Resource } from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { planSync } from '../../src/sync/plan.ts';
import { type SyncPlan } from '../../src/sync/planned.ts';
import { changeWrites } from '../../src/sync/writes.ts';
import { aConfigMap, aNamespace, aPod, asDesired } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const range = (cpu: string): Desired => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'l', namespace: 'default' },
  spec: { limits: [{ type: 'Container', default: { cpu }, defaultRequest: { cpu: '100m' } }] },
});
const quota = (pods: string): Desired => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace: 'default' },
  spec: { hard: { pods } },
});
const pod = asDesired(aPod());

class Bench {
  readonly store: Store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });

  plan(desired: readonly Desired[]): SyncPlan {
    const manifests = desired.map((resource) => ({ resource, file: 'a.yaml', line: 1 }));
    return planSync({ desired: manifests, live: this.store, inventory: [], application: 'shop', mode: 'apply' });
  }

  async apply(...desired: readonly Desired[]): Promise<void> {
    const { changes } = this.plan(desired);
    const result = await this.store.write(changes.flatMap((change) => changeWrites(change, 0)));
    if (!result.ok) throw new Error(result.message);
  }

  changes(...desired: readonly Desired[]): string[] {
    return this.plan(desired).changes.flatMap(({ action, key, waitsFor }) =>
      action === 'unchanged'
        ? []
        : [`${action} ${key.kind}/${key.name}${waitsFor === undefined ? '' : ` waits for ${waitsFor}`}`],
    );
  }

  resources(): unknown {
    return this.store.get('Pod', 'default', 'web')?.spec.containers[0].resources;
  }
}

test('a LimitRange of the same commit counts, and is no drift afterwards', async () => {
  const bench = new Bench();
  await bench.apply(pod, range('1'));
  expect(bench.resources()).toEqual({ requests: { cpu: '100m' }, limits: { cpu: '1' } });
  expect(bench.store.get('Pod', 'default', 'web')?.spec).toMatchObject({ serviceAccountName: 'default', priority: 0 });
  expect(bench.changes(pod, range('1'))).toEqual([]);
});

test('a LimitRange that changes leaves pods that are there alone, as in Kubernetes', async () => {
  const bench = new Bench();
  await bench.apply(pod, range('1'));
  expect(bench.changes(pod, range('2'))).toEqual(['update LimitRange/l']);
  await bench.apply(pod, range('2'));
  expect(bench.changes(pod, range('2'))).toEqual([]);
  expect(bench.resources()).toMatchObject({ limits: { cpu: '1' } });
});

test('a pod whose manifest changes is made anew, with the defaults of now', async () => {
  const bench = new Bench();
  await bench.apply(pod, range('1'));
  const changed = asDesired(aPod({ container: { image: 'other:1' } }));
  expect(bench.changes(changed, range('2'))).toEqual(['update LimitRange/l', 'recreate Pod/web']);
  await bench.apply(changed, range('2'));
  expect(bench.resources()).toEqual({ requests: { cpu: '100m' }, limits: { cpu: '2' } });
  expect(bench.changes(changed, range('2'))).toEqual([]);
});

test('a field that is taken out of the manifest is no default', async () => {
  const bench = new Bench();
  await bench.apply(asDesired(aPod({ spec: { serviceAccountName: 'robot' } })), account('robot'));
  expect(bench.changes(pod, account('robot'))).toEqual(['recreate Pod/web']);
});

test('a pod from before admission is as it was', async () => {
  const bench = new Bench();
  const annotations = { 'holdfast.dev/application': 'shop' };
  await bench.store.write([{ op: 'create', resource: { ...pod, metadata: { ...pod.metadata, annotations } } as Resource }]);
  expect(bench.changes(pod)).toEqual([]);
});

test('what its namespace does not let in waits, and says for what', async () => {
  const bench = new Bench();
  const refusal = 'pods "web" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0';
  expect(bench.changes(pod, quota('0'))).toEqual(['create ResourceQuota/q', `create Pod/web waits for ${refusal}`]);
  await bench.apply(pod, quota('0'));
  expect(bench.store.list('Pod')).toEqual([]);
  await bench.apply(pod, quota('1'));
  await bench.apply(pod, quota('1'));
  expect(bench.store.list('Pod')).toHaveLength(1);
});

test('a namespace that is being deleted is waited for, and so is what goes into it', async () => {
  const bench = new Bench();
  const namespace = asDesired(aNamespace());
  await bench.apply(namespace);
  await bench.store.write(
    planSync({
      desired: [],
      live: bench.store,
      inventory: [inventoryOf(namespace)],
      application: 'shop',
      mode: 'apply',
    }).changes.flatMap((change) => changeWrites(change, 0)),
  );
  expect(bench.changes(namespace, asDesired(aConfigMap({ namespace: 'shop' })))).toEqual([
    'recreate Namespace/shop waits for namespace/shop to end',
    'create ConfigMap/config waits for configmaps "config" is forbidden: unable to create new content in namespace shop because it is being terminated',
  ]);
});

function account(name: string): Desired {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } };
}

function inventoryOf(resource: Desired) {
  const { kind, metadata } = resource;
  return { kind, namespace: '', name: metadata.name, file: 'a.yaml', line: 1, commit: 'c', author: 'Ada' };
}
