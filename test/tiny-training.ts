/** @file Training runs that are over in a moment: what tests of the upper layers share. */

import type { Dataset } from '../src/data/dataset.ts';
import { syntheticDataset } from '../src/data/synthetic.ts';
import { classifier, type ClassifierSettings } from '../src/problems/classifier.ts';
import type { Problem } from '../src/problems/problem.ts';
import type { DeviceSettings } from '../src/runtime/device.ts';
import { sgd } from '../src/train/optimisers/sgd.ts';
import type { TrainingSettings } from '../src/train/training-settings.ts';

export const device: DeviceSettings = { lowering: 'portable', threads: 1 };

/** 4 classes of [2, 3, 5]; 34 images each to train and to test on, which no batch size below divides. */
export const tinyData: Dataset = syntheticDataset({ classes: 4, shape: [2, 3, 5], count: 34, seed: 5 });

/** An MLP of 7 units a layer with batch norm, or with some of its settings changed. */
export function tinyProblem(changes: Partial<ClassifierSettings> = {}): Problem {
  return classifier('mlp', { input: tinyData.shape, classes: 4, width: 0.07, ...changes });
}

/** Momentum, weight decay, and no evaluation. */
export const tinySettings: TrainingSettings = {
  dataset: 'synthetic',
  batchSize: 9,
  steps: 12,
  seed: 3,
  augment: false,
  optimiser: sgd({ momentum: 0.9, weightDecay: 1e-3 }),
  learningRate: 0.05,
  schedule: { kind: 'constant' },
  evaluateEvery: 0,
};
