// What a commit removes and can be brought back for a while, on the bench.
import { describe, expect, test } from 'vitest';
import type { Desired } from '../../../src/model/resource.ts';
import type { UndeleteOrder } from '../../../src/sync/gates/orders.ts';
import { explain } from '../../../src/sync/why.ts';
import { aConfigMap, aPod, asDesired } from '../../support/builders.ts';
import { benchForEach, deploymentOf, type SyncBench, settings } from '../sync-bench.ts';

const MINUTE_MS = 60_000;
const web = (image = 'web:1'): Desired => deploymentOf('web', image);
const api = (image = 'api:1'): Desired => deploymentOf('api', image);
const config = (name: string, value = 'a', annotations: Record<string, string> = {}): Desired =>
  asDesired(aConfigMap({ name, annotations, data: { key: value } }));
const keeping = settings({ softDelete: '30m', pruneGuard: { maxPercent: 100 } });
const annotated = (resource: Desired, time: string): Desired => ({
  ...resource,
  metadata: { ...resource.metadata, annotations: { ...resource.metadata.annotations, 'holdfast.dev/soft-delete': time } },
});

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

async function pushed(...resources: readonly Desired[]): Promise<string> {
  const id = bench.push(resources);
  await bench.settle();
  expect(bench.status.lastGood?.id).toBe(id);
  return id;
}

async function begun(...resources: readonly Desired[]): Promise<string> {
  bench.start();
  return await pushed(...resources);
}

const WEB = 'Deployment/default/web';
const CONFIG = 'ConfigMap/default/config';
const at = (): string => new Date(bench.clock.now()).toISOString();
const wish = (...objects: string[]): UndeleteOrder => ({ who: 'ada', at: at(), objects });

async function undelete(...objects: string[]): Promise<void> {
  bench.order({ undelete: [wish(...objects)] });
  await bench.settle();
}

const kept = (): string[] =>
  bench.store
    .list('DeletedObject')
    .map(({ spec }) => `${spec.entry.kind}/${spec.entry.name}${spec.undeleted === undefined ? '' : ' is back'}`);
const events = (reason: string): string[] =>
  bench.store
    .list('Event')
    .filter((event) => event.reason === reason)
    .map(({ message }) => message);

async function expectRest(): Promise<void> {
  const revision = bench.store.revision();
  await bench.advance(10 * MINUTE_MS);
  expect(bench.store.revision()).toBe(revision);
}

