import { expect, test } from 'vitest';
import { converge } from './convergence.ts';
import { replay, seedsToPlay } from './simulate.ts';

/** As many as are worth a minute; `SEEDS=1000` plays a thousand. */
const DEFAULT_SEEDS = '40';

const seeds = seedsToPlay({ SEEDS: DEFAULT_SEEDS, ...process.env });

test.each(seeds)('the commits of seed %i converge', async (seed) => {
  const { violations, trace } = await converge(seed);
  expect(violations, `Replay: ${replay(seed, trace)}`).toEqual([]);
});
