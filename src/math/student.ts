/** @file Student's t, of which intervals need the quantile. */

import jStat from 'jstat';
import { power } from './power.ts';

/**
 * The quantile of Student's t with ν degrees of freedom: t = √(ν (1 − x)/x), where x solves I_x(a, 1/2) = 2 (1 − p), a = ν/2,
 * and I is the regularised incomplete beta function. The iteration, Halley's, is that of jStat's own `studentt.inv`, number
 * for number; but that begins from `Math.pow`, whose last bit differs between versions of Node and can be left in the end.
 * @param p - in (1/2, 1)
 */
export function studentQuantile(p: number, freedom: number): number {
  const [a, b] = [0.5 * freedom, 0.5];
  const beyond = 2 * (1 - p);
  const fromZero = Math.exp(a * Math.log(a / (a + b))) / a;
  const fromOne = Math.exp(b * Math.log(b / (a + b))) / b;
  const both = fromZero + fromOne;
  const logOfBeta = -jStat.gammaln(a) - jStat.gammaln(b) + jStat.gammaln(a + b);
  let x = beyond < fromZero / both ? power(a * both * beyond, 1 / a) : 1 - power(b * both * (1 - beyond), 1 / b);
  for (let i = 0; i < 10 && x !== 0 && x !== 1; i++) {
    const error = jStat.ibeta(x, a, b) - beyond;
    const slope = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log(1 - x) + logOfBeta);
    const plain = error / slope;
    const step = plain / (1 - 0.5 * Math.min(1, plain * ((a - 1) / x - (b - 1) / (1 - x))));
    x -= step;
    if (x <= 0) x = 0.5 * (x + step);
    if (x >= 1) x = 0.5 * (x + step + 1);
    if (Math.abs(step) < 1e-8 * x && i > 0) break;
  }
  return Math.sqrt((freedom * (1 - x)) / x);
}
