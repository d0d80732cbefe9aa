/** @file Training runs that are over in a moment: what tests of the upper layers share. */

import type { Dataset } from '../src/data/dataset.ts';
import { syntheticDataset } from '../src/data/synthetic.ts';
import { defaultModelSettings, type ModelSettings } from '../src/models/model.ts';
import type { DeviceSettings } from '../src/runtime/device.ts';
import type { TrainingSettings } from '../src/train/training-settings.ts';

export const device: DeviceSettings = { lowering: 'portable', threads: 1 };

/** 4 classes of [2, 3, 5]; 34 images each to train and to test on, which no batch size below divides. */
export const tinyData: Dataset = syntheticDataset({ classes: 4, shape: [2, 3, 5], count: 34, seed: 5 });

/** An MLP of 7 units a layer with batch norm, momentum and an evaluation. */
export const tinySettings: TrainingSettings = {
  model: 'mlp',
  modelSettings: { ...defaultModelSettings, initialiser: 'glorot', norm: 'batch', width: 0.07, classes: 4 },
  dataset: 'synthetic',
  batchSize: 9,
  steps: 12,
  seed: 3,
  augment: false,
  optimiser: { momentum: 0.9, weightDecay: 1e-3, nesterov: false },
  learningRate: 0.05,
  schedule: { kind: 'constant' },
  evaluateEvery: 0,
};

/** The same model with some of its settings changed. */
export function tinyModel(changes: Partial<ModelSettings>): ModelSettings {
  return { ...tinySettings.modelSettings, ...changes };
}
