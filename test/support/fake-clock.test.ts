import { expect, test } from 'vitest';
import { sleep } from '../../src/system/clock.ts';
import { FakeClock } from './fake-clock.ts';

test('fires what falls due in order, each at its own time, and nothing else', async () => {
  const clock = new FakeClock(0);
  const log: string[] = [];
  const note = (what: string) => () => void log.push(`${what}@${clock.now()}`);
  clock.after(200, note('c'));
  clock.after(100, note('a'));
  clock.after(100, note('b'));
  const cancel = clock.after(150, note('cancelled'));
  clock.after(1_000, note('late'));
  cancel();
  await clock.advance(500);
  expect(log).toEqual(['a@100', 'b@100', 'c@200']);
  expect([clock.now(), clock.pendingTimers, clock.nextDueMs]).toEqual([500, 1, 1_000]);
});

test('lets a chain of promises and timers run through', async () => {
  const clock = new FakeClock(0);
  const log: number[] = [];
  const loop = async (): Promise<void> => {
    for (let round = 0; round < 5; round++) {
      await sleep(clock, 10);
      log.push(clock.now());
    }
  };
  void loop();
  await clock.advance(35);
  expect(log).toEqual([10, 20, 30]);
});

test('jumps to the moment at which something holds, and says when it never does', async () => {
  const clock = new FakeClock(0);
  let isDone = false;
  clock.after(60_000, () => {
    isDone = true;
  });
  expect(await clock.runUntil(() => isDone, 59_999)).toBe(false);
  expect(clock.now()).toBe(59_999);
  expect(await clock.runUntil(() => isDone, 1_000_000)).toBe(true);
  expect(clock.now()).toBe(60_000);
});
