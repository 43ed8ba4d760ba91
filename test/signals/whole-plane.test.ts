// Signals of a whole control plane, on virtual time: what sync really writes is what is measured and told.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../src/control-plane/control-plane.ts';
import type { ControlPlaneParts } from '../../src/control-plane/parts.ts';
import type { Courier } from '../../src/signals/notify/courier.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { SourceError } from '../../src/sync/commit-source.ts';
import { sleep } from '../../src/system/clock.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeCourier } from '../support/fake-courier.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { FakeSource } from '../support/fake-source.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';
import { seededIds } from '../support/seeded-ids.ts';

const HOUR_MS = 3_600_000;
const URL = 'https://hooks.example/T0K3N';

const clock = new FakeClock();
let source: FakeSource;
let store: ReturnType<typeof openMemoryStore>;
let courier: FakeCourier;
let metrics: RecordedMetrics;
let plane: ControlPlane;

beforeEach(async () => {
  source = new FakeSource();
  store = openMemoryStore({ clock, ids: seededIds(1) });
  courier = new FakeCourier();
  metrics = new RecordedMetrics();
  source.commit({ files: { 'app.json': JSON.stringify(application), 'web.json': JSON.stringify(deployment(1)) } });
  plane = await startControlPlane(parts());
  await clock.advance(60_000);
});
afterEach(async () => {
  await plane.stop();
});

function parts(): ControlPlaneParts {
  return {
    cluster: 'test',
    application: { name: 'shop', repo: '/repo', path: '' },
    store,
    engine: new FakeEngine({ clock, name: 'node-a', images: ['web:1'] }),
    prober: {
      grpc: () => Promise.resolve({ ok: true }),
      http: () => Promise.resolve({ ok: true }),
      tcp: () => Promise.resolve({ ok: true }),
    },
    source,
    metrics,
    courier,
    clock,
    ids: seededIds(2),
    logger: silentLogger,
    once: false,
    intervalMs: HOUR_MS,
    timeoutMs: 300_000,
  };
}

const application = {
  apiVersion: 'holdfast.dev/v1',
  kind: 'Application',
  metadata: { name: 'shop' },
  spec: { notifications: [{ type: 'webhook', url: URL, template: '${event}: ${reason}' }] },
};

function deployment(replicas: number): object {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'web:1' }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

test('a commit goes live, and is told and measured', () => {
  expect(courier.texts(URL)).toEqual(['live: everything is healthy']);
  expect(metrics.lines()).toContain('count holdfast_sync_attempts_total application=shop,outcome=live 1');
  expect(metrics.lines()).toContain('observe holdfast_sync_phase_duration_seconds application=shop,phase=verifying');
  expect(metrics.lines()).toContain('observe holdfast_engine_call_duration_seconds operation=create');
  expect(plane.unready()).toEqual([]);
  expect(plane.queueDepths()).toMatchObject({ sync: 0, source: 0, kubelet: 0, 'deployment-controller': 0 });
});

test('a single run ends when receivers were told, or failed to be', async () => {
  await plane.stop();
  const slow: Courier = {
    deliver: async (url, post, signal) => {
      await sleep(clock, 3_000, signal);
      await courier.deliver(url, post, signal);
    },
  };
  const ended = async (by: Courier): Promise<number> => {
    store = openMemoryStore({ clock, ids: seededIds(3) });
    plane = await startControlPlane({ ...parts(), once: true, courier: by });
    let isOver = false;
    void plane.outcome.then(() => {
      isOver = true;
    });
    const before = clock.elapsed();
    await clock.runUntil(() => isOver, HOUR_MS);
    await plane.stop();
    return clock.elapsed() - before;
  };
  const had = courier.texts(URL).length;
  expect(await ended(slow)).toBeGreaterThanOrEqual(3_000);
  expect(courier.texts(URL)).toHaveLength(had + 1);
  courier.hanging.add(URL);
  expect(await ended(courier)).toBeLessThan(15_000);
});

test("what was changed behind Git's back is put right, told and counted", async () => {
  const live = store.get('Deployment', 'default', 'web');
  if (live === undefined) throw new Error('no deployment');
  await store.write([{ op: 'update', resource: { ...live, spec: { ...live.spec, replicas: 3 } } }]);
  await clock.advance(10_000);
  expect(store.get('Deployment', 'default', 'web')?.spec.replicas).toBe(1);
  expect(metrics.lines()).toContain('count holdfast_drift_repairs_total application=shop 1');
  expect(
    courier
      .texts(URL)
      .slice(1)
      .map((text) => text.split(';')[0]),
  ).toEqual(["drift: changed behind Git's back and put right: deployment/web"]);
});

test('a commit that cannot be read is held, and told to those whom the commit before names', async () => {
  source.commit({ files: { 'app.yaml': 'kind: [', 'web.json': JSON.stringify(deployment(2)) } });
  await clock.advance(1_000);
  expect(courier.texts(URL)).toHaveLength(2);
  expect(courier.texts(URL)[1]).toMatch(/^held: /);
});

test('receivers that a commit takes out hear nothing of it', async () => {
  source.commit({ files: { 'web.json': JSON.stringify(deployment(2)) } });
  await clock.advance(60_000);
  expect(courier.texts(URL)).toHaveLength(1);
  expect(store.get('Application', '', 'shop')?.spec.notifications).toBeUndefined();
});

test('somebody who says that the repository has moved has it asked at once', async () => {
  const before = source.heads;
  plane.lookAtSource();
  await clock.settle();
  expect(source.heads).toBe(before + 1);
});

test('a repository that stays away makes it unready, and is told; so is its return', async () => {
  source.failure = new SourceError('Unreachable', 'no route to git.example');
  plane.lookAtSource();
  await clock.advance(50_000);
  expect(plane.unready()).toEqual(['the repository cannot be read: no route to git.example']);
  expect(courier.texts(URL)).toHaveLength(1);
  await clock.advance(20_000);
  source.failure = undefined;
  await clock.advance(120_000);
  expect(courier.texts(URL).slice(1)).toEqual([
    'source-unready: the repository cannot be read: no route to git.example',
    'recovered: the repository can be read again',
  ]);
  expect(metrics.lines()).toContain('count holdfast_source_reads_total application=shop,operation=head,result=Unreachable 1');
});
