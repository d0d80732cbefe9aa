import { describe, expect, it } from 'vitest';
import { cellOf, measuredCells } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { arjovsky2017WeightClipping } from './study.ts';
import { clippedBound } from './theory.ts';

describe('clippedBound()', () => {
  it('is the slope of a network whose weights all sit at the clip, along the diagonal', () => {
    // f(x) = Σ over units of relu(…): each layer of equal positive weights multiplies Σx by c times its units.
    const [inputs, first, second, c] = [3, 5, 2, 0.1];
    const along = Math.sqrt(inputs);
    const slope = (c * along * along * first * c * second * c) / along;
    expect(clippedBound(c, { inputs, widths: [first, second] })).toBeCloseTo(slope, 14);
  });
});

describe('arjovsky2017/weight-clipping measures', () => {
  const sizes = { seeds: '1', inputs: '3', widths: '7,5', points: '9', walkSteps: '2', testSize: '200' };
  const run = async (changes: Readonly<Record<string, string>>): Promise<readonly (readonly StepRecord[])[]> => {
    const set = { ...sizes, clips: '0.01', steps: '40', every: '20', batchSize: '11', ...changes };
    const cells = await measuredCells(arjovsky2017WeightClipping.plan({ budget: 'quick', set }));
    return cells.map((cell) => cell.records());
  };
  const valuesOf = (records: readonly StepRecord[] | undefined, quantity: string): readonly number[] =>
    (records ?? []).flatMap((record) => (record.quantity === quantity ? [record.value] : []));

  it('weights at the clip, which binds, and slopes below the bound', async () => {
    const [clipped] = await run({ trainedClip: '0.02', learningRate: '0.01' });
    // Glorot's weights for such sizes reach ±0.7 and more, far beyond.
    expect(valuesOf(clipped, 'largest-weight')).toEqual([0.02, 0.02]);
    const [ratio = Number.NaN] = valuesOf(clipped, 'slope-over-bound');
    expect(ratio).toBeGreaterThan(0);
    expect(ratio).toBeLessThan(1);
  });

  it('an estimate that rises towards the distance, which a critic of slope 1 does not exceed', async () => {
    const [, spectral] = await run({ learningRate: '0.01', steps: '300', every: '100', testSize: '1000' });
    const estimates = valuesOf(spectral, 'critic-estimate');
    expect(estimates).toHaveLength(4);
    // Of a distance of 2; the standard error of 1000 examples of slope 1 is at most √(2/1000) = 0.045.
    expect(estimates.at(-1)).toBeGreaterThan(1);
    expect(estimates.at(-1)).toBeLessThan(2 + 3 * 0.045);
    expect(estimates.at(-1)).toBeGreaterThan(estimates[0] ?? Number.NaN);
  });
});

describe('arjovsky2017/weight-clipping decides', () => {
  const plan = arjovsky2017WeightClipping.plan({ budget: 'quick' });
  const protocol = { inputs: 5, widths: [37, 29] };
  const bound = clippedBound(0.01, protocol);
  const made = (values: Readonly<Record<string, number>>): readonly StepRecord[] =>
    Object.entries(values).map(([quantity, value]) => ({ step: 0, quantity, value, definition: '', mode: 'train' }));
  const verdicts = (clipped: Readonly<Record<string, number>>, spectral: Readonly<Record<string, number>>) => {
    const arms = [
      made({
        'slope-over-bound': 0.5,
        'trained-slope': bound / 2,
        'largest-weight': 0.01,
        'critic-estimate': 0.003,
        ...clipped,
      }),
      made({ 'critic-estimate': 1.9, 'estimate-error': 0.01, 'trained-slope': 0.9, ...spectral }),
    ];
    const cells = plan.jobs.map(({ cells: [cell] }) => cellOf(arms[cell?.arm === 'clipped' ? 0 : 1] ?? []));
    return plan.decide(cells).parts.map(({ verdict }) => verdict);
  };
  const all = ['reproduced', 'reproduced', 'reproduced'];

  it('reproduced where bounds, clip and distance hold', () => {
    expect(verdicts({}, {})).toEqual(all);
    expect(verdicts({}, { 'critic-estimate': 2.02 })).toEqual(all);
  });

  it.each([
    ['a slope beyond the bound before training', { 'slope-over-bound': 1.001 }, {}, 0],
    ['a slope beyond the bound after it', { 'trained-slope': bound * 1.001 }, {}, 0],
    ['a weight beyond the clip', { 'largest-weight': 0.0100001 }, {}, 1],
    ['an estimate above the distance by four standard errors', {}, { 'critic-estimate': 2.04 }, 2],
  ] as const)('not reproduced for %s', (_, clipped, spectral, part) => {
    expect(verdicts(clipped, spectral)).toEqual(all.with(part, 'not-reproduced'));
  });
});
