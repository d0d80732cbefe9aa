/** @file One step down any loss, by any optimiser, with what is done to the parameters after it. */

import { grad } from '../../autodiff/reverse.ts';
import { need, SettingError, ShapeError, unknownName } from '../../errors.ts';
import { mul } from '../../graph/arithmetic.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import { requireHeld } from '../../graph/float-range.ts';
import type { Update, Value } from '../../graph/graph.ts';
import type { FloatType } from '../../graph/tensor-type.ts';
import { type AdamSettings, adamUpdates, checkAdam } from './adam.ts';
import { checkRmsProp, type RmsPropSettings, rmsPropUpdates } from './rms-prop.ts';
import { masked } from './optimiser.ts';
import { checkSgd, type SgdSettings, sgdUpdates } from './sgd.ts';
import { checkTrained, type Movable, type TrainedName } from './trained.ts';

/** How parameters move: an optimiser by its kind, and what holds for all of them. Plain JSON. */
export type OptimiserSettings = (SgdSettings | RmsPropSettings | AdamSettings) & {
  /** After each step, every parameter is cut to [−clip, clip] (arjovsky2017, Algorithm 1, line 7). */
  readonly clip?: number;
  /** Multiples of the learning rate for parameters of these names: one each, or one per element of the last axes. */
  readonly multiples?: Readonly<Record<string, number | readonly number[]>>;
  /** Which parameters move; default all. Those that stay have neither weight decay nor a state of the optimiser. */
  readonly trained?: TrainedName;
};

export const optimiserKinds: readonly OptimiserSettings['kind'][] = ['sgd', 'rms-prop', 'adam'];

/**
 * @param float - what the problem is computed in, which must hold every number
 * @throws {SettingError}
 */
export function checkOptimiser(settings: OptimiserSettings, float: FloatType): void {
  const { clip, multiples = {}, trained } = settings;
  checkTrained(trained);
  if (clip !== undefined && !(clip > 0 && clip < Infinity)) {
    throw new SettingError(`Parameters can be clipped to a positive limit, got ${clip}; leave it out for none`);
  }
  if (clip !== undefined && trained === 'random') {
    throw new SettingError("Clipping moves all of a weight, got it with trained 'random'; leave one of them out");
  }
  if (clip !== undefined) requireHeld('The limit to which parameters are clipped', clip, float, '0.01');
  for (const [name, multiple] of Object.entries(multiples)) {
    const numbers = typeof multiple === 'number' ? [multiple] : multiple;
    for (const value of numbers) requireHeld(`The multiple of the learning rate for '${name}'`, value, float, '1');
  }
  switch (settings.kind) {
    case 'sgd':
      return checkSgd(settings, float);
    case 'rms-prop':
      return checkRmsProp(settings, float);
    case 'adam':
      return checkAdam(settings, float);
    default:
      throw unknownName('optimiser', (settings as { readonly kind: string }).kind, optimiserKinds);
  }
}

/**
 * The gradients of a loss, and the updates that an optimiser makes of them. Declares the scalar input `learningRate`.
 * @param movable - the parameters that it moves, or parts of them; default all. Gradients are of all.
 * @throws {ShapeError} where a multiple is for no parameter of the network.
 */
export function descend(
  g: GraphBuilder,
  loss: Value,
  parameters: readonly Value[],
  settings: OptimiserSettings,
  movable: readonly Movable[] = parameters.map((parameter) => ({ parameter })),
): { readonly gradients: readonly Value[]; readonly updates: readonly Update[] } {
  const gradients = grad(g, loss, parameters);
  const learningRate = g.input('learningRate', [], { kind: 'scalar' });
  const { clip, multiples = {} } = settings;
  const unknown = Object.keys(multiples).find((name) => !parameters.some((parameter) => parameter.name === name));
  if (unknown !== undefined) {
    const known = parameters.map(({ name }) => name).join(', ');
    throw new ShapeError(`Multiples of the learning rate are for parameters, ${known}, got '${unknown}'`);
  }
  const rateOf = ({ name }: Value): Value => {
    const multiple = multiples[name];
    if (multiple === undefined) return learningRate;
    const constant = typeof multiple === 'number' ? g.constant(multiple) : g.constant(multiple, [multiple.length]);
    return mul(g, constant, learningRate);
  };
  const updates = g.inScope(settings.kind, () => {
    const moving = movable.map(({ parameter, chosen }) => {
      const gradient = need(gradients[parameters.indexOf(parameter)], `a gradient of '${parameter.name}'`);
      const mask = chosen && g.input(`${parameter.name}/chosen`, parameter.shape, chosen);
      return { parameter, gradient: masked(g, gradient, mask), rate: rateOf(parameter), mask };
    });
    return updatesOf(g, moving, settings);
  });
  if (clip === undefined) return { gradients, updates };
  return {
    gradients,
    updates: updates.map(({ state, next }) => ({
      state,
      next: parameters.includes(state) ? g.emit('Clip', [next], { min: -clip, max: clip }) : next,
    })),
  };
}

function updatesOf(
  g: GraphBuilder,
  moving: Parameters<typeof sgdUpdates>[1],
  settings: OptimiserSettings,
): readonly Update[] {
  switch (settings.kind) {
    case 'sgd':
      return sgdUpdates(g, moving, settings);
    case 'rms-prop':
      return rmsPropUpdates(g, moving, settings);
    case 'adam':
      return adamUpdates(g, moving, settings);
  }
}
