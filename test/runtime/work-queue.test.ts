import { array, assert, asyncProperty, constant, constantFrom, integer, nat, oneof, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TerminalError, WorkQueue, type WorkQueueOptions } from '../../src/runtime/work-queue.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seededRandom } from '../support/seeded-ids.ts';

interface Failure {
  readonly key: string;
  readonly message: string;
  readonly retryInMs: number | undefined;
}

function start(work: WorkQueueOptions['work'], options: Partial<WorkQueueOptions> = {}) {
  const clock = new FakeClock();
  const failures: Failure[] = [];
  const queue = new WorkQueue({
    clock,
    random: () => 1,
    concurrency: 2,
    work,
    onError: (key, error, retryInMs) => failures.push({ key, message: error instanceof Error ? error.message : '', retryInMs }),
    backoff: { initialMs: 100, maxMs: 1_000 },
    ...options,
  });
  return { clock, queue, failures };
}

/** Work that finishes when the test says so. */
function gate() {
  const started: string[] = [];
  const open = new Map<string, () => void>();
  const work = (key: string): Promise<void> =>
    new Promise((resolve) => {
      started.push(key);
      open.set(key, resolve);
    });
  return { started, work, finish: (key: string) => open.get(key)?.() };
}

describe('keys', () => {
  test('run once for any number of additions, in the order of their first', async () => {
    const ran: string[] = [];
    const { clock, queue } = start(async (key) => void ran.push(key), { concurrency: 1 });
    for (const key of ['b', 'a', 'b', 'c', 'a']) queue.add(key);
    expect(ran).toEqual([]);
    await clock.settle();
    expect(ran).toEqual(['b', 'a', 'c']);
  });

  test('never run twice at the same time; what is added meanwhile runs once more', async () => {
    const { started, work, finish } = gate();
    const { clock, queue } = start(work);
    queue.add('a');
    await clock.settle();
    queue.add('a');
    queue.add('a');
    await clock.settle();
    expect(started).toEqual(['a']);
    finish('a');
    await clock.settle();
    expect(started).toEqual(['a', 'a']);
    finish('a');
    await queue.idle();
    expect(started).toEqual(['a', 'a']);
  });

  test('run side by side up to the limit; a busy key does not hold up others', async () => {
    const { started, work, finish } = gate();
    const { clock, queue } = start(work, { concurrency: 2 });
    queue.add('a');
    await clock.settle();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await clock.settle();
    expect(started).toEqual(['a', 'b']);
    finish('b');
    await clock.settle();
    expect(started).toEqual(['a', 'b', 'c']);
  });
});

