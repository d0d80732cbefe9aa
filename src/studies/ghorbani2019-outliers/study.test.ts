/** @file The rule of outliers of the Hessian, on made-up trainings. */

import { describe, expect, it } from 'vitest';
import { cellOf, recordOf } from '../../../test/studies.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StudyResult } from '../result.ts';
import { ghorbani2019Outliers } from './study.ts';

const plan = ghorbani2019Outliers.plan({ budget: 'standard', set: { seeds: '3', eigenvalues: '2' } });

/** A training whose largest eigenvalue is so many times the second at each measurement from step 100 on. */
function training(ratios: readonly number[]): FinishedCell {
  const steps = Array.from({ length: 30 }, (_, step) => step);
  return cellOf([
    ...steps.flatMap((step) => [recordOf('loss', step, 1), recordOf('accuracy', step, 0.9)]),
    ...[1e6, ...ratios].flatMap((ratio, i) => [
      recordOf('eigenvalue', 100 * i, 3 * ratio, 1),
      recordOf('eigenvalue', 100 * i, 3, 2),
      recordOf('eigenvalue-ratio', 100 * i, ratio),
      recordOf('eigenvalues-found', 100 * i, 2),
      recordOf('top-eigenspace-share', 100 * i, 0.5),
    ]),
  ]);
}

function decided(ratios: (arm: string, seed: number) => readonly number[]): StudyResult {
  return plan.decide(plan.jobs.flatMap((job) => job.cells).map(({ arm, seed }) => training(ratios(arm, seed))));
}

describe('ghorbani2019/outliers', () => {
  it('is the mean of ln(λ₁/λ_k) over measurements but the first, none minus batch norm', () => {
    const result = decided((arm, seed) => (arm === 'standard' ? [8 + 0.1 * (seed - 101), 2] : [2, 2]));
    expect(result.verdict).toBe('reproduced');
    expect(result.parts[0]?.pairings[0]?.effects.find(({ seed }) => seed === 101)?.value).toBeCloseTo(
      (Math.log(8) + Math.log(2)) / 2 - Math.log(2),
      12,
    );
  });

  it('is not reproduced where outliers are those of batch norm', () => {
    const result = decided((arm, seed) => (arm === 'batch' ? [8 + 0.1 * (seed - 101), 2] : [2, 2]));
    expect(result.verdict).toBe('not-reproduced');
  });

  it('has failed its precondition where the last eigenvalue is not positive, or a training ended before', () => {
    expect(decided((arm, seed) => (arm === 'batch' && seed === 100 ? [2, -3] : [2, 2])).verdict).toBe(
      'precondition-failed',
    );
    expect(decided((arm, seed) => (arm === 'standard' && seed === 102 ? [] : [2, 2])).verdict).toBe(
      'precondition-failed',
    );
  });
});
