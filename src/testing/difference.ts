/** @file How far two lists of numbers are apart: for tests. */

/** max |actual − expected|; infinite where the lengths differ or a number is missing or not finite. */
export function maxDifference(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>): number {
  if (actual === undefined || actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((actual[i] as number) - (expected[i] as number));
    if (!Number.isFinite(difference)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, difference);
  }
  return largest;
}
