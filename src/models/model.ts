/** @file What a model is, what it can be told, and the one place where norm and activation follow a layer. */

import { SettingError, unknownName } from '../errors.ts';
import { add } from '../graph/arithmetic.ts';
import { parametersOf, type Value } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { type ActivationName, activations } from '../nn/activations.ts';
import type { InitialiserName, InitialWeights } from '../nn/initialisers.ts';
import { type LayerSettings, type LayerWeight, withBias } from '../nn/layers.ts';
import type { Network } from '../nn/network.ts';
import { type NormName, normName, norms } from '../norms/index.ts';
import { checkNormSettings, defaultNormSettings, type Norm, type NormSettings } from '../norms/norm.ts';
import type { PaperKey } from '../papers.ts';
import { type BranchName, branches } from './branches.ts';

export interface ModelSettings extends InitialWeights {
  readonly norm: NormName;
  /** Whether layers are normalised before or after their activation. */
  readonly placement: 'before' | 'after';
  /** Which layers are normalised: all, only the last hidden one, or a list counted from 1. */
  readonly normalised: 'all' | 'last' | readonly number[];
  readonly normSettings: NormSettings;
  readonly activation: ActivationName;
  /** What residual branches end in, and how they start. */
  readonly branch: BranchName;
  /** Multiplies every number of channels or hidden units. */
  readonly width: number;
  readonly classes: number;
}

export interface Model {
  readonly title: string;
  readonly paper: PaperKey | undefined;
  /** How many layers can be normalised. */
  readonly hiddenLayers: number;
  /** How many residual branches it has; default none. */
  readonly residualBranches?: number;
  readonly initialiser: InitialiserName;
  /** Parameters with batch norm on all layers at width 1, for `input` [C, H, W] and ten classes: checked by a test. */
  readonly parameters: { readonly input: readonly [number, number, number]; readonly count: number };
  /** Images [N, C, H, W] → logits [N, classes]. */
  readonly build: (network: Network, x: Value, settings: ModelSettings) => Value;
}

export const defaultModelSettings: Omit<ModelSettings, 'initialiser'> = {
  norm: 'batch',
  placement: 'before',
  normalised: 'all',
  normSettings: defaultNormSettings,
  activation: 'relu',
  branch: 'plain',
  width: 1,
  classes: 10,
};

/**
 * Throws for settings that no network could have.
 * @param float - what the network is computed in, which must hold every number
 * @throws {SettingError}
 */
export function checkModelSettings(
  model: Pick<Model, 'title' | 'hiddenLayers' | 'residualBranches'>,
  settings: ModelSettings,
  float: FloatType,
): void {
  const { width, normalised, activation, normSettings, initialScale = 1 } = settings;
  checkNormSettings(normSettings, float);
  if (!Number.isFinite(width) || width <= 0) {
    throw new SettingError(`Width must be a positive multiple of the published network, got ${width}; try 1 or 0.25`);
  }
  if (!Number.isFinite(initialScale) || initialScale <= 0) {
    throw new SettingError(
      `Initial scale must be a positive multiple of the initial weights, got ${initialScale}; try 1`,
    );
  }
  if (!Object.hasOwn(activations, activation)) throw unknownName('activation', activation, Object.keys(activations));
  checkPlacement(settings);
  checkBranch(model, settings);
  if (typeof normalised !== 'string') {
    const bad = normalised.find((layer) => !Number.isInteger(layer) || layer < 1 || layer > model.hiddenLayers);
    if (bad !== undefined) {
      throw new SettingError(`Normalised layers must lie in 1 … ${model.hiddenLayers} (${model.title}), got ${bad}`);
    }
  }
}

/** Norms that act on the weight, or bring their own activation, have one place only. @throws {SettingError} */
function checkPlacement({ norm, placement, activation }: ModelSettings): void {
  const { weight, activation: own } = norms[normName(norm)];
  if (weight !== undefined && placement === 'after') {
    throw new SettingError(
      `Norm '${norm}' acts on weights and has no place after the activation; use placement before`,
    );
  }
  if (own !== undefined && placement === 'after') {
    throw new SettingError(`Norm '${norm}' brings an activation of its own, which follows it; use placement before`);
  }
  if (own !== undefined && activation !== 'relu') {
    throw new SettingError(
      `Norm '${norm}' brings an activation of its own in place of ReLU, got activation ${activation}; leave it at relu`,
    );
  }
}

