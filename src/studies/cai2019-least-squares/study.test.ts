import { describe, expect, it } from 'vitest';
import { cellOf, inLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { allFed, evaluate } from '../../testing/evaluate.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { buildStep } from '../../train/step-graph.ts';
import { geometric, uncorrelatedInputs } from '../uncorrelated-inputs.ts';
import { descentOf, leastSquares, type LeastSquaresProtocol, measure } from './measure.ts';
import { cai2019LeastSquares as study } from './study.ts';
import { effectiveCondition, stabilityLimit } from './theory.ts';

const small: LeastSquaresProtocol = {
  seeds: 1,
  steps: 400,
  learningRates: [0.05, 0.5, 20],
  gammaRate: 0.5,
  inputs: 4,
  examples: 7,
  condition: 10,
};

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0);

describe('the step', () => {
  it('is the recursion of the paper on the population, and plain gradient descent', async () => {
    const eigenvalues = geometric(1, 10, 4);
    const x = uncorrelatedInputs(7, eigenvalues, { seed: 1, name: 'test' });
    const u = [0.3, -0.8, 0.5, 0.2];
    const y = Float64Array.from({ length: 7 }, (_, n) => dot(u, [...x.subarray(4 * n, 4 * n + 4)]));
    const w = randomArray(12, 'w');
    const gamma = [0.7, -0.4, 1.3];
    const { learningRates } = small;
    const fed = { x, y, w, learningRate: Float64Array.of(1) };
    const step = (norm: 'batch' | 'none') => {
      const { batchSize, optimiser } = descentOf(norm, small);
      return allFed(buildStep('step', leastSquares(norm, small), batchSize, optimiser));
    };
    const batch = await evaluate(step('batch'), { ...fed, 'norm/gamma': Float64Array.from(gamma) });
    const plain = await evaluate(step('none'), fed);
    // H = diag(λ) and g = H u: a ← a + ε_a (wᵀg/σ − a), w ← w + ε (a/σ)(g − (wᵀg/σ²) H w), and w ← w + ε (g − H w).
    learningRates.forEach((rate, unit) => {
      const column = [0, 1, 2, 3].map((i) => w[3 * i + unit] as number);
      const target = eigenvalues.map((value, i) => value * (u[i] as number));
      const stretched = eigenvalues.map((value, i) => value * (column[i] as number));
      const sigma = Math.sqrt(dot(column, stretched));
      const a = gamma[unit] as number;
      const overlap = dot(column, target);
      const loss = 0.5 * (dot(u, target) - (2 * a * overlap) / sigma + a * a);
      expect(Number(batch['losses']?.[unit])).toBeCloseTo(loss, 12);
      expect(Number(batch['norm/gamma']?.[unit])).toBeCloseTo(a + 0.5 * (overlap / sigma - a), 12);
      column.forEach((value, i) => {
        const pull = (target[i] as number) - (overlap / sigma ** 2) * (stretched[i] as number);
        expect(Number(batch['w']?.[3 * i + unit])).toBeCloseTo(value + ((rate * a) / sigma) * pull, 10);
        const descent = (target[i] as number) - (stretched[i] as number);
        expect(Number(plain['w']?.[3 * i + unit])).toBeCloseTo(value + rate * descent, 10);
      });
    });
  });
});

describe('effectiveCondition()', () => {
  it('is 1 in two dimensions, whatever the spectrum', () => {
    expect(effectiveCondition([1, 1000], [0.3, -2])).toBeCloseTo(1, 12);
  });

  it('is that of H*, whose eigenvalues in three dimensions solve a quadratic', () => {
    const [eigenvalues, u] = [[1, 3, 20] as const, [0.5, -0.7, 0.2] as const];
    const g = eigenvalues.map((value, i) => value * (u[i] ?? 0));
    const matrix = eigenvalues.map((value, i) =>
      eigenvalues.map((_, j) => (i === j ? value : 0) - ((g[i] ?? 0) * (g[j] ?? 0)) / dot(u, g)),
    );
    // One eigenvalue is 0: the others have the sum of the trace and the product of the second invariant.
    const entry = (i: number, j: number): number => matrix[i]?.[j] ?? 0;
    const trace = entry(0, 0) + entry(1, 1) + entry(2, 2);
    const second = [
      [0, 1],
      [0, 2],
      [1, 2],
    ].reduce((sum, [i = 0, j = 0]) => sum + entry(i, i) * entry(j, j) - entry(i, j) ** 2, 0);
    const root = Math.sqrt(trace ** 2 - 4 * second);
    expect(effectiveCondition(eigenvalues, u)).toBeCloseTo((trace + root) / (trace - root), 10);
  });
});

