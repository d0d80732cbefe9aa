/** @file The rule of gamma and beta alone, on made-up trainings. */

import { describe, expect, it } from 'vitest';
import { cellOf, recordOf } from '../../../test/studies.ts';
import { need } from '../../errors.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { StudyResult } from '../result.ts';
import { frankle2021AffineAlone } from './study.ts';

const set = { seeds: '3', models: 'resnet20,resnet32,resnet44,resnet56', compared: 'resnet20,resnet56' };
const plan = frankle2021AffineAlone.plan({ budget: 'standard', set });
const layersOf: Readonly<Record<string, number>> = { resnet20: 20, resnet32: 32, resnet44: 44, resnet56: 56 };

interface Training {
  readonly test: number;
  /** Default: as on the test set. */
  readonly train?: number;
  readonly hasDiverged?: boolean;
}

function training({ test, train = test, hasDiverged = false }: Training): FinishedCell {
  const steps = Array.from({ length: 30 }, (_, step) => step);
  const share = (step: number, value: number, layer: string) => ({
    ...recordOf('small-parameter-share', step, value),
    layer,
  });
  return cellOf([
    ...steps.flatMap((step) => [recordOf('loss', step, 1), recordOf('accuracy', step, train)]),
    ...(hasDiverged ? [recordOf('diverged', 29, 29)] : [recordOf('test-accuracy', 300, test)]),
    share(0, 0.01, 'conv1/norm/gamma'),
    share(299, 0.2, 'conv1/norm/gamma'),
    share(299, 0.4, 'conv2/norm/gamma'),
    share(299, 1, 'conv2/norm/beta'),
  ]);
}

/** Trainings by arm, layers and seed. */
function decided(made: (arm: string, layers: number, seed: number) => Training): StudyResult {
  return plan.decide(
    plan.jobs
      .flatMap((job) => job.cells)
      .map(({ arm, seed, place }) =>
        training(made(arm, need(layersOf[String(place?.['model'])], 'a known model'), seed)),
      ),
  );
}

const verdicts = ({ parts }: StudyResult): readonly string[] => parts.map(({ verdict }) => verdict);
/** More accurate with every layer, and 10 points above random weights, give or take. */
const asPublished = (arm: string, layers: number, seed: number): Training => ({
  test: 0.3 + 0.002 * layers - (arm === 'random' ? 0.1 + 0.001 * (seed - 101) : 0),
});

describe('frankle2021/affine-alone', () => {
  it('trains all models with gamma and beta alone, and the random weights of those that are compared', () => {
    const made = plan.jobs
      .flatMap((job) => job.cells)
      .filter(({ seed }) => seed === 100)
      .map(({ arm, place }) => `${arm} ${String(place?.['model'])}`);
    expect(made.toSorted()).toEqual([
      'affine resnet20',
      'affine resnet32',
      'affine resnet44',
      'affine resnet56',
      'random resnet20',
      'random resnet56',
    ]);
  });

  it('holds where they are more accurate than random weights, and the deeper the more', () => {
    const result = decided(asPublished);
    expect(verdicts(result)).toEqual(['reproduced', 'reproduced']);
    expect(result.parts[0]?.pairings.map(({ name, interval }) => [name, interval?.mean.toFixed(6)])).toEqual([
      ['resnet20', '0.100000'],
      ['resnet56', '0.100000'],
    ]);
    expect(result.parts[1]?.pairings[0]?.interval).toMatchObject({ mean: 1, lower: 1, upper: 1 });
  });

  it('tells how many gammas came to be small, and of no other parameter', () => {
    const note = decided(asPublished).notes.find((text) => text.includes('resnet44'));
    expect(note).toContain('0.01 → 0.3, 0.01 → 0.3, 0.01 → 0.3.');
  });

  it('is not reproduced where random weights are better at both depths, and undecided where at one', () => {
    const worse = decided((arm, layers) => ({ test: 0.3 + 0.002 * layers + (arm === 'random' ? 0.01 : 0) }));
    expect(verdicts(worse)[0]).toBe('not-reproduced');
    const atOne = decided((arm, layers, seed) =>
      layers === 20 && arm === 'random' ? { test: 0.5 + 0.001 * seed } : asPublished(arm, layers, seed),
    );
    expect(verdicts(atOne)[0]).toBe('inconclusive');
  });

  it('needs a rank correlation above 0.8 over depths: two neighbours in the wrong order are one too many', () => {
    const swapped = decided((arm, layers, seed) => asPublished(arm, layers === 44 ? 57 : layers, seed));
    expect(swapped.parts[1]?.pairings[0]?.interval?.mean).toBeCloseTo(0.8, 12);
    expect(verdicts(swapped)[1]).toBe('inconclusive');
    const falling = decided((arm, layers, seed) => asPublished(arm, 80 - layers, seed));
    expect(verdicts(falling)[1]).toBe('not-reproduced');
    const alike = decided((arm, _, seed) => asPublished(arm, 30, seed));
    expect(alike.parts[1]?.pairings[0]?.interval?.mean).toBe(0);
  });

  it('counts random weights that diverge as a guess', () => {
    const result = decided((arm, layers, seed) => ({
      ...asPublished(arm, layers, seed),
      hasDiverged: arm === 'random' && layers === 20,
    }));
    expect(result.parts[0]?.pairings[0]?.effects[0]?.value).toBeCloseTo(0.34 - 0.1, 12);
    expect(verdicts(result)[0]).toBe('reproduced');
  });

  it('has failed its precondition where gamma and beta alone diverge, or learn nothing', () => {
    const diverged = decided((arm, layers, seed) => ({
      ...asPublished(arm, layers, seed),
      hasDiverged: arm === 'affine' && layers === 32 && seed === 101,
    }));
    expect(verdicts(diverged)).toEqual(['reproduced', 'precondition-failed']);
    const idle = decided((arm, layers, seed) => ({
      ...asPublished(arm, layers, seed),
      ...(arm === 'affine' && layers === 56 && seed === 102 && { train: 0.19 }),
    }));
    expect(verdicts(idle)).toEqual(['precondition-failed', 'precondition-failed']);
  });

  it.each([
    [{ models: 'resnet20,resnet32' }, 'Three or more models must follow from shallow to deep'],
    [{ models: 'resnet20,resnet44,resnet32', compared: 'resnet20' }, 'Three or more models must follow'],
    [{ compared: 'resnet110' }, 'What is compared must be among the models, got [resnet110]'],
    [{ steps: '1' }, 'A training must have a first step and a last, got 1 steps'],
  ])('refuses %j', (changes, message) => {
    expect(() => frankle2021AffineAlone.plan({ budget: 'standard', set: changes })).toThrow(message);
  });
});
