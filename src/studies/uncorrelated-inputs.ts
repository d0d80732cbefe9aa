/** @file Inputs whose second moments are known to rounding, for problems whose theory is in the spectrum. */

import { need, SettingError } from '../errors.ts';
import { power } from '../math/power.ts';
import { type DrawKey, drawNormal } from './draws.ts';

/**
 * x [examples, D] with Σₙ xₙ = 0 and Σₙ xₙ xₙᵀ / examples = diag(variances), up to rounding: normal draws, made
 * orthogonal to ones and to each other (Gram–Schmidt, twice over), then scaled. Gradient descent commutes with
 * rotations, so a diagonal matrix stands for every one of its spectrum.
 * @throws {SettingError} unless examples > D, the number of variances.
 */
export function uncorrelatedInputs(examples: number, variances: readonly number[], key: DrawKey): Float64Array {
  const size = variances.length;
  if (!(examples > size)) {
    throw new SettingError(`Uncorrelated inputs need more examples than features, got ${examples} for ${size}`);
  }
  const drawn = drawNormal(examples * size, key);
  const basis = [unit(new Float64Array(examples).fill(1))];
  for (let i = 0; i < size; i++) {
    const column = Float64Array.from({ length: examples }, (_, n) => drawn[n * size + i] as number);
    // The second pass removes what rounding left of the first.
    for (const other of [...basis, ...basis]) subtractAlong(column, other);
    basis.push(unit(column));
  }
  const scales = variances.map((variance) => Math.sqrt(variance * examples));
  const [, ...columns] = basis;
  return drawn.map((_, at) => {
    const column = need(columns[at % size], 'a column for each feature');
    return (scales[at % size] as number) * (column[Math.floor(at / size)] as number);
  });
}

function subtractAlong(column: Float64Array, direction: Float64Array): void {
  const length = column.reduce((sum, value, n) => sum + value * (direction[n] as number), 0);
  for (let n = 0; n < column.length; n++) column[n] = (column[n] as number) - length * (direction[n] as number);
}

function unit(column: Float64Array): Float64Array {
  const norm = Math.hypot(...column);
  return column.map((value) => value / norm);
}

/** `count` numbers from `first` to `last` whose ratios are equal. */
export function geometric(first: number, last: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => first * power(last / first, i / (count - 1)));
}
