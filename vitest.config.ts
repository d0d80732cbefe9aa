import { type ViteUserConfig, defineConfig } from 'vitest/config';
import { ClosingLine } from './tools/closing-line.ts';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
    reporters: ['default', new ClosingLine()],
    // Tests wait for processes and pages much of their time: four files at once keep two cores busy.
    pool: 'forks',
    maxWorkers: 4,
    // Files share what they import: loaded for each anew, it took a quarter of the time. A gate keeps them from replacing it.
    isolate: false,
    // Limits against hanging, not measurements: a busy machine takes many times as long as a quiet one.
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});

export default config;
