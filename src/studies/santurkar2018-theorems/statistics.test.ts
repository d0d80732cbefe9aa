import { describe, expect, it } from 'vitest';
import { randomArray } from '../../testing/gradcheck.ts';
import { columnOf, fromColumns, project, standardise } from './statistics.ts';

const y = randomArray(7, 'statistics').map((value) => 3 * value + 2);

/** Batch norm with gamma = 1 and beta = 0 in plain numbers. */
function normalised(values: readonly number[]): readonly number[] {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const sigma = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / sigma);
}

describe('standardise()', () => {
  it('gives ŷ of mean 0 and squared norm m', () => {
    const { yhat } = standardise(y);
    expect(yhat.reduce((a, b) => a + b)).toBeCloseTo(0, 12);
    expect(yhat.reduce((a, b) => a + b * b, 0)).toBeCloseTo(7, 12);
    normalised([...y]).forEach((value, i) => expect(yhat[i]).toBeCloseTo(value, 12));
  });
});

describe('project()', () => {
  it('is σ times the Jacobian of batch norm, found by central differences', () => {
    const { sigma, yhat } = standardise(y);
    // Step 1e-5: truncation and rounding both near 1e-10.
    for (let i = 0; i < 7; i++) {
      const moved = (step: number): readonly number[] => normalised([...y].with(i, (y[i] as number) + step));
      const [above, below] = [moved(1e-5), moved(-1e-5)];
      const unit = Float64Array.from({ length: 7 }, (_, k) => (k === i ? 1 : 0));
      project(unit, yhat).forEach((value, k) => {
        expect(value).toBeCloseTo((sigma * ((above[k] as number) - (below[k] as number))) / 2e-5, 7);
      });
    }
  });

  it('takes away 1 and ŷ, and leaves what it has left', () => {
    const { yhat } = standardise(y);
    for (const gone of [new Float64Array(7).fill(1), yhat]) {
      expect(Math.max(...project(gone, yhat).map(Math.abs))).toBeLessThan(1e-12);
    }
    const once = project(randomArray(7, 'v'), yhat);
    project(once, yhat).forEach((value, i) => expect(value).toBeCloseTo(once[i] as number, 12));
  });
});

describe('columnOf()', () => {
  it('undoes fromColumns()', () => {
    const columns = [Float64Array.of(1, 2), Float64Array.of(3, 4), Float64Array.of(5, 6)];
    const matrix = fromColumns(columns);
    expect([...matrix]).toEqual([1, 3, 5, 2, 4, 6]);
    expect(columns.map((_, unit) => columnOf(matrix, unit, 3))).toEqual(columns);
  });
});
