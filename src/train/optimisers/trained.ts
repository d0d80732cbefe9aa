/** @file Which parameters of a network a training moves: all of them, what its norms learn alone, or as many weights. */

import { SettingError, unknownName } from '../../errors.ts';
import type { GraphInput, Role, Value } from '../../graph/graph.ts';
import { elementCount, sizeAt } from '../../graph/tensor-type.ts';
import type { LayerTrace } from '../../nn/network.ts';

/**
 * `all`. `affine`: the parameters of norms, gamma and beta. `random`: in each normalised layer as many of its weights as its norm
 * has parameters, equally many of each output unit, drawn by the seed: two per channel beside gamma and beta, as frankle2021,
 * section 4, has it. What is not named stays as it started.
 */
export const trainedNames = ['all', 'affine', 'random'] as const;
export type TrainedName = (typeof trainedNames)[number];

/** @throws {SettingError} with the nearest known name. */
export function checkTrained(trained: TrainedName | undefined): void {
  if (trained === undefined || trainedNames.includes(trained)) return;
  throw unknownName('choice of trained parameters', trained, trainedNames);
}

/** A parameter that moves: all of it, or where a state of ones and zeros has a one. */
export interface Movable {
  readonly parameter: Value;
  readonly chosen?: Extract<Role, { readonly kind: 'state' }>;
}

/** The network that is trained, as far as it says what of it can be. */
interface Trainable {
  readonly inputs: readonly GraphInput[];
  readonly layers: readonly LayerTrace[];
  /** Whether several networks lie side by side in each tensor. */
  readonly isSideBySide: boolean;
}

/**
 * What of a network moves, in the order in which it was declared.
 * @throws {SettingError} where nothing does, or no equal number of weights of each unit makes as many.
 */
export function movableOf(network: Trainable, trained: TrainedName = 'all'): readonly Movable[] {
  const parameters = network.inputs.flatMap(({ value, role }) =>
    role.kind === 'parameter' ? [{ parameter: value, owner: role.owner }] : [],
  );
  if (trained === 'all') return parameters.map(({ parameter }) => ({ parameter }));
  const ofNorms = new Set(parameters.flatMap(({ parameter, owner }) => (owner === 'norm' ? [parameter] : [])));
  const movable =
    trained === 'affine'
      ? [...ofNorms].map((parameter) => ({ parameter }))
      : network.layers.flatMap((layer) => weightsLike(layer, ofNorms, network));
  if (movable.length > 0) return movable;
  throw new SettingError(`To train '${trained}' a network must have norms with parameters, got none; train 'all'`);
}

/** As many places of a layer's weight as its norm has parameters; none where it has none. */
function weightsLike(
  { name, parameters: [weight, ...others] }: LayerTrace,
  ofNorms: ReadonlySet<Value>,
  { isSideBySide }: Trainable,
): readonly Movable[] {
  const count = others.reduce((sum, one) => sum + (ofNorms.has(one) ? elementCount(one.shape) : 0), 0);
  if (weight === undefined || count === 0) return [];
  if (isSideBySide) throw new SettingError("To train 'random' networks must stand alone, got several side by side");
  // A convolution's [units, C, H, W], or [D, units].
  const axis = weight.shape.length === 2 ? 1 : 0;
  const units = sizeAt(weight.shape, axis);
  const each = count / units;
  if (!Number.isInteger(each) || each * units > elementCount(weight.shape)) {
    throw new SettingError(
      `To train 'random' each unit of a layer must have as many weights to choose as its norm has parameters for it, but ` +
        `'${name}' has ${count} for ${elementCount(weight.shape)} weights of ${units} units; train 'affine' or 'all'`,
    );
  }
  return [
    { parameter: weight, chosen: { kind: 'state', initial: { kind: 'chosen', axis, each }, owner: 'optimiser' } },
  ];
}
