import { describe, expect, it } from 'vitest';
import { sgd } from '../train/optimisers/sgd.ts';
import { afterArrival, edgeBand, edgeOfStability, edgeRule, levelAtEdge, scaledBy } from './edge.ts';

const series = (...y: readonly number[]) => ({ x: y.map((_, i) => 20 * i), y });

describe('levelAtEdge()', () => {
  it('is the median from the first value at arrival on, those below it that follow included', () => {
    expect(levelAtEdge(series(0.2, 0.5, 0.95, 1.2, 0.8, 1.1))).toBeCloseTo((0.95 + 1.1) / 2, 12);
  });

  it('begins at once where the training does beyond the edge', () => {
    expect(levelAtEdge(series(4, 0.6, 0.7))).toBe(0.7);
  });

  it('is no number where the edge is not reached, or the training comes apart there', () => {
    expect(levelAtEdge(series(0.2, 0.94))).toBeNaN();
    expect(levelAtEdge(series(0.2, 1, Number.NaN))).toBeNaN();
    expect(levelAtEdge(series())).toBeNaN();
  });
});

describe('afterArrival()', () => {
  it('keeps steps with their values', () => {
    expect(afterArrival(series(0.2, 1, 0.7))).toEqual({ x: [20, 40], y: [1, 0.7] });
    expect(afterArrival(series(0.2, 0.7))).toEqual({ x: [], y: [] });
  });
});

it('edgeBand() has its ends as far from its middle, by ratio', () => {
  const { middle, reach } = edgeBand();
  expect(middle * Math.exp(reach)).toBeCloseTo(edgeRule.high, 12);
  expect(middle * Math.exp(-reach)).toBeCloseTo(edgeRule.low, 12);
});

it('scaledBy() multiplies values alone', () => {
  expect(scaledBy(series(1, 2), 3)).toEqual({ x: [0, 20], y: [3, 6] });
});

describe('edgeOfStability()', () => {
  /** |w| after 3000 steps on λ w²/2 from 1, by the updates that PyTorch documents. */
  const after = (curvature: number, rate: number, { momentum, nesterov }: ReturnType<typeof sgd>): number => {
    let [w, v] = [1, 0];
    for (let step = 0; step < 3000; step++) {
      const g = curvature * w;
      v = momentum * v + g;
      w -= rate * (nesterov ? g + momentum * v : v);
    }
    return Math.abs(w);
  };

  it.each([sgd(), sgd({ momentum: 0.9 }), sgd({ momentum: 0.7, nesterov: true })])(
    'parts descent that dies out from descent that diverges, by %o',
    (optimiser) => {
      const rate = 0.03;
      const edge = edgeOfStability(rate, optimiser);
      expect(after(0.98 * edge, rate, optimiser)).toBeLessThan(1e-6);
      expect(after(1.02 * edge, rate, optimiser)).toBeGreaterThan(1e6);
    },
  );
});
