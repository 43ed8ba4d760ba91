import { defineConfig } from 'vitest/config';

/** Engines that the tests may use; `npm test` names them. */
const engines = (process.env['HOLDFAST_TEST_ENGINES'] ?? '').split(' ');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/engine-of-worker.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One file at a time on each engine: the network code of Docker 20.10 can lock itself up when several clusters come and go at once.
    maxWorkers: engines.length,
  },
});
