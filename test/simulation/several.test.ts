import { expect, test } from 'vitest';
import { severalHistory } from './several.ts';
import { seedsToPlay } from './simulate.ts';

const seeds = seedsToPlay({ SEEDS: '12', ...process.env });

test.each(seeds)('several applications of seed %i wait, are left alone and converge', async (seed) => {
  expect(await severalHistory(seed)).toEqual([]);
});
