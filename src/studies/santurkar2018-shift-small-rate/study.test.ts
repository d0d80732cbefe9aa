/** @file The precondition by which the study was amended, on made-up trainings. */

import { expect, it } from 'vitest';
import { cellOf } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import type { StudyResult } from '../result.ts';
import { santurkar2018ShiftSmallRate } from './study.ts';

const STEPS = 60;

/** Shifts with batch norm are e times as long, and turn; the standard arm ends at an accuracy. */
function decided(standardAccuracy: number, divergedAt?: number): StudyResult {
  const plan = santurkar2018ShiftSmallRate.plan({ budget: 'standard', seeds: 3, set: {} });
  const cells = plan.jobs.flatMap(({ cells: own }) => own);
  return plan.decide(
    cells.map(({ arm, seed }) => {
      const isStandard = arm === 'standard';
      const about = { definition: 'made up', mode: 'train' } as const;
      const one = (quantity: string, step: number, value: number, layer?: string): StepRecord => ({
        step,
        quantity,
        value,
        ...about,
        ...(layer !== undefined && { layer }),
      });
      const curve = Array.from({ length: STEPS }, (_, step) => [
        one('loss', step, 2),
        one('accuracy', step, isStandard ? standardAccuracy : 0.6),
      ]);
      const shifts = [0, 20, 40].flatMap((step) => [
        one('covariate-shift', step, (isStandard ? 1 : Math.E) * (1 + seed / 1000), 'conv4'),
        one('covariate-shift-relative', step, isStandard ? 0.1 : 0.2 + seed / 1000, 'conv4'),
        one('covariate-shift-cosine', step, isStandard ? 0.9 : 0.5 + seed / 10_000, 'conv4'),
      ]);
      const end = isStandard && divergedAt !== undefined ? [one('diverged', divergedAt, divergedAt)] : [];
      return cellOf([...curve.flat(), ...shifts, ...end]);
    }),
  );
}

it('compares shifts where both arms have learnt 10 points beyond chance', () => {
  const { parts, verdict } = decided(0.25);
  expect(verdict).toBe('reproduced');
  expect(parts[1]?.pairings[0]?.interval?.mean).toBeCloseTo(1, 10);
});

it('compares nothing where the network without norms is still on its first plateau, or came apart', () => {
  for (const result of [decided(0.19), decided(0.25, 50)]) {
    expect(result.verdict).toBe('precondition-failed');
    expect(result.sentence).toContain('an effect could not be measured in every seed');
  }
});

it('is on seeds that nobody had looked at when it was amended', () => {
  const { protocol } = santurkar2018ShiftSmallRate.plan({ budget: 'standard' });
  expect([protocol['firstSeed'], protocol['seeds'], protocol['steps']]).toEqual([200, 10, 1500]);
});
