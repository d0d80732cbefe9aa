/** @file What fixes a trajectory: everything a training run needs besides the data themselves. Plain JSON. */

import { SettingError, unknownName } from '../errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { initialisers } from '../nn/initialisers.ts';
import { checkModelSettings, type ModelSettings } from '../models/model.ts';
import { type ModelName, modelName, models } from '../models/index.ts';
import { buildNetwork } from './network-graph.ts';
import { checkOptimiser, type OptimiserSettings } from './optimiser.ts';
import { checkSchedule, type ScheduleSettings } from './schedule.ts';

export interface TrainingSettings {
  readonly model: ModelName;
  readonly modelSettings: ModelSettings;
  readonly dataset: string;
  readonly batchSize: number;
  /** Training steps in all. */
  readonly steps: number;
  readonly seed: number;
  /** Pad, crop and flip. */
  readonly augment: boolean;
  readonly optimiser: OptimiserSettings;
  readonly learningRate: number;
  readonly schedule: ScheduleSettings;
  /** Steps between evaluations on the test set, the last step included; 0 for none. */
  readonly evaluateEvery: number;
}

/** Throws for settings that cannot be carried out on a data set. @throws {SettingError} */
export function checkTrainingSettings(settings: TrainingSettings, dataset: Dataset): void {
  const { batchSize, steps, seed, learningRate, modelSettings, model } = settings;
  whole('Batch size', batchSize, 1);
  whole('Steps', steps, 1);
  whole('Seed', seed, 0);
  whole('Steps between evaluations', settings.evaluateEvery, 0);
  if (!Number.isFinite(learningRate) || learningRate <= 0) {
    throw new SettingError(`The learning rate must be positive, got ${learningRate}; try 0.1`);
  }
  if (!Object.hasOwn(initialisers, modelSettings.initialiser)) {
    throw unknownName('initialiser', modelSettings.initialiser, Object.keys(initialisers));
  }
  checkModelSettings(models[modelName(model)], modelSettings);
  checkOptimiser(settings.optimiser);
  checkSchedule(settings.schedule);
  if (batchSize > dataset.train.count) {
    throw new SettingError(`The batch must fit the data: got ${batchSize} for ${dataset.train.count} examples`);
  }
  if (modelSettings.classes !== dataset.classes) {
    throw new SettingError(`The model must have the data's ${dataset.classes} classes, got ${modelSettings.classes}`);
  }
  // Whether each layer has what its norm needs shows when it is built.
  buildNetwork({ model, modelSettings, batchSize, imageShape: dataset.shape, float: 'float32' }, 'train');
}

function whole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new SettingError(`${name} must be a whole number of at least ${least}, got ${value}`);
  }
}
