/** @file The curvature of a step's loss along its own gradient, exactly, by one product (andreyev2024). */

import * as z from 'zod';
import { hvp } from '../autodiff/reverse.ts';
import { PRODUCT_COST, PRODUCT_GRAPH } from '../curvature/hessian.ts';
import { type Graph, parametersOf } from '../graph/graph.ts';
import type { Problem } from '../problems/problem.ts';
import { scalarOf } from '../runtime/device.ts';
import { atOrigin, kept } from '../train/kept.ts';
import { hessianText } from './curvature-at-step.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep } from './settings.ts';
import { totalProduct } from './total-product.ts';

export const batchSharpness: Probe = defineProbe({
  title: 'curvature along the gradient of the step',
  paper: 'andreyev2024',
  quantities: {
    'batch-sharpness': {
      definition: `gᵀH g / ‖g‖², g the gradient of the step's own mini-batch; ${hessianText('train')}`,
      unit: '',
      mode: 'train',
    },
    'batch-gradient-square': {
      definition: `‖g‖², g the gradient of the step's own mini-batch, by which gᵀH g is divided; ${hessianText('train')}`,
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({ every: everyStep(10) }),
  cost: () => PRODUCT_COST,
  needs: ['origin', 'gradient'],
  ownGraphs: async (session) => {
    const program = await session.load(alongGradient(session.problem, session.batchSize));
    return async ({ step, feeds, key }) => {
      const found = await program.run(feeds, key);
      const square = scalarOf(found, 'square');
      return [
        probeRecord(batchSharpness, 'batch-sharpness', step, scalarOf(found, 'curvature') / square),
        probeRecord(batchSharpness, 'batch-gradient-square', step, square),
      ];
    };
  },
});

/** gᵀH g and ‖g‖² of the gradient that the step keeps: nothing but two numbers leaves the device. */
function alongGradient(problem: Problem, batchSize: number): Graph {
  const { g, loss } = problem.build({ mode: 'frozen', batchSize, view: atOrigin });
  const parameters = parametersOf(g);
  const gradients = parameters.map((parameter) => kept(g, 'gradient', parameter));
  const products = hvp(
    g,
    loss,
    parameters.map((parameter) => kept(g, 'origin', parameter)),
    gradients,
  );
  return g.finish(PRODUCT_GRAPH, {
    curvature: totalProduct(g, gradients, products),
    square: totalProduct(g, gradients, gradients),
  });
}
