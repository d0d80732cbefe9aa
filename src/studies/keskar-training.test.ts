import { describe, expect, it } from 'vitest';
import { cellOf, recordOf } from '../../test/studies.ts';
import { Records } from '../records/records.ts';
import { bjorck2018Flatness } from './bjorck2018-flatness/study.ts';
import { lastSharpness } from './keskar-training.ts';
import type { StudyResult } from './result.ts';

describe('lastSharpness()', () => {
  const of = (...records: Parameters<typeof recordOf>[]) =>
    lastSharpness(new Records(records.map((one) => recordOf(...one))));

  it('is that of the last step, no less than float32 tells from none', () => {
    expect(of(['box-sharpness', 0, 7], ['box-sharpness', 9, 3])).toBe(3);
    expect(of(['box-sharpness', 0, 7], ['box-sharpness', 9, -2e-5])).toBe(1e-3);
  });

  it('is none of a training that came apart, of which only the start was measured', () => {
    expect(of(['box-sharpness', 0, 7], ['diverged', 4, 4])).toBeNaN();
    expect(of()).toBeNaN();
  });
});

/** How a training comes out at a rate. */
interface MadeUp {
  readonly sharpness: number;
  /** Running training accuracy; default fitted. */
  readonly accuracy?: number;
  readonly diverges?: boolean;
}

const rates = [0.01, 0.1, 1];
const STEPS = 40;

/** @param madeUp - of each rate */
function flatness(...madeUp: readonly MadeUp[]): StudyResult {
  const set = { learningRates: rates.join(',') };
  const plan = bjorck2018Flatness.plan({ budget: 'standard', seeds: 3, firstSeed: 0, set });
  const cells = plan.jobs.map(({ cells: [cell], settings }) => {
    const {
      sharpness,
      accuracy = 0.99,
      diverges = false,
    } = madeUp[rates.indexOf(Number(settings['learningRate']))] ?? { sharpness: Number.NaN };
    const curve = Array.from({ length: STEPS }, (_, step) => [
      recordOf('loss', step, 2 ** -step),
      recordOf('accuracy', step, accuracy),
    ]);
    const factor = 1 + 0.01 * (cell?.seed ?? 0);
    const end = diverges
      ? recordOf('diverged', STEPS, STEPS)
      : recordOf('box-sharpness', STEPS - 1, sharpness * factor);
    return cellOf([...curve.flat(), recordOf('box-sharpness', 0, 50), recordOf('box-sharpness-residual', 0, 0.1), end]);
  });
  return plan.decide(cells);
}

describe('bjorck2018/flatness', () => {
  it('is minus the slope of ln φ against ln of the rate', () => {
    const fall = flatness({ sharpness: 100 }, { sharpness: 10 }, { sharpness: 1 });
    expect(fall.verdict).toBe('reproduced');
    expect(fall.parts[0]?.pairings[0]?.interval?.mean).toBeCloseTo(1, 12);
    expect(flatness({ sharpness: 1 }, { sharpness: 10 }, { sharpness: 100 }).verdict).toBe('not-reproduced');
  });

  it('judges nothing where a training has not come to rest, and says which', () => {
    const { verdict, sentence } = flatness({ sharpness: 100, accuracy: 0.8 }, { sharpness: 10 }, { sharpness: 1 });
    expect(verdict).toBe('precondition-failed');
    expect(sentence).toContain('is reached at rate 0.01, seed 0; rate 0.01, seed 1; rate 0.01, seed 2');
  });

  it('judges nothing where a training came apart, whose first φ is of no minimum', () => {
    const { verdict, sentence } = flatness({ sharpness: 100 }, { sharpness: 10 }, { sharpness: 1, diverges: true });
    expect(verdict).toBe('precondition-failed');
    expect(sentence).toContain('a training has no end to measure at');
  });
});
