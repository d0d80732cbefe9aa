import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, measuredCells } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal } from '../draws.ts';
import { bjorck2018RandomProducts } from './study.ts';
import { fractionBelow, spectrumEdge } from './theory.ts';

describe('bjorck2018/random-products measures', () => {
  const set = { seeds: '1', rows: '23', factors: '1,3', sweepRows: '7', sweepFactors: '2' };
  let records: readonly StepRecord[];
  beforeAll(async () => {
    const cells = await measuredCells(bjorck2018RandomProducts.plan({ budget: 'quick', set }));
    records = cells.flatMap((cell) => cell.records());
  });
  const value = (quantity: string, at: number, layer: string): number =>
    records.find((r) => r.quantity === quantity && r.at === at && r.layer === layer)?.value ?? Number.NaN;

  it.each([
    [23, 1],
    [23, 3],
    [7, 2],
  ])('the spectrum that ml-matrix finds, N = %i, M = %i', (n, factors) => {
    let product = Matrix.eye(n);
    for (let step = 1; step <= factors; step++) {
      const name = `bjorck2018/random-products factor ${n}`;
      const factor = Matrix.from1DArray(n, n, [...drawNormal(n * n, { seed: 0, step, name }, 1 / Math.sqrt(n))]);
      product = factor.mmul(product);
    }
    const s = new SingularValueDecomposition(product).diagonal.toSorted((a, b) => a - b);
    expect(value('largest', factors, `N = ${n}`)).toBeCloseTo(s.at(-1) ?? Number.NaN, 12);
    const middle = ((s[Math.floor((n - 1) / 2)] ?? 0) + (s[Math.ceil((n - 1) / 2)] ?? 0)) / 2;
    expect(value('median', factors, `N = ${n}`)).toBeCloseTo(middle, 10);
  });

  it('a histogram that holds every value once', () => {
    for (const m of [1, 3]) {
      const counts = records.filter(({ quantity, layer }) => quantity === 'count' && layer === `M = ${m}`);
      expect(counts.reduce((sum, record) => sum + record.value, 0)).toBe(23);
      expect(value('count', 0, `M = ${m}`)).toBe(value('count-below', m, 'N = 23'));
    }
  });
});

describe('bjorck2018/random-products decides', () => {
  const plan = bjorck2018RandomProducts.plan({ budget: 'quick' });
  const draw = (change: Partial<Record<string, (m: number) => number>> = {}): readonly StepRecord[] => {
    const limits: Record<string, (m: number) => number> = {
      largest: spectrumEdge,
      median: () => 0.5,
      'mean-square': () => 1,
      'count-below': (m) => Math.round(1000 * fractionBelow(m, 0.05)),
    };
    return [1, 3, 5].flatMap((at) =>
      Object.entries({ ...limits, ...change }).flatMap(([quantity, value]) =>
        value === undefined
          ? []
          : [{ step: 0, quantity, at, layer: 'N = 1000', value: value(at), definition: '', mode: 'frozen' as const }],
      ),
    );
  };
  const verdicts = (change?: Parameters<typeof draw>[0]): readonly string[] =>
    plan.decide([draw(), draw(), draw(change)].map(cellOf)).parts.map(({ verdict }) => verdict);

  it('reproduced at the limit', () => {
    expect(verdicts()).toEqual(['reproduced', 'reproduced', 'reproduced']);
  });

  it.each([
    ['an edge of 2 for every M', { largest: () => 2 }, 0],
    ['as many small values at every M', { 'count-below': () => 32 }, 1],
    ['a mean square that grows with M', { 'mean-square': (m: number) => 1 + 0.01 * m }, 2],
  ])('not reproduced for one draw with %s', (_, change, part) => {
    const expected = ['reproduced', 'reproduced', 'reproduced'];
    expected[part] = 'not-reproduced';
    expect(verdicts(change)).toEqual(expected);
  });
});
