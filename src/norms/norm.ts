/** @file What a normalisation is: data about it, and one function that builds it. */

import type { Value } from '../graph/graph.ts';
import type { Network } from '../nn/network.ts';
import type { PaperKey } from '../papers.ts';

/** What every norm can be given; each uses what applies to it. Defaults are PyTorch's. */
export interface NormSettings {
  /** Added to the variance under the root. */
  readonly epsilon: number;
  /** Weight of the new batch in running statistics: running ← (1 − momentum) · running + momentum · batch. */
  readonly momentum: number;
  /** Whether a scale gamma is learnt (it starts at 1). */
  readonly gamma: boolean;
  /** Whether a shift beta is learnt (it starts at 0). */
  readonly beta: boolean;
}

export const defaultNormSettings: NormSettings = { epsilon: 1e-5, momentum: 0.1, gamma: true, beta: true };

/**
 * Changes of the input that leave the output as it is, in training mode:
 * `shift`: x + c with one c per channel; `scale`: a · x with one a > 0 (exactly so for epsilon = 0);
 * `channelScale`: the same with an a of its own per channel.
 */
export type Invariance = 'shift' | 'scale' | 'channelScale';

export interface Norm {
  /** One line, for lists. */
  readonly title: string;
  /** The formula, with the estimator of each statistic. */
  readonly formula: string;
  /** Who defined it; undefined for `none`. */
  readonly paper: PaperKey | undefined;
  /** Each of these is tested as it is declared. */
  readonly invariances: readonly Invariance[];
  /** The least number of values per statistic; 1 where there is no statistic. */
  readonly leastPooled: number;
  /**
   * Normalises x, [N, C, …], as the layer `name`: declares its parameters and state, and leaves its updates in the
   * network. Results have the shape of x.
   * @throws {SettingError} where x gives a statistic too few values.
   */
  readonly build: (network: Network, name: string, x: Value, settings: NormSettings) => Value;
}