describe('what a commit removes', () => {
  test('is gone as ever, and can be brought back for the time that the application says', async () => {
    await begun(api(), web(), config('config'), keeping);
    const removed = await pushed(api(), keeping);
    expect(bench.names()).toEqual(['Deployment/api']);
    expect(bench.store.list('Pod').map(({ metadata }) => metadata.name)).toEqual([expect.stringMatching(/^api/)]);
    expect(kept()).toEqual(['ConfigMap/config', 'Deployment/web']);
    const [, record] = bench.store.list('DeletedObject');
    expect(record?.spec).toMatchObject({ application: 'shop', removedBy: { id: removed }, entry: { file: 'app.yaml' } });
    expect(events('Deleted').toSorted()).toEqual([
      'configmap/config: it is no longer in the commit; for 30m it can be brought back',
      'deployment/web: it is no longer in the commit; for 30m it can be brought back',
    ]);
    await expectRest();
  });

  test('is gone for good when its time is over, and that is told', async () => {
    await begun(api(), web(), keeping);
    const removed = await pushed(api(), keeping);
    await bench.advance(30 * MINUTE_MS - 2_000);
    expect(kept()).toEqual(['Deployment/web']);
    await bench.advance(2_000);
    expect(kept()).toEqual([]);
    expect(events('RemovedForGood')).toEqual([
      `deployment/web: the time in which it could be brought back is over; commit ${removed.slice(0, 7)} removed it`,
    ]);
    await expectRest();
  });

  test.each([
    ['nothing is said', [web(), config('config')], settings({}), []],
    ['the object says so', [annotated(web(), '10m'), config('config')], settings({}), ['ConfigMap/config', 'Deployment/web']],
    ['the object says never', [annotated(web(), 'disabled'), config('config')], keeping, ['ConfigMap/config']],
    ['only what it is for is removed with it', [web(), annotated(config('config'), '10m')], settings({}), ['ConfigMap/config']],
  ])('is kept or not: %s', async (_name, resources, how, expected) => {
    await begun(api(), config('other'), ...resources, how);
    await pushed(api(), config('other'), how);
    expect(kept()).toEqual(expected);
  });

  test('a rollback keeps nothing of what a bad commit brought', async () => {
    await begun(api(), keeping);
    bench.push([api('api:crash'), config('config'), keeping]);
    await bench.settle();
    expect(bench.status.quarantined?.outcome).toBe('rolled-back');
    expect(bench.names()).toEqual(['Deployment/api']);
    expect(kept()).toEqual([]);
  });

  test('a single run keeps it, and forgets it when it comes by later', async () => {
    await begun(api(), web(), keeping);
    await bench.syncer.stop();
    bench.push([api(), keeping]);
    await bench.restart({ once: true });
    await bench.settle();
    expect(await bench.syncer.outcome()).toMatchObject({ outcome: 'live' });
    expect(kept()).toEqual(['Deployment/web']);
    await bench.syncer.stop();
    await bench.clock.advance(31 * MINUTE_MS);
    await bench.restart({ once: true });
    await bench.settle();
    expect(await bench.syncer.outcome()).toMatchObject({ outcome: 'live' });
    expect(kept()).toEqual([]);
  });

  test('a commit that declares it again wins, and nothing is kept of it any more', async () => {
    await begun(api(), web(), keeping);
    await pushed(api(), keeping);
    await pushed(api(), web('web:2'), keeping);
    expect(bench.image('web')).toBe('web:2');
    expect(kept()).toEqual([]);
    expect(events('RemovedForGood')).toEqual([]);
    await expectRest();
  });
});

