import { describe, expect, it } from 'vitest';
import { sweptCells } from '../../test/made-up-sweep.ts';
import type { BandMark, CellMark, DotMark, LineMark, Mark } from '../studies/figure.ts';
import { curveFigures, trainingFigures } from './curves.ts';
import { mapFigures } from './maps.ts';
import type { SweepAxis } from './plan.ts';
import { settingResults } from './results.ts';

const lr: SweepAxis = { name: 'lr', values: ['0.01', '0.1', '1'] };
const batch: SweepAxis = { name: 'batch', values: ['20', '60'] };
const norm: SweepAxis = { name: 'norm', values: ['none', 'batch'] };
const momentum: SweepAxis = { name: 'momentum', values: ['0', '0.5', '0.9'] };

/** lr 1 diverges without a norm, lr 0.01 with one is missing; else the loss is lr + momentum + 1. */
function resultsOf(axes: readonly SweepAxis[], seeds = 3): ReturnType<typeof settingResults> {
  const cells = sweptCells(axes, seeds, (setting, seed) => {
    if (setting['lr'] === '1' && setting['norm'] !== 'batch') return { loss: 1, accuracy: 0, divergedAt: 5 };
    if (setting['lr'] === '0.01' && setting['norm'] === 'batch') return undefined;
    const loss = Number(setting['lr'] ?? 0) + Number(setting['momentum'] ?? 0) + 1;
    return { loss: loss + (seed - 1) / 10, accuracy: 1 / (1 + loss) };
  });
  return settingResults(axes, cells);
}

function marksOf<K extends Mark['mark']>(marks: readonly Mark[], kind: K): readonly Extract<Mark, { mark: K }>[] {
  return marks.filter((mark): mark is Extract<Mark, { mark: K }> => mark.mark === kind);
}

describe('mapFigures()', () => {
  it('lays numbers on both axes, crosses out what diverged and leaves out what is missing', () => {
    const [loss, accuracy] = mapFigures([batch, lr, norm], resultsOf([batch, lr, norm]));
    expect(loss).toMatchObject({ x: { label: 'batch', scale: 'linear' }, y: { label: 'lr', scale: 'log' } });
    const [none, batched] = marksOf(loss?.marks ?? [], 'cell') as readonly CellMark[];
    expect(none).toMatchObject({
      panel: 'norm none',
      x: [20, 20, 20, 60, 60, 60],
      y: [0.01, 0.1, 1, 0.01, 0.1, 1],
      lost: [undefined, undefined, 'diverged', undefined, undefined, 'diverged'],
    });
    expect(none?.values[1]).toBeCloseTo(1.1, 14);
    expect(none?.values[2]).toBeNaN();
    expect(batched).toMatchObject({ panel: 'norm batch', lost: Array.from({ length: 6 }, () => undefined) });
    expect(batched?.values[0]).toBeNaN();
    expect(accuracy?.id).toBe('sweep-map-accuracy');
  });

  it('takes the best of an axis that has no part, and says so', () => {
    const many: SweepAxis = { name: 'momentum', values: ['0.9', '0', '0.1', '0.2', '0.3', '0.4', '0.5'] };
    const axes = [lr, batch, many];
    const [loss, accuracy] = mapFigures(axes, resultsOf(axes));
    expect(loss?.caption).toContain('Of momentum, the value with the lowest loss at each place.');
    expect(accuracy?.caption).toContain('Of momentum, the value with the highest accuracy at each place.');
    const [cells] = marksOf(loss?.marks ?? [], 'cell');
    expect(cells?.x).toHaveLength(6);
    expect(cells?.values[0]).toBeCloseTo(1.01, 14);
  });

  it('names names, and has no part where one axis varies', () => {
    const one: SweepAxis = { name: 'batch', values: ['20'] };
    expect(mapFigures([norm, one], resultsOf([norm, one]))).toEqual([]);
    const depth: SweepAxis = { name: 'activation', values: ['relu', 'tanh', 'none'] };
    const [loss] = mapFigures([norm, depth], resultsOf([norm, depth]));
    expect(loss).toMatchObject({ x: { categories: norm.values }, y: { categories: depth.values } });
    expect(marksOf(loss?.marks ?? [], 'cell')[0]).toMatchObject({ x: [0, 0, 0, 1, 1, 1], y: [0, 1, 2, 0, 1, 2] });
  });
});

