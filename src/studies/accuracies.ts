/** @file How trainings of the accuracy family came out, and what their studies say of them alike. */

import { counted } from '../counted.ts';
import { datasets } from '../data/datasets.ts';
import type { DatasetName } from '../data/dataset.ts';
import { median, studentInterval } from '../math/statistics.ts';
import { type AccuracyArm, accuracyArms, type AccuracyProtocol, rateOf, stepsOf } from './accuracy-training.ts';
import type { DotMark, PlotFigure, Table } from './figure.ts';
import type { BySeed, Grid } from './grid.ts';
import { formatInterval3, valuesText } from './number-text.ts';
import { FITTED_ACCURACY, isSettled } from './settled.ts';
import { LEARNT_ACCURACY } from './santurkar2018-faster/speed.ts';
import { accuracyFigure } from './trained-figures.ts';
import { curveOf, type TrainingCurve } from './training-curves.ts';

/** One training and what it came to. */
export interface Outcome {
  readonly arm: AccuracyArm;
  readonly seed: number;
  readonly curve: TrainingCurve;
  /** On the test set after the last step; that of a guess where the training has diverged, which classifies nothing. */
  readonly accuracy: number;
  /** Whether it was long enough to be compared. */
  readonly isSettled: boolean;
  /** Whether it has learnt more than a tenth beyond chance. */
  readonly hasLearnt: boolean;
}

export function outcomesOf<Arm extends AccuracyArm>(
  grid: Grid<Arm, Record<never, never>>,
  protocol: AccuracyProtocol,
  batchSize: number = protocol.batchSize,
): readonly Outcome[] {
  const chance = 1 / datasets[protocol.dataset as DatasetName].classes;
  return grid.cells.map(({ point: { arm, seed }, records }) => {
    const curve = curveOf(records);
    const hasDiverged = curve.divergedAt !== undefined;
    return {
      arm,
      seed,
      curve,
      accuracy: hasDiverged ? chance : curve.testAccuracy,
      isSettled: isSettled(curve, {
        steps: Math.floor((protocol.dropAt[0] ?? 1) * stepsOf(protocol, arm, batchSize)),
        improvement: protocol.improvement,
      }),
      hasLearnt: !hasDiverged && curve.finalAccuracy > chance + LEARNT_ACCURACY,
    };
  });
}

/** Per seed a number made of the test accuracies of arms. */
export function effectsOf(
  outcomes: readonly Outcome[],
  effect: (accuracy: (arm: AccuracyArm) => number) => number,
): BySeed {
  const seeds = [...new Set(outcomes.map(({ seed }) => seed))];
  return seeds.map((seed) => ({
    seed,
    value: effect((arm) => outcomes.find((one) => one.arm === arm && one.seed === seed)?.accuracy ?? Number.NaN),
  }));
}

/** What the large rate gains with batch norm. */
export function gainByRate(accuracy: (arm: AccuracyArm) => number): number {
  return accuracy('batch-large') - accuracy('batch');
}

/**
 * Why accuracies cannot be compared, as "not judged: …" goes on; undefined where they can: those that should have trained have
 * learnt, and all that have not diverged were long enough, lest larger rates win for being faster alone.
 * @param mayFail - arms whose failure to train is what the claim is tried by
 */
export function obstacleTo(outcomes: readonly Outcome[], mayFail: readonly AccuracyArm[] = []): string | undefined {
  const where = (found: readonly Outcome[]): string =>
    [...new Set(found.map(({ arm }) => arm))]
      .map((arm) => {
        const seeds = found.flatMap((one) => (one.arm === arm ? [one.seed] : []));
        return `${accuracyArms[arm].title} (${counted(seeds.length, 'seed')}: ${seeds.join(', ')})`;
      })
      .join('; ');
  const idle = outcomes.filter(({ arm, hasLearnt }) => !hasLearnt && !mayFail.includes(arm));
  if (idle.length > 0) return `less than ${100 * LEARNT_ACCURACY} points beyond chance are learnt ${where(idle)}`;
  const short = outcomes.filter((one) => !one.isSettled && one.curve.divergedAt === undefined);
  if (short.length === 0) return undefined;
  return `neither ${100 * FITTED_ACCURACY} % training accuracy nor a plateau before the rate falls is reached ${where(short)}`;
}

