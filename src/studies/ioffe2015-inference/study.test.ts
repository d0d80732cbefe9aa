import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, inLaboratory } from '../../../test/studies.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import type { StepRecord } from '../../records/record.ts';
import { measure } from './measure.ts';
import { batchesWithoutReplacement, batchesWithReplacement, gather, momentsOf } from './population.ts';
import { ioffe2015Inference } from './study.ts';

describe('populations', () => {
  const two = { size: 3, count: 2, values: Float64Array.of(1, 10, 2, 10, 6, 40) };

  it('have moments with either divisor', () => {
    // 1, 2, 6: mean 3, squares 4 + 1 + 9; 10, 10, 40: mean 20, squares 100 + 100 + 400.
    expect(momentsOf(two)).toEqual([
      { mean: 3, biased: 14 / 3, unbiased: 7 },
      { mean: 20, biased: 200, unbiased: 300 },
    ]);
  });

  it('give the rows of a batch', () => {
    expect(gather(two, [2, 0, 2])).toEqual(Float64Array.of(6, 40, 1, 10, 6, 40));
  });

  it('have n!/(m! (n − m)!) batches without replacement, and nᵐ with', () => {
    expect(batchesWithoutReplacement(4, 2).map(String)).toEqual(['0,1', '0,2', '0,3', '1,2', '1,3', '2,3']);
    expect(batchesWithReplacement(2, 2).map(String)).toEqual(['0,0', '0,1', '1,0', '1,1']);
    expect(new Set(batchesWithoutReplacement(8, 3).map(String)).size).toBe(56);
    expect(new Set(batchesWithReplacement(5, 3).map(String)).size).toBe(125);
  });
});

const protocol = {
  populations: 40,
  populationSize: 5,
  batchSize: 2,
  epsilons: [0, 0.1],
  momentum: 0.3,
  batches: 60,
};
const set = { populations: '40', populationSize: '5', batchSize: '2', momentum: '0.3', batches: '60' };
const decide = (records: readonly StepRecord[]) =>
  ioffe2015Inference.plan({ budget: 'quick', set }).decide([cellOf(records)]);

describe('ioffe2015/inference', () => {
  let records: readonly StepRecord[];
  beforeAll(async () => {
    records = await inLaboratory((laboratory) => measure(laboratory, protocol, 1));
  });

  it('finds the corrected variance unbiased, and the uncorrected one short', () => {
    const { verdict, parts } = decide(records);
    expect(verdict).toBe('reproduced');
    expect(parts.map(({ cases }) => cases?.count)).toEqual([80, 40, 40, 80, 80, 2, 2]);
  });

  it('follows both averages as theory has it', () => {
    const [figure] = decide(records).figures;
    const marks = figure?.view === undefined ? (figure?.marks ?? []) : [];
    const curves = marks.flatMap((mark) => (mark.mark === 'line' ? [mark.y] : []));
    const [plain = [], running = [], plainTheory = [], runningTheory = []] = curves;
    expect(plain).toHaveLength(60);
    // A root mean square over 40 populations scatters by 1/√80, or 11 %, and more for skewed squares.
    for (const t of [0, 9, 59]) {
      expect(Math.abs(Math.log((plain[t] ?? 0) / (plainTheory[t] ?? 0)))).toBeLessThan(0.5);
      expect(Math.abs(Math.log((running[t] ?? 0) / (runningTheory[t] ?? 0)))).toBeLessThan(0.5);
    }
    expect(plain[59]).toBeLessThan((running[59] ?? 0) / 2);
  });

  it('notices a running variance that is kept without its correction', async () => {
    const biased = (laboratory: Laboratory): Laboratory => ({
      ...laboratory,
      run: async (graph, feeds) => {
        const outputs = await laboratory.run(graph, feeds);
        const variance = outputs['variance'];
        return { ...outputs, ...(variance && { 'norm/runningVariance': variance }) };
      },
    });
    const { verdict, parts, sentence } = decide(
      await inLaboratory((laboratory) => measure(biased(laboratory), protocol, 1)),
    );
    expect(verdict).toBe('not-reproduced');
    expect(parts.filter((part) => part.verdict !== 'reproduced').map(({ name }) => name)).toEqual(['e', 'g']);
    expect(sentence).toBe('Not reproduced: (e), (g) do not hold.');
  });

  it('does not reproduce what was not measured', () => {
    expect(decide([]).verdict).toBe('not-reproduced');
  });
});