describe('the measurement', () => {
  it('finds every rate to converge with batch norm, and without it those below 2/λ_max', async () => {
    const records = await inLaboratory((laboratory) => measure(laboratory, small, 2));
    const ends = (arm: string): number[] =>
      records.flatMap(({ quantity, layer, step, value }) =>
        quantity === 'residual' && layer === arm && step === small.steps ? [value] : [],
      );
    expect(stabilityLimit(geometric(1, 10, 4))).toBeCloseTo(0.2, 14);
    expect(ends('batch').map((value) => value < 1e-3)).toEqual([true, true, true]);
    const [below = 1, ...above] = ends('none');
    // The slowest part shrinks by 1 − 0.05 a step, and counts squared.
    expect(below).toBeLessThan(1e-15);
    expect(above.map((value) => value < 1e3)).toEqual([false, false]);
  });

  it('starts at 1 and says when a run gets to a thousandth', async () => {
    const records = await inLaboratory((laboratory) => measure(laboratory, small, 2));
    const at = (quantity: string) =>
      records.filter((record) => record.quantity === quantity && record.layer === 'batch');
    for (const record of at('residual').filter(({ step }) => step === 0)) expect(record.value).toBe(1);
    const steps = at('steps-to-converge');
    expect(steps).toHaveLength(3);
    for (const { value, at: rate } of steps) {
      const seen = at('residual').filter((record) => record.at === rate);
      expect(seen.filter(({ step }) => step < value).every((record) => record.value > 1e-3)).toBe(true);
      expect(seen.find(({ step }) => step >= value)?.value).toBeLessThan(1e-3);
    }
  });
});

describe('the decision', () => {
  const record = (layer: string, at: number, value: number, step = 5000): StepRecord => ({
    step,
    quantity: 'residual',
    layer,
    at,
    value,
    definition: 'made up',
    mode: 'frozen',
  });
  const verdicts = (records: readonly StepRecord[], set: Record<string, string> = {}) => {
    const { decide } = study.plan({ budget: 'quick', set: { seeds: '1', learningRates: '0.001,0.1,10', ...set } });
    const { verdict, parts } = decide([cellOf(records)]);
    return [verdict, ...parts.map((part) => part.verdict)];
  };
  const good = [
    ...[0.001, 0.1, 10].flatMap((rate) => [record('batch', rate, 5, 10), record('batch', rate, 1e-4)]),
    record('none', 0.001, 1e-9),
    record('none', 0.1, 1e200),
    record('none', 10, Number.NaN),
  ];

  it('is reproduced where batch norm converges at every rate and plain descent diverges beyond the limit', () => {
    expect(verdicts(good)).toEqual(['reproduced', 'reproduced', 'reproduced']);
  });

  it.each([2e-3, Number.NaN, Number.POSITIVE_INFINITY])('is not where one run with batch norm ends at %d', (value) => {
    expect(verdicts([...good, record('batch', 10, value)])).toEqual(['not-reproduced', 'not-reproduced', 'reproduced']);
  });

  it('is not where plain descent stays bounded beyond the limit', () => {
    expect(verdicts([...good, record('none', 0.1, 10)])).toEqual(['not-reproduced', 'reproduced', 'not-reproduced']);
  });

  it('cannot tell where rates reach less than three decades beyond the limit', () => {
    expect(verdicts(good, { learningRates: '0.001,0.1,1' })[1]).toBe('inconclusive');
  });
});
