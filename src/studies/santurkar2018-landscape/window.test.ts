import { describe, expect, it } from 'vitest';
import { type MadeUpCell, madeUpSeries } from '../../../test/made-up-cells.ts';
import type { CellSeries } from './series.ts';
import { type Comparison, matchByLoss, windowOf } from './window.ts';

const steps = (points: Comparison['standard']): number[] => points.map(({ step }) => step);
function window(standard: Partial<MadeUpCell>, batch: Partial<MadeUpCell> = {}): Comparison {
  const found = windowOf(madeUpSeries(standard), madeUpSeries(batch), 10);
  if (typeof found === 'string') throw new Error(found);
  return found;
}
const failure = (standard: Partial<MadeUpCell>, batch: Partial<MadeUpCell> = {}): Comparison | string =>
  windowOf(madeUpSeries(standard), madeUpSeries(batch), 10);

describe('windowOf()', () => {
  it('begins at the first probe whose running accuracy exceeds chance by 10 points', () => {
    // Right in every batch from step 100 on: the mean of 20 batches exceeds 0.2 with the fifth, at step 104.
    const { standard } = window({ accuracy: (step) => (step < 100 ? 0 : 1) });
    expect(standard[0]?.step).toBe(110);
    expect(window({ every: 4, accuracy: (step) => (step < 100 ? 0 : 1) }, { every: 4 }).standard[0]?.step).toBe(104);
  });

  it('begins no later for a standard arm that falls back', () => {
    const { standard } = window({ accuracy: (step) => (step < 60 ? 1 : 0) });
    expect(steps(standard).slice(0, 2)).toEqual([20, 30]);
  });

  it('begins at step 19 at the earliest', () => {
    expect(window({}).standard[0]?.step).toBe(20);
    expect(window({ every: 19 }, { every: 19 }).standard[0]?.step).toBe(19);
    expect(window({ every: 6 }, { every: 6 }).standard[0]?.step).toBe(24);
  });

  it('needs more than chance + 10 points, of the classes there are', () => {
    // Four batches of a quarter to one of none: 0.2, without a rounding.
    expect(failure({ accuracy: (step) => (step % 5 === 0 ? 0 : 0.25) })).toBe(
      'the standard arm never exceeded 20 % running training accuracy',
    );
    expect(failure({ accuracy: () => 0.21 })).not.toBeTypeOf('string');
    expect(windowOf(madeUpSeries({ accuracy: () => 0.55 }), madeUpSeries(), 2)).toBe(
      'the standard arm never exceeded 60 % running training accuracy',
    );
  });

  it('does not ask how well the batch-norm arm does', () => {
    expect(failure({}, { accuracy: () => 0 })).not.toBeTypeOf('string');
  });

  it('takes the same steps of both, to the last probe that both reached', () => {
    const cut = window({}, { divergedAt: 234 });
    expect(steps(cut.standard)).toEqual(Array.from({ length: 22 }, (_, i) => 20 + 10 * i));
    expect(steps(cut.batch)).toEqual(steps(cut.standard));
    expect(steps(window({ divergedAt: 150 }).batch).at(-1)).toBe(150);
  });

  it('needs 10 probes', () => {
    expect(steps(window({ divergedAt: 110 }).standard)).toHaveLength(10);
    expect(failure({ divergedAt: 109 })).toBe('the window holds 9 probes, fewer than 10');
    expect(failure({}, { divergedAt: 5 })).toBe('the window holds 0 probes, fewer than 10');
    expect(failure({ accuracy: (step) => (step < 386 ? 0 : 1) })).toBe('the window holds 2 probes, fewer than 10');
  });
});

/** Points at steps 0, 10, 20, … with these running losses. */
function pointsAt(...losses: readonly number[]): CellSeries {
  const series = madeUpSeries({ steps: 10 * losses.length });
  return { ...series, points: series.points.map((point, i) => ({ ...point, runningLoss: losses[i] ?? Number.NaN })) };
}
/** Pairs a standard arm of these running losses, all in the window, with a batch-norm arm: standard step → its partner. */
function pairs(standard: readonly number[], batch: readonly number[]): [number, number][] | string {
  const { points } = pointsAt(...standard);
  const found = matchByLoss({ standard: points, batch: [] }, pointsAt(...batch));
  if (typeof found === 'string') return found;
  expect(found.batch).toHaveLength(found.standard.length);
  return found.standard.map(({ step }, i) => [step, found.batch[i]?.step ?? Number.NaN]);
}
const times = (count: number, loss: number): number[] => Array.from({ length: count }, () => loss);

describe('matchByLoss()', () => {
  const batch = [2, 1.5, 1, 0.5];

  it('pairs each standard probe with the batch-norm probe of nearest running loss, and drops those over 0.1 away', () => {
    const standard = [1.95, 2.05, 1.55, 1.45, 1.05, 0.95, 0.55, 0.45, 0.5, 1, 1.25, 1.5];
    expect(pairs(standard, batch)).toEqual([
      [0, 0],
      [10, 0],
      [20, 10],
      [30, 10],
      [40, 20],
      [50, 20],
      [60, 30],
      [70, 30],
      [80, 30],
      [90, 20],
      [110, 10],
    ]);
  });

  it('takes the earlier of those that are equally near', () => {
    // 0.5 lies 1/16 from each of the first three.
    expect(pairs([...times(8, 0.5), 1, 2], [0.5625, 0.4375, 0.5625, 1, 2])).toEqual([
      ...Array.from({ length: 8 }, (_, i) => [10 * i, 0]),
      [80, 30],
      [90, 40],
    ]);
    expect(pairs([...times(8, 0.5), 1, 2], [3, 0.5, 1, 0.5, 2])).toEqual([
      ...Array.from({ length: 8 }, (_, i) => [10 * i, 10]),
      [80, 20],
      [90, 40],
    ]);
  });

  it('needs 10 pairs', () => {
    expect(pairs([...times(7, 0.5), 1, 2, ...times(5, 1.25)], batch)).toBe('9 matched pairs, fewer than 10');
    expect(pairs([...times(8, 0.5), 1, 2, ...times(5, 1.25)], batch)).toHaveLength(10);
    expect(pairs(times(12, 9), batch)).toBe('0 matched pairs, fewer than 10');
    expect(pairs(times(12, 9), [])).toBe('0 matched pairs, fewer than 10');
  });

  it('needs 3 different batch-norm probes', () => {
    expect(pairs([...times(12, 0.5), 1], batch)).toBe('2 different batch-norm probes among the pairs, fewer than 3');
    expect(pairs([...times(12, 0.5), 1, 1.5], batch)).toHaveLength(14);
  });

  it('passes over losses that are not numbers', () => {
    const { NaN: none, POSITIVE_INFINITY: infinite } = Number;
    const standard = [none, infinite, ...times(10, 0.5), 1, 2];
    const found = pairs(standard, [none, 2, infinite, 1, none, 0.5]);
    expect(found).toEqual([...Array.from({ length: 10 }, (_, i) => [20 + 10 * i, 50]), [120, 30], [130, 10]]);
  });
});
