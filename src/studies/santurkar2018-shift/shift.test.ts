import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../records/record.ts';
import { Records } from '../../records/records.ts';
import { curveOf, stepAtShare } from '../training-curves.ts';
import { type ShiftArm, shiftEffects } from './shift.ts';

const about = { definition: 'made up', mode: 'train' } as const;

/** A training of 100 steps with a measurement at every 10th, two layers. */
function arm(accuracy: (step: number) => number, shift: (step: number, layer: number) => number): ShiftArm {
  const records: StepRecord[] = [];
  for (let step = 0; step < 100; step++) {
    records.push({ step, quantity: 'loss', value: 1, ...about });
    records.push({ step, quantity: 'accuracy', value: accuracy(step), ...about });
    if (step % 10 > 0) continue;
    for (const layer of [1, 2]) {
      const value = shift(step, layer);
      const place = { step, layer: `dense${layer}`, ...about };
      records.push({ quantity: 'covariate-shift', value, ...place });
      records.push({ quantity: 'covariate-shift-relative', value: value / 10, ...place });
      records.push({ quantity: 'covariate-shift-cosine', value: 1 - value / 100, ...place });
    }
  }
  const all = new Records(records);
  return { records: all, convergedAt: stepAtShare(0.95, curveOf(all)) };
}

describe('shiftEffects()', () => {
  it('takes the mean over layers, and the median over measurements of the window', () => {
    // The standard arm has 95 % of its final accuracy from step 39 on, the mean of 20 batches that then are all alike.
    const standard = arm(
      (step) => (step < 20 ? 0.1 : 0.5),
      () => 1,
    );
    const batch = arm(
      (step) => step / 100,
      (step, layer) => (step > 39 ? 1000 : (step / 10 + 1) * layer),
    );
    const { length, relative, cosine } = shiftEffects(standard, batch);
    // At steps 0, 10, 20, 30 the shifts are 1 to 4, and twice that: of the four means the median is that of 2 and 3.
    const expected = (Math.log(2) + Math.log(4) + Math.log(3) + Math.log(6)) / 4;
    expect(length).toBeCloseTo(expected, 12);
    expect(relative).toBeCloseTo(expected, 12);
    // Cosines lie (1.5 k − 1) / 100 apart, k from 1 to 4.
    expect(cosine).toBeCloseTo((1.5 * 2.5 - 1) / 100, 12);
  });

  it('leaves out what is not finite, and has no number where nothing is left', () => {
    const level = (step: number) => (step < 20 ? 0.1 : 0.5);
    const one = arm(level, () => 1);
    const broken = arm(level, (step) => (step === 10 ? 0 : 2));
    expect(shiftEffects(one, broken).length).toBeCloseTo(Math.log(2), 12);
    const none = arm(level, () => Number.NaN);
    expect(shiftEffects(one, none).length).toBeNaN();
  });
});
