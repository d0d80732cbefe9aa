/** @file Why a loss is no number although nothing has grown: a norm has divided by 0. */

import { NumericError } from '../errors.ts';
import type { Problem } from '../problems/problem.ts';
import type { TensorData } from '../runtime/tensor-data.ts';

/** The output of a step that has, per norm that divides without an epsilon, minus the smallest size of its divisor. */
export const DIVISORS = 'divisors';

/**
 * Throws where a norm divided by 0 in a step whose loss is no number: a network that is not defined has not diverged.
 * @param divisors - the step's output of that name; undefined where there is no such norm
 * @throws {NumericError} naming the layer, and what to do
 */
export function requireDivisors(
  problem: Problem,
  batchSize: number,
  step: number,
  loss: number,
  divisors: TensorData | undefined,
): void {
  if (Number.isFinite(loss) || divisors === undefined) return;
  const at = [...divisors].findIndex((value) => Number(value) === 0);
  if (at < 0) return;
  const { network } = problem.build({ mode: 'train', batchSize });
  const found = [...network.divisors][at];
  if (found === undefined) return;
  const [place, { what, repair }] = found;
  throw new NumericError(
    `Layer '${place.replace(/\/norm$/, '')}' divides by ${what}, which must not be 0, got 0 at step ${step}; ${repair}`,
  );
}
