/**
 * @file Where all values that a statistic pools are one large number, float32 must find that number for their mean: a mean
 * that is off by its last place makes every value ±1, of zeros.
 */

import { describe, expect, it } from 'vitest';
import { vjp } from '../../src/autodiff/reverse.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { elementCount, type FloatType, type Shape, sizeAt } from '../../src/graph/tensor-type.ts';
import { newNetwork } from '../../src/nn/network.ts';
import { type NormName, norms } from '../../src/norms/index.ts';
import { defaultNormSettings } from '../../src/norms/norm.ts';
import { ops } from '../../src/ops/index.ts';
import { blockSize, type LoweringName } from '../../src/runtime/lowering-choice.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { maxDifference } from '../../src/testing/difference.ts';
import { allFed, evaluate, type Feeds, reference } from '../../src/testing/evaluate.ts';
import { randomArray } from '../../src/testing/gradcheck.ts';
import { runnableLowerings } from '../../src/testing/usual-lowering.ts';
import { behindConvolution, normed } from './norm-checks.ts';

/** All that subtract a mean, but one whose definition cancels here: `batch-one-pass`. */
const names: readonly NormName[] = [
  'batch',
  'batch-composed',
  'batch-l1',
  'batch-l2',
  'batch-linf',
  'batch-linf-mean',
  'batch-renorm',
  'ghost-batch',
  'layer',
  'group',
  'instance',
  'weight-standardised',
];
/** Each once: convolutions have no part in it. */
const lowerings = runnableLowerings.filter(({ lowering }, i) => lowering !== runnableLowerings[i - 1]?.lowering);
const settings = { ...defaultNormSettings, groups: 2, ghostSize: 3, epsilon: 1e-5 };
/** Odd sizes, and sums that are long. */
const shapes: readonly Shape[] = [
  [9, 6, 5, 3],
  [33, 6, 31, 29],
];

/** The same in blocks, whose channels fill one. */
const shapesOf = (block: number | undefined): readonly Shape[] =>
  block === undefined ? shapes : shapes.map(([N = 0, , ...space]) => [N, block, ...space]);

/**
 * Where y is one multiplication and addition, in blocks, what rounding leaves of the product shows: half a unit of 316 times
 * the few units that the mean was off by.
 */
const zeroBy = (lowering: LoweringName): number => (blockSize(lowering) === undefined ? 0 : 2e-4);

/** As a share of the largest entry: float32 over sums of ten thousands. */
const GRADIENT = 2e-5;

const constants = [1e7, 16_777_213, -12_345.678, 1 / 3].map(Math.fround);

/**
 * y, its gradient by x for a fed cotangent, and the next state. In blocks x comes through a
 * convolution with the unit matrix, which leaves it as it is.
 */
function layerGraph(name: NormName, shape: Shape, float: FloatType, inBlocks: boolean): Graph {
  const g = new GraphBuilder(ops, float);
  const network = newNetwork(g, 'train');
  const x = g.input('x', shape, { kind: 'data' });
  const cotangent = g.input('cotangent', shape, { kind: 'data' });
  const y = normed(norms[name], network, inBlocks ? behindConvolution(g, x) : x, settings);
  const [dx] = vjp(g, [y], [cotangent], [x]);
  if (dx === undefined) throw new RangeError('A norm must have a gradient');
  return allFed(g.finish('layer', { y, dx }, network.updates));
}

function unitMatrix(size: number): readonly number[] {
  return Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}

/** The same number for all that is normalised: images, or the weights that look at them. */
function feedsOf({ inputs, float }: Graph, constant: number): Feeds {
  const toFloat = float === 'float32' ? Float32Array : Float64Array;
  const normalised = inputs.some(({ value }) => value.name === 'linear/weight') ? 'linear/weight' : 'x';
  return Object.fromEntries(
    inputs.map(({ value: { name, shape } }) => {
      const size = elementCount(shape);
      if (name === 'kernel') return [name, toFloat.from(unitMatrix(sizeAt(shape, 0)))];
      if (name === normalised) return [name, new toFloat(size).fill(constant)];
      if (!name.includes('/')) return [name, toFloat.from(randomArray(size, name, -1, 1).map(Math.fround))];
      const isZero = name.endsWith('/beta') || name.endsWith('/runningMean');
      return [name, new toFloat(size).fill(isZero ? 0 : 1)];
    }),
  );
}

describe.each(names)('%s of equal numbers', (name) => {
  it.each(lowerings)('is zero, with the gradient of float64, by $lowering', async (lowering) => {
    const faults: string[] = [];
    const block = blockSize(lowering.lowering);
    for (const shape of shapesOf(block)) {
      const [single, double] = (['float32', 'float64'] as const).map((float) =>
        layerGraph(name, shape, float, block !== undefined),
      ) as [Graph, Graph];
      for (const constant of constants) {
        const where = `of ${constant} on [${shape.join()}]`;
        const { y, dx, ...state } = await evaluate(single, feedsOf(single, constant), lowering);
        const expected = await evaluate(double, feedsOf(double, constant), reference);
        // The d of batch-renorm is the way from a running mean of 0, as far as it may go.
        if (name !== 'batch-renorm' && !(largest(y) <= zeroBy(lowering.lowering))) {
          faults.push(`y ${where}: ${largest(y)}`);
        }
        const error = maxDifference(dx as Float32Array, expected['dx'] as Float64Array);
        if (!(error <= GRADIENT * largest(expected['dx']))) faults.push(`dx ${where}: ${error}`);
        const mean = Number(state['layer/runningMean']?.[0] ?? 0);
        const wanted = Number(expected['layer/runningMean']?.[0] ?? 0);
        if (Math.abs(mean - wanted) > 2 ** -22 * Math.abs(wanted)) faults.push(`mean ${where}: ${mean}`);
      }
    }
    expect(faults).toEqual([]);
  });
});

function largest(data: TensorData | undefined): number {
  return (data as Float64Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
