// Syncing that waits, stops, goes on and is tried again, on the bench.
import { describe, expect, test } from 'vitest';
import type { Desired } from '../../../src/model/resource.ts';
import { fromRfc3339, toRfc3339 } from '../../../src/model/time.ts';
import { aConfigMap, asDesired } from '../../support/builders.ts';
import { benchForEach, deploymentOf, type SyncBench, settings } from '../sync-bench.ts';

const web = (image: string): Desired => deploymentOf('web', image);
const config = (value: string): Desired => asDesired(aConfigMap({ name: 'config', data: { key: value } }));
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

const inMs = (ms: number): string => toRfc3339(bench.clock.now() + ms);
const events = (reason: string): string[] =>
  bench.store
    .list('Event')
    .filter((event) => event.reason === reason)
    .map(({ message }) => message);

async function live(...resources: readonly Desired[]): Promise<string> {
  const id = bench.push(resources);
  bench.start();
  await bench.settle();
  expect(bench.status.lastGood?.id).toBe(id);
  return id;
}

/** Somebody edits the Deployment behind Git's back. */
async function edit(image: string): Promise<void> {
  const deployment = bench.store.get('Deployment', 'default', 'web');
  if (deployment === undefined) throw new Error('there is no deployment');
  const next = structuredClone(deployment);
  next.spec.template.spec.containers[0].image = image;
  await bench.store.write([{ op: 'update', resource: next }]);
  await bench.settle();
}

async function suspend(more: { until?: string } = {}): Promise<void> {
  bench.order({ suspend: { who: 'ada', reason: 'the disk is full', since: inMs(0), ...more } });
  await bench.settle();
}

describe('suspended by a person', () => {
  test('no new commit and no repair is written, all is told, and resuming catches up', async () => {
    await live(web('web:1'));
    await suspend();
    expect(bench.status.suspension).toMatchObject({ by: 'command', who: 'ada', reason: 'the disk is full' });
    await edit('web:by-hand');
    const next = bench.push([web('web:2'), config('a')]);
    await bench.settle();
    expect(bench.image('web')).toBe('web:by-hand');
    expect(bench.images.asked.filter((asked) => asked.startsWith('web:2'))).toEqual([]);
    expect(bench.status.attempt).toMatchObject({
      phase: 'waiting',
      commit: { id: next },
      waitingFor: ['"holdfast resume": suspended by ada: the disk is full'],
    });
    const revision = bench.store.revision();
    await bench.advance(HOUR_MS);
    expect(bench.store.revision()).toBe(revision);
    bench.order({ resumedBy: 'ben' });
    await bench.settle();
    expect(bench.status.lastGood?.id).toBe(next);
    expect(bench.image('web')).toBe('web:2');
    expect(bench.status.suspension).toBeUndefined();
    expect(bench.status.suspensions).toMatchObject([{ who: 'ada', endedBy: 'ben' }]);
    expect(events('Suspended')).toEqual(['by ada: the disk is full']);
    expect(events('Resumed')).toEqual(['syncing goes on by ben; it was suspended by ada: the disk is full']);
  });

  test('it ends by itself', async () => {
    await live(web('web:1'));
    await suspend({ until: inMs(2 * HOUR_MS) });
    await edit('web:by-hand');
    await bench.advance(2 * HOUR_MS - SECOND_MS);
    expect(bench.image('web')).toBe('web:by-hand');
    await bench.advance(SECOND_MS);
    expect(bench.image('web')).toBe('web:1');
    expect(bench.status.suspensions).toMatchObject([{ who: 'ada', endedAt: bench.status.suspensions?.[0]?.until }]);
  });

  test('what was under way is held where it is, and has its time back', async () => {
    await live(web('web:1'));
    const slow = bench.push([web('web:slow')]);
    await bench.settle();
    expect(bench.status.attempt?.phase).toBe('verifying');
    const deadline = bench.status.attempt?.deadline ?? '';
    await suspend();
    await bench.advance(HOUR_MS);
    expect(bench.status.attempt).toMatchObject({ phase: 'verifying', commit: { id: slow } });
    bench.order({});
    await bench.settle();
    expect(bench.status.attempt?.deadline).toBe(toRfc3339(fromRfc3339(deadline) + HOUR_MS));
    await bench.advance(300_000);
    expect(bench.status).toMatchObject({ quarantined: { commit: { id: slow }, outcome: 'rolled-back' } });
  });

  test('a new process keeps to it, and a single run ends and says so', async () => {
    await live(web('web:1'));
    await suspend();
    const next = bench.push([web('web:2')]);
    await bench.settle();
    await bench.restart({ once: true });
    await bench.settle();
    expect(await bench.syncer.outcome()).toMatchObject({
      outcome: 'held',
      commit: { id: next },
      message: 'nothing is changed; it waits for "holdfast resume": suspended by ada: the disk is full',
    });
    expect(bench.image('web')).toBe('web:1');
  });

  test('a wrong commit is still told to be wrong', async () => {
    await live(web('web:1'));
    await suspend();
    bench.source.commit({ files: { 'app.yaml': 'kind: Deploiment\n' } });
    await bench.settle();
    expect(bench.status.held).toMatchObject({ outcome: 'invalid' });
  });
});

