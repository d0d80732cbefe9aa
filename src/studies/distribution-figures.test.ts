import { describe, expect, it } from 'vitest';
import type { Histogram } from '../records/histogram.ts';
import type { StepRecord } from '../records/record.ts';
import { percentileMarks, percentilesIn, percentilesOf, ridgeMarks } from './distribution-figures.ts';

const made = { quantity: 'activation-count', definition: 'made up', mode: 'train', value: 0 } as const;
const histogram = (step: number, width: number, counts: readonly number[]): Histogram => ({
  about: { ...made, step },
  edges: Array.from({ length: counts.length + 1 }, (_, i) => width * (i - counts.length / 2)),
  counts,
});

describe('ridgeMarks()', () => {
  it('makes rows of one height at equal distances, from the first step on', () => {
    const rows = Array.from({ length: 30 }, (_, i) => histogram(10 * i, 1 + i, [1, 4 + i, 2]));
    const marks = ridgeMarks(rows, { arm: 'a' });
    expect(marks.map(({ base }) => base)).toEqual(Array.from({ length: 10 }, (_, i) => 30 * i));
    for (const { heights } of marks) expect(Math.max(...heights)).toBeCloseTo(1.8 * 30, 9);
    expect(marks[0]?.heights.map((height) => height / 54)).toEqual(
      [1 / 4, 1, 1 / 2].map((at) => expect.closeTo(at, 9)),
    );
  });

  it('leaves bins out beyond what holds 99 % of every row, and measures in a unit', () => {
    const far = histogram(0, 1, [1, 0, 500, 500, 0, 1]);
    const [mark] = ridgeMarks([far], { arm: 'a' }, 2);
    expect(mark?.edges).toEqual([-0.5, 0, 0.5]);
    expect(mark?.heights).toHaveLength(2);
    // A wide row shows what a narrow one would not.
    const [first] = ridgeMarks([far, histogram(1, 3, [0, 0, 9, 9, 0, 0])], { arm: 'a' });
    expect(first?.edges).toHaveLength(7);
  });
});

describe('percentileMarks()', () => {
  const record = (step: number, at: number, value: number): StepRecord => ({ ...made, step, at, value });

  it('draws the median, and bands from the outermost inwards', () => {
    const records = [0, 10].flatMap((step) => [85, 5, 50, 15, 95].map((at) => record(step, at, at + step)));
    const of = { arm: 'a', panel: 'p' };
    expect(percentileMarks(percentilesOf(records), of)).toEqual([
      { mark: 'line', ...of, label: 'median', x: [0, 10], y: [50, 60] },
      { mark: 'band', ...of, label: '5 to 95 %', x: [0, 10], low: [5, 15], high: [95, 105] },
      { mark: 'band', ...of, label: '15 to 85 %', x: [0, 10], low: [15, 25], high: [85, 95] },
    ]);
  });

  it('draws one without a partner as a line, and needs no median', () => {
    const marks = percentileMarks(percentilesOf([10, 20, 90].map((at) => record(0, at, at))), { arm: 'a' });
    expect(marks.map(({ mark, label }) => [mark, label])).toEqual([
      ['line', '20 %'],
      ['band', '10 to 90 %'],
    ]);
  });

  it('reads percentiles off histograms', () => {
    const { steps, values } = percentilesIn([histogram(7, 1, [2, 2])], [25, 50]);
    expect(steps).toEqual([7]);
    expect([...values]).toEqual([
      [25, [-0.5]],
      [50, [0]],
    ]);
  });
});
