/** @file The options that describe a training run, and the settings that they come to. */

import { type Command, Option } from 'commander';
import type { ModelName } from '../models/index.ts';
import { scheduleNamed } from '../train/schedule.ts';
import { checkTrainingSettings, type TrainingSettings } from '../train/training-settings.ts';
import { expectedDataset } from './expected-dataset.ts';
import { datasetFor, modelSettingsFrom, type NetworkOptions } from './network-options.ts';
import { decimalNumber, MOST_SEED, wholeNumber } from './options.ts';

export interface TrainingOptions extends NetworkOptions {
  readonly epochs: number;
  readonly steps?: number;
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly schedule: string;
  readonly augment?: boolean;
  readonly seed: number;
}

export function addTrainingOptions(command: Command): Command {
  return command
    .addOption(new Option('--epochs <n>', 'passes over the data').argParser(wholeNumber(1)).default(15))
    .addOption(new Option('--steps <n>', 'training steps, in place of epochs').argParser(wholeNumber(1)))
    .addOption(new Option('--lr <x>', 'initial learning rate').argParser(decimalNumber).default(0.1))
    .addOption(new Option('--momentum <x>', '0 for plain SGD').argParser(decimalNumber).default(0.9))
    .addOption(new Option('--weight-decay <x>', 'coupled').argParser(decimalNumber).default(5e-4))
    .addOption(new Option('--no-nesterov', 'ordinary momentum'))
    .addOption(new Option('--schedule <name>', 'constant, step, cosine or plateau').default('cosine'))
    .addOption(new Option('--augment', 'pad, crop and flip (default: for cifar10)'))
    .addOption(new Option('--no-augment', 'images as they are'))
    .addOption(
      new Option('--seed <n>', 'of weights, order and augmentation').argParser(wholeNumber(0, MOST_SEED)).default(0),
    );
}

/** All that fixes a run, before its data are there. @throws {SettingError} for what cannot be trained. */
export function trainingFrom(model: ModelName, given: TrainingOptions): TrainingSettings {
  const { batch, momentum } = given;
  const dataset = datasetFor(model, given);
  const expected = expectedDataset(dataset);
  // A batch that the data cannot fill is refused below; until then it counts as an epoch of its own.
  const perEpoch = Math.max(1, Math.floor(expected.train.count / batch));
  const training: TrainingSettings = {
    model,
    modelSettings: modelSettingsFrom(model, given),
    dataset,
    batchSize: batch,
    steps: given.steps ?? given.epochs * perEpoch,
    seed: given.seed,
    augment: given.augment ?? dataset === 'cifar10',
    optimiser: { momentum, weightDecay: given.weightDecay, nesterov: given.nesterov && momentum > 0 },
    learningRate: given.lr,
    schedule: scheduleNamed(given.schedule),
    evaluateEvery: Math.min(perEpoch, given.steps ?? perEpoch),
  };
  checkTrainingSettings(training, expected);
  return training;
}
