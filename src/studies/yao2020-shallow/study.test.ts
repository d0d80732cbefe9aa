/** @file The rule of smoothness in shallow networks, on made-up trainings. */

import { describe, expect, it } from 'vitest';
import { cellOf, recordOf } from '../../../test/studies.ts';
import { need } from '../../errors.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StudyResult } from '../result.ts';
import { yao2020Shallow } from './study.ts';

const plan = yao2020Shallow.plan({ budget: 'standard', set: { seeds: '3', layers: '2,3' } });

/** A training of some batch sharpness from step 50 on; what comes before must not count. */
function training(sharpness: number): FinishedCell {
  const steps = Array.from({ length: 30 }, (_, step) => step);
  return cellOf([
    ...steps.flatMap((step) => [recordOf('loss', step, 1), recordOf('accuracy', step, 0.9)]),
    ...[0, 20, 40].map((step) => recordOf('batch-sharpness', step, 1000)),
    ...[50, 60, 70].map((step, i) => recordOf('batch-sharpness', step, sharpness * (0.9 + 0.1 * i))),
  ]);
}

/** Batch sharpness by arm, layers and seed. */
function decided(sharpness: (arm: string, layers: number, seed: number) => number): StudyResult {
  return plan.decide(
    plan.jobs
      .flatMap((job) => job.cells)
      .map(({ arm, seed, place }) => training(sharpness(arm, Number(need(place?.['layers'], 'layers')), seed))),
  );
}

const verdicts = ({ parts }: StudyResult): readonly string[] => parts.map(({ verdict }) => verdict);

describe('yao2020/shallow', () => {
  it('holds where batch norm is as sharp, or sharper', () => {
    const result = decided((arm, layers, seed) => (arm === 'batch' ? layers - 1 : 1) * (2 + 0.01 * seed));
    expect(verdicts(result)).toEqual(['reproduced', 'reproduced']);
    expect(result.parts[1]?.pairings[0]?.interval?.mean).toBeCloseTo(Math.log(2), 10);
  });

  it('does not where it is half as sharp at one depth', () => {
    const result = decided((arm, layers, seed) => (arm === 'batch' && layers === 3 ? 0.5 : 1) * (2 + 0.01 * seed));
    expect(verdicts(result)).toEqual(['reproduced', 'not-reproduced']);
    expect(result.verdict).toBe('not-reproduced');
  });

  it('is undecided where seeds lie on both sides of a fifth', () => {
    const result = decided((arm, _, seed) => (arm === 'batch' ? Math.exp(0.4 * (seed - 101)) / 1.2 : 1));
    expect(verdicts(result)).toEqual(['inconclusive', 'inconclusive']);
  });

  it('has failed its precondition where the curvature along the gradient is negative', () => {
    const result = decided((arm, layers, seed) => (arm === 'batch' && layers === 2 && seed === 102 ? -1 : 1));
    expect(verdicts(result)).toEqual(['precondition-failed', 'reproduced']);
  });
});
