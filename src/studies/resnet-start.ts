/** @file What a deep ResNet is like before it has learnt anything (bjorck2018): one step of it, looked at by several studies. */

import type { TrainingSpec } from '../cells/training-spec.ts';
import { power } from '../math/power.ts';
import { leastSquaresSlope } from '../math/statistics.ts';
import type { InitialiserName } from '../nn/initialisers.ts';
import type { NormName } from '../norms/index.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import { heldProbe } from '../probes/index.ts';
import type { HeldProbe } from '../records/cell.ts';
import type { Records } from '../records/records.ts';
import type { BySeed, Grid } from './grid.ts';
import { valuesText } from './number-text.ts';
import { plainTraining } from './plain-training.ts';
import { checkTrained } from './protocol-checks.ts';
import { sharedClassifier } from './shared-problem.ts';
import type { Budget } from './study.ts';
import type { TrainedStudy } from './trained-study.ts';

/** Residual connections stay where norms are taken away; what is left of a norm is its shift, a bias. */
export type StartArm = 'standard' | 'batch';
export const startArms: Readonly<Record<StartArm, NormName>> = { standard: 'none', batch: 'batch' };

/** Along the gradient of the first step: of equal ratios, both ends among them. */
export interface StepSizes {
  readonly smallest: number;
  readonly largest: number;
  readonly sizes: number;
  /** What records count them in. */
  readonly learningRate: number;
}

export interface StartProtocol extends JsonObject, StepSizes {
  readonly dataset: string;
  readonly model: string;
  readonly width: number;
  /** The first is judged; the others are shown beside it. */
  readonly initialisers: readonly string[];
  readonly batchSize: number;
  readonly steps: number;
  readonly seeds: number;
  readonly firstSeed: number;
  /** Seeds of the initialisers that are not judged. */
  readonly controlSeeds: number;
}

const quick: StartProtocol = {
  dataset: 'cifar10',
  model: 'resnet110',
  width: 1,
  initialisers: ['glorot', 'he'],
  batchSize: 128,
  steps: 1,
  learningRate: 1e-4,
  seeds: 6,
  firstSeed: 100,
  controlSeeds: 2,
  smallest: 1e-5,
  largest: 1e-2,
  sizes: 13,
};

/** Of studies that look along the gradient: `smallest` and `largest` are of the judged initialiser, these of those beside it. */
export interface SteppedProtocol extends StartProtocol {
  readonly besideSmallest: number;
  readonly besideLargest: number;
}

/** By He's initialiser a network without norms begins at a loss of 10^8 and more, and explodes along steps of 1e-10 to 1e-8 (seeds 0 and 1). */
export const besideSizes = { besideSmallest: 1e-12, besideLargest: 1e-8 } as const;

/** The published network is affordable at every budget, since hardly a step of it is taken. */
export const startProtocols: Readonly<Record<Budget, StartProtocol>> = {
  quick,
  standard: { ...quick, seeds: 10, controlSeeds: 6 },
  paper: { ...quick, seeds: 20, controlSeeds: 20 },
};

/** Of ResNet-110, those in the middle of its three stages: the paper's Table 1. */
export const STAGE_LAYERS: readonly number[] = [18, 54, 90];

export type StartVary = { readonly initialiser: readonly string[] };
interface StartPoint {
  readonly arm: StartArm;
  readonly initialiser: string;
  readonly seed: number;
}

/** What the studies of the family have in common. */
export const startStudy: Pick<
  TrainedStudy<StartProtocol, StartArm, StartVary>,
  'paper' | 'dataset' | 'arms' | 'check' | 'vary' | 'isMade'
> = {
  paper: 'bjorck2018',
  dataset: 'cifar10',
  arms: ['standard', 'batch'],
  check: checkTrained,
  vary: ({ initialisers }) => ({ initialiser: initialisers }),
  isMade: ({ initialisers, controlSeeds }, { initialiser, seed }) =>
    initialiser === initialisers[0] || seed < controlSeeds,
};

/** No step of it is judged. */
export function startTraining(
  { dataset, model, width, batchSize, steps, learningRate }: StartProtocol,
  { arm, initialiser, seed }: StartPoint,
): Pick<TrainingSpec, 'problem' | 'training'> {
  return {
    problem: sharedClassifier(model, dataset, {
      norm: startArms[arm],
      width,
      initialiser: initialiser as InitialiserName,
    }),
    training: plainTraining({ dataset, batchSize, steps, seed, learningRate, evaluateEvery: 0 }),
  };
}

/** The cells of the initialiser that is judged. */
export function judgedOf(grid: Grid<StartArm, StartVary>, { initialisers }: StartProtocol): Grid<StartArm, StartVary> {
  return grid.where({ initialiser: initialisers[0] ?? '' });
}

/** A number of one arm, per seed. */
export function ofArm(grid: Grid<StartArm, StartVary>, arm: StartArm, value: (records: Records) => number): BySeed {
  return grid.where({ arm }).bySeed((records) => value(records));
}

/** "initialiser glorot": what numbers of a start depend on, and so what is said with them. */
export function initialiserText({ initialisers }: StartProtocol): string {
  return `initialiser ${initialisers[0]}`;
}

/** "With he: standard 2.4, 2.5; batch norm 0.4, 0.5. Not judged." for each initialiser that is not judged. */
export function besideText(
  grid: Grid<StartArm, StartVary>,
  { initialisers }: StartProtocol,
  value: (records: Records) => number,
  arms?: readonly StartArm[],
): readonly string[] {
  return initialisers
    .slice(1)
    .map(
      (initialiser) =>
        `With initialiser ${initialiser}: ${armsText(grid.where({ initialiser }), value, arms)}. Not judged.`,
    );
}

const armTitles: Readonly<Record<StartArm, string>> = { standard: 'standard', batch: 'batch norm' };

/** "standard 2.4, 2.5; batch norm 0.4, 0.5", per seed. */
export function armsText(
  grid: Grid<StartArm, StartVary>,
  value: (records: Records) => number,
  arms: readonly StartArm[] = ['standard', 'batch'],
): string {
  return arms.map((arm) => `${armTitles[arm]} ${valuesText(ofArm(grid, arm, value))}`).join('; ');
}

export function ratioOfSizes({ smallest, largest, sizes }: StepSizes): number {
  return power(largest / smallest, 1 / (sizes - 1));
}

/** Those of one initialiser. */
export function sizesOf(protocol: SteppedProtocol, initialiser: string): StepSizes {
  const { initialisers, besideSmallest, besideLargest } = protocol;
  return initialiser === initialisers[0] ? protocol : { ...protocol, smallest: besideSmallest, largest: besideLargest };
}

/** 0, and all step sizes, as multiples of the learning rate with six digits. */
function multiplesOf(step: StepSizes): readonly number[] {
  const ratio = ratioOfSizes(step);
  const sizes = Array.from({ length: step.sizes }, (_, i) =>
    Number(((step.smallest / step.learningRate) * power(ratio, i)).toPrecision(6)),
  );
  return [0, ...sizes];
}

/** Loss and moments of channels at every step size, at every so many steps: studies that ask for the same share them. */
export function alongStep(protocol: SteppedProtocol, { initialiser }: StartPoint, every: number): HeldProbe {
  return heldProbe('moments-along-step', { every, multiples: multiplesOf(sizesOf(protocol, initialiser)) });
}

/** Slope of y over x by least squares; not a number where one of them is none, as of a network that has exploded. */
export function slopeOver(x: readonly number[], y: readonly number[]): number {
  return [...x, ...y].every(Number.isFinite) ? leastSquaresSlope(x, y) : Number.NaN;
}
