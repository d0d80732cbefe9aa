/** @file How large the channels of each layer become along the step: their moments at x − s·g (bjorck2018, Figures 4 and 5). */

import * as z from 'zod';
import { need } from '../errors.ts';
import { axesOf, mul, poolAxes, reduceMean, reshape, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { LayerTrace } from '../nn/network.ts';
import type { Problem } from '../problems/problem.ts';
import type { StepRecord } from '../records/record.ts';
import { outputOf } from '../runtime/device.ts';
import { floatsOf } from '../runtime/tensor-data.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { distinct, everyStep, type ProbeSettings } from './settings.ts';
import { alongRay } from './step-ray.ts';

export interface MomentsAlongStepSettings extends ProbeSettings {
  /** Step sizes s, as multiples of the learning rate of the moment; 0 is x itself. */
  readonly multiples: readonly number[];
}

const about =
  'at x − s·g, s = (multiple) × learning rate, on the mini-batch of the training step with its batch statistics (running ' +
  'statistics left alone); g is the gradient of the mean loss with respect to all parameters at x';

const what = `over the mini-batch and all pixels, of what one channel of a hidden layer hands to its activation, after norm and residual, ${about}`;

/** In the order in which the graph gives them, per layer. */
const perLayer = {
  'channel-mean-magnitude': `mean over channels of |mean_c|, mean_c ${what}`,
  'channel-deviation': `mean over channels of the standard deviation (biased) ${what}`,
  'largest-channel-mean': `largest |mean_c| of a layer, mean_c ${what}`,
  'largest-channel-variance': `largest biased variance of a channel of a layer, ${what}`,
} as const;
const names = Object.keys(perLayer) as (keyof typeof perLayer)[];

/** Of each layer four numbers at each step size; the loss there. Nothing is differentiated: a point costs a forward pass. */
export const momentsAlongStep: Probe<MomentsAlongStepSettings> = defineProbe<MomentsAlongStepSettings>({
  title: 'moments of the channels of each layer along the step',
  paper: 'bjorck2018',
  quantities: {
    ...Object.fromEntries(
      Object.entries(perLayer).map(([name, definition]) => [name, { definition, unit: '', mode: 'train' as const }]),
    ),
    'loss-along-step': { definition: `mean loss ${about}`, unit: '', mode: 'train' },
  },
  settings: z.strictObject({
    every: everyStep(100),
    multiples: distinct(z.number().min(0))
      .min(1)
      .default([0, 1])
      .describe('step sizes of 0 or more, as multiples of the learning rate, no two alike'),
  }),
  cost: ({ multiples }) => multiples.length,
  needs: ['origin', 'gradient'],
  ownGraphs: async (session, { multiples }) => {
    const { graph, layers } = displacedMoments(session.problem, session.batchSize, multiples.length);
    const program = await session.load(graph);
    return async ({ step, feeds, key, learningRate }) => {
      const sizes = multiples.map((multiple) => multiple * learningRate);
      const found = await program.run({ ...feeds, s: floatsOf(session.problem.float, sizes) }, key);
      const [losses, moments] = [outputOf(found, 'loss'), outputOf(found, 'moments')];
      const record = (quantity: string, value: unknown, at: number, layer?: string): StepRecord =>
        probeRecord(momentsAlongStep, quantity, step, rounded(Number(value)), {
          at,
          ...(layer !== undefined && { layer }),
        });
      return multiples.flatMap((at, i) => [
        record('loss-along-step', losses[i], at),
        ...layers.flatMap((layer, l) =>
          names.map((name, k) => record(name, moments[(i * layers.length + l) * names.length + k], at, layer)),
        ),
      ]);
    };
  },
});

/** Seven digits are all that float32 has: more would only take room. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** The loss and, layer by layer, the numbers of {@link perLayer} at `count` values of s in one run. */
function displacedMoments(
  problem: Problem,
  batchSize: number,
  count: number,
): { readonly graph: Graph; readonly layers: readonly string[] } {
  const { g, loss, network } = problem.build({
    mode: 'frozen',
    batchSize,
    view: alongRay({ kind: 'sweep', count }),
  });
  const moments = network.layers.map((layer) => momentsOf(g, layer));
  const together = g.emit('Concat', moments, { axis: 0 });
  return {
    graph: g.finish('moments-along-step', { loss, moments: together }),
    layers: network.layers.map(({ name }) => name),
  };
}

function momentsOf(g: GraphBuilder, { name, summed }: LayerTrace): Value {
  const pooled = poolAxes(summed);
  const centred = sub(g, summed, reduceMean(g, summed, pooled, true));
  const variance = reduceMean(g, mul(g, centred, centred), pooled);
  const magnitude = g.emit('Abs', [reduceMean(g, summed, pooled)]);
  const largest = (x: Value): Value => g.emit('ReduceMax', [x], { axes: axesOf(x), keepdims: false });
  const values: Readonly<Record<keyof typeof perLayer, Value>> = {
    'channel-mean-magnitude': reduceMean(g, magnitude, axesOf(magnitude)),
    'channel-deviation': reduceMean(g, g.emit('Sqrt', [variance]), axesOf(variance)),
    'largest-channel-mean': largest(magnitude),
    'largest-channel-variance': largest(variance),
  };
  const each = names.map((quantity) => reshape(g, need(values[quantity], `${quantity} of ${name}`), [1]));
  return g.emit('Concat', each, { axis: 0 });
}
