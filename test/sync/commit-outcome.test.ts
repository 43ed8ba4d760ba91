// Whoever waits for one commit beside a controller that goes on hears how that one ends, and of no other.
import { describe, expect, test } from 'vitest';
import type { Desired } from '../../src/model/resource.ts';
import { SourceError } from '../../src/sync/commit-source.ts';
import type { Outcome } from '../../src/sync/outcome.ts';
import { aConfigMap, asDesired } from '../support/builders.ts';
import { benchForEach, deploymentOf, fileOf, type SyncBench, settings } from './sync-bench.ts';

const web = (image: string): Desired => deploymentOf('web', image);
const config = (value: string): Desired => asDesired(aConfigMap({ data: { key: value } }));

let bench: SyncBench;
benchForEach((each) => {
  bench = each;
});

const MINUTE_MS = 60_000;

interface Waiting {
  outcome: Outcome | undefined;
}

/** Waits as `sync --wait` does. */
function wait(options: { commit?: string; minutes?: number; signal?: AbortSignal } = {}): Waiting {
  const { commit, minutes = 10, signal } = options;
  const waiting: Waiting = { outcome: undefined };
  const untilMs = bench.clock.now() + minutes * MINUTE_MS;
  void bench.syncer.conclude({ pinned: { commit }, untilMs, signal }).then((outcome) => {
    waiting.outcome = outcome;
  });
  return waiting;
}

async function live(...resources: readonly Desired[]): Promise<string> {
  const id = bench.push(resources);
  await bench.settle();
  return id;
}

describe('the commit that the source is at when it was asked', () => {
  test('is live already: nothing is done and nothing is written', async () => {
    bench.start();
    const id = await live(config('a'));
    const revision = bench.store.revision();
    const waiting = wait();
    await bench.settle();
    expect(waiting.outcome).toMatchObject({
      outcome: 'live',
      commit: { id },
      actions: [],
      message: 'everything is as the commit says',
    });
    expect(bench.store.revision()).toBe(revision);
  });

  test('was pushed a moment ago, and nobody has told of it', async () => {
    bench.start();
    await live(config('a'));
    const id = bench.source.add({ files: { 'app.yaml': fileOf(config('b')) } });
    bench.source.moveQuietly(id);
    const waiting = wait();
    await bench.settle();
    expect(waiting.outcome).toMatchObject({ outcome: 'live', commit: { id }, actions: [{ name: 'config', action: 'update' }] });
  });

  test('is under way: what was done for it before is told', async () => {
    bench.start();
    await live(web('web:1'));
    const id = await live(config('b'), web('web:slow'));
    const waiting = wait();
    await bench.settle();
    expect(waiting.outcome).toBeUndefined();
    await bench.advance(5 * MINUTE_MS);
    expect(waiting.outcome).toMatchObject({ outcome: 'rolled-back', commit: { id }, problems: [{ reason: 'Unhealthy' }] });
    expect(waiting.outcome?.actions.map(({ reason }) => reason)).toEqual(['Created', 'Updated', 'RolledBack', 'RolledBack']);
  });

  test('has failed before: its record tells, and not what ailed another one', async () => {
    bench.start();
    await live(web('web:1'));
    const bad = await live(web('web:crash'));
    const first = wait();
    await bench.settle();
    expect(first.outcome).toMatchObject({ outcome: 'rolled-back', commit: { id: bad }, problems: [{ reason: 'Unhealthy' }] });
    const invalid = bench.source.commit({ files: { 'b.yaml': 'kind: [' } });
    const second = wait();
    await bench.settle();
    expect(second.outcome).toMatchObject({ outcome: 'invalid', commit: { id: invalid }, problems: [{ file: 'b.yaml' }] });
  });

  test('is taken over by a newer one before it is live', async () => {
    bench.start();
    await live(web('web:1'));
    const slow = await live(web('web:slow'));
    const waiting = wait();
    await bench.settle();
    const next = bench.push([web('web:2')], 'Three');
    await bench.settle();
    expect(waiting.outcome).toMatchObject({
      outcome: 'superseded',
      commit: { id: slow },
      message: `${next.slice(0, 7)} "Three" took its place, and is what is followed now`,
    });
  });

  test('goes on to its end where the newer one is refused', async () => {
    bench.start();
    await live(web('web:1'));
    const slow = await live(web('web:slow'));
    const waiting = wait();
    await bench.settle();
    bench.source.commit({ files: { 'b.yaml': 'kind: [' } });
    await bench.settle();
    expect(waiting.outcome).toBeUndefined();
    await bench.advance(5 * MINUTE_MS);
    expect(waiting.outcome).toMatchObject({ outcome: 'rolled-back', commit: { id: slow } });
  });

  test('is not live in time: what it is at is told, and the controller goes on', async () => {
    bench.start();
    await live(web('web:1'));
    const slow = await live(web('web:slow'));
    const waiting = wait({ minutes: 1 });
    await bench.advance(MINUTE_MS);
    expect(waiting.outcome).toMatchObject({ outcome: 'pending', commit: { id: slow } });
    expect(waiting.outcome?.message).toMatch(/^it is verifying, and waits for /);
    expect(bench.status.attempt?.commit.id).toBe(slow);
  });

  test('waits for a person who works by hand', async () => {
    bench.start();
    await live(config('a'));
    bench.order({ suspend: { who: 'ada', reason: 'disk', since: '2026-01-01T00:00:00Z' } });
    await bench.settle();
    const waiting = wait();
    await bench.settle();
    expect(waiting.outcome).toMatchObject({ outcome: 'held' });
    expect(waiting.outcome?.message).toContain('suspended by ada: disk');
  });

  test('waits for a sync window', async () => {
    bench.start();
    await live(settings({ windows: [{ kind: 'allow', schedule: '0 3 * * *', duration: '1h' }] }), config('a'));
    await live(settings({ windows: [{ kind: 'allow', schedule: '0 3 * * *', duration: '1h' }] }), config('b'));
    const waiting = wait();
    await bench.settle();
    expect(waiting.outcome).toMatchObject({ outcome: 'held' });
  });
});

