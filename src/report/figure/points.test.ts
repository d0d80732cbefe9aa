import { describe, expect, it } from 'vitest';
import type { CurvesFigure } from '../../studies/figure.ts';
import { centreOf, medianOf, seriesOf, thinCurve, thinRanges } from './series.ts';

const linear = { label: 'step', unit: '', scale: 'linear' } as const;

function curves(traces: CurvesFigure['curves']): CurvesFigure {
  return { view: 'curves', id: 't', title: 't', caption: '', x: linear, y: linear, references: [], curves: traces };
}

const point = (x: number, low: number, high = low): { x: number; low: number; high: number } => ({ x, low, high });

describe('seriesOf', () => {
  it('puts standard before batch norm within each label, and tells all apart by dashes', () => {
    const trace = { seed: 1, x: [0], y: [1] };
    const series = seriesOf(
      curves([
        { ...trace, arm: 'batch', label: 'train' },
        { ...trace, arm: 'batch', label: 'test' },
        { ...trace, arm: 'standard', label: 'test' },
        { ...trace, arm: 'standard', label: 'train' },
      ]),
    );
    expect(series.map((one) => one.lines.join(' '))).toEqual([
      'standard train',
      'batch norm train',
      'standard test',
      'batch norm test',
    ]);
    expect(new Set(series.map((one) => one.dash)).size).toBe(4);
  });

  it('names the line alone where there is one arm', () => {
    const [series] = seriesOf(curves([{ arm: 'batch', label: 'test', seed: 1, x: [0], y: [1] }]));
    expect(series?.lines).toEqual(['test']);
  });
});

describe('medianOf', () => {
  it('covers the steps that all seeds share, with a gap where one is not finite', () => {
    const [series] = seriesOf(
      curves([
        { arm: 'batch', label: '', seed: 1, x: [0, 1, 2, 3], y: [1, 5, 9, 2] },
        { arm: 'batch', label: '', seed: 2, x: [0, 1, 2], y: [2, Number.NaN, 8] },
        { arm: 'batch', label: '', seed: 3, x: [0, 1, 2, 3], y: [7, 6, 1, 2] },
      ]),
    );
    expect(series && medianOf(series)).toEqual([point(0, 2), point(1, Number.NaN), point(2, 8)]);
  });
});

describe('centreOf', () => {
  it('is the lone seed while its points can be told apart, else the median of each bin', () => {
    const x = [0, 1, 2, 3, 4, 5];
    const [series] = seriesOf(curves([{ arm: 'batch', label: '', seed: 1, x, y: [1, 9, 2, 8, 3, 30] }]));
    const pairs = (at: number): number => Math.floor(at / 3);
    expect(series && centreOf(series, pairs, 6)).toHaveLength(6);
    expect(series && centreOf(series, pairs, 2)).toEqual([point(1, 2), point(4, 8)]);
  });
});

describe('thinning', () => {
  const binOf = (x: number): number => Math.floor(x / 10);

  it('keeps the extremes of every bin of a band', () => {
    const points = [point(0, 1, 2), point(3, 0, 5), point(9, 1, 1), point(12, 7, 8)];
    expect(thinRanges(points, binOf)).toEqual([point(0, 0, 5), point(12, 7, 8)]);
  });

  it('keeps infinities and gaps of a band', () => {
    const points = [point(0, 1, Number.POSITIVE_INFINITY), point(1, 1, 2), point(11, Number.NaN), point(12, 1)];
    expect(thinRanges(points, binOf)).toEqual([point(0, 1, Number.POSITIVE_INFINITY), point(11, Number.NaN)]);
  });

  it('keeps the lowest and highest point of every bin of a curve, in their order', () => {
    const points = [5, 9, 1, 4, 7].map((y, x) => point(x, y));
    expect(thinCurve(points, binOf)).toEqual([point(1, 9), point(2, 1)]);
  });

  it('leaves few points alone', () => {
    const points = [point(0, 3), point(10, 3), point(20, 3), point(21, 4)];
    expect(thinCurve(points, binOf)).toEqual(points);
  });
});