/** @throws {SettingError} for a treatment of branches that are not there, or beside a norm whose place it takes. */
function checkBranch(
  { title, residualBranches = 0 }: Pick<Model, 'title' | 'residualBranches'>,
  { branch, norm }: ModelSettings,
): void {
  if (!Object.hasOwn(branches, branch)) throw unknownName('branch', branch, Object.keys(branches));
  if (branch !== 'plain' && residualBranches === 0) {
    throw new SettingError(`Branch '${branch}' needs a model with residual branches, got ${title}; try resnet20`);
  }
  if (branches[branch].replacesNorms && norm !== 'none') {
    throw new SettingError(`Branch '${branch}' takes the place of norms, got norm ${norm}; use norm none`);
  }
}

/** A published number of channels or units, scaled; at least 1. */
export function scaled(count: number, width: number): number {
  return Math.max(1, Math.round(count * width));
}

/**
 * When a hidden layer has a bias. `needed`: where its norm brings no shift. `kept`: also before a norm that takes it away
 * again, as networks have that were published with biases and counted with batch norm. `none`: never, as theory has it.
 */
export type Biases = 'needed' | 'kept' | 'none';

/** Which hidden layer is built: counted from 1, with what is added to it before the activation. */
export interface HiddenLayer {
  readonly index: number;
  readonly name: string;
  readonly bias: Biases;
  /** What is made of its normed output, bias included, before anything is added to it; default: nothing. */
  readonly behind?: (y: Value) => Value;
  readonly residual?: Value;
}

/** Whether hidden layer `index` (from 1) has a norm. */
export function isNormalised(
  { hiddenLayers }: Pick<Model, 'hiddenLayers'>,
  { normalised }: Pick<ModelSettings, 'normalised'>,
  index: number,
): boolean {
  return normalised === 'all' || (normalised === 'last' ? index === hiddenLayers : normalised.includes(index));
}

/**
 * Hidden layer `index` (from 1) of a model: a linear map, norm, what a branch ends in, then what is added (a residual), then
 * activation; with placement `after`, the norm comes last. What its activation is given has one shift: that of its norm, or a
 * bias where the norm brings none. Leaves a trace in the network's layers.
 * @param linear - the map, of the weight that its view makes, with its bias or without
 */
export function hiddenLayer(
  network: Network,
  model: Pick<Model, 'hiddenLayers'>,
  settings: ModelSettings,
  { index, name, bias, behind, residual }: HiddenLayer,
  linear: (settings: Pick<LayerSettings, 'view' | 'bias'>) => Value,
): Value {
  const { placement, normSettings, activation } = settings;
  const norm = norms[isNormalised(model, settings, index) ? settings.norm : 'none'];
  const place = `${name}/norm`;
  const declaredBefore = network.g.inputs.length;
  let output = (y: Value): Value => y;
  const view = (weight: LayerWeight): Value => {
    const made = norm.weight?.(network, place, { ...weight, activation }, normSettings);
    output = made?.output ?? output;
    return made?.weight ?? weight.value;
  };
  const placeOfBias = biasPlace(norm, settings, bias);
  const x = linear({ view: norm.weight && view, bias: placeOfBias === 'linear' });
  const normalise = (value: Value): Value => norm.build(network, place, value, normSettings);
  const normed = placement === 'before' ? normalise(output(x)) : x;
  const before = placeOfBias === 'behind' ? network.g.inScope(name, () => withBias(network.g, normed)) : normed;
  const ended = behind?.(before) ?? before;
  const summed = residual === undefined ? ended : add(network.g, ended, residual);
  const activated = norm.activation?.(network, place, summed) ?? activations[activation](network.g, summed);
  const result = placement === 'after' ? normalise(activated) : activated;
  network.layers.push({
    name,
    linear: x,
    normed: placement === 'before' ? before : result,
    summed,
    residual,
    output: result,
    parameters: parametersOf({ inputs: network.g.inputs.slice(declaredBefore) }),
    statistics: statisticsOf(network, place),
  });
  return result;
}

/** Where a hidden layer has its bias; undefined where it has none. */
function biasPlace(
  { shift, centresChannels }: Norm,
  { placement, normSettings }: ModelSettings,
  bias: Biases,
): 'linear' | 'behind' | undefined {
  if (bias === 'none') return undefined;
  // What a norm adds after the activation is no shift of what the activation is given.
  if (placement === 'after') return 'linear';
  const place = shift(normSettings);
  if (place !== 'norm') return place;
  return bias === 'kept' && centresChannels === true ? 'linear' : undefined;
}

/** What the norm of one place noted of itself, by its own names. */
export function statisticsOf({ quantities }: Network, place: string): ReadonlyMap<string, Value> {
  const start = `${place}/`;
  return new Map(
    [...quantities].flatMap(([name, value]) => (name.startsWith(start) ? [[name.slice(start.length), value]] : [])),
  );
}
