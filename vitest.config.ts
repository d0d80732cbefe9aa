import { type ViteUserConfig, defineConfig } from 'vitest/config';
import { ClosingLine } from './tools/closing-line.ts';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
    reporters: ['default', new ClosingLine()],
    // ORT is already threaded; two test files at once keep two cores busy.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});

export default config;
