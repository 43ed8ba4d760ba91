// One controller for a cluster, over all machines: what each of several does that reach one engine.
import { beforeEach, describe, expect, test } from 'vitest';
import type { LockLook, LockSeen } from '../../src/docker/engine-lock.ts';
import {
  type ClusterLock,
  EXPIRY_MS,
  type LockPlace,
  type LockShelf,
  RENEWAL_MS,
  takeClusterLock,
} from '../../src/installation/cluster-lock.ts';
import { EngineError } from '../../src/kubelet/engine/container-engine.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** An engine with a clock of its own, which may be set. */
class FakeShelf implements LockShelf {
  seen: LockSeen | undefined;
  engineOffsetMs = 0;
  isAway = false;
  readonly #clock: FakeClock;
  #made = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  get #now(): number {
    return Math.floor((this.#clock.elapsed() + this.engineOffsetMs) / 1_000);
  }

  #answer(): void {
    if (this.isAway) throw new EngineError('Unreachable', 'the engine does not answer');
  }

  async look(): Promise<LockLook> {
    this.#answer();
    return { seen: this.seen, engineNow: this.#now };
  }

  async take(holder: string, place: string, engineNow: number): Promise<string | undefined> {
    this.#answer();
    if (this.seen !== undefined) return undefined;
    this.#made += 1;
    const id = `lock-${this.#made}`;
    this.seen = { id, holder, place, renewedAt: engineNow };
    return id;
  }

  async renew(id: string, engineNow: number): Promise<boolean> {
    this.#answer();
    if (this.seen?.id !== id) return false;
    this.seen = { ...this.seen, renewedAt: engineNow };
    return true;
  }

  async remove(id: string): Promise<void> {
    this.#answer();
    if (this.seen?.id === id) this.seen = undefined;
  }
}

const here: LockPlace = { machine: 'm1', boot: 'b1', file: 'f1' };
const elsewhere: LockPlace = { machine: 'm2', boot: 'b2', file: 'f2' };

let clock: FakeClock;
let shelf: FakeShelf;
beforeEach(() => {
  clock = new FakeClock();
  shelf = new FakeShelf(clock);
});

function take(holder: string, place: LockPlace, onlyLooks = false): Promise<ClusterLock> {
  return takeClusterLock({ shelf, cluster: 'c', holder, place, onlyLooks, clock, signal: new AbortController().signal });
}

/** What becomes of it within a time. */
async function within<T>(promise: Promise<T>, ms: number): Promise<{ value?: T; error?: string } | 'waits'> {
  let result: { value?: T; error?: string } | 'waits' = 'waits';
  promise.then(
    (value) => {
      result = { value };
    },
    (error: unknown) => {
      result = { error: String(error) };
    },
  );
  await clock.advance(ms);
  return result;
}

/** A holder that was killed: it says nothing more, and the lock is there. */
async function aDeadOne(place: LockPlace): Promise<void> {
  await shelf.take('the dead one', JSON.stringify(place), Math.floor(clock.elapsed() / 1_000));
}

const isTaken = (result: unknown): boolean => typeof result === 'object' && result !== null && 'value' in result;

test('a free lock is taken, said to be held again and again, and given back', async () => {
  const lock = await take('one', here);
  const before = shelf.seen?.renewedAt ?? 0;
  await clock.advance(10 * RENEWAL_MS);
  expect((shelf.seen?.renewedAt ?? 0) - before).toBe((10 * RENEWAL_MS) / 1_000);
  await lock.release();
  await lock.release();
  expect(shelf.seen).toBeUndefined();
  expect(clock.pendingTimers).toBe(0);
});

test('of two at the same moment one has it, and the other is told who', async () => {
  const first = await take('one', here);
  expect(await within(take('two', elsewhere), EXPIRY_MS)).toEqual({
    error: 'UsageFault: cluster "c" on this Docker Engine is held by one. Stop that one first, or use another --cluster',
  });
  expect(shelf.seen?.holder).toBe('one');
  await first.release();
});

test('who only looks writes nothing, and is told who has it', async () => {
  const free = await take('two', elsewhere, true);
  expect(shelf.seen).toBeUndefined();
  await free.release();
  const first = await take('one', here);
  expect(await within(take('two', elsewhere, true), EXPIRY_MS)).toMatchObject({ error: expect.stringContaining('held by one') });
  await first.release();
  await aDeadOne(elsewhere);
  const dead = shelf.seen;
  expect(isTaken(await within(take('two', here, true), EXPIRY_MS + 5_000))).toBe(true);
  expect(shelf.seen).toEqual(dead);
});

test('who waits gets it when the holder gives it back', async () => {
  const first = await take('one', here);
  const second = take('two', elsewhere);
  await clock.advance(1_000);
  await first.release();
  expect(isTaken(await within(second, 5_000))).toBe(true);
  expect(shelf.seen?.holder).toBe('two');
});

describe('a holder that was killed', () => {
  test.each<[string, LockPlace, LockPlace, number]>([
    ['on this machine: its file is ours', here, here, 0],
    ['on this machine, which was started anew', here, { ...here, boot: 'b9', file: 'f9' }, 0],
    ['on another machine', elsewhere, here, EXPIRY_MS + 5_000],
    ['on this machine with another folder for temporary files', { ...here, file: 'f9' }, here, EXPIRY_MS + 5_000],
    ['on this machine, which has no name', { ...here, machine: '' }, { ...here, machine: '' }, 0],
    [
      'on a machine that cannot be told from others',
      { ...here, machine: '', boot: '' },
      { ...here, machine: '', boot: '' },
      EXPIRY_MS + 5_000,
    ],
  ])('%s', async (_name, dead, place, ms) => {
    await aDeadOne(dead);
    expect(isTaken(await within(take('two', place), ms))).toBe(true);
    expect(shelf.seen?.holder).toBe('two');
  });

  test('long ago is found out sooner', async () => {
    await aDeadOne(elsewhere);
    await clock.advance(3_600_000);
    expect(isTaken(await within(take('two', here), RENEWAL_MS + 5_000))).toBe(true);
  });

  test('and two who wait for that: one has it', async () => {
    await aDeadOne({ machine: 'm3', boot: 'b3', file: 'f3' });
    const both = [take('two', here), take('three', elsewhere)];
    await clock.advance(EXPIRY_MS + 5_000);
    const ends = await Promise.all(both.map((each) => within(each, EXPIRY_MS)));
    expect(ends.filter(isTaken)).toHaveLength(1);
  });
});

test.each([3_600_000, -3_600_000])("a living holder keeps it when the engine's clock is set by %i ms", async (ms) => {
  const lock = await take('one', here);
  await clock.advance(RENEWAL_MS);
  shelf.engineOffsetMs = ms;
  expect(await within(take('two', elsewhere), 2 * EXPIRY_MS)).toMatchObject({ error: expect.stringContaining('is held by one') });
  expect(shelf.seen?.holder).toBe('one');
  await lock.release();
});

describe('a holder that could not say that it lives', () => {
  test('goes on when nobody has taken the lock', async () => {
    const lock = await take('one', here);
    shelf.isAway = true;
    await clock.advance(600_000);
    shelf.isAway = false;
    expect(await within(lock.lost, 60_000)).toBe('waits');
    expect(shelf.seen?.holder).toBe('one');
    await lock.release();
  });

  test('takes it anew when it was swept away (docker container prune)', async () => {
    const lock = await take('one', here);
    shelf.seen = undefined;
    expect(await within(lock.lost, 60_000)).toBe('waits');
    expect(shelf.seen).toMatchObject({ holder: 'one', id: 'lock-2' });
    await lock.release();
    expect(shelf.seen).toBeUndefined();
  });

  test('is told who has it now, and leaves it to that one', async () => {
    const lock = await take('one', here);
    shelf.seen = undefined;
    await shelf.take('two', '', 0);
    expect(await within(lock.lost, RENEWAL_MS + 1_000)).toMatchObject({ error: expect.stringContaining('is held by two') });
    await lock.release();
    expect(shelf.seen).toMatchObject({ holder: 'two' });
  });
});
