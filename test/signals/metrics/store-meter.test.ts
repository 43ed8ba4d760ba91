// What the store tells of commits and containers, measured.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ApplicationStatus, keyOf, type Stored } from '../../../src/model/resource.ts';
import { newRecords } from '../../../src/signals/metrics/application-meter.ts';
import { StoreMeter } from '../../../src/signals/metrics/store-meter.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { silentLogger } from '../../../src/system/logger.ts';
import { anApplication, anAttempt, annsCommit, aRecord, bobsCommit } from '../../support/applications.ts';
import { aPod } from '../../support/builders.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';
import { seededIds } from '../../support/seeded-ids.ts';

const clock = new FakeClock();
let store: ReturnType<typeof openMemoryStore>;
let metrics: RecordedMetrics;
let meter: StoreMeter;
let application: Stored;

beforeEach(async () => {
  store = openMemoryStore({ clock, ids: seededIds(1) });
  metrics = new RecordedMetrics();
  meter = new StoreMeter({ store, clock, logger: silentLogger, metrics });
  meter.start();
  const { metadata, ...rest } = anApplication();
  await store.write([{ op: 'create', resource: { ...rest, metadata: { name: metadata.name } } }]);
  const stored = store.get('Application', '', 'shop');
  if (stored === undefined) throw new Error('not stored');
  application = stored;
});
afterEach(async () => {
  await meter.stop();
});

async function status(next: ApplicationStatus): Promise<void> {
  await store.write([{ op: 'updateStatus', key: keyOf(application), uid: application.metadata.uid, status: next }]);
  await clock.settle();
}

test('a commit that goes live: each phase, the whole, the outcome', async () => {
  await status({ attempt: anAttempt('preflighting') });
  await clock.advance(1_500);
  await status({ attempt: anAttempt('verifying') });
  await clock.advance(4_000);
  await status({ attempt: anAttempt('verifying', { waitingFor: ['a pod'] }) });
  await clock.advance(1_000);
  await status({ lastGood: annsCommit, history: [aRecord('live')], health: 'Healthy' });
  expect(metrics.observed).toEqual([
    { name: 'holdfast_sync_phase_duration_seconds', labels: { application: 'shop', phase: 'preflighting' }, seconds: 1.5 },
    { name: 'holdfast_sync_phase_duration_seconds', labels: { application: 'shop', phase: 'verifying' }, seconds: 5 },
    { name: 'holdfast_sync_duration_seconds', labels: { application: 'shop', outcome: 'live' }, seconds: 6.5 },
  ]);
  expect(metrics.lines()).toContain('count holdfast_sync_attempts_total application=shop,outcome=live 1');
  expect(Object.fromEntries(metrics.gauges)).toEqual({
    'holdfast_last_good_commit_timestamp_seconds application=shop': Date.parse(annsCommit.time) / 1000,
    'holdfast_last_live_timestamp_seconds application=shop': Date.parse('2026-01-01T00:00:12Z') / 1000,
    'holdfast_application_healthy application=shop': 1,
    'holdfast_application_held application=shop': 0,
    'holdfast_application_drifted application=shop': 0,
    'holdfast_application_suspended application=shop': 0,
  });
});

test('what was not seen from its beginning is as long as the status says', async () => {
  await status({ history: [aRecord('invalid')], held: aRecord('invalid') });
  expect(metrics.observed).toEqual([
    { name: 'holdfast_sync_duration_seconds', labels: { application: 'shop', outcome: 'invalid' }, seconds: 12 },
  ]);
  expect(metrics.gauges.get('holdfast_application_held application=shop')).toBe(1);
});

test('a suspension, until when, and that something has drifted', async () => {
  const gauge = (name: string) => metrics.gauges.get(`holdfast_${name} application=shop`);
  const suspension = {
    by: 'command',
    who: 'ada',
    reason: 'disk',
    since: '2026-01-01T00:00:00Z',
    until: '2026-01-01T02:00:00Z',
  } as const;
  await status({ suspension, conditions: [{ type: 'Drifted', status: 'True' }] });
  expect([gauge('application_suspended'), gauge('application_drifted')]).toEqual([1, 1]);
  expect(gauge('suspension_end_timestamp_seconds')).toBe(Date.parse(suspension.until) / 1000);
  await status({});
  expect([gauge('application_suspended'), gauge('application_drifted')]).toEqual([0, 0]);
  expect(gauge('suspension_end_timestamp_seconds')).toBeUndefined();
});

test('an application that goes is no longer told of', async () => {
  await status({ lastGood: annsCommit, health: 'Healthy', source: { ready: true, reason: 'Read', message: '', since: '' } });
  expect(metrics.gauges.size).toBe(6);
  await store.write([{ op: 'remove', key: keyOf(application) }]);
  await clock.settle();
  expect(metrics.gauges.size).toBe(0);
});

describe('attempts', () => {
  const bobs = aRecord('live', { commit: bobsCommit, finishedAt: '2026-01-01T00:20:00Z' });
  test.each<readonly [string, ApplicationStatus, ApplicationStatus, readonly string[]]>([
    ['the first', {}, { history: [aRecord('live')] }, ['live']],
    ['nothing new', { history: [aRecord('live')] }, { history: [aRecord('live')] }, []],
    ['two at once', {}, { history: [bobs, aRecord('rolled-back')] }, ['rolled-back', 'live']],
    [
      'a refusal that is told anew',
      { history: [aRecord('preflight-failed', { message: 'no image' })] },
      { history: [aRecord('preflight-failed', { message: 'no room', finishedAt: '2026-01-01T00:01:00Z' })] },
      [],
    ],
    [
      'a refusal after another one',
      { history: [aRecord('invalid')] },
      { history: [aRecord('invalid', { commit: bobsCommit }), aRecord('invalid')] },
      ['invalid'],
    ],
  ])('%s', (_name, before, after, outcomes) => {
    expect(newRecords(before, after).map(({ outcome }) => outcome)).toEqual(outcomes);
  });
});

test('restarts of containers are counted, those that were there before are not', async () => {
  const statusOf = (main: number, side: number) => ({
    phase: 'Running' as const,
    containerStatuses: [
      { name: 'main', restartCount: main, ready: true, image: 'web:1', imageID: '' },
      { name: 'side', restartCount: side, ready: true, image: 'web:1', imageID: '' },
    ],
  });
  const { metadata, apiVersion, kind, spec } = aPod();
  const { name, namespace = 'default' } = metadata;
  await store.write([
    { op: 'create', resource: { apiVersion, kind, spec, metadata: { name, namespace }, status: statusOf(3, 0) } },
  ]);
  const pod = store.get('Pod', namespace, name);
  if (pod === undefined) throw new Error('not stored');
  await clock.settle();
  for (const [main, side] of [
    [3, 0],
    [4, 0],
    [6, 1],
  ] as const) {
    await store.write([{ op: 'updateStatus', key: keyOf(pod), uid: pod.metadata.uid, status: statusOf(main, side) }]);
    await clock.settle();
  }
  expect(metrics.lines().filter((line) => line.includes('restarts'))).toEqual([
    `count holdfast_container_restarts_total namespace=${namespace},container=main 1`,
    `count holdfast_container_restarts_total namespace=${namespace},container=main 2`,
    `count holdfast_container_restarts_total namespace=${namespace},container=side 1`,
  ]);
});
