// A saved plan holds as long as the plan that is made now is the same one; otherwise it says what has moved.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/manifests/load.ts';
import {
  APPLICATION_ANNOTATION,
  type ApplicationStatus,
  type Desired,
  type InventoryEntry,
  keyOf,
} from '../../src/model/resource.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { planSync } from '../../src/sync/plan.ts';
import { movedSince, type PlanPlace, planFile, readPlanFile, type SavedPlan, savedPlan } from '../../src/sync/saved-plan.ts';
import { annsCommit, bobsCommit } from '../support/applications.ts';
import { aConfigMap, aDeployment, aSecret, asDesired } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

interface World {
  /** What runs. */
  readonly live: readonly Desired[];
  /** Of these the uids are other ones. */
  readonly madeAnew: number;
  readonly desired: readonly Desired[];
  readonly commit: typeof annsCommit;
  readonly lastGood: typeof annsCommit | undefined;
  readonly place: PlanPlace;
  readonly key: string;
  readonly softDelete?: string;
}

const config = (name: string, value: string, annotations: Record<string, string> = {}): Desired =>
  asDesired(aConfigMap({ name, data: { key: value }, annotations: { ...annotations } }));
const secret = (password: string): Desired =>
  asDesired(aSecret({ name: 'db', data: { password: Buffer.from(password).toString('base64') } }));
const place: PlanPlace = { cluster: 'default', application: 'shop', engine: 'E1', source: '/srv/shop.git apps' };
const before: World = {
  live: [config('a', '1'), secret('correct-horse'), asDesired(aDeployment()), config('gone', '1')],
  madeAnew: 0,
  desired: [config('a', '2'), config('new', '1'), secret('other-horse'), asDesired(aDeployment())],
  commit: bobsCommit,
  lastGood: annsCommit,
  place,
  key: 'k',
};

async function saved(change: Partial<World> = {}): Promise<SavedPlan> {
  const world = { ...before, ...change };
  const store = openMemoryStore({ clock: new FakeClock(), ids: seededIds(1 + world.madeAnew) });
  for (const resource of world.live) {
    const annotations = { ...resource.metadata.annotations, [APPLICATION_ANNOTATION]: 'shop' };
    await store.write([{ op: 'create', resource: { ...resource, metadata: { ...resource.metadata, annotations } } }]);
  }
  const at = { file: 'app.yaml', line: 1 };
  const inventory = world.live.map((resource): InventoryEntry => ({ ...keyOf(resource), ...at, commit: 'c', author: 'Ada' }));
  const manifests = world.desired.map((resource): Manifest => ({ resource, ...at }));
  const plan = planSync({
    desired: manifests,
    live: store,
    inventory,
    application: 'shop',
    mode: 'commit',
    softDelete: world.softDelete,
  });
  const status: ApplicationStatus = world.lastGood === undefined ? {} : { lastGood: world.lastGood };
  const commit = { ...world.commit, message: world.commit.subject };
  const seal = (text: string): string => createHmac('sha256', world.key).update(text).digest('hex');
  return savedPlan(world.place, { plan, status, loaded: { commit, manifests } }, seal);
}

test('what is kept: no value, and an identity of each object', async () => {
  const text = planFile(await saved());
  expect(text).not.toMatch(/horse/);
  expect(text).not.toContain(Buffer.from('correct-horse').toString('base64'));
  const read = readPlanFile(text);
  expect(read).toMatchObject({ ok: true, plan: { commit: { id: bobsCommit.id }, live: annsCommit.id, cluster: 'default' } });
  const objects = read.ok ? read.plan.objects : [];
  expect(objects.map(({ kind, name, action, ...marks }) => [kind, name, action, Object.keys(marks)])).toEqual([
    ['Deployment', 'web', 'unchanged', ['namespace', 'uid']],
    ['ConfigMap', 'a', 'update', ['namespace', 'uid', 'was', 'wanted']],
    ['ConfigMap', 'new', 'create', ['namespace', 'wanted']],
    ['Secret', 'db', 'update', ['namespace', 'uid', 'was', 'wanted']],
    ['ConfigMap', 'gone', 'delete', ['namespace', 'uid']],
  ]);
});

