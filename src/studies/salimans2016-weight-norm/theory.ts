/** @file The gradients of weight normalisation in closed form. */

import { euclideanNorm, innerProduct } from '../../math/inner-product.ts';
import { squareOf } from '../../math/power.ts';

/**
 * The gradients of length and direction of one unit's weight w = g v/‖v‖, from that of the weight (salimans2016, eq. 3):
 * ∂L/∂g = (∂L/∂w · v)/‖v‖ and ∂L/∂v = (g/‖v‖) ∂L/∂w − (g (∂L/∂g)/‖v‖²) v.
 */
export function weightNormGradients(
  v: Float64Array,
  gain: number,
  dw: Float64Array,
): { readonly dg: number; readonly dv: Float64Array } {
  const length = euclideanNorm(v);
  const dg = innerProduct(dw, v) / length;
  const dv = dw.map((slope, i) => (gain / length) * slope - ((gain * dg) / squareOf(length)) * (v[i] as number));
  return { dg, dv };
}
