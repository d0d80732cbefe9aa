import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, measuredCells } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawStream } from '../draws.ts';
import { allBatches, batchNoise, bernoulliNoise, distances, samplings } from './noise.ts';
import { bjorck2018SgdNoise } from './study.ts';

const set = { examples: '10', image: '3', sizes: '2,5', rates: '0.1,1', size: '3', draws: '300', listed: '4' };
const plan = bjorck2018SgdNoise.plan({ budget: 'quick', set });

const gradients = Array.from({ length: 5 }, (_, step) => drawNormal(3, { seed: 1, step, name: 'test' }));

describe('distances(), batchNoise()', () => {
  it('are ‖mean of the batch − mean of all‖² times alpha², C for batches of one', () => {
    const population = distances(gradients);
    const batch = [4, 0, 0, 2];
    let noise = 0;
    let single = 0;
    for (let k = 0; k < 3; k++) {
      const full = gradients.reduce((sum, gradient) => sum + (gradient[k] ?? 0), 0) / 5;
      const part = batch.reduce((sum, i) => sum + (gradients[i]?.[k] ?? 0), 0) / 4;
      noise += (0.3 * part - 0.3 * full) ** 2;
      for (const gradient of gradients) single += ((gradient[k] ?? 0) - full) ** 2 / 5;
    }
    expect(batchNoise(population, batch, 0.3)).toBeCloseTo(noise, 14);
    expect(population.noise).toBeCloseTo(single, 14);
  });

  it('refuse a batch of strangers', () => {
    expect(() => batchNoise(distances(gradients), [5], 1)).toThrow(RangeError);
  });
});

describe('allBatches()', () => {
  it('lists n^b tuples, or n over b sets', () => {
    expect(allBatches(5, 3, 'with replacement')).toHaveLength(125);
    const sets = allBatches(5, 3, 'without replacement');
    expect(new Set(sets.map((batch) => [...new Set(batch)].toSorted((a, b) => a - b).join()))).toHaveLength(10);
  });
});

describe('bernoulliNoise()', () => {
  it('is p(1 − p) Σ‖d‖² / b², by independence', () => {
    const population = distances(gradients);
    const probability = 2 / 5;
    const expected = (probability * (1 - probability) * 5 * population.noise) / 2 ** 2;
    expect(bernoulliNoise(population, probability)).toBeCloseTo(expected, 12);
  });
});

describe('samplings', () => {
  it('draw every example about as often as any other, without replacement never twice', () => {
    const counts = { 'with replacement': new Float64Array(7), 'without replacement': new Float64Array(7) };
    for (const sampling of ['with replacement', 'without replacement'] as const) {
      const stream = drawStream({ seed: 2, name: 'test' });
      for (let draw = 0; draw < 7000; draw++) {
        const batch = Array.from(samplings[sampling].draw(stream, 7, 3));
        expect(new Set(batch).size).toBeGreaterThanOrEqual(sampling === 'without replacement' ? 3 : 1);
        for (const i of batch) counts[sampling][i] = (counts[sampling][i] ?? 0) + 1;
      }
      // 3000 each; a binomial count strays by less than five of its standard deviations, √3000.
      for (const count of counts[sampling]) expect(Math.abs(count - 3000)).toBeLessThan(275);
    }
  });
});

describe('bjorck2018/sgd-noise', () => {
  let records: readonly StepRecord[];
  beforeAll(async () => {
    records = (await measuredCells(plan)).flatMap((cell) => cell.records());
  });
  const verdicts = (changed: (record: StepRecord) => number): readonly string[] =>
    plan
      .decide([cellOf(records.map((record) => ({ ...record, value: changed(record) })))])
      .parts.map(({ verdict }) => verdict);
  const allBut = (failing: string): readonly string[] =>
    ['a', 'b', 'c', 'd', 'e'].map((name) => (failing.includes(name) ? 'not-reproduced' : 'reproduced'));

  it('holds on a small network', () => {
    expect(verdicts(({ value }) => value)).toEqual(allBut(''));
  });

  it('finds that batch norm couples the examples of a batch', () => {
    expect(records.find(({ quantity }) => quantity === 'coupling')?.value).toBeGreaterThan(1e-3);
  });

  it('would notice a bound without its |B|', () => {
    const changed = ({ quantity, value, at = 1 }: StepRecord): number =>
      quantity === 'noise-by-size' ? value * at : value;
    expect(verdicts(changed)).toEqual(allBut('abc'));
  });

  it('would notice noise that grows as alpha', () => {
    const changed = ({ quantity, value, at = 1 }: StepRecord): number =>
      quantity === 'noise-by-rate' ? value / at : value;
    expect(verdicts(changed)).toEqual(allBut('c'));
  });

  it('would notice (N − |B|)/N in place of (N − |B|)/(N − 1)', () => {
    const wrong = ({ quantity, layer, value }: StepRecord): number =>
      quantity === 'listing-error' && layer === 'without replacement' ? 1 / 4 : value;
    expect(verdicts(wrong)).toEqual(allBut('d'));
    const population = distances(gradients);
    const noises = allBatches(5, 2, 'without replacement').map((batch) => batchNoise(population, batch, 1));
    const mean = noises.reduce((a, b) => a + b, 0) / noises.length;
    expect(mean).toBeCloseTo((population.noise / 2) * (3 / 4), 13);
  });

  it('would notice gradients that do not add up', () => {
    expect(verdicts(({ quantity, value }) => (quantity === 'separability-error' ? 1e-7 : value))).toEqual(allBut('e'));
  });
});
