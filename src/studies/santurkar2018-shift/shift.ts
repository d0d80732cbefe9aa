/** @file The shift of both arms of a seed, compared over the steps before either has converged. */

import { average, median } from '../../math/statistics.ts';
import type { Records } from '../../records/records.ts';

/** One arm of a seed. */
export interface ShiftArm {
  readonly records: Records;
  /** The step by which it has all but converged. */
  readonly convergedAt: number;
}

/** Effects of one seed, oriented so that the claim is positive. */
export interface ShiftEffects {
  /** ln of the ratio (batch norm / standard) of ‖G − G′‖. */
  readonly length: number;
  /** The same of ‖G − G′‖ / ‖G‖. */
  readonly relative: number;
  /** Difference (standard − batch norm) of the cosine between G and G′. */
  readonly cosine: number;
}

/**
 * At each measurement in the window the mean over layers, and of those the median. The window ends where the first of the
 * arms has converged; what is not finite is left out of a median.
 */
export function shiftEffects(standard: ShiftArm, batch: ShiftArm): ShiftEffects {
  const end = Math.min(standard.convergedAt, batch.convergedAt);
  const steps = stepsOf(standard.records).filter((step) => step <= end);
  const compare = (quantity: string, of: (standard: number, batch: number) => number): number => {
    const perStep = steps.map((step) =>
      average(
        layersOf(standard.records).map((layer) => {
          // A training that has ended before has no number there.
          const at = ({ records }: ShiftArm): number => records.values(quantity, { layer, step })[0] ?? Number.NaN;
          return of(at(standard), at(batch));
        }),
      ),
    );
    const finite = perStep.filter(Number.isFinite);
    return finite.length === 0 ? Number.NaN : median(finite);
  };
  return {
    length: compare('covariate-shift', (a, b) => Math.log(b / a)),
    relative: compare('covariate-shift-relative', (a, b) => Math.log(b / a)),
    cosine: compare('covariate-shift-cosine', (a, b) => a - b),
  };
}

function stepsOf(records: Records): readonly number[] {
  return [...new Set(records.of('covariate-shift').map(({ step }) => step))];
}

export function layersOf(records: Records): readonly string[] {
  return [...new Set(records.of('covariate-shift').flatMap(({ layer }) => layer ?? []))];
}