describe('suspended in Git', () => {
  test('commits wait and drift is left, until a commit takes it out', async () => {
    await live(web('web:1'));
    const id = bench.push([web('web:2'), settings({ suspend: true })]);
    await bench.settle();
    expect(bench.status.suspension).toMatchObject({ by: 'git', who: 'Ada <ada@example.org>' });
    expect(bench.status.attempt).toMatchObject({ phase: 'waiting', commit: { id } });
    await edit('web:by-hand');
    await bench.advance(HOUR_MS);
    expect(bench.image('web')).toBe('web:by-hand');
    const next = bench.push([web('web:3')]);
    await bench.settle();
    expect(bench.status.lastGood?.id).toBe(next);
    expect(bench.image('web')).toBe('web:3');
  });

  test('what runs when it comes goes on to its end', async () => {
    await live(web('web:1'));
    bench.push([web('web:slow')]);
    await bench.settle();
    bench.push([web('web:2'), settings({ suspend: true })]);
    await bench.settle();
    expect(bench.status.attempt?.phase).toBe('verifying');
    await bench.advance(300_000);
    expect(bench.image('web')).toBe('web:1');
    expect(bench.status.attempt).toMatchObject({ phase: 'waiting' });
  });

  test('HEAD that goes back to what is live takes it out too, also over a restart', async () => {
    const good = await live(web('web:1'));
    bench.push([web('web:2'), settings({ suspend: true })]);
    await bench.settle();
    bench.source.move(good);
    await bench.restart();
    await bench.settle();
    expect(bench.status.suspension).toBeUndefined();
    await edit('web:by-hand');
    expect(bench.image('web')).toBe('web:1');
  });
});

describe('sync windows', () => {
  // The bench begins at midnight UTC or not; the window opens at a whole hour that is to come.
  const hourOf = (ms: number): number => new Date(ms).getUTCHours();

  test('a commit waits until it opens, its images do not; drift is put right all the time', async () => {
    const opens = (hourOf(bench.clock.now()) + 3) % 24;
    const windows = [{ kind: 'allow', schedule: `0 ${opens} * * *`, duration: '1h' }] as const;
    await live(web('web:1'));
    const id = bench.push([web('web:2'), settings({ windows: [...windows] })]);
    await bench.settle();
    const { attempt } = bench.status;
    expect(attempt).toMatchObject({ phase: 'waiting', commit: { id } });
    expect(hourOf(fromRfc3339(attempt?.deadline ?? ''))).toBe(opens);
    expect(bench.images.asked.some((asked) => asked.startsWith('web:2'))).toBe(true);
    await edit('web:by-hand');
    expect(bench.image('web')).toBe('web:1');
    await bench.advance(fromRfc3339(attempt?.deadline ?? '') - bench.clock.now() - SECOND_MS);
    expect(bench.image('web')).toBe('web:1');
    await bench.advance(SECOND_MS);
    expect(bench.status.lastGood?.id).toBe(id);
  });

  test('a newer commit takes the place of one that waits', async () => {
    const opens = (hourOf(bench.clock.now()) + 3) % 24;
    const windows = settings({ windows: [{ kind: 'allow', schedule: `0 ${opens} * * *`, duration: '1h' }] });
    await live(web('web:1'));
    bench.push([web('web:2'), windows]);
    await bench.settle();
    const id = bench.push([web('web:3'), windows]);
    await bench.settle();
    expect(bench.status.attempt).toMatchObject({ phase: 'waiting', commit: { id } });
    await bench.advance(fromRfc3339(bench.status.attempt?.deadline ?? '') - bench.clock.now());
    expect(bench.image('web')).toBe('web:3');
  });

  test.each([
    [true, 'web:2'],
    [false, 'web:1'],
  ])('a person goes through one with manual: %s', async (manual, image) => {
    await live(web('web:1'));
    bench.push([web('web:2'), settings({ windows: [{ kind: 'deny', schedule: '0 0 * * *', duration: '24h', manual }] })]);
    await bench.settle();
    expect(bench.image('web')).toBe('web:1');
    bench.order({ retry: { who: 'ada', at: new Date(bench.clock.now()).toISOString() } });
    await bench.settle();
    expect(bench.image('web')).toBe(image);
    expect(bench.status.manual?.who).toBe(manual ? undefined : 'ada');
  });

  test('a single run ends and says until when', async () => {
    const opens = (hourOf(bench.clock.now()) + 3) % 24;
    bench.push([web('web:1'), settings({ windows: [{ kind: 'allow', schedule: `0 ${opens} * * *`, duration: '1h' }] })]);
    bench.start({ once: true });
    await bench.settle();
    const { outcome, message } = await bench.syncer.outcome();
    expect(outcome).toBe('held');
    expect(message).toMatch(
      /^nothing is changed; it waits for a sync window: allow "0 \d+ \* \* \*" for 1h \(UTC\) is not active; it opens at .*:00:00Z$/,
    );
  });
});

