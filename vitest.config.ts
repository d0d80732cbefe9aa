import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';
import { ClosingLine } from './tools/closing-line.ts';
import { SlowFirst } from './tools/slow-first.ts';

/**
 * What takes minutes, of power cuts and preemptions on fake machines and of a GPU that is none, runs where it is named:
 * `npm run test:machines`.
 */
const named = ['test/cluster/', 'test/browser/lab-gpu.test.ts'].filter(
  (path) => !process.argv.some((word) => word.startsWith(path)),
);

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...named.map((path) => `${path}**`)],
    reporters: ['default', new ClosingLine()],
    sequence: { sequencer: SlowFirst },
    // Tests wait for processes and pages much of their time: three files at once keep two cores busy.
    pool: 'forks',
    maxWorkers: 3,
    // Files share what they import: loaded for each anew, it took a quarter of the time. A gate keeps them from replacing it.
    isolate: false,
    // Limits against hanging, not measurements: a busy machine takes many times as long as a quiet one.
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});

export default config;
