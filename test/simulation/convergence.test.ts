import { expect, test } from 'vitest';
import { converge } from './convergence.ts';
import { seedsToPlay } from './simulate.ts';

/** As many as are worth a minute; `SEEDS=1000` plays a thousand. */
const DEFAULT_SEEDS = '40';
const SHOWN_TRACE_LINES = 120;

const seeds = seedsToPlay({ SEEDS: DEFAULT_SEEDS, ...process.env });

test.each(seeds)('the commits of seed %i converge', async (seed) => {
  const { violations, trace } = await converge(seed);
  if (violations.length > 0) console.error(trace.slice(-SHOWN_TRACE_LINES).join('\n'));
  expect(violations).toEqual([]);
});
