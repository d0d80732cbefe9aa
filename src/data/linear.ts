/** @file Examples of a random linear map, drawn by a seed: what deep linear networks are trained on (santurkar2018, Appendix A). */

import { createStream } from '../math/random.ts';

export interface LinearDraw {
  readonly seed: number;
  /** N. */
  readonly examples: number;
  /** D. */
  readonly inputs: number;
  /** K. */
  readonly outputs: number;
}

export interface LinearExamples {
  /** [N, D] */
  readonly x: Float32Array;
  /** A, [K, D] */
  readonly map: Float32Array;
  /** [N, K] */
  readonly y: Float32Array;
}

/**
 * x_nd and A_kd, independent and standard normal, rounded to float32, and y_nk = Σ_d A_kd x_nd of the rounded ones, added up
 * in float64 from d = 0 on and then rounded. x is the stream of purpose `noise` and layer `linear.x`, row by row, A that of
 * `linear.map`: neither depends on sizes beyond its own length.
 */
export function drawLinear({ seed, examples, inputs, outputs }: LinearDraw): LinearExamples {
  const normal = (name: string, length: number): Float32Array => {
    const data = new Float32Array(length);
    createStream({ seed, purpose: 'noise', layer: `linear.${name}` }).fillNormal(data, 0, 1);
    return data;
  };
  const [x, map] = [normal('x', examples * inputs), normal('map', outputs * inputs)];
  const y = Float32Array.from({ length: examples * outputs }, (_, i) => {
    const [n, k] = [Math.floor(i / outputs), i % outputs];
    let sum = 0;
    for (let d = 0; d < inputs; d++) sum += (map[k * inputs + d] ?? 0) * (x[n * inputs + d] ?? 0);
    return sum;
  });
  return { x, map, y };
}
