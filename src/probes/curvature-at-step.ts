/** @file What probes of curvature share: the Hessian of a step's loss in either mode, and quantities that are named by it. */

import * as z from 'zod';
import { grad } from '../autodiff/reverse.ts';
import { type Hessian, openHessian } from '../curvature/hessian.ts';
import { need } from '../errors.ts';
import { parametersOf } from '../graph/graph.ts';
import { outputOf, type Tensors } from '../runtime/device.ts';
import type { DrawKey } from '../runtime/random-inputs.ts';
import { atOrigin, kept } from '../train/kept.ts';
import type { StepResult, Watched } from '../train/readout.ts';
import type { Quantity } from './probe.ts';
import { joinedInFloat64 } from '../runtime/tensor-data.ts';

/** Whose statistics norms use: the batch's, as in training, or the running ones, which is another function. */
export type CurvatureMode = 'train' | 'eval';

/** The setting that says which. */
export const curvatureMode: z.ZodDefault<z.ZodEnum<{ train: 'train'; eval: 'eval' }>> = z
  .enum(['train', 'eval'])
  .default('train')
  .describe("whose statistics norms use, 'train' for the batch's or 'eval' for the running ones");

const whose = {
  train: 'with its batch statistics (running statistics left alone)',
  eval: 'with running statistics, which is not the function that is trained',
} as const;

/** The Hessian that a quantity is of, as its definition goes on. */
export function hessianText(mode: CurvatureMode): string {
  return (
    'H, the Hessian of the mean loss with respect to all parameters, at the weights before the step, on the mini-batch of ' +
    `the step ${whose[mode]}, without weight decay`
  );
}

/** A quantity as it is called in a mode: that of running statistics is named so. */
export function quantityIn(mode: CurvatureMode, quantity: string): string {
  return mode === 'eval' ? `eval-${quantity}` : quantity;
}

/** Each quantity in both modes, its definition followed by what H is. */
export function inBothModes(definitions: Readonly<Record<string, string>>): Readonly<Record<string, Quantity>> {
  return Object.fromEntries(
    (['train', 'eval'] as const).flatMap((mode) =>
      Object.entries(definitions).map(([quantity, definition]): [string, Quantity] => [
        quantityIn(mode, quantity),
        { definition: `${definition}; ${hessianText(mode)}`, unit: '', mode },
      ]),
    ),
  );
}

/** Compiles the Hessian of a session's steps; each step then has its own. */
export async function openStepHessian(
  session: Watched,
  mode: CurvatureMode,
): Promise<(step: Pick<StepResult, 'feeds' | 'key'>) => Hessian> {
  const { problem, batchSize } = session;
  const settings = { batchSize, mode: mode === 'eval' ? 'eval' : 'frozen', view: atOrigin } as const;
  const hessian = await openHessian((graph) => session.load(graph), problem, settings);
  return ({ feeds, key }) => hessian(feeds, key);
}

/** Gradient and weights of a step, in the order of the Hessian's vectors. */
export interface Slope {
  readonly gradient: Float64Array;
  readonly weights: Float64Array;
}

/** Compiles the gradient of a session's steps at the weights before them, in a mode; a computation of it costs one gradient. */
export async function openStepSlope(
  session: Watched,
  mode: CurvatureMode,
): Promise<(feeds: Tensors, key: DrawKey) => Promise<Slope>> {
  const { problem, batchSize } = session;
  const { g, loss } = problem.build({ mode: mode === 'eval' ? 'eval' : 'frozen', batchSize, view: atOrigin });
  const parameters = parametersOf(g);
  const origins = parameters.map((parameter) => kept(g, 'origin', parameter));
  const slopes = grad(g, loss, origins);
  const outputs = parameters.flatMap(({ name }, i) => [
    [`slope/${name}`, need(slopes[i], `a gradient of '${name}'`)] as const,
    [`weight/${name}`, need(origins[i], `weights of '${name}'`)] as const,
  ]);
  const graph = g.finish('step-slope', Object.fromEntries(outputs));
  const program = await session.load(graph);
  const fed = new Set(graph.inputs.map(({ value }) => value.name));
  return async (feeds, key) => {
    const own = Object.fromEntries(Object.entries(feeds).filter(([name]) => fed.has(name)));
    const found = await program.run(own, key);
    const joined = (kind: string): Float64Array =>
      joinedInFloat64(parameters.map(({ name }) => outputOf(found, `${kind}/${name}`)));
    return { gradient: joined('slope'), weights: joined('weight') };
  };
}