describe('what has moved', () => {
  const others = before.live.slice(1);
  test.each<readonly [string, Partial<World>, readonly string[]]>([
    ['nothing', {}, []],
    ['another cluster', { place: { ...place, cluster: 'test' } }, ['it is for cluster default, and this is test']],
    ['another application', { place: { ...place, application: 'api' } }, ['it is for application shop, and this is api']],
    ['another engine', { place: { ...place, engine: 'E2' } }, ['it is for Docker Engine E1, and this is E2']],
    [
      'another path',
      { place: { ...place, source: '/srv/shop.git' } },
      ['it is for source /srv/shop.git apps, and this is /srv/shop.git'],
    ],
    ['another data folder', { key: 'j' }, ['it was made with another data folder']],
    ['it was applied', { lastGood: bobsCommit }, ['commit 9f8e7d6 is live already: this plan has been carried out']],
    [
      'something else was applied',
      { lastGood: { ...annsCommit, id: 'c'.repeat(40) } },
      ['commit ccccccc is live, and the plan was made when commit 1a2b3c4 was'],
    ],
    ['the store was lost', { lastGood: undefined }, ['nothing is live, and the plan was made when commit 1a2b3c4 was']],
    [
      'the branch moved',
      { commit: { ...bobsCommit, id: 'd'.repeat(40) } },
      ['the source is at commit ddddddd, and the plan is of commit 9f8e7d6'],
    ],
    ['an object was changed', { live: [config('a', '7'), ...others] }, ['configmap/a was changed since']],
    [
      'an object was changed to what it is to be',
      { live: [config('a', '2'), ...others] },
      ['configmap/a would stay as it is, and by the plan be changed'],
    ],
    ['the system wrote on an object', { live: [config('a', '1', { 'deployment.kubernetes.io/revision': '3' }), ...others] }, []],
    [
      'an object that was to stay was changed',
      { live: [...before.live.slice(0, 2), asDesired(aDeployment({ replicas: 9 })), config('gone', '1')] },
      ['deployment/web would be changed, and by the plan stay as it is'],
    ],
    [
      'the objects were deleted and made anew',
      { madeAnew: 1 },
      [
        'deployment/web is not the object that was there: it was deleted and made anew',
        'configmap/a is not the object that was there: it was deleted and made anew',
        'secret/db is not the object that was there: it was deleted and made anew',
        'configmap/gone is not the object that was there: it was deleted and made anew',
      ],
    ],
    [
      'an object is gone',
      { live: before.live.filter(({ metadata }) => metadata.name !== 'gone') },
      ['configmap/gone would be deleted by the plan, and is no part of it any more'],
    ],
    [
      'another object has to go',
      { live: [...before.live, config('old', '1')] },
      ['configmap/old would be deleted, and the plan does not know of it'],
    ],
    [
      'a variable has another value',
      { desired: [config('a', '3'), ...before.desired.slice(1)] },
      ['configmap/a is rendered otherwise: variables, a remote base or a chart differ'],
    ],
    [
      'a Secret is to have another value',
      { desired: [...before.desired.slice(0, 2), secret('third-horse'), asDesired(aDeployment())] },
      ['secret/db is rendered otherwise: variables, a remote base or a chart differ'],
    ],
    [
      'a Secret has another value',
      { live: [config('a', '1'), secret('x'), ...before.live.slice(2)] },
      ['secret/db was changed since'],
    ],
    [
      'what goes can be brought back',
      { softDelete: '30m' },
      ['configmap/gone could be brought back for 30m, and by the plan never'],
    ],
  ])('%s', async (_name, change, expected) => {
    expect(movedSince(await saved(), await saved(change))).toEqual(expected);
  });

  test('no more than can be read', async () => {
    const many = Array.from({ length: 30 }, (_none, index) => config(`old-${index}`, '1'));
    const moved = movedSince(await saved(), await saved({ live: [...before.live, ...many] }));
    expect([moved.length, moved.at(-1)]).toEqual([11, 'and 20 more']);
  });
});

describe('a file that is no plan', () => {
  test.each<readonly [string, (text: string) => string, string]>([
    ['cut off', (text) => text.slice(0, 100), 'it is not JSON; it may be cut off'],
    ['something else', () => '{"kind":"Pod"}', 'it is no plan; "holdfast diff --out FILE" saves one'],
    ['a list', () => '[]', 'it is no plan; "holdfast diff --out FILE" saves one'],
    [
      'of a later version',
      (text) => text.replace('plan/v1', 'plan/v2'),
      'its format is "holdfast.dev/plan/v2", and this version reads holdfast.dev/plan/v1',
    ],
    ['edited', (text) => text.replace('"delete"', '"unchanged"'), 'it is damaged: its checksum is another one'],
  ])('%s', async (_name, damage, message) => {
    expect(readPlanFile(damage(planFile(await saved())))).toEqual({ ok: false, message });
  });
});
