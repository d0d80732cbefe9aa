/** @file How far a list of numbers is from what it should be, on the scale of the latter. */

/**
 * max |actual − expected| / max |expected|, the absolute error where all that is expected is 0.
 * @returns infinity where the lengths differ or a number is missing or not finite: no such list passes for near.
 */
export function relativeError(actual: ArrayLike<number> | undefined, expected: ArrayLike<number> | undefined): number {
  if (actual === undefined || expected === undefined || actual.length !== expected.length) {
    return Number.POSITIVE_INFINITY;
  }
  let [error, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number, expected[i] as number];
    if (!Number.isFinite(a - e)) return Number.POSITIVE_INFINITY;
    error = Math.max(error, Math.abs(a - e));
    scale = Math.max(scale, Math.abs(e));
  }
  return scale === 0 ? error : error / scale;
}
