/** @file Which values of a tensor share a statistic, and the tensor seen so that they lie along axes of their own. */

import { add, div, mul, reduceMean, reshape, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { elementCount, sizeAt } from '../graph/tensor-type.ts';
import type { Network } from '../nn/network.ts';
import type { NormSettings } from './norm.ts';
import { type PooledNorm, requirePools } from './pool-sizes.ts';

/** x in another shape, of which a statistic pools the given axes. */
export interface PoolView {
  readonly x: Value;
  readonly axes: readonly number[];
  /** Values per statistic. */
  readonly count: number;
  /** Notes what the pool's values are divided by, where no epsilon keeps that from 0. */
  readonly note: (value: Value, what: string) => void;
}

/**
 * Examples and channels split where groups of them are pooled: [N/B, B, G, C/G, …].
 * @throws {PoolError} where groups do not divide what they split, or a statistic has too few values.
 */
export function viewByPools(
  network: Pick<Network, 'g' | 'divisors'>,
  name: string,
  x: Value,
  norm: PooledNorm,
  settings: NormSettings,
): PoolView {
  requirePools(name, norm, settings, x.shape);
  const { batch = 'none', channels = 'none', space = false } = norm.pools ?? {};
  const [N, C, pixels] = [sizeAt(x.shape, 0), sizeAt(x.shape, 1), x.shape.slice(2)];
  const shape: number[] = [];
  const axes: number[] = [];
  const push = (size: number, pooled: boolean): void => {
    if (pooled) axes.push(shape.length);
    shape.push(size);
  };
  if (batch === 'ghost') {
    push(N / settings.ghostSize, false);
    push(settings.ghostSize, true);
  } else push(N, batch === 'all');
  if (channels === 'group') {
    push(settings.groups, false);
    push(C / settings.groups, true);
  } else push(C, channels === 'all');
  for (const size of pixels) push(size, space);
  const count = elementCount(axes.map((axis) => sizeAt(shape, axis)));
  const note = (value: Value, what: string): void => {
    if (settings.epsilon === 0) network.divisors.set(name, { value, what, repair: 'set an epsilon above 0' });
  };
  return { x: reshape(network.g, x, shape), axes, count, note };
}

/** What most norms divide by. */
export const SPREAD = 'the spread of its input';

/**
 * The mean over some axes, kept, and x − mean. The sum of many large numbers is rounded, and so a mean can be off by
 * a unit in its last place: it is corrected by the mean of what it leaves, which has nothing large to round. That
 * correction is zero but for rounding whatever x is, and so are its derivatives.
 */
export function centre(
  g: GraphBuilder,
  x: Value,
  axes: readonly number[],
): { readonly mean: Value; readonly centred: Value } {
  const rounded = reduceMean(g, x, axes, true);
  const rest = g.emit('StopGradient', [reduceMean(g, sub(g, x, rounded), axes, true)]);
  const mean = add(g, rounded, rest);
  return { mean, centred: sub(g, x, mean) };
}

/** Mean and biased variance (divides by the count) of each pool, axes kept, and (x − mean) / √(variance + epsilon). */
export function standardise(
  g: GraphBuilder,
  { x, axes, note }: PoolView,
  epsilon: number,
): { readonly mean: Value; readonly variance: Value; readonly normalised: Value } {
  const { mean, centred } = centre(g, x, axes);
  const variance = reduceMean(g, mul(g, centred, centred), axes, true);
  note(variance, SPREAD);
  return { mean, variance, normalised: div(g, centred, g.emit('Sqrt', [add(g, variance, epsilon)])) };
}

/** x / √(mean x² + epsilon) over each pool. */
export function divideByRootMeanSquare(g: GraphBuilder, { x, axes, note }: PoolView, epsilon: number): Value {
  const square = reduceMean(g, mul(g, x, x), axes, true);
  note(square, 'the size of its input');
  return div(g, x, g.emit('Sqrt', [add(g, square, epsilon)]));
}
