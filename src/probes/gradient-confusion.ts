/** @file How far the gradients of different batches agree at the same weights (sankararaman2020). */

import * as z from 'zod';
import { grad } from '../autodiff/reverse.ts';
import { type Graph, parametersOf } from '../graph/graph.ts';
import type { Problem } from '../problems/problem.ts';
import { scalarOf } from '../runtime/device.ts';
import { atOrigin, kept } from '../train/kept.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';
import { totalProduct } from './total-product.ts';

export interface GradientConfusionSettings extends ProbeSettings {
  /** Further batches per measurement. */
  readonly batches: number;
  readonly split: 'train' | 'test';
}

const about =
  'further batches, each as large as that of the step, drawn independently of it and without repetition (augmented as it ' +
  'is, from the training split), with their own batch statistics, at the weights before the step';

export const gradientConfusion: Probe<GradientConfusionSettings> = defineProbe<GradientConfusionSettings>({
  title: 'agreement of the gradient of a step with those of further batches',
  paper: 'sankararaman2020',
  quantities: {
    'gradient-cosine-mean': {
      definition: `mean of the cosines between the gradient of the step's loss over all parameters and those of ${about}`,
      unit: '',
      mode: 'train',
    },
    'gradient-cosine-least': {
      definition: `least of the cosines between the gradient of the step's loss over all parameters and those of ${about}`,
      unit: '',
      mode: 'train',
    },
    'further-loss': { definition: `mean of the losses of ${about}`, unit: 'nats', mode: 'train' },
  },
  settings: z.strictObject({
    every: everyStep(10),
    batches: z.int().min(1).default(4).describe('a number of further batches per measurement, 1 or more'),
    split: z.enum(['train', 'test']).default('train').describe("the split that they are drawn from, 'train' or 'test'"),
  }),
  cost: ({ batches }) => batches,
  needs: ['origin', 'gradient'],
  ownGraphs: async (session, { batches, split }) => {
    const { problem, batchSize } = session;
    const graph = agreementGraph(problem, batchSize);
    const draw = session.batches({ split, size: batchSize });
    const program = await session.load(graph);
    return async ({ step, key }) => {
      const [cosines, losses]: [number[], number[]] = [[], []];
      for (let index = 0; index < batches; index++) {
        const found = await program.run(draw(step, index), { ...key, batch: index });
        const [product, square, ownSquare] = ['product', 'square', 'ownSquare'].map((name) => scalarOf(found, name));
        cosines.push(Number(product) / Math.sqrt(Number(square) * Number(ownSquare)));
        losses.push(scalarOf(found, 'loss'));
      }
      const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
      return [
        probeRecord(gradientConfusion, 'gradient-cosine-mean', step, mean(cosines)),
        probeRecord(gradientConfusion, 'gradient-cosine-least', step, Math.min(...cosines)),
        probeRecord(gradientConfusion, 'further-loss', step, mean(losses)),
      ];
    };
  },
});

/** The loss of a batch at the weights before a step; of its gradient g′ and the step's g, ⟨g, g′⟩, ‖g′‖² and ‖g‖². */
function agreementGraph(problem: Problem, batchSize: number): Graph {
  const { g, loss } = problem.build({ mode: 'frozen', batchSize, view: atOrigin });
  const parameters = parametersOf(g);
  const there = grad(
    g,
    loss,
    parameters.map((parameter) => kept(g, 'origin', parameter)),
  );
  const here = parameters.map((parameter) => kept(g, 'gradient', parameter));
  return g.finish('gradient-confusion', {
    loss,
    product: totalProduct(g, here, there),
    square: totalProduct(g, there, there),
    ownSquare: totalProduct(g, here, here),
  });
}
