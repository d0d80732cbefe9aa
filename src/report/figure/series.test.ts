import { describe, expect, it } from 'vitest';
import type { Mark, PlotFigure } from '../../studies/figure.ts';
import { seriesOf } from './series.ts';

const linear = { label: 'step', unit: '', scale: 'linear' } as const;
const trace = { mark: 'line', seed: 1, x: [0], y: [1] } as const;

function figure(marks: readonly Mark[]): PlotFigure {
  return { id: 't', title: 't', caption: '', x: linear, y: linear, marks };
}

describe('seriesOf', () => {
  it('puts standard before batch norm within each label, and tells all apart by dashes', () => {
    const series = seriesOf(
      figure([
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
    const [series] = seriesOf(figure([{ ...trace, arm: 'batch', label: 'test' }]));
    expect(series?.lines).toEqual(['test']);
    expect(series?.title).toBe('batch norm, test');
  });

  it('tells a dozen arms apart by colour and dash, and by colour and shape', () => {
    const arms = [
      'theory',
      'batch',
      ...Array.from({ length: 10 }, (_, i) => `group norm of ${i}`),
      'standard',
      'noisy',
    ];
    const own = Array.from({ length: 12 }, (_, i) => `width ${i}`);
    for (const names of [arms, own]) {
      const series = seriesOf(figure(names.map((arm) => ({ ...trace, arm }))));
      expect(series).toHaveLength(names.length);
      expect(new Set(series.map(({ hue, dash }) => `${hue} ${dash}`)).size).toBe(names.length);
      expect(new Set(series.map(({ hue, shape }) => `${hue} ${shape}`)).size).toBe(names.length);
    }
  });

  it('tells lines of five arms apart that have five labels each', () => {
    const marks = [1, 2, 3, 4, 5].flatMap((i) =>
      [1, 2, 3, 4, 5].map((j) => ({ ...trace, arm: `arm ${i}`, label: `label ${j}` })),
    );
    const looks = seriesOf(figure(marks)).map(({ hue, dash }) => `${hue} ${dash}`);
    expect(new Set(looks).size).toBe(25);
  });

  it('gives arms the colours of the order that the figure names, though it shows few of them', () => {
    const some = { ...figure([{ ...trace, arm: 'c' }]), arms: ['a', 'b', 'c'] };
    expect(seriesOf(some).map(({ hue }) => hue)).toEqual(['series-3']);
  });

  it('has one name for the dots, line and band of one arm', () => {
    const band = { mark: 'band', arm: 'a', x: [0], low: [0], high: [2] } as const;
    const series = seriesOf(figure([band, { ...trace, arm: 'a' }, { ...trace, mark: 'dot', arm: 'a' }]));
    expect(series.map(({ marks }) => marks.length)).toEqual([3]);
  });
});
