import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, inLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { measure } from './measure.ts';
import type { WeightNormProtocol } from './protocol.ts';
import { salimans2016WeightNorm as study } from './study.ts';
import { weightNormGradients } from './theory.ts';

const small: WeightNormProtocol = {
  seeds: 1,
  cases: 4,
  examples: 7,
  inputs: 5,
  units: 3,
  steps: 25,
  learningRate: 0.4,
  width: 0.04,
  classes: 3,
  batchSize: 11,
};

describe('weightNormGradients()', () => {
  it('is the slope of a function of g v/‖v‖, by central differences', () => {
    const v = randomArray(4, 'v');
    const gain = -1.3;
    const loss = (w: Float64Array): number => w.reduce((sum, value, i) => sum + Math.sin(value + i) * (i + 1), 0);
    const at = (direction: Float64Array, length: number): number => {
      const norm = Math.hypot(...direction);
      return loss(direction.map((value) => (length * value) / norm));
    };
    const norm = Math.hypot(...v);
    const dw = v.map((value, i) => Math.cos((gain * value) / norm + i) * (i + 1));
    const { dg, dv } = weightNormGradients(v, gain, dw);
    // Central differences: h² = 1e-10 of truncation, 1e-16 / 1e-5 of rounding, on values of order ten.
    expect((at(v, gain + 1e-5) - at(v, gain - 1e-5)) / 2e-5).toBeCloseTo(dg, 8);
    dv.forEach((slope, i) => {
      const moved = (by: number): number =>
        at(
          v.map((value, j) => value + (i === j ? by : 0)),
          gain,
        );
      expect((moved(1e-5) - moved(-1e-5)) / 2e-5).toBeCloseTo(slope, 8);
    });
  });
});

describe('the measurement', () => {
  let records: readonly StepRecord[];
  const of = (quantity: string, layer?: string): number[] =>
    records.flatMap((record) =>
      record.quantity === quantity && (layer === undefined || record.layer === layer) ? [record.value] : [],
    );
  beforeAll(async () => {
    records = await inLaboratory((laboratory) => measure(laboratory, small, 6));
  });

  it('finds the gradients of the norm to be those of the formulas', () => {
    for (const quantity of ['gain-error', 'direction-error', 'orthogonality']) {
      expect(of(quantity), quantity).toHaveLength(4);
      expect(Math.max(...of(quantity)), quantity).toBeLessThan(1e-11);
    }
  });

  it('finds every layer normalised by its first batch', () => {
    for (const quantity of ['first-mean', 'first-variance']) {
      expect(of(quantity), quantity).toHaveLength(3);
      expect(Math.max(...of(quantity)), quantity).toBeLessThan(1e-12);
    }
  });

  it('follows the norms of three layers, which grow by far more than rounding, and learns', () => {
    for (const layer of ['dense1', 'dense2', 'dense3']) {
      const growth = of('growth', layer);
      expect(growth).toHaveLength(26);
      expect(growth[0]).toBe(1);
      growth.slice(1).forEach((value, t) => expect(value).toBeGreaterThan((growth[t] as number) + 1e-9));
      of('predicted-growth', layer).forEach((value, t) => expect(value).toBeCloseTo(growth[t] as number, 12));
      expect(of('growth-error', layer)).toHaveLength(25);
      expect(Math.max(...of('growth-error', layer), ...of('shrinkage', layer))).toBeLessThan(1e-14);
    }
    const losses = of('loss');
    expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] as number));
  });
});

describe('the decision', () => {
  const { decide } = study.plan({ budget: 'quick', set: { seeds: '1', steps: '1' } });
  const record = (quantity: string, value: number, step = 0): StepRecord => ({
    step,
    quantity,
    value,
    layer: 'dense1',
    definition: 'made up',
    mode: 'train',
  });
  const parts = {
    'gain-error': 'a',
    'direction-error': 'b',
    orthogonality: 'c',
    'growth-error': 'd',
    shrinkage: 'd',
    'first-mean': 'e',
    'first-variance': 'e',
  };
  const good = [
    ...Object.keys(parts).map((quantity) => record(quantity, 1e-15)),
    record('growth', 1),
    record('growth', 1.2, 1),
  ];

  it('is reproduced where everything holds', () => {
    const result = decide([cellOf(good)]);
    expect(result.verdict).toBe('reproduced');
    expect(result.sentence).toMatch(/^Reproduced: over 1 step .* grows 1.2 to 1.2 times/);
  });

  it.each(Object.entries(parts))('is not where %s is above its tolerance: part %s', (quantity, name) => {
    const tolerance = name === 'd' ? 1e-13 : 1e-8;
    const failing = (value: number): readonly string[] =>
      decide([cellOf([...good, record(quantity, value)])]).parts.flatMap((part) =>
        part.verdict === 'not-reproduced' ? [part.name] : [],
      );
    expect(failing(2 * tolerance)).toEqual([name]);
    expect(failing(Number.NaN)).toEqual([name]);
    expect(failing(tolerance / 2)).toEqual([]);
  });
});
