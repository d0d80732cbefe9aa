/** @file Operator norms by other means than the norm under test. */

import { need } from '../../errors.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import { elementCount, type Shape, sizeAt } from '../../graph/tensor-type.ts';
import { power } from '../../math/power.ts';
import { symmetricEigenvalues } from '../../math/symmetric-eigenvalues.ts';
import { ops } from '../../ops/index.ts';
import { type DrawKey, drawNormal } from '../draws.ts';
import { outputOf } from '../../runtime/device.ts';

const POWER_ITERATIONS = 200;

/** The two largest singular values of a weight seen as [units, fan-in]: roots of the largest eigenvalues of W Wᵀ. */
export async function largestSingularValues(
  w: Float64Array,
  shape: Shape,
  outputAxis: 0 | 1,
): Promise<readonly [first: number, second: number]> {
  const units = sizeAt(shape, outputAxis);
  const fanIn = w.length / units;
  const at = (unit: number, i: number): number => w[outputAxis === 0 ? unit * fanIn + i : i * units + unit] as number;
  const gram = new Float64Array(units * units);
  for (let a = 0; a < units; a++) {
    for (let b = 0; b < units; b++) {
      let sum = 0;
      for (let i = 0; i < fanIn; i++) sum += at(a, i) * at(b, i);
      gram[a * units + b] = sum;
    }
  }
  const squares = await symmetricEigenvalues(gram, units);
  return [Math.sqrt(need(squares.at(-1), 'a square')), Math.sqrt(need(squares.at(-2), 'a second square'))];
}

/** max ‖conv(x; w)‖ / ‖x‖ for w [K, C, 3, 3] on square images with zero padding, by iterating x ← convᵀ(conv(x)). */
export async function convolutionNorm(
  laboratory: Laboratory,
  w: Float64Array,
  shape: Shape,
  image: number,
  key: DrawKey,
): Promise<number> {
  const g = new GraphBuilder(ops, 'float64');
  const size = [1, sizeAt(shape, 1), image, image] as const;
  const attrs = { strides: [1, 1], pads: [1, 1, 1, 1] } as const;
  const [x, weight] = [g.input('x', size, { kind: 'data' }), g.input('w', shape, { kind: 'data' })];
  let back = x;
  // Several iterations per run: a normalised kernel gains at most 3 each way, far from overflow.
  const unroll = 10;
  for (let i = 0; i < unroll; i++) {
    const forth = g.emit('Conv', [back, weight], attrs);
    back = g.emit('ConvInputGrad', [forth, weight], { ...attrs, image: [image, image] });
  }
  const graph = g.finish('convolution', { back });
  let vector = drawNormal(elementCount(size), key);
  let gain = 0;
  for (let i = 0; i < POWER_ITERATIONS / unroll; i++) {
    const start = Math.hypot(...vector);
    const unit = vector.map((value) => value / start);
    vector = outputOf(await laboratory.run(graph, { x: unit, w }), 'back');
    gain = power(Math.hypot(...vector), 1 / (2 * unroll));
  }
  return gain;
}
