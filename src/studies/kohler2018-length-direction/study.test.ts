import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, inLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { geometric, uncorrelatedInputs } from '../uncorrelated-inputs.ts';
import { type LengthDirectionProtocol, measure } from './measure.ts';
import { kohler2018LengthDirection as study } from './study.ts';
import { adaptiveStep, bestLength, effectiveWeight, leastSquares, secondMoments } from './theory.ts';

const small: LengthDirectionProtocol = {
  cases: 4,
  examples: 9,
  inputs: 4,
  units: 3,
  problems: 3,
  steps: 12,
  condition: 5,
};

describe('the theory', () => {
  const x = uncorrelatedInputs(9, geometric(1, 5, 4), { seed: 2, name: 'test' });
  const t = randomArray(9, 't');
  const w = randomArray(4, 'w');
  const task = leastSquares(x, t, 4);
  const dot = (n: number, weight: Float64Array): number =>
    weight.reduce((sum, value, i) => sum + value * (x[4 * n + i] as number), 0);
  const loss = (weight: Float64Array): number =>
    t.reduce((sum, value, n) => sum + (value - dot(n, weight)) ** 2 / 18, 0);

  it('gives the effective weight outputs of the variance gamma²', () => {
    const weight = effectiveWeight(w, 1.7, secondMoments(x, 4, true));
    const square = [0, 1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, n) => sum + dot(n, weight) ** 2 / 9, 0);
    expect(square).toBeCloseTo(1.7 ** 2, 13);
  });

  it('has the covariance of shifted inputs, and their second moments with the shift', () => {
    const shifted = x.map((value, at) => value + (at % 4));
    secondMoments(shifted, 4, true).forEach((row, i) =>
      row.forEach((value, j) => expect(value).toBeCloseTo(i === j ? 5 ** (i / 3) : 0, 12)),
    );
    secondMoments(shifted, 4, false).forEach((row, i) =>
      row.forEach((value, j) => expect(value).toBeCloseTo((i === j ? 5 ** (i / 3) : 0) + i * j, 12)),
    );
  });

  it('finds the best length of a direction, what is left, and its slope', () => {
    const best = bestLength(task, w);
    const at = (gamma: number, direction = w): number => loss(effectiveWeight(direction, gamma, task.moments));
    expect(at(best.gamma)).toBeCloseTo(best.loss, 13);
    expect(at(best.gamma + 1e-3) - best.loss).toBeCloseTo(0.5e-6, 12);
    expect(at(best.gamma - 1e-3) - best.loss).toBeCloseTo(0.5e-6, 12);
    best.gradient.forEach((slope, i) => {
      const moved = (by: number): number =>
        bestLength(
          task,
          w.map((value, j) => value + (i === j ? by : 0)),
        ).loss;
      // Central differences: h² = 1e-10 of truncation, 1e-16 / 1e-5 of rounding.
      expect((moved(1e-5) - moved(-1e-5)) / 2e-5).toBeCloseTo(slope, 8);
    });
  });

  it('steps to w − S(w − c w*)/L', () => {
    const eigenvalues = geometric(1, 5, 4);
    const { gradient } = bestLength(task, w);
    const rate = adaptiveStep(task, w, 5);
    const square = eigenvalues.reduce((sum, value, i) => sum + value * (w[i] as number) ** 2, 0);
    const c = square / task.correlation.reduce((sum, value, i) => sum + value * (w[i] as number), 0);
    gradient.forEach((slope, i) => {
      const residual = (eigenvalues[i] as number) * (w[i] as number) - c * (task.correlation[i] as number);
      expect((w[i] as number) - rate * slope).toBeCloseTo((w[i] as number) - residual / 5, 12);
    });
  });
});

describe('the measurement', () => {
  let records: readonly StepRecord[];
  const of = (quantity: string): number[] =>
    records.flatMap((record) => (record.quantity === quantity ? [record.value] : []));
  beforeAll(async () => {
    records = await inLaboratory((laboratory) => measure(laboratory, small, 4));
  });

  it('finds what must agree to agree, and the wrong S and the gradients of inputs not to', () => {
    for (const quantity of [
      'centred-error',
      'covariance-error',
      'orthogonality',
      'weight-norm-output-error',
      'weight-norm-weight-error',
      'weight-norm-gamma-error',
    ]) {
      expect(of(quantity), quantity).toHaveLength(4);
      expect(Math.max(...of(quantity)), quantity).toBeLessThan(1e-11);
    }
    expect(Math.min(...of('moment-error'))).toBeGreaterThan(0.01);
    expect(Math.min(...of('weight-norm-input-error'))).toBeGreaterThan(0.01);
    for (const quantity of ['rayleigh-error', 'length-error', 'rayleigh-gradient-error']) {
      expect(of(quantity), quantity).toHaveLength(3);
      expect(Math.max(...of(quantity)), quantity).toBeLessThan(1e-11);
    }
  });

  it('descends as fast as the bound says, or faster', () => {
    for (const problem of [0, 1, 2]) {
      const course = records.flatMap(({ quantity, at, value }) =>
        quantity === 'suboptimality' && at === problem ? [value] : [],
      );
      expect(course).toHaveLength(13);
      expect(course[0]).toBe(1);
      course.slice(1).forEach((value, t) => expect(value).toBeLessThan(0.64 * (course[t] as number) + 1e-13));
      expect(course.at(-1)).toBeGreaterThan(-1e-13);
    }
  });
});

describe('the decision', () => {
  const { decide } = study.plan({ budget: 'quick', set: { problems: '1', steps: '2' } });
  const record = (quantity: string, value: number, step = 0): StepRecord => ({
    step,
    quantity,
    value,
    at: 0,
    definition: 'made up',
    mode: 'frozen',
  });
  const identities = [
    'centred-error',
    'covariance-error',
    'orthogonality',
    'weight-norm-output-error',
    'weight-norm-weight-error',
    'weight-norm-gamma-error',
    'rayleigh-error',
    'length-error',
    'rayleigh-gradient-error',
  ];
  const good = [
    ...identities.map((quantity) => record(quantity, 1e-12)),
    record('moment-error', 0.5),
    record('weight-norm-input-error', 0.5),
    ...[1, 0.8, 0.5].map((value, step) => record('suboptimality', value, step)),
  ];
  const failing = (records: readonly StepRecord[]): readonly string[] =>
    decide([cellOf(records)]).parts.flatMap(({ name, verdict }) => (verdict === 'not-reproduced' ? [name] : []));

  it('is reproduced where every identity holds and every step keeps the bound', () => {
    expect(decide([cellOf(good)]).verdict).toBe('reproduced');
  });

  it.each(identities.map((quantity) => [quantity, 'abcdddeee'.charAt(identities.indexOf(quantity))] as const))(
    'is not where %s is above the tolerance: part %s',
    (quantity, part) => {
      expect(failing([...good, record(quantity, 1e-7)])).toEqual([part]);
    },
  );

  it('is not where a step shrinks less than (1 − μ/L)², unless next to nothing is left', () => {
    const courses = (...values: number[]): readonly StepRecord[] => [
      ...good.filter(({ quantity }) => quantity !== 'suboptimality'),
      ...values.map((value, step) => record('suboptimality', value, step)),
    ];
    expect(failing(courses(1, 0.82))).toEqual(['f']);
    expect(failing(courses(1, 0.8, 1e-7, 1e-7))).toEqual([]);
    expect(failing(courses())).toEqual(['f']);
  });
});
