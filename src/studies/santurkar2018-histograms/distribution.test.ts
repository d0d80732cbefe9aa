import { describe, expect, it } from 'vitest';
import { createStream } from '../../math/random.ts';
import { countBetween, evenEdges } from '../histogram.ts';
import { distanceToGaussian, momentsOf, moves, transport } from './distribution.ts';

/** Draws in bins that cover all of them. */
function drawn(
  fill: (values: Float32Array) => void,
  bins = 65,
): { edges: readonly number[]; counts: readonly number[] } {
  const values = new Float32Array(20_000);
  fill(values);
  const limit = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const edges = evenEdges(-limit, limit, bins);
  return { edges, counts: countBetween([...values], edges) };
}

const stream = () => createStream({ seed: 7, purpose: 'probe' });
const normal = (mean: number, deviation: number) => drawn((values) => stream().fillNormal(values, mean, deviation));

describe('momentsOf()', () => {
  it('are those of the middles of the bins', () => {
    expect(momentsOf({ edges: [0, 2, 4, 8], counts: [1, 0, 1] })).toEqual({ mean: 3.5, variance: 6.25 });
  });
});

describe('distanceToGaussian()', () => {
  it('is small for draws of a Gaussian, wherever it lies and however wide it is', () => {
    // Half the mean deviation of the counts of 65 bins of 20,000 draws is 0.015, and bins of 0.12 σ widen it little.
    for (const [mean, deviation] of [
      [0, 1],
      [3, 0.5],
    ] as const) {
      expect(distanceToGaussian(normal(mean, deviation))).toBeLessThan(0.03);
    }
  });

  it('is that of a uniform distribution, in closed form, and 1 for a point', () => {
    // ½ ∫ |u − φ| over u on ±√3: φ is above 1/(2√3) within ±0.8038, and has P(|z| > √3) beyond.
    const [inside, all] = [2 * (0.78924 - 0.5), 2 * (0.95837 - 0.5)];
    const share = 0.8038 / Math.sqrt(3);
    const expected = (inside - share + (1 - share - (all - inside)) + (1 - all)) / 2;
    const uniform = { edges: evenEdges(-1, 1, 400), counts: Array.from({ length: 400 }, () => 5) };
    expect(distanceToGaussian(uniform)).toBeCloseTo(expected, 2);
    expect(distanceToGaussian({ edges: [-1, 1, 3], counts: [0, 4] })).toBeGreaterThanOrEqual(1);
  });

  it('is larger for a mixture of scales than for either of them', () => {
    const mixture = drawn((values) => {
      stream().fillNormal(values, 0, 1);
      for (let i = 0; i < values.length; i += 2) values[i] = (values[i] ?? 0) / 5;
    });
    expect(distanceToGaussian(mixture)).toBeGreaterThan(0.15);
  });
});

describe('transport()', () => {
  it('is how far a distribution was shifted, and what it was stretched by', () => {
    const box = { edges: [0, 1, 2], counts: [3, 3] };
    expect(transport(box, { edges: [5, 6, 7], counts: [1, 1] })).toBeCloseTo(5, 12);
    expect(transport(box, box)).toBe(0);
    // U(−1, 1) and U(−2, 2): ∫ |F₁ − F₂| = 2 · ∫₀¹ q/2 … = E|U(−1, 1)| = 1/2.
    expect(transport({ edges: [-1, 1], counts: [1] }, { edges: [-2, 0, 2], counts: [4, 4] })).toBeCloseTo(0.5, 12);
  });

  it('is symmetric, and agrees with sorted draws', () => {
    const [one, other] = [normal(0, 1), normal(0.3, 2)];
    expect(transport(one, other)).toBeCloseTo(transport(other, one), 12);
    // The same draws, scaled and shifted: sorted pairs are z and 0.3 + 2z, and E|0.3 + z| = 0.8338 for a normal z.
    expect(Math.abs(transport(one, other) / 0.8338 - 1)).toBeLessThan(0.02);
  });
});

describe('moves()', () => {
  it('are distances between neighbours in their common standard deviation, whatever the unit', () => {
    const box = (from: number, unit: number) => ({
      edges: [from, from + 1, from + 2].map((edge) => edge * unit),
      counts: [1, 1],
    });
    // Of values at the middles ½ and 1½: variance ¼.
    for (const unit of [1, 10]) {
      expect(moves([box(0, unit), box(3, unit), box(3, unit)])).toEqual([expect.closeTo(6, 12), 0]);
    }
  });
});