describe('what is brought back', () => {
  test('runs at once, is kept as it was, and is told as allowed drift', async () => {
    await begun(api(), web(), config('config'), keeping);
    const live = await pushed(api(), keeping);
    await bench.advance(MINUTE_MS);
    await undelete(WEB, CONFIG);
    expect(bench.names()).toEqual(['ConfigMap/config', 'Deployment/api', 'Deployment/web']);
    expect(bench.store.list('Pod')).toHaveLength(2);
    expect(kept()).toEqual(['ConfigMap/config is back', 'Deployment/web is back']);
    expect(bench.status).toMatchObject({
      lastGood: { id: live },
      health: 'Healthy',
      undeletions: [{ who: 'ada', objects: [WEB, CONFIG], commit: live }],
    });
    expect(bench.status.undelete).toBeUndefined();
    expect(bench.status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Drifted',
        status: 'True',
        reason: 'LeftAlone',
        message:
          'no commit declares these, and they are left until the next one: deployment/web, configmap/config, brought back by ada',
      }),
    );
    expect(events('Undeleted').toSorted()).toEqual([
      expect.stringMatching(/^configmap\/config: brought back by ada; commit .{7} removed it at /),
      expect.stringMatching(/^deployment\/web: brought back by ada/),
    ]);
    await expectRest();
    // What somebody does to it behind Git's back is put right, as with everything else.
    const object = bench.store.get('ConfigMap', 'default', 'config');
    await bench.store.write([
      { op: 'remove', key: { kind: 'ConfigMap', namespace: 'default', name: 'config' }, uid: object?.metadata.uid ?? '' },
    ]);
    await bench.settle();
    expect(bench.data('config')).toEqual({ key: 'a' });
    await bench.advance(40 * MINUTE_MS);
    expect(bench.names()).toContain('Deployment/web');
  });

  test('stays when the newest commit is looked at again, and through a restart', async () => {
    await begun(api(), web(), keeping);
    await pushed(api(), keeping);
    await undelete(WEB);
    await bench.restart();
    await bench.settle();
    expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
    await bench.restart({ once: true });
    await bench.settle();
    expect(await bench.syncer.outcome()).toMatchObject({ outcome: 'live', actions: [] });
    expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
  });

  test('goes with the next commit that does not declare it, and can be brought back again', async () => {
    await begun(api(), web(), keeping);
    await pushed(api(), keeping);
    await undelete(WEB);
    const next = await pushed(api('api:2'), keeping);
    expect(bench.names()).toEqual(['Deployment/api']);
    expect(kept()).toEqual(['Deployment/web']);
    expect(bench.store.list('DeletedObject')[0]?.spec.removedBy.id).toBe(next);
    expect(bench.status.undeletions).toMatchObject([{ who: 'ada', endedAt: expect.any(String) }]);
    await undelete(WEB);
    expect(bench.image('web')).toBe('web:1');
    expect(bench.status.inventory?.map(({ name, undeleted }) => [name, undeleted])).toContainEqual(['web', true]);
  });

  test('does not count for the guard against mass deletion', async () => {
    const others = ['a', 'b', 'c'].map((name) => config(name));
    const guarded = settings({ softDelete: '30m' });
    await begun(api(), web(), ...others, guarded);
    bench.push([api(), guarded], 'Less\n\nHoldfast-Allow-Prune: true');
    await bench.settle();
    await undelete(WEB, ...others.map(({ metadata }) => `ConfigMap/default/${metadata.name}`));
    expect(bench.names()).toHaveLength(5);
    await pushed(api('api:2'), guarded);
    expect(bench.names()).toEqual(['Deployment/api']);
  });

  test('is the commit’s again with a revert, and nothing is odd', async () => {
    await begun(api(), web(), config('config'), keeping);
    await pushed(api(), keeping);
    await undelete(WEB, CONFIG);
    const uid = bench.store.get('Deployment', 'default', 'web')?.metadata.uid;
    await pushed(api(), web(), config('config'), keeping);
    expect(bench.store.get('Deployment', 'default', 'web')?.metadata.uid).toBe(uid);
    expect(kept()).toEqual([]);
    expect(bench.status.inventory?.filter(({ undeleted }) => undeleted === true)).toEqual([]);
    expect(bench.status.conditions?.find(({ type }) => type === 'Drifted')?.status).toBe('False');
    expect(bench.status.undeletions).toMatchObject([{ endedAt: expect.any(String) }]);
    await expectRest();
  });

  test('comes through a commit that is taken back, as it was', async () => {
    await begun(api(), web(), keeping);
    const live = await pushed(api(), keeping);
    await undelete(WEB);
    bench.push([api('api:crash'), keeping]);
    await bench.settle();
    expect(bench.status).toMatchObject({ lastGood: { id: live }, quarantined: { outcome: 'rolled-back' } });
    expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
    bench.push([api('api:2'), web('web:crash'), keeping]);
    await bench.settle();
    expect(bench.status.lastGood?.id).toBe(live);
    expect([bench.image('web'), bench.image('api')]).toEqual(['web:1', 'api:1']);
    expect(kept()).toEqual(['Deployment/web is back']);
    await expectRest();
  });

  test('comes although drift is only reported', async () => {
    const reporting = settings({ softDelete: '30m', drift: 'report', pruneGuard: { maxPercent: 100 } });
    await begun(api(), web(), reporting);
    await pushed(api(), reporting);
    await undelete(WEB);
    expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
    await expectRest();
  });

  test('waits for the end of a commit that may yet be taken back', async () => {
    const short = settings({ softDelete: '2m', pruneGuard: { maxPercent: 100 } });
    await begun(api(), web(), short);
    await pushed(api(), short);
    const slow = bench.push([api('api:slow'), short]);
    await bench.settle();
    await undelete(WEB);
    expect(bench.status).toMatchObject({ attempt: { commit: { id: slow } }, undelete: [{ who: 'ada', objects: [WEB] }] });
    expect(bench.names()).toEqual(['Deployment/api']);
    // It was wanted in time.
    await bench.advance(5 * MINUTE_MS);
    expect(bench.status.quarantined?.outcome).toBe('rolled-back');
    expect(bench.names()).toEqual(['Deployment/api', 'Deployment/web']);
  });

  test('waits for what ends under its name', async () => {
    const pod = asDesired(aPod({ name: 'web' }));
    await begun(api(), pod, keeping);
    bench.push([api(), keeping]);
    await bench.settleSyncer();
    expect(bench.store.get('Pod', 'default', 'web')?.metadata.deletionTimestamp).toBeDefined();
    bench.order({ undelete: [wish('Pod/default/web')] });
    await bench.settleSyncer();
    expect(bench.store.list('DeletedObject')[0]?.spec.undeleted).toMatchObject({ isPending: true });
    await bench.settle();
    expect(bench.store.get('Pod', 'default', 'web')?.metadata.deletionTimestamp).toBeUndefined();
    expect(bench.store.list('DeletedObject')[0]?.spec.undeleted?.isPending).toBeUndefined();
    expect(bench.status.attempt).toBeUndefined();
    await expectRest();
  });

  test.each([
    ['is not kept', 'Deployment/default/none', 'nothing is kept of deployment/none any more'],
    ['is declared', 'Deployment/default/api', 'deployment/api is declared again by'],
  ])('is nothing when it %s, nor what was wanted with it', async (_name, key, why) => {
    await begun(api(), web(), keeping);
    await pushed(api(), keeping);
    await undelete(WEB, key);
    expect(bench.names()).toEqual(['Deployment/api']);
    expect(events('NotUndeleted')).toEqual([expect.stringContaining(why)]);
    expect(bench.status.undelete).toBeUndefined();
    await expectRest();
  });
});

