import { describe, expect, it } from 'vitest';
import { cellOf, inLaboratory } from '../../../test/studies.ts';
import { SettingError } from '../../errors.ts';
import type { StepRecord } from '../../records/record.ts';
import { allFed, evaluate } from '../../testing/evaluate.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { buildStep } from '../../train/step-graph.ts';
import { measure, type RateProtocol, scaleInvariant } from './measure.ts';
import { li2020ExponentialRate as study } from './study.ts';
import { exactRate, initialVelocity, quotedRate, shrinkage } from './theory.ts';

const small: RateProtocol = {
  seeds: 1,
  steps: 12,
  momenta: [0, 0.6],
  learningRates: [0.2, 0.3],
  judged: 2,
  weightDecay: 0.1,
  examples: 9,
  inputs: 5,
  units: [4, 3],
  classes: 2,
};

/** Of a loss that does not change with the scale of w: sin of twice the angle of a vector in the plane. */
function gradient([x, y]: readonly [number, number]): readonly [number, number] {
  const turn = (2 * Math.cos(2 * Math.atan2(y, x))) / (x * x + y * y);
  return [-y * turn, x * turn];
}

/** SGD in plain loops on that loss. */
function train(
  start: readonly [number, number],
  rate: (step: number) => number,
  { momentum, weightDecay, velocity }: { momentum: number; weightDecay: number; velocity: number },
): readonly [number, number] {
  let [x, y] = start;
  let [u, v] = [velocity * x, velocity * y];
  for (let step = 0; step < 30; step++) {
    const [dx, dy] = gradient([x, y]);
    u = momentum * u + dx + weightDecay * x;
    v = momentum * v + dy + weightDecay * y;
    x -= rate(step) * u;
    y -= rate(step) * v;
  }
  return [x, y];
}

describe('the rates', () => {
  it.each([
    { learningRate: 0.2, weightDecay: 0.05, momentum: 0 },
    { learningRate: 0.03, weightDecay: 0.05, momentum: 0.9 },
    { learningRate: 0.1, weightDecay: 0.3, momentum: 0.5 },
  ])('train a loss in the plane as weight decay does: %o', (training) => {
    const { learningRate, weightDecay, momentum } = training;
    const decayed = train([0.6, 0.7], () => learningRate, { momentum, weightDecay, velocity: 0 });
    const begin = { momentum, weightDecay: 0, velocity: initialVelocity(training) };
    const free = train([0.6, 0.7], (step) => exactRate(training, step), begin);
    const factor = shrinkage(training) ** 30;
    expect(free[0] * factor).toBeCloseTo(decayed[0], 11);
    expect(free[1] * factor).toBeCloseTo(decayed[1], 11);
    const quoted = train([0.6, 0.7], (step) => quotedRate(training, step), begin);
    expect(Math.abs(quoted[1] * factor - decayed[1])).toBeGreaterThan(1e-4);
  });

  it('are η (1 − ηλ)^−(2t+1) without momentum', () => {
    const training = { learningRate: 0.5, weightDecay: 0.2, momentum: 0 };
    expect(shrinkage(training)).toBeCloseTo(0.9, 15);
    expect(exactRate(training, 0)).toBeCloseTo(0.5 / 0.9, 14);
    expect(exactRate(training, 3)).toBeCloseTo(0.5 / 0.9 ** 7, 14);
    expect(quotedRate(training, 3)).toBeCloseTo(0.5 / 0.9 ** 6, 14);
  });

  it('do not exist where the roots are complex, or without decay', () => {
    expect(() => shrinkage({ learningRate: 0.1, weightDecay: 0.05, momentum: 0.9 })).toThrow(SettingError);
    expect(() => shrinkage({ learningRate: 0.1, weightDecay: 0, momentum: 0 })).toThrow(/must lie in \(0, 1\]/);
  });
});

describe('the network', () => {
  it('computes the same with its weights scaled, and has gradients that are divided by the factor', async () => {
    const graph = buildStep('step', scaleInvariant(small), small.examples, sgd());
    const feeds = {
      x: randomArray(45, 'x'),
      labels: Int32Array.from({ length: 9 }, (_, n) => n % 2),
      head: randomArray(6, 'head'),
      learningRate: Float64Array.of(1),
    };
    const weights = { 'layer1/weight': randomArray(20, 'first'), 'layer2/weight': randomArray(12, 'second') };
    const scaled = Object.fromEntries(Object.entries(weights).map(([name, data]) => [name, data.map((w) => 4 * w)]));
    const [plain, four] = await Promise.all(
      [weights, scaled].map((fed) => evaluate(allFed(graph), { ...feeds, ...fed })),
    );
    expect(Number(four?.['loss']?.[0])).toBeCloseTo(Number(plain?.['loss']?.[0]), 13);
    for (const [name, data] of Object.entries(weights)) {
      data.forEach((w, i) => {
        const moved = w - Number(plain?.[name]?.[i]);
        expect(4 * (4 * w - Number(four?.[name]?.[i]))).toBeCloseTo(moved, 12);
      });
    }
  });
});