describe('times', () => {
  test('the earliest of several wins', async () => {
    const ran: number[] = [];
    const { clock, queue } = start(async () => void ran.push(clock.now()));
    const begin = clock.now();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    await clock.advance(2_000);
    expect(ran).toEqual([begin + 200]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a pass may ask to be checked again', async () => {
    const ran: number[] = [];
    const { clock, queue } = start(async () => {
      ran.push(clock.now());
      return ran.length < 3 ? { checkAgainAfterMs: 1_000 } : undefined;
    });
    const begin = clock.now();
    queue.add('a');
    await clock.advance(10_000);
    expect(ran).toEqual([begin, begin + 1_000, begin + 2_000]);
    expect(queue.nextDueMs).toBeUndefined();
  });

  test('a time that is over is now', async () => {
    const ran: string[] = [];
    const { clock, queue } = start(async (key) => void ran.push(key));
    queue.addAfter('a', 0);
    await clock.settle();
    expect(ran).toEqual(['a']);
  });
});

describe('failures', () => {
  test('back off, doubling up to the maximum, and start anew after a success', async () => {
    let isBroken = true;
    const { clock, queue, failures } = start(async () => {
      if (isBroken) throw new Error('no');
    });
    queue.add('a');
    await clock.advance(100 + 200 + 400 + 800 + 1_000);
    expect(failures.map(({ retryInMs }) => retryInMs)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    isBroken = false;
    await clock.advance(1_000);
    isBroken = true;
    queue.add('a');
    await clock.settle();
    expect(failures.at(-1)?.retryInMs).toBe(100);
  });

  test('are jittered by up to half', async () => {
    const { clock, queue, failures } = start(() => Promise.reject(new Error('no')), { random: () => 0 });
    queue.add('a');
    await clock.settle();
    expect(failures[0]?.retryInMs).toBe(50);
  });

  test('of one key do not hold up others', async () => {
    const ran: string[] = [];
    const { clock, queue } = start(async (key) => {
      if (key === 'bad') throw new Error('no');
      ran.push(key);
    });
    queue.add('bad');
    await clock.settle();
    queue.add('good');
    await clock.settle();
    expect(ran).toEqual(['good']);
  });

  test('an addition overrides the back-off, and the retry that was planned falls away', async () => {
    let passes = 0;
    const { clock, queue } = start(async () => {
      passes++;
      if (passes === 1) throw new Error('no');
    });
    queue.add('a');
    await clock.settle();
    queue.add('a');
    await clock.advance(10_000);
    expect(passes).toBe(2);
  });

  test('that are terminal wait for an addition', async () => {
    let passes = 0;
    const { clock, queue, failures } = start(async () => {
      passes++;
      throw new TerminalError('never');
    });
    queue.add('a');
    await clock.advance(3_600_000);
    expect(passes).toBe(1);
    expect(failures).toEqual([{ key: 'a', message: 'never', retryInMs: undefined }]);
    queue.add('a');
    await clock.settle();
    expect(passes).toBe(2);
  });
});

describe('idle', () => {
  test('means nothing running and nothing due, whatever is planned for later', async () => {
    const { work, finish } = gate();
    const { clock, queue } = start(work);
    let isTold = false;
    queue.addAfter('later', 60_000);
    expect(queue.isIdle).toBe(true);
    queue.add('a');
    const idle = queue.idle().then(() => (isTold = true));
    await clock.settle();
    expect([queue.isIdle, isTold]).toEqual([false, false]);
    finish('a');
    await idle;
    expect(queue.isIdle).toBe(true);
    expect(queue.nextDueMs).toBe(clock.now() + 60_000);
  });
});

describe('stop', () => {
  test('aborts what runs, waits for it, and takes nothing more on', async () => {
    const log: string[] = [];
    const { clock, queue, failures } = start(
      async (key, signal) => {
        log.push(`start ${key}`);
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        log.push(`end ${key}`);
        throw new Error('aborted');
      },
      { concurrency: 1 },
    );
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    await clock.settle();
    await queue.stop();
    expect(log).toEqual(['start a', 'end a']);
    queue.add('d');
    await clock.advance(1_000);
    await queue.stop();
    expect(log).toEqual(['start a', 'end a']);
    expect(failures).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});

test('whatever happens: one worker per key, never above the limit, and the last addition is always worked on', async () => {
  const step = oneof(
    record({ do: constant('add' as const), key: constantFrom('a', 'b', 'c', 'd') }),
    record({ do: constant('later' as const), key: constantFrom('a', 'b', 'c', 'd'), ms: nat(300) }),
    record({ do: constant('advance' as const), ms: nat(300) }),
  );
  await assert(
    asyncProperty(array(step, { maxLength: 40 }), integer(), async (steps, seed) => {
      const random = seededRandom(seed);
      const running = new Set<string>();
      const wanted = new Map<string, number>();
      const startedAt = new Map<string, number>();
      let tick = 0;
      const { clock, queue } = start(
        async (key) => {
          expect(running.has(key)).toBe(false);
          running.add(key);
          expect(running.size).toBeLessThanOrEqual(2);
          startedAt.set(key, tick++);
          const isFailing = random() < 0.3;
          await new Promise<void>((resolve) => clock.after(random() * 200, resolve));
          running.delete(key);
          if (isFailing) throw new Error('no');
        },
        { random },
      );
      for (const one of steps) {
        if (one.do === 'advance') {
          await clock.advance(one.ms);
          continue;
        }
        wanted.set(one.key, tick++);
        if (one.do === 'add') queue.add(one.key);
        else queue.addAfter(one.key, one.ms);
      }
      await clock.advance(3_600_000);
      expect(queue.isIdle).toBe(true);
      for (const [key, since] of wanted) expect(startedAt.get(key)).toBeGreaterThan(since);
      await queue.stop();
    }),
    { numRuns: 100 },
  );
});
