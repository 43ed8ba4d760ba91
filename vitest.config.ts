import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Engine and server tests share the two cores of a small CI machine.
    maxWorkers: 2,
  },
});
