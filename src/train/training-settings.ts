/** @file What fixes a trajectory beside the problem and the data themselves. Plain JSON. */

import { counted } from '../counted.ts';
import { SettingError } from '../errors.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { Problem } from '../problems/problem.ts';
import type { OptimiserSettings } from './optimisers/descent.ts';
import type { ScheduleSettings } from './schedule.ts';
import { trainedOn } from './image-feeds.ts';
import { checkSession, requireWhole } from './session-settings.ts';
import { trainingGraphs } from './training-graphs.ts';

export interface TrainingSettings {
  readonly dataset: string;
  /** Trains on so many of the first training examples; default all. */
  readonly examples?: number;
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

/** Of one tensor: 8 GB in float32, which no network here comes near. */
const MOST_NUMBERS = 2 ** 31 - 1;

/** Throws for what cannot be carried out on a data set. @throws {SettingError} */
export function checkTraining(problem: Problem, settings: TrainingSettings, dataset: Dataset): void {
  const { batchSize, steps, seed, learningRate, optimiser } = settings;
  requireWhole('Steps', steps, 1);
  requireWhole('Seed', seed, 0);
  requireWhole('Steps between evaluations', settings.evaluateEvery, 0);
  if (!Number.isFinite(learningRate) || learningRate <= 0) {
    throw new SettingError(`The learning rate must be positive, got ${learningRate}; try 0.1`);
  }
  checkSession(settings, problem.float);
  const { count } = trainedOn(dataset, settings);
  if (batchSize > count) {
    throw new SettingError(`The batch must fit the data: got ${batchSize} for ${counted(count, 'example')}`);
  }
  const { classes, input } = problem.about;
  if (classes !== undefined && classes !== dataset.classes) {
    throw new SettingError(
      `The model must have the data's ${counted(dataset.classes, 'class', 'classes')}, got ${JSON.stringify(classes)}`,
    );
  }
  if (Array.isArray(input) && input.join() !== dataset.shape.join()) {
    throw new SettingError(`The network must take the data's [${dataset.shape.join()}], got [${input.join()}]`);
  }
  // Whether each layer has what its norm needs shows when it is built.
  requirePossibleSizes(trainingGraphs(problem, batchSize, optimiser).step);
}

/** Sizes beyond all memory are a slip in the settings, and told before anything is made. @throws {SettingError} */
function requirePossibleSizes({ inputs }: Graph): void {
  const large = inputs.find(({ value }) => elementCount(value.shape) > MOST_NUMBERS)?.value;
  if (large === undefined) return;
  throw new SettingError(
    `A tensor can have ${MOST_NUMBERS} numbers at most, got '${large.name}' of [${large.shape.join(',')}]; use a smaller width`,
  );
}
