// The pure parts of the order within a commit.
import { expect, test } from 'vitest';
import type { Manifest } from '../../src/manifests/load.ts';
import { type Desired, keyOf, type SyncAttempt, type SyncHook } from '../../src/model/resource.ts';
import { HOOK_ANNOTATION, type HookEvent, WAVE_ANNOTATION } from '../../src/model/sync-order.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { failureLine, hasOpenHooks, isSameHooks, pendingHooks } from '../../src/sync/hooks/hook-list.ts';
import { inOrderOfExecution, upcomingHooks } from '../../src/sync/hooks/upcoming.ts';
import type { PlannedChange } from '../../src/sync/planned.ts';
import { byWave, isInWave, openWave, partManifests, waveFields, wavesOf } from '../../src/sync/waves.ts';
import { hookLine, phasePhrase, waitPhrase } from '../../src/sync/why-hooks.ts';
import { aConfigMap, aDeployment, asDesired, aTemplate } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededIds } from '../support/seeded-ids.ts';

const aStore = () => openMemoryStore({ clock: new FakeClock(), ids: seededIds(1) });

const withAnnotations = (resource: Desired, annotations: Record<string, string>): Manifest => ({
  resource: { ...resource, metadata: { ...resource.metadata, annotations } },
  file: 'app.yaml',
  line: 1,
});
const object = (name: string, wave?: number): Manifest =>
  withAnnotations(asDesired(aConfigMap({ name })), wave === undefined ? {} : { [WAVE_ANNOTATION]: String(wave) });
const hook = (name: string, event: HookEvent, wave = 0, image = 'task:1'): Manifest => {
  const { spec } = aTemplate({ container: { image }, spec: { restartPolicy: 'Never' } });
  const job: Desired = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default' },
    spec: { template: { spec } },
  };
  return withAnnotations(job, { [HOOK_ANNOTATION]: event, [WAVE_ANNOTATION]: String(wave) });
};
const change = ({ resource }: Manifest, action: PlannedChange['action'] = 'create'): PlannedChange => ({
  key: keyOf(resource),
  action,
  effect: 'new',
  fields: [],
  reason: 'Created',
  message: '',
  file: '',
  line: 0,
  next: resource,
});
const names = (changes: readonly PlannedChange[]): string[] => changes.map(({ key }) => key.name);

test.each<[string, readonly Manifest[], readonly number[]]>([
  ['nothing', [], []],
  ['no waves', [object('a'), object('b')], [0]],
  ['waves in any order', [object('a', 7), object('b', -2), object('c')], [-2, 0, 7]],
  ['a sync hook in a wave of its own', [object('a'), hook('h', 'sync', 3)], [0, 3]],
  ['hooks before and after everything', [object('a'), hook('h', 'pre-sync', 3), hook('i', 'post-sync', 4)], [0]],
])('the waves of %s', (_what, manifests, waves) => {
  expect(wavesOf(partManifests(manifests))).toEqual(waves);
});

test.each<[readonly number[], number | undefined, ReturnType<typeof waveFields>]>([
  [[], undefined, {}],
  [[0], 0, {}],
  [[-1, 2, 5], -1, { wave: -1, nextWave: 2 }],
  [[-1, 2, 5], 2, { wave: 2, nextWave: 5 }],
  [[-1, 2, 5], 5, { wave: 5 }],
])('of the waves %j, at %s: %j', (waves, wave, fields) => {
  expect(waveFields(waves, wave)).toEqual(fields);
});

test.each<[SyncAttempt['phase'], number | undefined, number]>([
  ['applying', 2, 2],
  ['applying', undefined, Number.POSITIVE_INFINITY],
  ['verifying', 2, Number.POSITIVE_INFINITY],
  ['rolling-back', 2, Number.POSITIVE_INFINITY],
])('while %s in wave %s, waves up to %s are open', (phase, wave, open) => {
  expect(openWave(wave === undefined ? { phase } : { phase, wave })).toBe(open);
});

test('changes are in the order of waves, then of kinds; deletions are in every wave', () => {
  const web: Manifest = { resource: asDesired(aDeployment({ name: 'web' })), file: '', line: 0 };
  const changes = [change(object('late', 1)), change(web), change(object('config')), change(object('first', -1))];
  expect(names(changes.toSorted(byWave))).toEqual(['first', 'config', 'web', 'late']);
  expect([isInWave(change(object('a', 1)), 0), isInWave(change(object('a', 1), 'delete'), 0)]).toEqual([false, true]);
});

