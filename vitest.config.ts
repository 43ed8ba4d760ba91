import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** Engines that the tests may use; `npm test` names them. */
const engines = (process.env['HOLDFAST_TEST_ENGINES'] ?? '').split(' ');
/** Rooms that reach nothing: their tests share a process and what it has loaded, which is nearly half of their time. */
const PURE = ['controllers', 'model', 'scheduler'].map((room) => `test/${room}/**/*.test.ts`);
/** All of Holdfast that they test runs in processes of its own. */
const END_TO_END = ['test/e2e/**/*.test.ts'];

export default defineConfig({
  test: {
    setupFiles: ['test/support/engine-of-worker.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongestFirst },
    // One file at a time on each engine: the network code of Docker 20.10 can lock itself up when several clusters come and go at once.
    maxWorkers: engines.length,
    projects: [
      { extends: true, test: { name: 'end to end', include: END_TO_END, isolate: false } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: [...END_TO_END, ...PURE] } },
      { extends: true, test: { name: 'together', include: PURE, isolate: false } },
    ],
  },
});
