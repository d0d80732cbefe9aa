import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, measuredCells } from '../../../test/studies.ts';
import { SettingError } from '../../errors.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StepRecord } from '../../records/record.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { ioffe2015OnePassVariance } from './study.ts';
import { centredBound, onePassBound, roundoff } from './theory.ts';

const { fround } = Math;

/** Both variances with every operation rounded to float32, summed from the first to the last. */
function roundedVariances(x: readonly number[]): { readonly onePass: number; readonly centred: number } {
  const meanOf = (values: readonly number[]): number =>
    fround(values.reduce((sum, value) => fround(sum + value), 0) * fround(1 / values.length));
  const mean = meanOf(x);
  return {
    onePass: fround(meanOf(x.map((value) => fround(value * value))) - fround(mean * mean)),
    centred: meanOf(x.map((value) => fround(fround(value - mean) ** 2))),
  };
}

describe('bounds of rounding', () => {
  it.each([1, 30, 1000, 30_000])('hold for plain sums at mean/σ = %i, and are not far off', (ratio) => {
    let [least, largest, leastCentred] = [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY];
    for (let i = 0; i < 100; i++) {
      const x = [...randomArray(19, `x${i}`)].map((value) => fround(value + ratio / Math.sqrt(3)));
      const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
      const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
      const { onePass, centred } = roundedVariances(x);
      const r = mean / Math.sqrt(variance);
      const share = Math.abs(onePass / variance - 1) / onePassBound(19, r, roundoff.float32);
      least = Math.min(least, 1 - share);
      largest = Math.max(largest, share);
      const centredShare = Math.abs(centred / variance - 1) / centredBound(19, r, roundoff.float32);
      leastCentred = Math.min(leastCentred, 1 - centredShare);
    }
    expect(Math.min(least, leastCentred)).toBeGreaterThan(0);
    // 63 roundings in a row are bounded, of which some 10 add up.
    expect(largest).toBeGreaterThan(0.02);
  });
});

const set = { channels: '20', examples: '9', exponents: '0:5:21' };
const plan = ioffe2015OnePassVariance.plan({ budget: 'quick', set });

describe('ioffe2015/one-pass-variance', () => {
  let cells: readonly FinishedCell[];
  beforeAll(async () => {
    cells = await measuredCells(plan);
  });
  const changed = (change: (record: StepRecord) => StepRecord): readonly FinishedCell[] =>
    cells.map((cell) => cellOf(cell.records().map(change)));
  const failing = (finished: readonly FinishedCell[]): readonly string[] =>
    plan
      .decide(finished)
      .parts.filter(({ verdict }) => verdict !== 'reproduced')
      .map(({ name }) => name);

  it('finds the loss of the one-pass form, and none in the centred one', () => {
    expect(plan.decide(cells).verdict).toBe('reproduced');
    expect(failing(cells)).toEqual([]);
  });

  it('finds the variance negative where its error exceeds it', () => {
    const [table] = plan.decide(cells).tables;
    expect(table?.rows.map(([ratio]) => ratio)).toEqual(['1', '10', '100', '1000', '10000', '1e+5']);
    expect(table?.rows[0]?.slice(1)).toEqual(['0', '0']);
    expect(Number(table?.rows[5]?.[1])).toBeGreaterThan(0.1);
  });

  it('does not reproduce an error that grows as mean/σ', () => {
    const slower = changed((record) =>
      record.quantity === 'variance-error' && record.layer === 'batch-one-pass'
        ? { ...record, value: 1e-3 * (record.at ?? 0) }
        : record,
    );
    expect(failing(slower)).toEqual(['c']);
  });

  it('does not reproduce a centred form that loses as much', () => {
    const errors = new Map(
      cells.flatMap((cell, seed) =>
        cell
          .records()
          .flatMap(({ quantity, layer, at, value }) =>
            layer === 'batch-one-pass' ? [[`${seed} ${quantity} ${at}`, value] as const] : [],
          ),
      ),
    );
    const alike = cells.map((cell, seed) =>
      cellOf(
        cell.records().map((record) => ({
          ...record,
          value: errors.get(`${seed} ${record.quantity} ${record.at}`) ?? record.value,
        })),
      ),
    );
    expect(failing(alike)).toContain('e');
  });

  it('does not reproduce a bound that one case exceeds', () => {
    const first = cells[0]
      ?.records()
      .findIndex(({ quantity, layer }) => quantity === 'bound-share' && layer === 'batch');
    let i = -1;
    const broken = changed((record) => (++i === first ? { ...record, value: 1.01 } : record));
    expect(failing(broken)).toEqual(['d']);
  });

  it('refuses exponents that leave nothing to judge', () => {
    expect(() => ioffe2015OnePassVariance.plan({ budget: 'quick', set: { exponents: '0,1,2' } })).toThrow(
      new SettingError('exponents must hold 3, and two or more from 1 to 4, got 0,1,2; try 1,2,3,4'),
    );
  });
});
