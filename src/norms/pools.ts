/** @file Which values of a tensor share a statistic, and the tensor seen so that they lie along axes of their own. */

import { SettingError } from '../errors.ts';
import { add, div, mul, reduceMean, reshape, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { elementCount, type Shape, sizeAt } from '../graph/tensor-type.ts';
import type { Norm, NormSettings } from './norm.ts';

/** x in another shape, of which a statistic pools the given axes. */
export interface PoolView {
  readonly x: Value;
  readonly axes: readonly number[];
  /** Values per statistic. */
  readonly count: number;
}

type PooledNorm = Pick<Norm, 'title' | 'pools' | 'leastPooled'>;

/**
 * Examples and channels split where groups of them are pooled: [N/B, B, G, C/G, …].
 * @throws {SettingError} where groups do not divide what they split, or a statistic has too few values.
 */
export function viewByPools(
  g: GraphBuilder,
  name: string,
  x: Value,
  norm: PooledNorm,
  settings: NormSettings,
): PoolView {
  const { batch = 'none', channels = 'none', space = false } = norm.pools ?? {};
  const [N, C, pixels] = [sizeAt(x.shape, 0), sizeAt(x.shape, 1), x.shape.slice(2)];
  const shape: number[] = [];
  const axes: number[] = [];
  const push = (size: number, pooled: boolean): void => {
    if (pooled) axes.push(shape.length);
    shape.push(size);
  };
  if (batch === 'ghost') {
    requireDivisor('ghostSize', settings.ghostSize, 'the batch N', N, name);
    push(N / settings.ghostSize, false);
    push(settings.ghostSize, true);
  } else push(N, batch === 'all');
  if (channels === 'group') {
    requireDivisor('groups', settings.groups, 'the channels C', C, name);
    push(settings.groups, false);
    push(C / settings.groups, true);
  } else push(C, channels === 'all');
  for (const size of pixels) push(size, space);
  const count = elementCount(axes.map((axis) => sizeAt(shape, axis)));
  requireValues(name, x.shape, norm, count);
  return { x: reshape(g, x, shape), axes, count };
}

function requireDivisor(setting: string, divisor: number, what: string, whole: number, name: string): void {
  if (Number.isInteger(divisor) && divisor > 0 && whole % divisor === 0) return;
  const divisors = Array.from({ length: whole }, (_, i) => i + 1).filter((d) => whole % d === 0);
  const nearest = divisors.reduce((a, b) => (Math.abs(b - divisor) < Math.abs(a - divisor) ? b : a));
  throw new SettingError(
    `Cannot build '${name}': ${setting} must divide ${what}, got ${setting} = ${divisor}, ${what.slice(-1)} = ${whole}; try ${nearest}`,
  );
}

/** @throws {SettingError} for too few values: their spread would be zero whatever they are. */
function requireValues(name: string, shape: Shape, { title, pools, leastPooled }: PooledNorm, count: number): void {
  if (count >= leastPooled) return;
  const repair =
    pools?.batch === 'none' ? 'use a norm that pools over more, such as batch' : 'use a batch of 2 or more';
  throw new SettingError(
    `${title.slice(0, 1).toUpperCase()}${title.slice(1)} needs at least ${leastPooled} values per statistic to train, ` +
      `but layer '${name}' gets [${shape.join(',')}], which gives it ${count}; ${repair}`,
  );
}

/** Mean and biased variance (divides by the count) of each pool, axes kept, and (x − mean) / √(variance + epsilon). */
export function standardise(
  g: GraphBuilder,
  { x, axes }: PoolView,
  epsilon: number,
): { readonly mean: Value; readonly variance: Value; readonly normalised: Value } {
  const mean = reduceMean(g, x, axes, true);
  const centred = sub(g, x, mean);
  const variance = reduceMean(g, mul(g, centred, centred), axes, true);
  return { mean, variance, normalised: div(g, centred, g.emit('Sqrt', [add(g, variance, epsilon)])) };
}

/** x / √(mean x² + epsilon) over each pool. */
export function divideByRootMeanSquare(g: GraphBuilder, { x, axes }: PoolView, epsilon: number): Value {
  const square = reduceMean(g, mul(g, x, x), axes, true);
  return div(g, x, g.emit('Sqrt', [add(g, square, epsilon)]));
}
