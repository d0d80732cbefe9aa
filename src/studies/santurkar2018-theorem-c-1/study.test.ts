/** @file The sides against numbers by hand, a counterexample without curvature, and the verdict on mutated records. */

import { afterAll, describe, expect, it } from 'vitest';
import { threadlessLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { maximumOverBall } from './ball.ts';
import { compare, measure } from './measure.ts';
import { decide } from './study.ts';

const protocol = { seeds: 1, units: 12, sizes: [4] };
const laboratory = threadlessLaboratory();
afterAll(() => laboratory.close());

const measured = await measure(laboratory, protocol, 0);

/** Records with the numbers of one quantity replaced. */
function replaced(records: readonly StepRecord[], quantity: string, value: number): StepRecord[] {
  return records.map((record) => (record.quantity === quantity ? { ...record, value } : record));
}

describe('compare()', () => {
  // y = (−2, −2, 2, 2): σ = 2, ŷ = y/2; gamma = 6, ĝ = (1, 2, 4, 9), d = 3 Pĝ; ‖d‖² = 117, ⟨ĝ, ŷ⟩ = 10, κ = 1170/24.
  const y = Float64Array.of(-2, -2, 2, 2);
  const ghat = Float64Array.of(1, 2, 4, 9);
  const d = Float64Array.of(-1.5, 1.5, -7.5, 7.5);
  const flat = new Float64Array(16);
  const none = { withNorm: 0, without: 0 };

  it('shows the printed bound false for a linear loss: 0 on the left, −gamma²/σ² λ⁴ κ on the right', () => {
    // A linear loss has H = 0 and Ĥ = −(gamma/(mσ²)) (⟨ĝ, ŷ⟩ P + ŷ (Pĝ)ᵀ + (Pĝ) ŷᵀ).
    const yhat = y.map((value) => value / 2);
    const p = d.map((value) => value / 3);
    const hhat = Float64Array.from({ length: 16 }, (_, k) => {
      const [i, j] = [Math.floor(k / 4), k % 4];
      const [yi, yj] = [yhat[i] as number, yhat[j] as number];
      const projection = (i === j ? 1 : 0) - 1 / 4 - (yi * yj) / 4;
      return (-6 / 16) * (10 * projection + yi * (p[j] as number) + (p[i] as number) * yj);
    });
    const { bound } = maximumOverBall(hhat, d, 2);
    const maxima = { withNorm: bound, without: maximumOverBall(flat, ghat, 2).bound };
    const sides = compare(
      { y, gamma: 6, d, ghat, hhat, h: flat, lambda: 2 },
      { maxima, attained: maxima, orthogonal: none },
    );
    expect(bound).toBeGreaterThanOrEqual(0);
    const size = Math.max(Math.hypot(...hhat) * 117, (9 * 1170) / 24);
    expect(sides['printed-excess']).toBeCloseTo((bound + (9 * 16 * 1170) / 24) / (16 * size), 12);
    expect(sides.separation).toBeCloseTo(10 / (2 * Math.sqrt(102)), 12);
  });

  it('has the condition, and the larger of the two errors of the maxima', () => {
    const h = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
    const sides = compare(
      { y, gamma: 6, d, ghat, hhat: flat, h, lambda: 1 },
      { maxima: { withNorm: 5, without: 7 }, attained: { withNorm: 4, without: 6 }, orthogonal: none },
    );
    expect(sides.condition).toBeCloseTo((102 - 117) / (2 * (102 + 117)), 12);
    expect(sides['attained-error']).toBeCloseTo(9 / (9 * 2 * 102), 12);
  });
});

describe('santurkar2018/theorem-c-1', () => {
  it('attains both maxima, and holds at X Xᵀ = λ² I exactly where the side condition does', () => {
    const { parts } = decide([measured]);
    expect(parts.slice(1).map((part) => part.verdict)).toEqual(['reproduced', 'reproduced']);
    const of = (quantity: string): readonly number[] =>
      measured.filter((record) => record.quantity === quantity).map(({ value }) => value);
    expect(of('condition').map((value) => value >= 0)).toEqual(of('orthogonal-excess').map((value) => value <= 1e-12));
    expect(new Set(of('condition').map((value) => value >= 0)).size).toBe(2);
  });

  it('would have reproduced a bound that held, and notices a maximum that is not attained', () => {
    const held = replaced(measured, 'printed-excess', -0.1);
    expect(decide([held]).verdict).toBe('reproduced');
    for (const quantity of ['printed-excess', 'orthogonal-excess', 'attained-error']) {
      expect(decide([replaced(held, quantity, 1e-7)]).verdict).toBe('not-reproduced');
    }
  });
});