describe('curveFigures()', () => {
  it('has a line and a band per name; an arrow at the worse edge where trainings diverged, a gap where none is there', () => {
    const [loss, accuracy] = curveFigures([norm, lr], resultsOf([norm, lr]));
    const [none, batched] = marksOf(loss?.marks ?? [], 'line') as readonly LineMark[];
    expect([none?.arm, batched?.arm]).toEqual(['none', 'batch']);
    expect(none?.x).toEqual([0.01, 0.1, 1]);
    expect(none?.y[0]).toBeCloseTo(1.01, 14);
    expect(none?.y[2]).toBeNaN();
    expect(batched?.y[0]).toBeNaN();
    expect(batched?.y[2]).toBeCloseTo(2, 14);
    const dots = marksOf(loss?.marks ?? [], 'dot') as readonly DotMark[];
    expect(dots).toEqual([{ mark: 'dot', arm: 'none', x: [1], y: [Number.POSITIVE_INFINITY] }]);
    expect(marksOf(accuracy?.marks ?? [], 'dot')[0]?.y).toEqual([Number.NEGATIVE_INFINITY]);
    // Seeds are 0.1 apart: s = 0.1, t = 4.30265 in tables.
    const [band] = marksOf(loss?.marks ?? [], 'band') as readonly BandMark[];
    expect((band?.high[1] ?? 0) - (band?.low[1] ?? 0)).toBeCloseTo((2 * 4.30265 * 0.1) / Math.sqrt(3), 6);
    expect(band?.high[2]).toBeNaN();
  });

  it('draws no interval further than an accuracy can lie', () => {
    const cells = sweptCells([lr], 3, (_, seed) => ({ loss: 1, accuracy: [0.1, 0.5, 0.99][seed] ?? 0 }));
    const [, accuracy] = curveFigures([lr], settingResults([lr], cells));
    expect(marksOf(accuracy?.marks ?? [], 'band')).toMatchObject([{ low: [0, 0, 0], high: [1, 1, 1] }]);
  });

  it('puts a third axis into panels', () => {
    const axes = [lr, norm, momentum];
    const [loss] = curveFigures(axes, resultsOf(axes));
    const panels = marksOf(loss?.marks ?? [], 'line').map(({ panel }) => panel);
    expect([...new Set(panels)]).toEqual(['momentum 0', 'momentum 0.5', 'momentum 0.9']);
    expect(panels).toHaveLength(6);
  });

  it('are of one line over a lone axis of numbers, and none over two', () => {
    const [loss] = curveFigures([lr], resultsOf([lr]));
    expect(marksOf(loss?.marks ?? [], 'line').map(({ arm }) => arm)).toEqual(['mean over seeds']);
    expect(curveFigures([lr, batch], resultsOf([lr, batch]))).toEqual([]);
    expect(curveFigures([norm], resultsOf([norm]))).toEqual([]);
  });
});

describe('trainingFigures()', () => {
  it('has a line per seed of each name, which ends at the final loss', () => {
    const results = resultsOf([norm], 2);
    const [figure] = trainingFigures([norm], results);
    const lines = marksOf(figure?.marks ?? [], 'line');
    expect(lines.map(({ arm, seed }) => [arm, seed])).toEqual([
      ['none', 0],
      ['none', 1],
      ['batch', 0],
      ['batch', 1],
    ]);
    expect(lines[0]?.x).toHaveLength(23);
    expect(lines[0]?.y.at(-1)).toBeCloseTo(0.9, 14);
  });

  it('keeps to the best of many names, and is left out where numbers vary', () => {
    const names: SweepAxis = { name: 'init', values: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] };
    const [figure] = trainingFigures([names], resultsOf([names]));
    expect(new Set(marksOf(figure?.marks ?? [], 'line').map(({ arm }) => arm)).size).toBe(6);
    expect(figure?.caption).toContain('The 6 settings of 7');
    expect(trainingFigures([lr], resultsOf([lr]))).toEqual([]);
    expect(trainingFigures([lr, norm], resultsOf([lr, norm]))).toEqual([]);
  });
});
