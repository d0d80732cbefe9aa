/** @file The options that describe a training run, and the settings that they come to. */

import { type Command, Option } from 'commander';
import { SettingError } from '../../errors.ts';
import { scheduleNamed } from '../../train/schedule.ts';
import { type OptimiserSettings, optimiserKinds } from '../../train/optimisers/descent.ts';
import { adam } from '../../train/optimisers/adam.ts';
import { rmsProp } from '../../train/optimisers/rms-prop.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { type TrainedName, trainedNames } from '../../train/optimisers/trained.ts';
import { trainedOn } from '../../train/image-feeds.ts';
import { checkTraining, type TrainingSettings } from '../../train/training-settings.ts';
import { expectedDataset } from '../expected-dataset.ts';
import type { ChosenNetwork } from './chosen-network.ts';
import type { NetworkOptions } from './network-options.ts';
import { decimalNumber, givenOption, MOST_SEED, wholeNumber } from '../options.ts';

export interface OptimiserOptions {
  readonly optimiser: OptimiserSettings['kind'];
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

export interface TrainingOptions extends NetworkOptions, OptimiserOptions {
  readonly epochs: number;
  readonly steps?: number;
  readonly examples?: number;
  readonly lr?: number;
  readonly schedule: string;
  readonly augment?: boolean;
  readonly seed: number;
  readonly train: TrainedName;
}

export function addOptimiserOptions(command: Command): Command {
  return command
    .addOption(new Option('--optimiser <name>', 'how parameters move').choices(optimiserKinds).default('sgd'))
    .addOption(new Option('--momentum <x>', 'of sgd; 0 for plain SGD').argParser(decimalNumber).default(0.9))
    .addOption(new Option('--weight-decay <x>', 'of sgd, coupled').argParser(decimalNumber).default(5e-4))
    .addOption(new Option('--no-nesterov', 'ordinary momentum'));
}

export function addTrainingOptions(command: Command): Command {
  const timed = command
    .addOption(new Option('--epochs <n>', 'passes over the data').argParser(wholeNumber(1)).default(15))
    .addOption(new Option('--steps <n>', 'training steps, in place of epochs').argParser(wholeNumber(1)))
    .addOption(
      new Option('--examples <n>', 'train on the first n of the data (default: all)').argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--lr <x>', 'initial learning rate (default: 0.1 for sgd, 0.001 for the others)').argParser(
        decimalNumber,
      ),
    );
  return addOptimiserOptions(timed)
    .addOption(
      new Option('--train <what>', 'all parameters; affine: gamma and beta alone; random: as many weights, drawn')
        .choices(trainedNames)
        .default('all'),
    )
    .addOption(new Option('--schedule <name>', 'constant, step, cosine or plateau').default('cosine'))
    .addOption(new Option('--augment', 'pad, crop and flip (default: for cifar10)'))
    .addOption(new Option('--no-augment', 'images as they are'))
    .addOption(
      new Option('--seed <n>', 'of weights, order and augmentation').argParser(wholeNumber(0, MOST_SEED)).default(0),
    );
}

/** All that fixes a run, before its data are there. @throws {SettingError} for what cannot be trained. */
export function trainingFrom({ problem, dataset }: ChosenNetwork, given: TrainingOptions): TrainingSettings {
  const { batch } = given;
  const expected = expectedDataset(dataset);
  // A batch that the data cannot fill is refused below; until then it counts as an epoch of its own.
  const perEpoch = Math.max(1, Math.floor(trainedOn(expected, given).count / batch));
  const training: TrainingSettings = {
    dataset,
    ...(given.examples !== undefined && { examples: given.examples }),
    batchSize: batch,
    steps: given.steps ?? given.epochs * perEpoch,
    seed: given.seed,
    augment: given.augment ?? dataset === 'cifar10',
    optimiser: { ...optimiserFrom(given), ...(given.train !== 'all' && { trained: given.train }) },
    learningRate: given.lr ?? (given.optimiser === 'sgd' ? 0.1 : 0.001),
    schedule: scheduleNamed(given.schedule),
    evaluateEvery: Math.min(perEpoch, given.steps ?? perEpoch),
  };
  checkTraining(problem, training, expected);
  return training;
}

/** Throws where an option of one optimiser was given for another, which would not hear of it. @throws {SettingError} */
export function requireOptionsOfOptimiser(command: Command, { optimiser }: OptimiserOptions): void {
  if (optimiser === 'sgd') return;
  const foreign = givenOption(command, (name) => ['momentum', 'weightDecay', 'nesterov'].includes(name));
  if (foreign === undefined) return;
  throw new SettingError(`${foreign.long} belongs to --optimiser sgd, got it with ${optimiser}; leave it out`);
}

export function optimiserFrom({ optimiser, momentum, weightDecay, nesterov }: OptimiserOptions): OptimiserSettings {
  switch (optimiser) {
    case 'sgd':
      return sgd({ momentum, weightDecay, nesterov: nesterov && momentum > 0 });
    case 'rms-prop':
      return rmsProp();
    case 'adam':
      return adam();
  }
}
