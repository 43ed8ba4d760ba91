import { expect, test } from 'vitest';
import { withDeadline } from '../../src/system/deadline.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('many calls may share one outer signal, and all end with it, without a warning', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', onWarning);
  const clock = new FakeClock();
  const outer = new AbortController();
  const hanging = (): Promise<never> => new Promise(() => {});
  const calls = Array.from({ length: 50 }, () => withDeadline(clock, 'call', 60_000, hanging, outer.signal));
  const ended = Promise.allSettled(calls);
  await clock.settle();
  outer.abort(new Error('stopped'));
  expect((await ended).map((result) => (result.status === 'rejected' ? String(result.reason) : result.status))).toEqual(
    Array(50).fill('Error: stopped'),
  );
  expect(clock.pendingTimers).toBe(0);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});
