/** @file The order of test files where no run before tells how long they take. */

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By their size these would come last, and keep one of three lanes busy when the others are done. */
export const slow: readonly string[] = [
  'src/bench/measure.test.ts',
  'src/bench/profile/profile.test.ts',
  'src/bench/builds/compare-builds.test.ts',
  'src/bench/curves/curves.test.ts',
  'test/e2e/watch.test.ts',
  'test/lowerings.test.ts',
  'test/determinism.test.ts',
];

/** Slow files first, then as vitest has it: by what they took before, or by size. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification): boolean => slow.some((path) => moduleId.endsWith(path));
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}
