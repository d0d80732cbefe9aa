/** @file A vitest reporter that ends every run with one line that people and scripts can read alike. */
import type { Reporter, TestModule } from 'vitest/node';

/** What a run came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** `12 passed, 0 failed`, followed by `, 3 skipped` where any were. */
export function closingLine(tally: Tally): string {
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`;
}

/**
 * Counts tests. A file that could not be loaded and an error outside any test each count as one failure: the run
 * failed, so the line must say so.
 */
export function tallyOf(modules: readonly TestModule[], unhandledErrors: number): Tally {
  let passed = 0;
  let failed = unhandledErrors;
  let skipped = 0;
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      else if (state === 'skipped') skipped += 1;
      else failed += 1; // 'pending' too: a run that was interrupted did not pass
    }
  }
  return { passed, failed, skipped };
}

/** The reporter; stands after the default one in `vitest.config.ts`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    console.log(closingLine(tallyOf(modules, unhandledErrors.length)));
  }
}