describe('a source that cannot be asked', () => {
  test('does not make of the commit before an answer', async () => {
    bench.start();
    await live(config('a'));
    bench.source.failure = new SourceError('Unreachable', 'no');
    const waiting = wait();
    await bench.advance(MINUTE_MS);
    expect(waiting.outcome).toBeUndefined();
    bench.source.failure = undefined;
    await bench.advance(2 * MINUTE_MS);
    expect(waiting.outcome).toMatchObject({ outcome: 'live' });
  });

  test.each([
    ['AuthenticationFailed', 0],
    ['Unreachable', 10],
  ] as const)('%s ends the wait after %i minutes', async (fault, minutes) => {
    bench.start();
    await live(config('a'));
    bench.source.failure = new SourceError(fault, 'no');
    const waiting = wait();
    await bench.settle();
    expect(waiting.outcome === undefined).toBe(minutes > 0);
    await bench.advance(minutes * MINUTE_MS);
    expect(waiting.outcome).toMatchObject({ outcome: 'failed', problems: [{ reason: 'SourceFailed' }] });
  });
});

describe('a commit that is named', () => {
  test('is waited for until the source is there', async () => {
    bench.start();
    await live(config('a'));
    const id = bench.source.add({ files: { 'app.yaml': fileOf(config('b')) } });
    const waiting = wait({ commit: id.slice(0, 8) });
    await bench.advance(MINUTE_MS);
    expect(waiting.outcome).toBeUndefined();
    bench.source.moveQuietly(id);
    await bench.advance(MINUTE_MS);
    expect(waiting.outcome).toMatchObject({ outcome: 'live', commit: { id } });
  });

  test('and never seen is told with where the source is', async () => {
    bench.start();
    const id = await live(config('a'));
    const waiting = wait({ commit: 'f'.repeat(40) });
    await bench.advance(10 * MINUTE_MS);
    expect(waiting.outcome).toMatchObject({ outcome: 'pending', commit: { id: 'f'.repeat(40) } });
    expect(waiting.outcome?.message).toContain(`is at ${id.slice(0, 7)}, and was not seen at commit fffffff`);
  });

  test('was live long ago: another one is', async () => {
    bench.start();
    const old = await live(config('a'));
    await live(config('b'));
    await bench.advance(MINUTE_MS);
    const waiting = wait({ commit: old });
    await bench.settle();
    expect(waiting.outcome).toMatchObject({ outcome: 'superseded', commit: { id: old } });
  });
});

test('who waits no longer is forgotten', async () => {
  bench.start();
  await live(web('web:1'));
  await live(web('web:slow'));
  const aborter = new AbortController();
  const waiting = wait({ signal: aborter.signal });
  await bench.settle();
  aborter.abort();
  await bench.advance(10 * MINUTE_MS);
  expect(waiting.outcome).toBeUndefined();
});
