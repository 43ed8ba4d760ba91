// A storm of wakes.
import { expect, test } from 'vitest';
import { Deliveries } from '../../../src/signals/hooks/deliveries.ts';
import { LONGEST_WAIT_MS, QUIET_MS, WakeGate } from '../../../src/signals/hooks/wake-gate.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function opened(): { readonly clock: FakeClock; readonly gate: WakeGate; readonly passed: number[] } {
  const clock = new FakeClock();
  const startMs = clock.elapsed();
  const passed: number[] = [];
  return { clock, passed, gate: new WakeGate(clock, () => passed.push(clock.elapsed() - startMs)) };
}

test.each([5, 40])('of a storm of one each %i ms the first passes at once, and one more when it is over', async (everyMs) => {
  const { clock, gate, passed } = opened();
  for (let count = 0; count < 200; count++) {
    gate.wake();
    await clock.advance(everyMs);
  }
  expect(passed).toEqual([0]);
  await clock.advance(QUIET_MS);
  expect(passed).toEqual([0, 199 * everyMs + QUIET_MS]);
});

test('a wake that comes alone passes at once', async () => {
  const { clock, gate, passed } = opened();
  gate.wake();
  await clock.advance(QUIET_MS);
  gate.wake();
  expect(passed).toEqual([0, QUIET_MS]);
});

test('who calls without end is heard all the same', async () => {
  const { clock, gate, passed } = opened();
  for (let atMs = 0; atMs < 4 * LONGEST_WAIT_MS; atMs += 1_000) {
    gate.wake();
    await clock.advance(1_000);
  }
  expect(passed).toEqual([0, 11_000, 21_000, 31_000]);
});

test('nothing passes after the end', async () => {
  const { clock, gate, passed } = opened();
  gate.wake();
  gate.wake();
  gate.stop();
  await clock.advance(LONGEST_WAIT_MS);
  expect(passed).toEqual([0]);
  expect(clock.pendingTimers).toBe(0);
});

test('what was delivered is remembered up to a number', () => {
  const deliveries = new Deliveries(3);
  deliveries.remember(['a', 'b']);
  deliveries.remember(['c', 'd']);
  expect(['a', 'b', 'c', 'd'].map((key) => deliveries.hasAny([key]))).toEqual([false, true, true, true]);
  expect(deliveries.hasAny([])).toBe(false);
});
