/** @file How far the gradient of one layer's weight moves from step to step, as public copies of santurkar2018 measure it. */

import * as z from 'zod';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { sub } from '../graph/arithmetic.ts';
import { type Graph, parametersOf } from '../graph/graph.ts';
import type { Problem } from '../problems/problem.ts';
import { scalarOf } from '../runtime/device.ts';
import { kept } from '../train/kept.ts';
import { outputName } from './layer-outputs.ts';
import { hiddenLayers, layersAt } from './layer-units.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';
import { totalProduct } from './total-product.ts';

export interface SuccessiveGradientsSettings extends ProbeSettings {
  /** Hidden layers, counted from 1. */
  readonly layers: readonly number[];
}

const about =
  'g of step t and g′ of step t + 1, each the gradient of the mini-batch loss with respect to the weight of one layer, on its own batch ' +
  'with its batch statistics and at its own weights; the batch of step t + 1 is drawn as further batches are, independently of that of step t';

const quantity = (definition: string) => ({ definition: `${definition}, ${about}`, unit: '', mode: 'train' }) as const;

/**
 * ‖g_t − g_{t+1}‖₂ of one layer's weight: two weights and two batches, so that the noise of batches is in it, which the paper's
 * gradient predictiveness has not.
 */
export const successiveGradients: Probe<SuccessiveGradientsSettings> = defineProbe<SuccessiveGradientsSettings>({
  title: 'change of the gradient of a layer from one step to the next',
  paper: undefined,
  quantities: {
    'successive-gradient-change': quantity('‖g − g′‖₂'),
    'successive-gradient-relative-change': quantity('‖g − g′‖₂ / ‖g‖₂'),
    'successive-gradient-cosine': quantity('⟨g, g′⟩ / (‖g‖₂ ‖g′‖₂)'),
  },
  settings: z.strictObject({ every: everyStep(10), layers: hiddenLayers }),
  cost: () => 1,
  needs: ['gradient'],
  ownGraphs: async (session, { layers }) => {
    const { problem, batchSize } = session;
    const { graph, names } = successiveGraph(problem, batchSize, layers);
    const draw = session.batches({ split: 'train', size: batchSize });
    const program = await session.load(graph);
    return async ({ step, key }) => {
      const found = await program.run(draw(step, 0), { ...key, batch: 0 });
      return names.flatMap((layer) => {
        const [change, here, next, dot] = products.map((name) => scalarOf(found, outputName(name, layer))) as [
          number,
          number,
          number,
          number,
        ];
        const record = (name: string, value: number) => probeRecord(successiveGradients, name, step, value, { layer });
        return [
          record('successive-gradient-change', Math.sqrt(change)),
          record('successive-gradient-relative-change', Math.sqrt(change / here)),
          record('successive-gradient-cosine', dot / Math.sqrt(here * next)),
        ];
      });
    };
  },
});

const products = ['change', 'here', 'next', 'dot'] as const;

/** Of each layer, g of the step and g′ at the weights after it: ‖g − g′‖², ‖g‖², ‖g′‖² and ⟨g, g′⟩. */
function successiveGraph(
  problem: Problem,
  batchSize: number,
  layers: readonly number[],
): { readonly graph: Graph; readonly names: readonly string[] } {
  const { g, loss, network } = problem.build({ mode: 'frozen', batchSize });
  const traced = layersAt('successive-gradients', network.layers, layers);
  const stored = parametersOf(g);
  const weights = traced.map(({ name, parameters }) => {
    const own = need(parameters[0], `a weight of layer '${name}'`);
    return need(
      stored.find((value) => value.name === own.name),
      `the weight '${own.name}'`,
    );
  });
  const slopes = grad(g, loss, weights);
  const outputs = traced.flatMap(({ name }, i) => {
    const weight = need(weights[i], `a weight of layer '${name}'`);
    const [here, next] = [kept(g, 'gradient', weight), need(slopes[i], `a gradient of '${weight.name}'`)];
    const change = sub(g, here, next);
    const pairs = { change: [change, change], here: [here, here], next: [next, next], dot: [here, next] } as const;
    return products.map((product) => {
      const [a, b] = pairs[product];
      return [outputName(product, name), totalProduct(g, [a], [b])] as const;
    });
  });
  return {
    graph: g.finish('successive-gradients', Object.fromEntries(outputs)),
    names: traced.map(({ name }) => name),
  };
}
