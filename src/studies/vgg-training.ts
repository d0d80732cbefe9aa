/** @file The trainings of VGG on CIFAR-10 that several studies share: whoever asks for the same one finds it made. */

import type { TrainingSpec } from '../cells/training-spec.ts';
import type { DatasetName } from '../data/dataset.ts';
import { datasets } from '../data/datasets.ts';
import { modelName } from '../models/index.ts';
import type { InitialiserName } from '../nn/initialisers.ts';
import type { NormName } from '../norms/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { plainTraining } from './plain-training.ts';
import type { Budget } from './study.ts';

export const CLASSES = 10;

/** What holds for every training of the family (santurkar2018, Appendix A, at a smaller width). */
export interface VggProtocol extends JsonObject {
  readonly dataset: string;
  readonly model: string;
  readonly width: number;
  readonly initialiser: string;
  readonly batchSize: number;
  readonly steps: number;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly weightDecay: number;
  readonly augment: boolean;
}

const quick: VggProtocol = {
  dataset: 'cifar10',
  model: 'vgg11',
  width: 0.25,
  initialiser: 'glorot',
  batchSize: 128,
  steps: 500,
  seeds: 6,
  firstSeed: 100,
  weightDecay: 0,
  augment: false,
};

/** Verdicts are of seeds that nobody has looked at before the study was finished: 100 and on. */
export const vggProtocols: Readonly<Record<Budget, VggProtocol>> = {
  quick,
  standard: { ...quick, seeds: 10 },
  paper: { ...quick, model: 'vgg16', width: 1, steps: 15_000 },
};

/** The layers that stand for the paper's, whose network has 16: in VGG-11, those at the same share of its 9. */
export function layersFor<Layers extends readonly number[]>(
  budget: Budget,
  { vgg11, vgg16 }: { readonly vgg11: Layers; readonly vgg16: Layers },
): Layers {
  return budget === 'paper' ? vgg16 : vgg11;
}

export function vggTraining(
  protocol: VggProtocol,
  { norm, rate, seed, steps = protocol.steps }: VggRun,
): Pick<TrainingSpec, 'problem' | 'training'> {
  const { dataset, model, width, initialiser, batchSize, weightDecay, augment } = protocol;
  return {
    problem: classifier(modelName(model), {
      input: datasets[dataset as DatasetName].shape,
      classes: CLASSES,
      norm,
      width,
      initialiser: initialiser as InitialiserName,
    }),
    training: plainTraining({
      dataset,
      batchSize,
      steps,
      seed,
      augment,
      optimiser: sgd({ weightDecay }),
      learningRate: rate,
    }),
  };
}

export interface VggRun {
  readonly norm: NormName;
  readonly rate: number;
  readonly seed: number;
  /** In place of the protocol's. */
  readonly steps?: number;
}
