/** @file Whether the terms of a kernel's gradient cancel or share a sign: what is left of them in the sum (bjorck2018, Table 1). */

import * as z from 'zod';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import type { OpAttributes } from '../graph/op-attributes.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { LayerTrace } from '../nn/network.ts';
import type { Problem } from '../problems/problem.ts';
import { outputOf } from '../runtime/device.ts';
import { atOrigin } from '../train/kept.ts';
import { hiddenLayers, layersAt } from './layer-units.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface CancellingSumsSettings extends ProbeSettings {
  readonly layers: readonly number[];
}

const over =
  'over the entries of the weight that a hidden layer’s linear map uses, on the mini-batch of the step at the weights before it, with ' +
  'its batch statistics; d are the terms of an entry’s gradient, one per example and pixel';

/**
 * The gradient of a weight's entry is a sum over examples and pixels, Σ d; a = Σ |d|, and what is left is b = |Σ d|.
 * Since d is a product of one input pixel and one output gradient, a is the same sum over their magnitudes.
 */
export const cancellingSums: Probe<CancellingSumsSettings> = defineProbe<CancellingSumsSettings>({
  title: 'cancelling terms of the gradients of kernels',
  paper: 'bjorck2018',
  quantities: {
    'cancelling-ratio': {
      definition: `median of a/b = Σ|d| / |Σd| ${over}; entries all of whose terms are 0 are left out`,
      unit: '',
      mode: 'train',
    },
    'sum-of-magnitudes': { definition: `median of a = Σ|d| ${over}`, unit: '', mode: 'train' },
    'magnitude-of-sum': { definition: `median of b = |Σd| ${over}`, unit: '', mode: 'train' },
  },
  settings: z.strictObject({ every: everyStep(100), layers: hiddenLayers }),
  cost: () => 1,
  needs: ['origin'],
  ownGraphs: async (session, { layers }) => {
    const { graph, names } = termsGraph(session.problem, session.batchSize, layers);
    const program = await session.load(graph);
    return async ({ step, feeds, key }) => {
      const found = await program.run(feeds, key);
      return names.flatMap((layer, i) => {
        const magnitudes = Float64Array.from(outputOf(found, `a${i}`) as Float32Array);
        const sums = Float64Array.from(outputOf(found, `b${i}`) as Float32Array);
        // An entry between channels that are dead has no terms at all.
        const ratios = magnitudes.map((a, j) => a / (sums[j] as number)).filter((_, j) => magnitudes[j] !== 0);
        return (
          [
            ['cancelling-ratio', ratios],
            ['sum-of-magnitudes', magnitudes],
            ['magnitude-of-sum', sums],
          ] as const
        ).map(([quantity, values]) =>
          probeRecord(cancellingSums, quantity, step, Number(medianOf(values).toPrecision(7)), { layer }),
        );
      });
    };
  },
});

/**
 * Not a number where one of them is none. A ratio may be infinite, and is then larger than all others: where the softmax is
 * saturated, terms of ±1/N cancel exactly.
 */
export function medianOf(values: Float64Array): number {
  if (values.length === 0 || values.some(Number.isNaN)) return Number.NaN;
  values.sort();
  const [below, above] = [(values.length - 1) >> 1, values.length >> 1].map((place) => values[place] as number);
  return below === above ? (below as number) : ((below as number) + (above as number)) / 2;
}

/** `a0`, `b0`, … of each layer, in their order. */
function termsGraph(
  problem: Problem,
  batchSize: number,
  numbers: readonly number[],
): { readonly graph: Graph; readonly names: readonly string[] } {
  const { g, loss, network } = problem.build({ mode: 'frozen', batchSize, view: atOrigin });
  const layers = layersAt('cancelling-sums', network.layers, numbers);
  const maps = layers.map((layer) => mapOf(g, layer));
  const results = maps.map(({ outputs: [y] }) => need(y, 'a result of a linear map'));
  const slopes = grad(g, loss, results);
  const magnitude = (x: Value): Value => g.emit('Abs', [x]);
  const outputs = maps.flatMap((map, i): [string, Value][] => {
    const [x, slope] = [need(map.inputs[0], 'an input'), need(slopes[i], 'a gradient of a linear map')];
    return [
      [`a${i}`, weightGradient(g, map, magnitude(x), magnitude(slope))],
      [`b${i}`, magnitude(weightGradient(g, map, x, slope))],
    ];
  });
  return { graph: g.finish('cancelling-sums', Object.fromEntries(outputs)), names: layers.map(({ name }) => name) };
}

/** The node of a layer's own convolution or matrix product; a bias, or what a norm of weights scales, follows it. */
function mapOf(g: GraphBuilder, { name, linear }: LayerTrace): Node {
  let node = g.producer(linear);
  while (node !== undefined && node.op !== 'Conv' && node.op !== 'MatMul') {
    const [input] = node.inputs;
    node = input === undefined ? undefined : g.producer(input);
  }
  return need(node, `the linear map of '${name}'`);
}

/** Of the weight that the map uses, from its input and the gradient of its result. */
function weightGradient(g: GraphBuilder, { op, inputs: [, w], attrs }: Node, x: Value, slope: Value): Value {
  if (op === 'MatMul') return g.emit('MatMul', [g.emit('Transpose', [x], { perm: [1, 0] }), slope]);
  const { shape } = need(w, 'a kernel');
  const kernel = [sizeAt(shape, 2), sizeAt(shape, 3)] as const;
  return g.emit('ConvWeightGrad', [x, slope], { ...(attrs as OpAttributes['Conv']), kernel });
}
