/** @file Percentiles of the values of a tensor. */

/** Linearly interpolated, NumPy's default; none where a value is not finite, or there is none. Sorts the values in place. */
export function quantilesOf(values: Float64Array, percentiles: readonly number[]): readonly number[] {
  if (values.length === 0 || !values.every(Number.isFinite)) return [];
  values.sort();
  return percentiles.map((percentile) => {
    const place = (percentile / 100) * (values.length - 1);
    const below = values[Math.floor(place)] as number;
    const above = values[Math.ceil(place)] as number;
    // Seven digits are all that float32 has: more would only take room.
    return Number((below + (above - below) * (place - Math.floor(place))).toPrecision(7));
  });
}
