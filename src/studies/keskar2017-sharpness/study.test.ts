/** @file The rule of sharpness against batch size, on made-up trainings. */

import { describe, expect, it } from 'vitest';
import { cellOf, recordOf } from '../../../test/studies.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StudyResult } from '../result.ts';
import { keskar2017Sharpness } from './study.ts';

const plan = keskar2017Sharpness.plan({ budget: 'standard', set: { seeds: '3' } });

/** A training that ends with a sharpness and a test accuracy; what it began with must not count. */
function training(sharpness: number, testAccuracy: number): FinishedCell {
  const steps = Array.from({ length: 30 }, (_, step) => step);
  return cellOf([
    ...steps.flatMap((step) => [recordOf('loss', step, 1), recordOf('accuracy', step, 0.9)]),
    recordOf('box-sharpness', 0, 50),
    recordOf('box-sharpness', 29, sharpness),
    recordOf('box-sharpness-residual', 29, 1e-4),
    recordOf('test-accuracy', 30, testAccuracy),
  ]);
}

/** Sharpness and test accuracy of an arm and a seed. */
function decided(end: (arm: string, seed: number) => readonly [number, number]): StudyResult {
  return plan.decide(plan.jobs.flatMap((job) => job.cells).map(({ arm, seed }) => training(...end(arm, seed))));
}

const verdicts = ({ parts }: StudyResult): readonly string[] => parts.map(({ verdict }) => verdict);

describe('keskar2017/sharpness', () => {
  it('is reproduced where large batches end four times as sharp, and a little less accurate', () => {
    const result = decided((arm, seed) =>
      arm === 'large' ? [4 + 0.1 * (seed - 101), 0.95] : [1, 0.96 + 0.001 * (seed - 101)],
    );
    expect(verdicts(result)).toEqual(['reproduced', 'reproduced']);
    expect(result.parts[0]?.pairings[0]?.interval?.mean).toBeCloseTo(Math.log(4), 2);
  });

  it('is not where they are twice as sharp, or generalise better', () => {
    const result = decided((arm, seed) =>
      arm === 'large' ? [2 + 0.1 * (seed - 101), 0.97] : [1, 0.96 + 0.001 * (seed - 101)],
    );
    expect(verdicts(result)).toEqual(['not-reproduced', 'not-reproduced']);
  });

  it('takes a loss that does not grow for one that grows by a thousandth of a percent', () => {
    const result = decided((arm, seed) => (arm === 'large' ? [0, 0.95] : [-1e-9, 0.95 + 0.01 * (seed - 101)]));
    expect(result.parts[0]?.pairings[0]?.effects.map(({ value }) => value)).toEqual([0, 0, 0]);
    expect(verdicts(result)).toEqual(['not-reproduced', 'inconclusive']);
  });

  it('has failed its precondition where a training has no end', () => {
    const result = decided((arm, seed) => (arm === 'large' && seed === 101 ? [Number.NaN, Number.NaN] : [1, 0.95]));
    expect(verdicts(result)).toEqual(['precondition-failed', 'precondition-failed']);
  });
});
