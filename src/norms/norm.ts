/** @file What a normalisation is: data about it, and the functions that build it. */

import { SettingError } from '../errors.ts';
import { requireHeld } from '../graph/float-range.ts';
import type { Value } from '../graph/graph.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import type { ActivationName } from '../nn/activations.ts';
import type { LayerWeight } from '../nn/layers.ts';
import type { Network } from '../nn/network.ts';
import type { PaperKey } from '../papers.ts';

/** What every norm can be given; each uses what applies to it. Defaults are PyTorch's where it has the norm. */
export type NormSettings = {
  /** Added to the variance under the root. */
  readonly epsilon: number;
  /** Weight of the new batch in running statistics: running ← (1 − momentum) · running + momentum · batch. */
  readonly momentum: number;
  /** Whether a scale gamma is learnt (it starts at 1). */
  readonly gamma: boolean;
  /** Whether gamma starts uniform in [0, 1), drawn by the seed, rather than at 1 (frankle2021, section 3); default no. */
  readonly drawnGamma?: boolean;
  /** Whether a shift beta is learnt (it starts at 0). */
  readonly beta: boolean;
  /** Groups of channels, for `group`: must divide the channels of every layer. */
  readonly groups: number;
  /** Examples that share a statistic, for `ghost-batch`: must divide the batch. */
  readonly ghostSize: number;
  /** r_max of `batch-renorm`: the batch's deviation over the running one is cut to [1/r_max, r_max]. */
  readonly renormScaleLimit: number;
  /** d_max of `batch-renorm`: the distance of the means in running deviations is cut to ±d_max. */
  readonly renormShiftLimit: number;
};

export const defaultNormSettings: NormSettings = {
  epsilon: 1e-5,
  momentum: 0.1,
  gamma: true,
  beta: true,
  groups: 4,
  ghostSize: 32,
  renormScaleLimit: 3,
  renormShiftLimit: 5,
};

/**
 * Throws for settings that no norm can have, whatever its sizes.
 * @param float - what the norm is computed in, which must hold every number
 * @throws {SettingError}
 */
export function checkNormSettings(settings: NormSettings, float: FloatType): void {
  const { epsilon, momentum, groups, ghostSize, renormScaleLimit, renormShiftLimit } = settings;
  const rules: readonly (readonly [boolean, string])[] = [
    [epsilon >= 0 && epsilon < Infinity, `epsilon must be 0 or more, got ${epsilon}; try 1e-5`],
    [momentum >= 0 && momentum <= 1, `momentum must lie in [0, 1], got ${momentum}; try 0.1`],
    [Number.isInteger(groups) && groups > 0, `groups must be a whole number of at least 1, got ${groups}; try 1`],
    [
      Number.isInteger(ghostSize) && ghostSize > 0,
      `ghostSize must be a whole number of at least 1 that divides the batch, got ${ghostSize}`,
    ],
    [renormScaleLimit >= 1, `renormScaleLimit must be 1 or more, got ${renormScaleLimit}; try 3`],
    [renormShiftLimit >= 0, `renormShiftLimit must be 0 or more, got ${renormShiftLimit}; try 5`],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken !== undefined) throw new SettingError(`Norm setting ${broken[1]}`);
  for (const [name, value] of Object.entries({ epsilon, momentum, renormScaleLimit, renormShiftLimit })) {
    requireHeld(`Norm setting ${name}`, value, float, String(defaultNormSettings[name as keyof NormSettings]));
  }
}

/**
 * Changes of the input, or of a layer's weight, that leave the output as it is, in training mode (those with a factor
 * exactly so for epsilon = 0):
 * `shift`: x + c with one c per channel; `exampleShift`: with one c per example;
 * `scale`: a · x with one a > 0; `channelScale`: with an a of its own per channel; `exampleScale`: per example;
 * `weightScale`: a · w with one a > 0; `unitScale`: with an a of its own per output unit;
 * `unitShift`: w + c with one c per output unit.
 */
export type Invariance = InputInvariance | WeightInvariance;
export type InputInvariance = 'shift' | 'exampleShift' | 'scale' | 'channelScale' | 'exampleScale';
export type WeightInvariance = 'weightScale' | 'unitScale' | 'unitShift';

/** A layer's weight as a norm sees it, with the activation that follows the layer. */
export interface NormedWeight extends LayerWeight {
  readonly activation: ActivationName;
}

/** What a norm makes of a weight: what is used in its place, and what is done with the layer's output, [N, C, …]. */
export interface WeightResult {
  readonly weight: Value;
  readonly output?: (y: Value) => Value;
}

/** Of [N, C, …]: the examples, channels and pixels that one statistic is taken over. */
export interface Pools {
  /** One example; all of the batch; or `ghostSize` of them. */
  readonly batch: 'none' | 'all' | 'ghost';
  /** One channel; all of them; or C / `groups` neighbours. */
  readonly channels: 'none' | 'all' | 'group';
  /** Whether all pixels of a channel are pooled. */
  readonly space: boolean;
}

/**
 * Where the learnt shift of a layer is, of which it needs one: `norm` where the norm brings it; else it is the layer's own
 * bias, `linear` where that is part of the linear map, `behind` where it follows the norm, which would take it away.
 */
export type Shift = 'norm' | 'linear' | 'behind';

export interface Norm {
  /** One line, for lists. */
  readonly title: string;
  /** The formula, with the estimator of each statistic. */
  readonly formula: string;
  /** Who defined it; undefined for `none`. */
  readonly paper: PaperKey | undefined;
  /** Each of these is tested as it is declared. */
  readonly invariances: readonly Invariance[];
  /** Which values of x share a statistic; undefined where x has none. */
  readonly pools: Pools | undefined;
  /** The least number of values per statistic; 1 where there is no statistic. */
  readonly leastPooled: number;
  /** Where a layer with this norm has its shift: networks that are compared must not differ in that. */
  readonly shift: (settings: Pick<NormSettings, 'beta'>) => Shift;
  /** Set where it subtracts a mean from each channel, and with it a bias of the layer before. */
  readonly centresChannels?: true;
  /** What differentiation holds constant although it depends on x or the weight: tested as it is declared. */
  readonly holdsConstant?: string;
  /**
   * Normalises x, [N, C, …], as the layer `name`: declares its parameters and state, and leaves its updates in the
   * network. Results have the shape of x; norms that act on weights alone return x.
   * @throws {SettingError} where x gives a statistic too few values, or settings do not fit its sizes.
   */
  readonly build: (network: Network, name: string, x: Value, settings: NormSettings) => Value;
  /** For norms that act on a layer's weight, in place of `build`. @throws {SettingError} as `build` does. */
  readonly weight?: (network: Network, name: string, weight: NormedWeight, settings: NormSettings) => WeightResult;
  /** For norms that bring an activation of their own, in place of ReLU. */
  readonly activation?: (network: Network, name: string, x: Value) => Value;
}
