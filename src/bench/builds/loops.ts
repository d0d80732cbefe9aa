/** @file Which training loops two builds are compared by: as data, and as commands that both builds understand. */

import { SettingError } from '../../errors.ts';
import type { ModelName } from '../../models/index.ts';
import type { ResolvedLowering } from '../../runtime/lowering-choice.ts';
import { sevenMultiples } from '../contests.ts';
import { subjectName } from '../subject.ts';

export interface Loop {
  readonly model: ModelName;
  readonly width: number;
  readonly batchSize: number;
  /** What measures at every step; undefined where nothing does. */
  readonly probe?: string;
  /** How many networks the command trains, one after the other. */
  readonly networks: number;
  /** Steps of each network, in a short run and in a long one: what they share is no part of a step. */
  readonly steps: Readonly<Record<RunLength, number>>;
}

export type RunLength = 'short' | 'long';
export const runLengths: readonly RunLength[] = ['short', 'long'];

/** What holds for every run of both builds. */
export interface LoopSettings extends ResolvedLowering {
  readonly threads: number;
}

/** Steps of an epoch of MNIST in batches of 64. */
const EPOCH = Math.floor(60_000 / 64);

/**
 * The long runs take some seconds more than the short ones. Both evaluate once, at their end; the MLP, whose steps are
 * too short for that, after each epoch, so that a step of it bears its share of an evaluation.
 */
export const loops: readonly Loop[] = [
  { model: 'mlp', width: 1, batchSize: 64, networks: 1, steps: { short: EPOCH, long: 4 * EPOCH } },
  { model: 'vgg11', width: 0.25, batchSize: 128, networks: 1, steps: { short: 10, long: 160 } },
  { model: 'resnet20', width: 1, batchSize: 128, networks: 1, steps: { short: 5, long: 45 } },
  // Two arms (norm none and batch) on the fewest seeds that the study takes.
  {
    model: 'vgg11',
    width: 0.25,
    batchSize: 128,
    probe: `landscape × ${sevenMultiples.length}`,
    networks: 6,
    steps: { short: 2, long: 8 },
  },
];

/** What narrows the list. */
export interface LoopChoice {
  readonly model?: readonly ModelName[];
  readonly only?: 'steps' | 'probes';
}

/** @throws {SettingError} where nothing is left. */
export function chosenLoops({ model, only }: LoopChoice): readonly Loop[] {
  const ofModels = loops.filter((loop) => model === undefined || model.includes(loop.model));
  const chosen = ofModels.filter(({ probe }) => only === undefined || (only === 'probes') === (probe !== undefined));
  if (chosen.length > 0) return chosen;
  const which = only === undefined ? 'trains' : `of ${only} trains`;
  const known = [...new Set(loops.map((loop) => loop.model))].join(', ');
  throw new SettingError(`No loop ${which} ${model?.join(' or ') ?? 'anything'}; between builds there are ${known}`);
}

/** `vgg11 × 0.25, landscape × 7`. */
export function loopName(loop: Pick<Loop, 'model' | 'width' | 'probe'>): string {
  return [subjectName(loop), ...(loop.probe === undefined ? [] : [loop.probe])].join(', ');
}

/**
 * The command that trains a loop for so many steps, but for where it writes. The landscape goes by its study, as it is used;
 * `run` learns at a rate at which nothing diverges, since that would end it early.
 */
export function loopCommand(loop: Loop, length: RunLength, settings: LoopSettings): readonly string[] {
  const { model, width, batchSize, probe } = loop;
  const { threads, lowering, convolution } = settings;
  const device = ['--threads', String(threads), '--lowering', lowering, '--convolution', convolution];
  const steps = String(loop.steps[length]);
  if (probe === undefined) {
    const network = [model, '--width', String(width), '--batch', String(batchSize)];
    return ['run', ...network, '--lr', '0.01', '--steps', steps, ...device];
  }
  const protocol = {
    model,
    width,
    batchSize,
    steps,
    every: 1,
    learningRates: 0.1,
    multiples: sevenMultiples.join(','),
    randomDirection: false,
  };
  const set = Object.entries(protocol).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  return ['reproduce', 'santurkar2018/landscape', ...set, '--seeds', '3', '--parallel', '1', ...device];
}
