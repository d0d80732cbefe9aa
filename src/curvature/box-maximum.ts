/**
 * @file The largest value of a smooth function in a box: projected L-BFGS, as keskar2017 takes L-BFGS-B for it (Byrd et al.
 * 1995, SIAM J. Sci. Comput. 16, 1190–1208). Coordinates are held at a side where the gradient points out of the box, and the
 * step is projected back (Bertsekas 1982, SIAM J. Control Optim. 20, 221–246), in place of the search over a Cauchy path. Where
 * no step has shown −f to be convex, the step is towards the corner that the gradient points to.
 */

import { SettingError } from '../errors.ts';
import { innerProduct } from '../math/inner-product.ts';
import { combined, subtract } from './operator.ts';

/** f and its gradient at a point. */
export type ValueAndGradient = (
  z: Float64Array,
) => Promise<{ readonly value: number; readonly gradient: Float64Array }>;

export interface BoxSettings {
  /** z_i lies between −limit_i and limit_i. */
  readonly limits: Float64Array;
  /** Steps at most; keskar2017 takes 10, which is no search to the end. */
  readonly iterations: number;
  /** Computations of f with its gradient, at most; default as many as the steps take. */
  readonly evaluations?: number;
  /** Pairs of steps and changes of the gradient that are kept; default 10. */
  readonly memory?: number;
}

export interface BoxMaximum {
  /** The largest that was found: at least f(0). */
  readonly value: number;
  /** f(0). */
  readonly initial: number;
  readonly at: Float64Array;
  /** The largest |zᵢ − P(z + ∇f(z))ᵢ| there, P the projection on the box: 0 at a maximum. */
  readonly residual: number;
  /** How often f and its gradient were computed. */
  readonly evaluations: number;
}

/** Of the increase that the slope predicts, what a step must bring; and how often it is halved. */
const SUFFICIENT = 1e-4;
const HALVINGS = 12;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
}

/**
 * Starts at 0. A function that is not finite somewhere in the box is backed away from.
 * @throws {SettingError} for a limit below 0, or no iterations.
 *
 * @example
 * const f = async ([a = 0, b = 0]: Float64Array) => ({ value: 3 * a - b * b, gradient: Float64Array.of(3, -2 * b) });
 * const { value } = await boxMaximum(f, { limits: Float64Array.of(0.5, 1), iterations: 10 });
 * console.log(value); // 1.5, at the end of the first side
 */
export async function boxMaximum(
  f: ValueAndGradient,
  { limits, iterations, evaluations: most = Number.POSITIVE_INFINITY, memory = 10 }: BoxSettings,
): Promise<BoxMaximum> {
  if (!limits.every((limit) => limit >= 0)) throw new SettingError('A box must have limits of 0 or more; try 1e-3');
  if (!Number.isInteger(iterations) || iterations < 1) {
    throw new SettingError(`A maximum must be searched for by 1 iteration or more, got ${iterations}; try 10`);
  }
  let at: Float64Array = new Float64Array(limits.length);
  let { value, gradient } = await f(at);
  const initial = value;
  let evaluations = 1;
  const pairs: Pair[] = [];
  for (let iteration = 0; iteration < iterations && residualAt(at, gradient, limits) > 0; iteration++) {
    const free = at.map((z, i) => (leaves(z, gradient[i] as number, limits[i] as number) ? 0 : 1));
    const slope = gradient.map((g, i) => g * (free[i] as number));
    const ascent = ascentOf(slope, pairs, free);
    const direction = innerProduct(ascent, slope) > 0 ? ascent : towardsCorner(at, slope, limits);
    let found: Awaited<ReturnType<ValueAndGradient>> | undefined;
    let next = at;
    for (let halving = 0, s = 1; halving <= HALVINGS && evaluations < most; halving++, s /= 2) {
      next = projected(
        at.map((z, i) => z + s * (direction[i] as number)),
        limits,
      );
      const moved = next.map((z, i) => z - (at[i] as number));
      const tried = await f(next);
      evaluations += 1;
      if (tried.value >= value + SUFFICIENT * innerProduct(gradient, moved) && tried.gradient.every(Number.isFinite)) {
        found = tried;
        break;
      }
    }
    if (found === undefined) break;
    remember(pairs, memory, at, next, gradient, found.gradient);
    [at, value, gradient] = [next, found.value, found.gradient];
  }
  return { value, initial, at, residual: residualAt(at, gradient, limits), evaluations };
}

/** Whether a coordinate at a side of the box is pushed out of it. */
function leaves(z: number, slope: number, limit: number): boolean {
  return (z >= limit && slope > 0) || (z <= -limit && slope < 0) || limit === 0;
}

function projected(z: Float64Array, limits: Float64Array): Float64Array {
  return z.map((value, i) => Math.min(limits[i] as number, Math.max(-(limits[i] as number), value)));
}

function residualAt(at: Float64Array, gradient: Float64Array, limits: Float64Array): number {
  const moved = projected(
    at.map((z, i) => z + (gradient[i] as number)),
    limits,
  );
  return moved.reduce((most, z, i) => Math.max(most, Math.abs(z - (at[i] as number))), 0);
}

/** To the corner that the slope points to: where f is convex, as losses mostly are along it, the maximum is at one. */
function towardsCorner(at: Float64Array, slope: Float64Array, limits: Float64Array): Float64Array {
  return at.map((z, i) => (slope[i] === 0 ? 0 : Math.sign(slope[i] as number) * (limits[i] as number) - z));
}

/** Two-loop recursion of −f on the free coordinates: an ascent direction of f. */
function ascentOf(slope: Float64Array, pairs: readonly Pair[], free: Float64Array): Float64Array {
  const onFree = (v: Float64Array): Float64Array => v.map((value, i) => value * (free[i] as number));
  const q = slope.slice();
  const used = pairs
    .map(({ step, change }) => ({ step: onFree(step), change: onFree(change) }))
    .map((pair) => ({ ...pair, product: innerProduct(pair.step, pair.change) }))
    .filter(
      ({ product, step, change }) =>
        product > 1e-10 * Math.sqrt(innerProduct(step, step) * innerProduct(change, change)),
    );
  const shares: number[] = [];
  for (const { step, change, product } of used.toReversed()) {
    const share = innerProduct(step, q) / product;
    subtract(q, share, change);
    shares.push(share);
  }
  const last = used.at(-1);
  if (last === undefined) return new Float64Array(slope.length);
  const scale = last.product / innerProduct(last.change, last.change);
  const r = q.map((value) => scale * value);
  for (const { step, change, product } of used) {
    const share = (shares.pop() as number) - innerProduct(change, r) / product;
    subtract(r, -share, step);
  }
  return r;
}

/** Of −f, whose curvature along a step must be positive for a pair to say anything. */
function remember(
  pairs: Pair[],
  memory: number,
  at: Float64Array,
  next: Float64Array,
  before: Float64Array,
  after: Float64Array,
): void {
  const step = combined([next, at], [1, -1]);
  pairs.push({ step, change: combined([before, after], [1, -1]) });
  if (pairs.length > memory) pairs.shift();
}