describe('the measurement', () => {
  it('finds rounding at the exact rates, and more than that at others', async () => {
    const records = await inLaboratory((laboratory) => measure(laboratory, small, 5));
    const largest = (layer: string, at: number): number =>
      Math.max(
        ...records.flatMap((record) =>
          record.quantity === 'logits-error' && record.layer === layer && record.at === at ? [record.value] : [],
        ),
      );
    for (const at of small.learningRates) {
      // Twelve steps of a few hundred operations, each rounded at 1e-16, on numbers that training makes diverge.
      expect(largest('exact', at)).toBeLessThan(1e-11);
      expect(largest('quoted-rescaled', at)).toBeLessThan(1e-11);
      expect(largest('twin', at)).toBeLessThan(1e-11);
      expect(largest('twin', at)).toBeGreaterThan(0);
      expect(largest('quoted', at)).toBeGreaterThan(1e-4);
      expect(largest('constant', at)).toBeGreaterThan(1e-3);
    }
    const ends = records.filter(({ quantity }) => quantity === 'weight-error');
    expect(ends.map(({ layer, step }) => [layer, step])).toEqual(
      [0, 1].flatMap(() => [1, 2].map((layer) => [`layer${layer}/weight`, 12])),
    );
    for (const { value } of ends) expect(value).toBeLessThan(1e-11);
  });

  it('turns weights by what their norms say: without momentum the gradient is orthogonal to them', async () => {
    const records = await inLaboratory((laboratory) => measure(laboratory, small, 5));
    const of = (quantity: string): number[] =>
      records.flatMap((record) =>
        record.quantity === quantity && record.layer === 'layer1' && record.at === 0.2 ? [record.value] : [],
      );
    // w' = (1 − ηλ) w − ηg with g ⊥ w: ‖w'‖ cos(angle) = (1 − ηλ) ‖w‖, and ‖w‖² is η over the effective rate.
    const rates = of('effective-rate');
    const cosines = of('angle').slice(0, -1).map(Math.cos);
    expect(cosines).toHaveLength(small.steps - 1);
    cosines.forEach((cosine, t) => {
      expect(cosine).toBeCloseTo((1 - 0.02) * Math.sqrt((rates[t + 1] ?? 0) / (rates[t] ?? 1)), 12);
    });
  });
});

describe('the decision', () => {
  const plan = study.plan({ budget: 'quick', set: { seeds: '1' } });
  const record = (quantity: string, layer: string, at: number, value: number): StepRecord => ({
    step: 0,
    quantity,
    layer,
    at,
    value,
    definition: 'made up',
    mode: 'frozen',
  });
  const good = [0.05, 0.02].flatMap((at) => [
    record('logits-error', 'twin', at, 1e-9),
    record('logits-error', 'exact', at, 1e-9),
    record('logits-error', 'quoted-rescaled', at, 1e-9),
    record('logits-error', 'quoted', at, 0.5),
    record('logits-error', 'constant', at, 0.7),
    record('weight-error', 'layer1/weight', at, 1e-9),
  ]);
  const verdicts = (records: readonly StepRecord[]) => {
    const result = plan.decide([cellOf(records)]);
    return [result.verdict, ...result.parts.map(({ verdict }) => verdict)];
  };

  it('is reproduced where all that must agree does, whatever the other rates do', () => {
    expect(verdicts(good)).toEqual(Array.from({ length: 5 }, () => 'reproduced'));
    expect(plan.decide([cellOf(good)]).parts.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each([
    ['exact', 0.05, 1],
    ['exact', 0.02, 2],
    ['layer1/weight', 0.02, 3],
    ['quoted-rescaled', 0.05, 4],
  ])('is not where %s at rate %d is off by more than the tolerance', (layer, at, place) => {
    const words = verdicts(
      good.map((record) => (record.layer === layer && record.at === at ? { ...record, value: 2e-4 } : record)),
    );
    expect(words.flatMap((word, i) => (word === 'not-reproduced' ? [i] : []))).toEqual([0, place]);
  });

  it('fails its precondition where rounding alone makes a twin drift off, but not at a rate that is only reported', () => {
    expect(verdicts([...good, record('logits-error', 'twin', 0.02, 2e-4)])).toEqual([
      'precondition-failed',
      'reproduced',
      ...Array.from({ length: 3 }, () => 'precondition-failed'),
    ]);
    const reported = ['twin', 'exact'].map((layer) => record('logits-error', layer, 0.2, 1));
    expect(verdicts([...good, ...reported])[0]).toBe('reproduced');
  });

  it('is not where a number is missing or not finite', () => {
    expect(verdicts([])[0]).toBe('not-reproduced');
    expect(verdicts([...good, record('logits-error', 'exact', 0.05, Number.NaN)])[0]).toBe('not-reproduced');
  });
});
