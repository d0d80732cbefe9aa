/** @file How steep a function of vectors is where one looks: lower bounds of its Lipschitz constant. */

/** A function's values at [N, D] points, and its gradient at each, [N, D]. */
export type Steepness = (
  points: Float64Array,
) => Promise<{ readonly values: Float64Array; readonly gradients: Float64Array }>;

export interface LipschitzEstimate {
  /** max |f(a) − f(b)| / ‖a − b‖ over neighbouring points of the sample. */
  readonly pairs: number;
  /** max ‖∇f‖ over the sample, and over where walks up the gradient lead. */
  readonly gradient: number;
}

/**
 * The largest slope found between points and at points. The walk moves every point by `stride` along its gradient, over
 * and again: in a piecewise linear function from one piece to the next.
 */
export async function estimateLipschitz(
  f: Steepness,
  points: Float64Array,
  dimension: number,
  walk: { readonly steps: number; readonly stride: number },
): Promise<LipschitzEstimate> {
  const count = points.length / dimension;
  let at = points;
  let [pairs, gradient] = [0, 0];
  for (let step = 0; step <= walk.steps; step++) {
    const { values, gradients } = await f(at);
    const next = at.slice();
    for (let n = 0; n < count; n++) {
      const row = (data: Float64Array, of: number): Float64Array => data.subarray(of * dimension, (of + 1) * dimension);
      const slope = Math.hypot(...row(gradients, n));
      gradient = Math.max(gradient, slope);
      const other = (n + 1) % count;
      const distance = Math.hypot(...row(at, n).map((value, i) => value - (row(at, other)[i] as number)));
      const rise = Math.abs((values[n] as number) - (values[other] as number));
      if (distance > 0) pairs = Math.max(pairs, rise / distance);
      if (slope > 0) {
        row(next, n).forEach((value, i, moved) => {
          moved[i] = value + (walk.stride * (row(gradients, n)[i] as number)) / slope;
        });
      }
    }
    at = next;
  }
  return { pairs, gradient };
}
