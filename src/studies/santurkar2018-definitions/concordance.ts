/** @file Every definition in every column: its effect in each seed, the interval of those, and what that says. */

import { memoised } from '../../math/memoised.ts';
import { type Interval, mean, median, quantile, studentInterval } from '../../math/statistics.ts';
import { type Comparison, matchByLoss, windowOf } from '../santurkar2018-landscape/window.ts';
import { shiftEffects } from '../santurkar2018-shift/shift.ts';
import { judge } from '../verdict.ts';
import { CLASSES } from '../vgg-training.ts';
import type { Definition } from './definition.ts';
import type { Measured } from './measured.ts';
import { type Optimiser, rule } from './protocol.ts';

/** Both arms of one seed and optimiser, with the window that they share, or why there is none. */
export interface Pair {
  readonly seed: number;
  readonly optimiser: Optimiser;
  readonly standard: Measured;
  readonly batch: Measured;
  readonly window: Comparison | string;
}

export function pairOf(about: Pick<Pair, 'seed' | 'optimiser' | 'standard' | 'batch'>): Pair {
  return { ...about, window: windowOf(about.standard.series, about.batch.series, CLASSES) };
}

export type Pairing = 'equal steps' | 'matched loss';
export type Statistic = 'mean' | 'median' | '95th';

export interface Column {
  readonly name: string;
  readonly optimiser: Optimiser;
  readonly pairing: Pairing;
  readonly statistic: Statistic;
}

export const optimiserNames: Readonly<Record<Optimiser, string>> = { sgd: 'SGD', adam: 'Adam' };

const statistics: Readonly<Record<Statistic, (values: readonly number[]) => number>> = {
  mean: (values) => mean(values),
  median: (values) => median(values),
  '95th': (values) => quantile(values, 0.95),
};

export const columns: readonly Column[] = (['sgd', 'adam'] as const).flatMap((optimiser) =>
  (['equal steps', 'matched loss'] as const).flatMap((pairing) =>
    (['mean', 'median', '95th'] as const).map((statistic) => ({
      name: `${optimiserNames[optimiser]}, ${pairing}, ${statistic}`,
      optimiser,
      pairing,
      statistic,
    })),
  ),
);

/** Of batch norm: its loss is smoother, or shifts less, or it is not so by a margin, or the other way round, or neither. */
export type Word = 'smoother' | 'not smoother' | 'rougher' | 'undecided';

/** One definition in one column. */
export interface Entry {
  readonly definition: Definition;
  readonly column: Column;
  readonly margin: number;
  readonly isJudged: boolean;
  /** Undefined, as is the word, where some seed has no such pairing, or no number. */
  readonly interval: Interval | undefined;
  readonly word: Word | undefined;
}

/** What a definition says of batch norm: positive effects are for it. */
export function wordOf(interval: Interval, margin: number): Word {
  const word = judge(interval, margin);
  if (word === 'reproduced') return 'smoother';
  if (word === 'inconclusive') return 'undecided';
  return interval.upper < 0 ? 'rougher' : 'not smoother';
}

/** Asked for by every definition and statistic. */
const matched = memoised(({ window, batch }: Pair): Comparison | string =>
  typeof window === 'string' ? window : matchByLoss(window, batch.series),
);

/** Positive where batch norm is smoother; not a number where the pair has no such pairing, or an arm no number. */
function effectOf(
  isDifference: boolean,
  numbers: (run: Measured) => ReadonlyMap<number, number>,
  { pairing, statistic }: Column,
  pair: Pair,
): number {
  const comparison = pairing === 'equal steps' ? pair.window : matched(pair);
  if (typeof comparison === 'string') return Number.NaN;
  const of = (arm: 'standard' | 'batch'): number => {
    const own = numbers(pair[arm]);
    const values = comparison[arm].map(({ step }) => own.get(step) ?? Number.NaN).filter(Number.isFinite);
    return values.length === 0 ? Number.NaN : statistics[statistic](values);
  };
  return isDifference ? of('standard') - of('batch') : Math.log(of('standard') / of('batch'));
}

export function concordance(pairs: readonly Pair[], definitions: readonly Definition[]): readonly Entry[] {
  const ofOptimiser = (column: Column): readonly Pair[] =>
    pairs.filter(({ optimiser }) => optimiser === column.optimiser);
  return [
    ...definitions.flatMap((definition) => {
      // At every probe of a training, once for all columns.
      const numbers = memoised(
        (run: Measured) => new Map(run.series.points.map(({ step }) => [step, definition.value(run, step)])),
      );
      const effect = (column: Column, pair: Pair): number =>
        effectOf(definition.isDifference === true, numbers, column, pair);
      return columns.map((column) =>
        entryOf(
          definition,
          column,
          ofOptimiser(column).map((pair) => effect(column, pair)),
        ),
      );
    }),
    ...asJudged.flatMap(({ definition, effect }) =>
      columns
        .filter(({ pairing, statistic }) => pairing === 'equal steps' && statistic === 'median')
        .map((column) => entryOf(definition, column, ofOptimiser(column).map(effect))),
    ),
  ];
}

function entryOf(definition: Definition, column: Column, effects: readonly number[]): Entry {
  const isJudged = definition.judged?.column === column.name;
  const margin = isJudged ? (definition.judged?.margin ?? 0) : 0;
  const isWhole = effects.length > 1 && effects.every(Number.isFinite);
  const interval = isWhole ? studentInterval(effects) : undefined;
  return { definition, column, margin, isJudged, interval, word: interval && wordOf(interval, margin) };
}

/** Of Definition 2.1 as `santurkar2018/shift` judges it: mean of the layers' effects, median until an arm has converged. */
const asJudged: readonly { readonly definition: Definition; readonly effect: (pair: Pair) => number }[] = (
  [
    ['‖G − G′‖', 'length', rule.shiftLengthMargin, 'absolute'],
    ['cosine of G and G′', 'cosine', rule.shiftCosineMargin, 'relative'],
  ] as const
).map(([name, which, margin, scale]) => ({
  definition: {
    family: 'covariate shift',
    name: `${name}, as santurkar2018/shift judges`,
    statistics: 'batch',
    batch: 'same',
    of: 'parameters',
    scale,
    judged: { column: 'SGD, equal steps, median', margin },
    value: () => Number.NaN,
  },
  // That study's claim is that batch norm does not shift less, and so its effects have the other sign.
  effect: ({ standard, batch }) => -shiftEffects(standard, batch)[which],
}));
