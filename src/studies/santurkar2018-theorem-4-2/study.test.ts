/** @file Both forms against numbers by hand, the measurement on small batches, and the verdict on mutated records. */

import { afterAll, describe, expect, it } from 'vitest';
import { threadlessLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { compare, measure } from './measure.ts';
import { decide } from './study.ts';

const protocol = { seeds: 1, units: 8, sizes: [4, 7] };
const laboratory = threadlessLaboratory();
afterAll(() => laboratory.close());

const measured = await measure(laboratory, protocol, 0);

/** Records with the numbers of one quantity replaced. */
function replaced(quantity: string, value: number): StepRecord[] {
  return measured.map((record) => (record.quantity === quantity ? { ...record, value } : record));
}

describe('compare()', () => {
  // y = (−2, −2, 2, 2): σ = 2, ŷ = y/2; gamma = 6, ĝ = (1, 2, 4, 9), Pĝ = (−0.5, 0.5, −2.5, 2.5), d = 3 Pĝ, H = I.
  const y = Float64Array.of(-2, -2, 2, 2);
  const ghat = Float64Array.of(1, 2, 4, 9);
  const d = Float64Array.of(-1.5, 1.5, -7.5, 7.5);
  const unit = { y, gamma: 6, d, ghat, hD: d, hGhat: ghat };
  // ‖d‖² = 117, ⟨ĝ, ŷ⟩ = 10, ‖ĝ‖² = 102: gamma²/σ² = 9, the last term is 6/(4 · 4) · 10 · 117 = 438.75.
  const scale = 9 * 117 + (6 / 8) * Math.sqrt(102) * 117;

  it('has both bounds, the condition and what it is about', () => {
    const hhatD = d.map((value) => ((9 * 117 - 438.75) / 117) * value);
    const sides = compare({ ...unit, hhatD });
    expect(sides['first-excess']).toBeCloseTo(0, 14);
    expect(sides['second-excess']).toBeCloseTo((9 * (117 - 102)) / (scale + 9 * 102), 12);
    expect(sides.condition).toBeCloseTo((102 - 117) / (102 + 117), 12);
    expect(sides.growth).toBeCloseTo(Math.sqrt(117 / 102), 12);
    expect(sides.alignment).toBeCloseTo(10 / (2 * Math.sqrt(102)), 12);
  });

  it('notices a curvature without the last term', () => {
    const hhatD = d.map((value) => 9 * value);
    expect(compare({ ...unit, hhatD })['first-excess']).toBeCloseTo(438.75 / scale, 12);
  });
});

describe('santurkar2018/theorem-4-2', () => {
  it('finds the first bound an equality, and the second true with its condition and false without', () => {
    const { verdict, parts, notes, figures } = decide([measured]);
    expect(verdict).toBe('reproduced');
    const [, , second] = parts;
    const held = second?.cases?.count ?? 0;
    expect(held > 0 && held < 32).toBe(true);
    expect(notes[0]).toContain(`fails in ${32 - held} of the ${32 - held} without its side condition`);
    const [figure] = figures;
    const marks = figure?.view === undefined ? (figure?.marks ?? []) : [];
    const totals = marks.flatMap((mark) => (mark.mark === 'step' ? [mark.counts.reduce((a, b) => a + b, 0)] : []));
    expect(totals).toEqual([held, 32 - held]);
  });

  it.each([
    ['first-excess', 1e-7, ['a', 'b']],
    ['first-excess', -1e-7, ['b']],
    ['second-excess', 1e-7, ['c']],
  ] as const)('notices a %s of %s', (quantity, value, failing) => {
    const { verdict, parts } = decide([replaced(quantity, value)]);
    expect(verdict).toBe('not-reproduced');
    expect(parts.flatMap((part) => (part.verdict === 'reproduced' ? [] : [part.name]))).toEqual(failing);
  });
});
