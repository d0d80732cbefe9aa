/** @file What a model is, what it can be told, and the one place where norm and activation follow a layer. */

import { SettingError, unknownName } from '../errors.ts';
import { add } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { type ActivationName, activations } from '../nn/activations.ts';
import type { InitialiserName } from '../nn/initialisers.ts';
import type { Network } from '../nn/network.ts';
import { type NormName, norms } from '../norms/index.ts';
import { defaultNormSettings, type NormSettings } from '../norms/norm.ts';
import type { PaperKey } from '../papers.ts';

export interface ModelSettings {
  readonly norm: NormName;
  /** Whether layers are normalised before or after their activation. */
  readonly placement: 'before' | 'after';
  /** Which layers are normalised: all, only the last hidden one, or a list counted from 1. */
  readonly normalised: 'all' | 'last' | readonly number[];
  readonly normSettings: NormSettings;
  readonly activation: ActivationName;
  readonly initialiser: InitialiserName;
  /** Multiplies every number of channels or hidden units. */
  readonly width: number;
  readonly classes: number;
}

export interface Model {
  readonly title: string;
  readonly paper: PaperKey | undefined;
  /** How many layers can be normalised. */
  readonly hiddenLayers: number;
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
  width: 1,
  classes: 10,
};

/** Throws for settings that no network could have. @throws {SettingError} */
export function checkModelSettings(model: Model, settings: ModelSettings): void {
  const { width, normalised, activation, classes } = settings;
  if (!Number.isFinite(width) || width <= 0) {
    throw new SettingError(`Width must be a positive multiple of the published network, got ${width}; try 1 or 0.25`);
  }
  if (!Number.isInteger(classes) || classes < 2) throw new SettingError(`Classes must be 2 or more, got ${classes}`);
  if (!Object.hasOwn(activations, activation)) throw unknownName('activation', activation, Object.keys(activations));
  if (typeof normalised !== 'string') {
    const bad = normalised.find((layer) => !Number.isInteger(layer) || layer < 1 || layer > model.hiddenLayers);
    if (bad !== undefined) {
      throw new SettingError(`Normalised layers must lie in 1 … ${model.hiddenLayers} (${model.title}), got ${bad}`);
    }
  }
}

/** A published number of channels or units, scaled; at least 1. */
export function scaled(count: number, width: number): number {
  return Math.max(1, Math.round(count * width));
}

/**
 * What follows hidden layer `index` (from 1) of a model: norm, then what is added (a residual), then activation; with
 * placement `after`, the norm comes last. The result is noted as the activation of layer `name`.
 */
export function finishLayer(
  network: Network,
  model: Pick<Model, 'hiddenLayers'>,
  settings: ModelSettings,
  layer: { readonly index: number; readonly name: string; readonly residual?: Value },
  x: Value,
): Value {
  const { normalised, placement, norm, normSettings, activation } = settings;
  const { index, name, residual } = layer;
  const chosen =
    normalised === 'all' || (normalised === 'last' ? index === model.hiddenLayers : normalised.includes(index));
  const normalise = (value: Value): Value =>
    chosen ? norms[norm].build(network, `${name}/norm`, value, normSettings) : value;
  const before = placement === 'before' ? normalise(x) : x;
  const summed = residual === undefined ? before : add(network.g, before, residual);
  const activated = activations[activation](network.g, summed);
  const result = placement === 'after' ? normalise(activated) : activated;
  network.activations.set(name, result);
  return result;
}