/** Of a gain that may be none no share can be told. @param whose - "batch norm throughout" */
export function obstacleOfGain(gain: BySeed, whose: string, margin: number): string | undefined {
  const interval = studentInterval(gain.map(({ value }) => value));
  if (interval.lower > margin) return undefined;
  return `${whose} gains ${formatInterval3(interval)}, which may be nothing`;
}

/** "Test accuracy per seed: without norms at the small rate 0.31, 0.32; batch norm at the small rate …" */
export function accuraciesText(outcomes: readonly Outcome[]): string {
  const arms = [...new Set(outcomes.map(({ arm }) => arm))];
  const of = (arm: AccuracyArm): string => valuesText(effectsOf(outcomes, (accuracy) => accuracy(arm)));
  return `Test accuracy per seed: ${arms.map((arm) => `${accuracyArms[arm].title} ${of(arm)}`).join('; ')}.`;
}

/** In a legend; two have a name and a colour of their own in every figure. */
function nameOf(arm: AccuracyArm): string {
  return arm === 'standard' || arm === 'batch' ? arm : accuracyArms[arm].title;
}

/** Curves, and where they end. */
export function accuracyFigures(
  outcomes: readonly Outcome[],
  protocol: AccuracyProtocol,
  id: string,
): readonly PlotFigure[] {
  const arms = (Object.keys(accuracyArms) as AccuracyArm[]).map(nameOf);
  const panelled = outcomes.map((one) => ({
    ...one,
    arm: nameOf(one.arm),
    panel: `learning rate ${rateOf(protocol, one.arm)}`,
  }));
  const dots = outcomes.map(
    ({ arm, seed, accuracy }): DotMark => ({
      mark: 'dot',
      arm: nameOf(arm),
      seed,
      x: [rateOf(protocol, arm)],
      y: [accuracy],
    }),
  );
  return [
    {
      id: `${id}-accuracies`,
      title: 'Test accuracy after the last step',
      caption: 'A dot per seed; a training that diverged is drawn at chance.',
      x: { label: 'initial learning rate', unit: '', scale: 'log' },
      y: { label: 'test accuracy', unit: '', scale: 'linear' },
      arms,
      marks: dots,
    },
    {
      ...accuracyFigure(panelled, {
        id: `${id}-curves`,
        title: 'Training accuracy at each learning rate',
        caption: 'The same weights to begin with, the same batches.',
      }),
      arms,
    },
  ];
}

/** Of each arm how far it came, and whether that was far enough. */
export function accuracyTable(outcomes: readonly Outcome[], protocol: AccuracyProtocol): Table {
  const arms = [...new Set(outcomes.map(({ arm }) => arm))];
  return {
    title: 'What each arm came to',
    caption:
      'Medians over seeds; how many of them diverged, and how many were long enough to be compared: they came to ' +
      `${100 * FITTED_ACCURACY} % training accuracy, or to a plateau before the rate fell.`,
    columns: ['arm', 'learning rate', 'test accuracy', 'training accuracy', 'diverged', 'long enough'],
    rows: arms.map((arm) => {
      const own = outcomes.filter((one) => one.arm === arm);
      return [
        accuracyArms[arm].title,
        rateOf(protocol, arm),
        median(own.map(({ accuracy }) => accuracy)),
        median(own.map(({ curve }) => curve.finalAccuracy)),
        own.filter(({ curve }) => curve.divergedAt !== undefined).length,
        own.filter((one) => one.isSettled).length,
      ];
    }),
  };
}