test('hooks run by event, by wave, by name', () => {
  const hooks = [
    hook('z', 'post-sync'),
    hook('b', 'pre-sync'),
    hook('a', 'pre-sync'),
    hook('y', 'pre-sync', -1),
    hook('s', 'sync-fail'),
  ];
  expect(pendingHooks(hooks).map(({ name, event, wave, state }) => `${event} ${wave ?? 0} ${name} ${state}`)).toEqual([
    'pre-sync -1 y pending',
    'pre-sync 0 a pending',
    'pre-sync 0 b pending',
    'post-sync 0 z pending',
    'sync-fail 0 s pending',
  ]);
});

test.each<[string, readonly PlannedChange[], readonly Manifest[] | undefined, boolean]>([
  ['a first commit', [], undefined, true],
  ['a commit that changes an object', [change(object('a'))], [hook('h', 'pre-sync')], true],
  ['a commit that changes nothing', [change(object('a'), 'unchanged')], [hook('h', 'pre-sync')], false],
  ['a commit that changes a hook', [change(object('a'), 'unchanged')], [hook('h', 'pre-sync', 0, 'task:0')], true],
  ['a commit that takes a hook out', [change(object('a'), 'unchanged')], [hook('h', 'pre-sync'), hook('i', 'sync')], true],
])('%s runs its hooks or not', (_what, changes, before, runs) => {
  expect(upcomingHooks([hook('h', 'pre-sync')], changes, before, 'shop', aStore()).length > 0).toBe(runs);
});

test('a plan is told in the order of its execution, without hooks that a failure would run', () => {
  const hooks = [hook('after', 'post-sync'), hook('beside', 'sync', 1), hook('before', 'pre-sync'), hook('alarm', 'sync-fail')];
  const changes = [change(object('a')), change(object('b', 1)), change(object('c', 2)), change(object('gone'), 'delete')];
  const plan = { changes, hooks: upcomingHooks(hooks, changes, undefined, 'shop', aStore()) };
  expect(names(inOrderOfExecution(plan))).toEqual(['before', 'a', 'b', 'beside', 'c', 'after', 'gone']);
  expect(inOrderOfExecution({ changes })).toBe(changes);
});

test('the same hooks are known in any order', () => {
  const [one, two] = [hook('a', 'sync'), hook('b', 'sync')];
  expect([isSameHooks([one, two], [two, one]), isSameHooks([one], [one, two]), isSameHooks([one, one], [one, two])]).toEqual([
    true,
    false,
    false,
  ]);
});

const ran: SyncHook = {
  namespace: 'default',
  name: 'migrate',
  event: 'pre-sync',
  state: 'running',
  startedAt: '2026-01-01T00:00:00Z',
};
test.each<[SyncHook, string]>([
  [{ ...ran, state: 'pending' }, 'pre-sync hook job/migrate has not run yet'],
  [{ ...ran, state: 'pending', event: 'sync-fail' }, 'sync-fail hook job/migrate runs only if the commit fails'],
  [ran, 'pre-sync hook job/migrate runs since 2026-01-01T00:00:00Z'],
  [{ ...ran, state: 'succeeded', finishedAt: '2026-01-01T00:00:12Z' }, 'pre-sync hook job/migrate succeeded in 12s'],
  [{ ...ran, state: 'failed', message: 'BackoffLimitExceeded' }, 'pre-sync hook job/migrate failed: BackoffLimitExceeded'],
])('a hook in words: %j', (its, line) => {
  expect(hookLine(its)).toBe(line);
});

test('a hook that vanished is told with that word', () => {
  expect(failureLine({ ...ran, state: 'failed', message: 'vanished: it is gone' })).toBe(
    'pre-sync hook job/migrate vanished: it is gone',
  );
});

test('phases in words', () => {
  expect([
    phasePhrase({ phase: 'applying', wave: -1 }),
    phasePhrase({ phase: 'applying' }),
    phasePhrase({ phase: 'pre-sync' }),
    waitPhrase({ phase: 'applying', nextWave: 3 }),
    waitPhrase({ phase: 'verifying' }),
    hasOpenHooks({ hooks: [ran] }, 'pre-sync'),
    hasOpenHooks({ hooks: [{ ...ran, state: 'failed' }] }, 'pre-sync'),
    hasOpenHooks(undefined, 'sync'),
  ]).toEqual(['applying wave -1', 'applying', 'running its pre-sync hooks', 'wave 3 waits for', 'waits for', true, false, false]);
});
