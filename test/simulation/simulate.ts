// Plays many seeds and says of a failed one how to play it again.
import { expect, test } from 'vitest';
import { play } from './scenario.ts';

/** Seeds that are played when nobody says otherwise. */
const DEFAULT_SEEDS = 200;
const SHOWN_TRACE_LINES = 120;

/** `SEED=17` plays that one; `SEEDS=1000` the first thousand; `SEEDS=500-600` those. */
export function seedsToPlay(env: Readonly<Record<string, string | undefined>>): readonly number[] {
  const { SEED, SEEDS } = env;
  if (SEED !== undefined) return [Number(SEED)];
  const [first, last] = (SEEDS ?? String(DEFAULT_SEEDS)).split('-').map(Number);
  const [from, to] = last === undefined ? [1, first ?? DEFAULT_SEEDS] : [first ?? 1, last];
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** What is said of a seed that failed: how to play it again, and the end of its story; `TRACE=400` shows more of it. */
export function replay(seed: number, trace: readonly string[]): string {
  const story = trace.slice(-Number(process.env['TRACE'] ?? SHOWN_TRACE_LINES)).join('\n');
  return `SEED=${seed} npx vitest run test/simulation\n${story}\n`;
}

/** Declares the tests of one of several files that share the seeds. */
export function simulateShare(share: number, shares: number): void {
  const all = seedsToPlay(process.env);
  test('SEED and SEEDS are numbers', () => expect(all).not.toContain(Number.NaN));
  const seeds = all.filter((seed) => seed % shares === share);
  for (const seed of seeds) {
    test(`seed ${seed}`, async () => {
      const { violations, trace } = await play(seed);
      expect(violations, `Replay: ${replay(seed, trace)}`).toEqual([]);
    });
  }
}
