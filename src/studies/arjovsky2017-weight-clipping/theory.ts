/** @file How steep a network with bounded weights can be. */

/**
 * ∏ c √(inputs · units) over the layers of a ReLU network whose weights lie in [−c, c]: no matrix of such entries stretches
 * a vector by more than its Frobenius norm, and that is at most c √(inputs · units).
 */
export function clippedBound(
  c: number,
  { inputs, widths }: { readonly inputs: number; readonly widths: readonly number[] },
): number {
  const sizes = [inputs, ...widths, 1];
  return sizes.slice(1).reduce((bound, units, i) => bound * c * Math.sqrt((sizes[i] as number) * units), 1);
}
