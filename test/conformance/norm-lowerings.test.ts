/** @file Every norm by every lowering: values, gradients and the next state are those of plain ONNX in float64. */

import { describe, expect, it } from 'vitest';
import { vjp } from '../../src/autodiff/reverse.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { elementCount, type FloatType, type Shape } from '../../src/graph/tensor-type.ts';
import { newNetwork } from '../../src/nn/network.ts';
import { type NormName, norms } from '../../src/norms/index.ts';
import { ops } from '../../src/ops/index.ts';
import {
  blockSize,
  type LoweringSettings,
  loweringText,
  referenceLowering,
} from '../../src/runtime/lowering-choice.ts';
import { runnableLowerings } from '../../src/testing/usual-lowering.ts';
import { maxDifference } from '../../src/testing/difference.ts';
import { allFed, evaluate } from '../../src/testing/evaluate.ts';
import { randomArray } from '../../src/testing/gradcheck.ts';
import { behindConvolution, normed, shapesFor, testSettings } from './norm-checks.ts';

/** In blocks there is no convolution of Winograd's to tell the forms apart. */
const fast = runnableLowerings
  .filter(({ lowering }) => lowering !== 'reference')
  .filter(({ lowering, convolution }) => blockSize(lowering) === undefined || convolution === 'direct')
  .map((each) => [loweringText(each), each] as const);
const names = Object.keys(norms) as NormName[];

/**
 * float32 rounds by 6e-8, over sums of some tens; Winograd's F(4,3), in layers of images, adds about 1e-6. Relative to the
 * largest entry of its tensor.
 */
const TOLERANCE = 2e-5;

/**
 * y, its gradients for a fed cotangent, and the next state. Everything is fed, so that layouts meet in one graph.
 * @param inBlocks - whether the layer is given the result of a convolution, which whole blocks of channels lie in
 */
function layerGraph(name: NormName, shape: Shape, float: FloatType, inBlocks: boolean): Graph {
  const g = new GraphBuilder(ops, float);
  const network = newNetwork(g, 'train');
  const x = g.input('x', shape, { kind: 'data' });
  const cotangent = g.input('cotangent', shape, { kind: 'data' });
  const y = normed(norms[name], network, inBlocks ? behindConvolution(g, x) : x, { ...testSettings, epsilon: 1e-3 });
  const wrt = [x, ...g.inputs.flatMap(({ value, role }) => (role.kind === 'parameter' ? [value] : []))];
  const gradients = vjp(g, [y], [cotangent], wrt).map((value, i) => [`d${wrt[i]?.name}`, value] as const);
  return allFed(g.finish('layer', { y, ...Object.fromEntries(gradients) }, network.updates));
}

/** Rounded to float32 for both, so that only the computation differs. */
async function outputsOf(graph: Graph, settings: LoweringSettings): Promise<Record<string, ArrayLike<number>>> {
  const toFloat = graph.float === 'float32' ? Float32Array : Float64Array;
  const feeds = graph.inputs.map(({ value }) => {
    // Of 16 channels a kernel so small makes sums of the size of their terms.
    const range = value.name === 'kernel' ? ([0.02, 0.1] as const) : ([0.3, 1.7] as const);
    const data = randomArray(elementCount(value.shape), value.name, ...range);
    return [value.name, toFloat.from(data.map(Math.fround))] as const;
  });
  return (await evaluate(graph, Object.fromEntries(feeds), settings)) as Record<string, Float64Array>;
}

describe.each(names)('%s', (name) => {
  it.each(fast)('by %s', async (_, settings) => {
    const errors: Record<string, number> = {};
    const block = blockSize(settings.lowering);
    for (const usual of shapesFor(norms[name])) {
      const inBlocks = block !== undefined && usual.length === 4;
      const shape = inBlocks ? usual.with(1, 2 * block) : usual;
      const expected = await outputsOf(layerGraph(name, shape, 'float64', inBlocks), referenceLowering);
      const actual = await outputsOf(layerGraph(name, shape, 'float32', inBlocks), settings);
      expect(Object.keys(actual)).toEqual(Object.keys(expected));
      for (const [output, numbers] of Object.entries(expected)) {
        const scale = Math.max(...Array.from(numbers, Math.abs), 0.1);
        const error = maxDifference(actual[output], numbers) / scale;
        if (!(error < TOLERANCE)) errors[`${output} on [${shape.join()}]`] = error;
      }
    }
    expect(errors).toEqual({});
  });
});
