/** @file What a tour of the lab is: a claim, a scene of a few arms in which it can be seen, and what would falsify it. */

import type { InstrumentName } from '../instrument-names.ts';
import type { ArmSettings } from '../settings.ts';

/** Settings of one arm, or of all; what is left out is as the lab has it. */
export type SceneSettings = Partial<ArmSettings>;

/**
 * What an expectation is about, at a step s:
 * - `loss`, `accuracy`: of the mini-batch of step s, before its update, in training mode;
 * - `test-loss`, `test-accuracy`: over all test images after s updates, in evaluation mode (running statistics);
 * - `gradient-ratio`: ‖g‖₂ of the second hidden layer's weight over that of the last hidden layer's (layers of one shape);
 * - `relative-update`: ‖Δw‖₂ / ‖w‖₂ of the second hidden layer's weight, Δw the update of step s;
 * - `landscape-width`: largest less least loss of the mini-batch at 0.5, 1, 2 and 4 times the learning rate along its gradient;
 * - `smoothness`: ‖Δg‖₂ / (η‖g‖₂) at η = 4 times the learning rate along it (effective smoothness);
 * - `covariate-shift`, `covariate-shift-cosine`: ‖G − G′‖₂ and the cosine of G and G′ of the second hidden layer
 *   (santurkar2018, Definition 2.1).
 */
export type ExpectedQuantity =
  | 'loss'
  | 'accuracy'
  | 'test-loss'
  | 'test-accuracy'
  | 'gradient-ratio'
  | 'relative-update'
  | 'landscape-width'
  | 'smoothness'
  | 'covariate-shift'
  | 'covariate-shift-cosine';

/** One checkable sentence. A loss that was not finite at this step or before counts as above every value. */
export interface Expectation {
  readonly quantity: ExpectedQuantity;
  readonly arm: string;
  readonly step: number;
  readonly is: 'below' | 'above';
  readonly value: number;
}

export interface Tour {
  readonly name: string;
  /** A question that a student would ask. */
  readonly title: string;
  /** The study whose verdict the tour links to; the scene is no evidence for it. */
  readonly claim: string;
  readonly scene: {
    readonly shared: SceneSettings;
    readonly arms: readonly (SceneSettings & { readonly name: string })[];
    readonly steps: number;
  };
  readonly look: readonly InstrumentName[];
  /** What is asked before the scene runs. */
  readonly predict: {
    readonly question: string;
    readonly answers: readonly string[];
    /** Which answer is right, counted from 0. */
    readonly right: number;
  };
  /** What is to be seen, and why. */
  readonly see: string;
  readonly falsify: string;
  /** Held for every one of the seeds 0 to 9 on the data that ship, on one thread. */
  readonly expectation: readonly Expectation[];
}

/** What all scenes share unless they say otherwise: networks that take a second or two to train. */
export const usual: SceneSettings = {
  data: 'fashion-mnist',
  network: 'mlp',
  width: 1,
  placement: 'before',
  activation: 'relu',
  initialiser: 'glorot',
  batchSize: 64,
  momentum: 0,
  seed: 0,
};
