// Real time, but every deadline comes soon: what hangs is seen to hang without anybody waiting for it.
import { type Clock, systemClock } from '../../src/system/clock.ts';

const SOON_MS = 300;

/** Timers of a second and more fire after a moment. */
export function hurriedClock(): Clock {
  const clock = systemClock();
  return {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    after: (delayMs, callback) => clock.after(delayMs < 1000 ? delayMs : SOON_MS, callback),
  };
}