describe('a commit that failed', () => {
  test('is tried again as often as the application says, each time later, and counted', async () => {
    await live(web('web:1'));
    const bad = bench.push([web('web:crash'), settings({ retry: { limit: 2, backoff: { duration: '10s', factor: 3 } } })]);
    await bench.settle();
    const outcomes = (): (number | undefined)[] => (bench.status.history ?? []).map(({ retry }) => retry);
    expect(bench.status.quarantined?.commit.id).toBe(bad);
    expect(outcomes()).toEqual([undefined, undefined]);
    await bench.advance(9 * SECOND_MS);
    expect(outcomes()).toEqual([undefined, undefined]);
    await bench.advance(SECOND_MS);
    expect(outcomes()).toEqual([1, undefined, undefined]);
    await bench.advance(29 * SECOND_MS);
    expect(outcomes()).toEqual([1, undefined, undefined]);
    await bench.advance(SECOND_MS);
    expect(outcomes()).toEqual([2, 1, undefined, undefined]);
    const revision = bench.store.revision();
    await bench.advance(HOUR_MS);
    expect(bench.store.revision()).toBe(revision);
    expect(bench.image('web')).toBe('web:1');
  });

  test('is live when a retry helps', async () => {
    await live(web('web:1'));
    bench.sick.add('web:2');
    const id = bench.push([web('web:2'), settings({ retry: { limit: 1 } })]);
    await bench.settle();
    await bench.advance(300_000);
    expect(bench.status.quarantined?.commit.id).toBe(id);
    bench.sick.clear();
    await bench.advance(5 * SECOND_MS);
    expect(bench.status).toMatchObject({ lastGood: { id }, history: [{ outcome: 'live', retry: 1 }, {}, {}] });
  });

  test('is tried again when a person wants it, once', async () => {
    await live(web('web:1'));
    bench.sick.add('web:2');
    const id = bench.push([web('web:2')]);
    await bench.settle();
    await bench.advance(300_000);
    expect(bench.status.quarantined?.commit.id).toBe(id);
    bench.order({ retry: { who: 'ada', at: new Date(bench.clock.now()).toISOString() } });
    await bench.settle();
    expect(bench.status.attempt).toMatchObject({ commit: { id }, retry: 1 });
    await bench.advance(300_000);
    expect(bench.status.quarantined).toMatchObject({ commit: { id }, retry: 1 });
    await bench.advance(HOUR_MS);
    expect(bench.status.attempt).toBeUndefined();
    bench.sick.clear();
    bench.order({ retry: { who: 'ada', at: new Date(bench.clock.now()).toISOString() } });
    await bench.settle();
    expect(bench.status.lastGood?.id).toBe(id);
  });

  test('or failed preflight: its images are asked for at once', async () => {
    await live(web('web:1'));
    bench.images.states.set('web:2', {
      state: 'failed',
      message: 'no such image',
      isFinal: true,
      retryAtMs: bench.clock.now() + HOUR_MS,
    });
    const id = bench.push([web('web:2')]);
    await bench.settle();
    expect(bench.status.held).toMatchObject({ commit: { id }, outcome: 'preflight-failed' });
    bench.images.states.delete('web:2');
    bench.order({ retry: { who: 'ada', at: new Date(bench.clock.now()).toISOString() } });
    await bench.settle();
    expect(bench.images.forgotten).toBe(1);
    expect(bench.status.lastGood?.id).toBe(id);
  });

  test('stays as it is where nothing is taken back, also over a restart, and may become healthy', async () => {
    await live(web('web:1'), config('a'));
    const bad = bench.push([web('web:slow'), config('b'), settings({ rollback: { enabled: false } })]);
    await bench.settle();
    await bench.advance(300_000);
    expect(bench.status.quarantined).toMatchObject({ commit: { id: bad }, outcome: 'failed', stays: bad });
    expect([bench.image('web'), bench.data('config')]).toEqual(['web:slow', { key: 'b' }]);
    await bench.restart();
    await bench.advance(HOUR_MS);
    expect([bench.image('web'), bench.data('config')]).toEqual(['web:slow', { key: 'b' }]);
    await edit('web:by-hand');
    expect(bench.image('web')).toBe('web:slow');
  });

  test('stays as it is, and a newer one takes its place', async () => {
    await live(web('web:1'));
    bench.push([web('web:crash'), settings({ rollback: { enabled: false } })]);
    await bench.settle();
    expect(bench.image('web')).toBe('web:crash');
    bench.source.commit({ files: { 'app.yaml': 'kind: Deploiment\n' } });
    await bench.settle();
    await bench.advance(HOUR_MS);
    expect(bench.image('web')).toBe('web:crash');
    const next = bench.push([web('web:2')]);
    await bench.settle();
    expect(bench.status.lastGood?.id).toBe(next);
    expect(bench.status.quarantined).toBeUndefined();
  });

  test('stays as it is, and HEAD goes back to what was live', async () => {
    const good = await live(web('web:1'));
    bench.push([web('web:crash'), settings({ rollback: { enabled: false } })]);
    await bench.settle();
    bench.source.move(good);
    await bench.settle();
    expect(bench.image('web')).toBe('web:1');
    expect(bench.status.lastGood?.id).toBe(good);
    expect(bench.status.quarantined).toBeUndefined();
  });
});

