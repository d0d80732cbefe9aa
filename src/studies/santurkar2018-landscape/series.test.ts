import { describe, expect, it } from 'vitest';
import { dullProbe, madeUpRecords, dullCell, madeUpSeries } from '../../../test/made-up-cells.ts';
import type { StepRecord } from '../../records/record.ts';
import { Records } from '../../records/records.ts';
import { cellSeries } from './series.ts';

/** The records of one probe at step 0, with some values replaced, `quantity@multiple` each. */
function withValues(values: Readonly<Record<string, number>>): readonly StepRecord[] {
  return madeUpRecords({ ...dullCell, steps: 11 }).map((record) => {
    const value = record.step === 0 ? values[`${record.quantity}@${record.at}`] : undefined;
    return value === undefined ? record : { ...record, value };
  });
}

describe('cellSeries()', () => {
  it('has a point per probe, with the running means of its step', () => {
    const { points, runningLoss, runningAccuracy, divergedAt } = madeUpSeries({
      steps: 41,
      loss: (step) => step,
      accuracy: (step) => step / 100,
    });
    expect(points.map(({ step }) => step)).toEqual([0, 10, 20, 30, 40]);
    expect(points.map((point) => point.runningLoss)).toEqual([0, 5, 10.5, 20.5, 30.5]);
    expect(points[4]?.runningAccuracy).toBeCloseTo(0.305, 12);
    expect([runningLoss.length, runningAccuracy.length, divergedAt]).toEqual([41, 41, undefined]);
  });

  it('takes ranges and maxima over s ≥ eta/2, whatever stands at eta/100', () => {
    const probe = { logRange: 0.6, change: 8, beta: 30, curvature: 5 };
    const [point] = madeUpSeries({ probe: () => probe }).points;
    expect(point?.lossLow).toBe(1);
    expect(point?.lossHigh).toBeCloseTo(Math.exp(0.6), 12);
    expect([point?.changeLow, point?.changeHigh, point?.beta]).toEqual([1, 8, 30]);
    expect(point?.at('ray-beta', 1)).toBe(15);
    expect(point?.at('ray-beta', 0.01)).toBe(1e9);
    expect(point?.at('ray-curvature', 0.01)).toBe(5);
  });

  it('takes the slope over all s, eta/100 included', () => {
    const [point] = cellSeries(new Records(withValues({ 'ray-lipschitz@0.01': 77 }))).points;
    expect(point?.slope).toBe(77);
  });

  it.each([1000.5, 1e30, Number.POSITIVE_INFINITY, Number.NaN])('cuts a loss of %d off at 1000', (loss) => {
    const [point] = cellSeries(new Records(withValues({ 'ray-loss@4': loss }))).points;
    expect([point?.lossLow, point?.lossHigh]).toEqual([1, 1000]);
  });

  it.each([Number.POSITIVE_INFINITY, Number.NaN])('counts a norm or beta of %d as the largest finite one', (value) => {
    const records = withValues({ 'ray-gradient-change@2': value, 'ray-beta@0.5': value, 'ray-gradient-change@4': 7 });
    const [point] = cellSeries(new Records(records)).points;
    // Largest of the cell, eta/100 included, which holds 1e9 here.
    expect(point?.at('ray-gradient-change', 2)).toBe(1e9);
    expect(point?.beta).toBe(1e9);
    expect(point?.at('ray-gradient-change', 4)).toBe(7);
  });

  it('looks for the largest one in the whole cell, and in no other quantity', () => {
    const probe = (step: number): typeof dullProbe => ({ ...dullProbe, change: 1e10 * (step + 1) });
    const records = madeUpRecords({ ...dullCell, steps: 31, probe }).map((record) =>
      record.step === 10 && record.at === 4 && record.quantity === 'ray-gradient-change'
        ? { ...record, value: Number.POSITIVE_INFINITY }
        : record,
    );
    expect(cellSeries(new Records(records)).points.map(({ changeHigh }) => changeHigh)).toEqual([
      1e10, 31e10, 21e10, 31e10,
    ]);
  });

  it('makes nothing up for a curvature or a cosine that is not a number', () => {
    const records = withValues({ 'ray-curvature@1': Number.NaN, 'ray-cosine@1': Number.POSITIVE_INFINITY });
    const [point, next] = cellSeries(new Records(records)).points;
    expect([point?.at('ray-curvature', 1), point?.at('ray-cosine', 1)]).toEqual([Number.NaN, Number.NaN]);
    expect(next?.at('ray-curvature', 1)).toBe(1);
    expect(point?.at('ray-unheard-of', 1)).toBe(Number.NaN);
  });

  it('tells where a cell diverged', () => {
    const { divergedAt, points } = madeUpSeries({ divergedAt: 34 });
    expect(divergedAt).toBe(34);
    expect(points.at(-1)?.step).toBe(30);
  });
});
