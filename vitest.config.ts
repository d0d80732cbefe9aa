import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // ORT is already threaded; two test files at once keep two cores busy.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