describe('phases with a time of their own', () => {
  test('verifying, and going back', async () => {
    await live(web('web:1'));
    bench.push([web('web:slow'), settings({ timeouts: { verify: 60, rollback: 30 } })]);
    await bench.settle();
    expect(fromRfc3339(bench.status.attempt?.deadline ?? '') - bench.clock.now()).toBeLessThanOrEqual(60_000);
    bench.sick.add('web:1');
    await bench.advance(60 * SECOND_MS);
    expect(bench.status.attempt).toMatchObject({ phase: 'rolling-back', deadline: inMs(30 * SECOND_MS) });
  });

  test('waiting for images', async () => {
    await live(web('web:1'));
    bench.images.states.set('web:2', { state: 'pulling' });
    const id = bench.push([web('web:2'), settings({ timeouts: { preflight: 20 } })]);
    await bench.settle();
    await bench.advance(19 * SECOND_MS);
    expect(bench.status.attempt).toMatchObject({ phase: 'preflighting' });
    await bench.advance(SECOND_MS);
    expect(bench.status.held).toMatchObject({ commit: { id }, outcome: 'preflight-failed' });
  });
});

describe('drift that is only reported', () => {
  const report = settings({ drift: 'report' });

  test('is left, told with its field, costs no more writes, and is live for a single run', async () => {
    await live(web('web:1'), report);
    await edit('web:by-hand');
    expect(bench.image('web')).toBe('web:by-hand');
    const message =
      'not as the commit says, and left so: deployment/web spec.template.spec.containers[main].image is "web:by-hand" (the commit says "web:1")';
    expect(bench.status.conditions?.find(({ type }) => type === 'Drifted')).toMatchObject({
      status: 'True',
      reason: 'LeftAlone',
      message,
    });
    const revision = bench.store.revision();
    await bench.advance(HOUR_MS);
    expect(bench.store.revision()).toBe(revision);
    await bench.restart({ once: true });
    await bench.settle();
    expect(await bench.syncer.outcome()).toMatchObject({ outcome: 'live', message });
  });

  test('goes with the next commit, and is no longer told', async () => {
    await live(web('web:1'), report);
    await edit('web:by-hand');
    bench.push([web('web:2'), report]);
    await bench.settle();
    expect(bench.image('web')).toBe('web:2');
    expect(bench.status.conditions?.find(({ type }) => type === 'Drifted')).toMatchObject({ status: 'False' });
  });
});
