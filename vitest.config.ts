import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // One file at a time: the network code of Docker 20.10 can lock itself up when several clusters come and go at once on one engine.
    maxWorkers: 1,
  },
});