test('why tells of what is kept, and of what was brought back', async () => {
  await begun(api(), web(), keeping);
  await pushed(api(), keeping);
  const key = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;
  expect(explain(key, bench.store, bench.clock.now())).toEqual([
    expect.stringMatching(
      /^deployment\/web was removed by commit .{7} ".*" of .* at .*; it can be brought back until .*: holdfast undelete deployment\/web$/,
    ),
  ]);
  await undelete(WEB);
  expect(explain(key, bench.store, bench.clock.now())).toContainEqual(
    expect.stringMatching(
      /^no commit declares it: commit .{7} removed it, and ada brought it back at .*; it stays until the next commit$/,
    ),
  );
});

test('an order that is heard twice is followed once', async () => {
  await begun(api(), web(), keeping);
  await pushed(api(), keeping);
  const order = wish(WEB);
  bench.order({ undelete: [order] });
  await bench.settle();
  bench.order({ undelete: [order] });
  await bench.settle();
  expect(bench.status.undeletions).toHaveLength(1);
  expect(events('NotUndeleted')).toEqual([]);
  await expectRest();
});

describe('whoever is killed at any moment', () => {
  test('goes on where it was, and ends the same', async () => {
    for (let writes = 0; writes < 14; writes++) {
      const each = new (bench.constructor as new () => SyncBench)();
      each.push([api(), web(), config('config'), keeping]);
      each.start();
      await each.settle();
      each.writesLeft = writes;
      each.push([api(), keeping]);
      await each.settle();
      await each.restart();
      await each.settle();
      expect(each.store.list('DeletedObject')).toHaveLength(2);
      each.writesLeft = writes;
      each.order({ undelete: [{ who: 'ada', at: '2026-01-01T00:00:00.000Z', objects: [WEB, CONFIG] }] });
      await each.settle();
      await each.restart();
      await each.settle();
      expect(each.names()).toEqual(['ConfigMap/config', 'Deployment/api', 'Deployment/web']);
      expect(each.store.list('DeletedObject').map(({ spec }) => spec.undeleted?.who)).toEqual(['ada', 'ada']);
      expect(each.status.undeletions).toHaveLength(1);
      each.writesLeft = writes;
      each.push([api('api:2'), keeping]);
      await each.settle();
      await each.restart();
      await each.settle();
      expect(each.names()).toEqual(['Deployment/api']);
      const revision = each.store.revision();
      await each.advance(5 * MINUTE_MS);
      expect(each.store.revision()).toBe(revision);
      await each.syncer.stop();
    }
  });
});
