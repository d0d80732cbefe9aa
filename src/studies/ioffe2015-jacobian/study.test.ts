import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, measuredCells } from '../../../test/studies.ts';
import type { FinishedCell } from '../../records/cell.ts';
import { createStream } from '../../math/random.ts';
import { drawNormal } from '../draws.ts';
import { ioffe2015Jacobian } from './study.ts';
import { shareBelow } from './theory.ts';

describe('shareBelow()', () => {
  it('is the integral of √(4 − s²)/π', () => {
    for (const s of [0.5, 1, 1.7, 2]) {
      const steps = 20_000;
      let area = 0;
      for (let i = 0; i < steps; i++) area += Math.sqrt(4 - (((i + 0.5) * s) / steps) ** 2) / Math.PI;
      expect(shareBelow(s)).toBeCloseTo((area * s) / steps, 6);
    }
    expect([shareBelow(0), shareBelow(2), shareBelow(9)]).toEqual([0, 1, 1]);
  });
});

const [WIDTH, BATCH] = [4, 9];

/** tanh, a linear map and batch norm with epsilon = 0, in plain loops. */
function layerOf(xhat: readonly number[], weight: ArrayLike<number>): number[] {
  const z = Array.from({ length: BATCH * WIDTH }, (_, at) => {
    const [n, unit] = [Math.floor(at / WIDTH), at % WIDTH];
    let sum = 0;
    for (let i = 0; i < WIDTH; i++) sum += Math.tanh(xhat[n * WIDTH + i] ?? 0) * (weight[i * WIDTH + unit] ?? 0);
    return sum;
  });
  return normalise(z);
}

function normalise(z: readonly number[]): number[] {
  const column = (at: number): number[] => z.filter((_, i) => i % WIDTH === at % WIDTH);
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / BATCH;
  return z.map((value, at) => {
    const mean = meanOf(column(at));
    return (value - mean) / Math.sqrt(meanOf(column(at).map((other) => (other - mean) ** 2)));
  });
}

/** Singular values of the first outputs by the first inputs of the layer, by central differences of step 1e-5. */
function differenced(count: number): number[] {
  const weight = new Float64Array(WIDTH * WIDTH);
  const limit = Math.sqrt(6 / (2 * WIDTH));
  createStream({ seed: 0, purpose: 'init', layer: 'layer/weight' }).fillUniform(weight, -limit, limit);
  const xhat = normalise([...drawNormal(BATCH * WIDTH, { seed: 0, name: `ioffe2015/jacobian x ${BATCH} ${WIDTH}` })]);
  const columns = Array.from({ length: count }, (_, i) => {
    const moved = (by: number): number[] => layerOf(xhat.with(i, (xhat[i] ?? 0) + by), weight).slice(0, count);
    const below = moved(-1e-5);
    return moved(1e-5).map((above, row) => (above - (below[row] ?? 0)) / 2e-5);
  });
  return new SingularValueDecomposition(new Matrix(columns)).diagonal;
}

const outside = (values: readonly number[]): number =>
  values.filter((value) => value < 0.5 || value > 2).length / values.length;

const set = {
  width: `${WIDTH}`,
  batches: `${BATCH}`,
  coupledWidth: `${WIDTH}`,
  coupledBatch: `${BATCH}`,
  idealWidth: '5',
  idealBatch: '9',
  idealCases: '2',
};
const plan = ioffe2015Jacobian.plan({ budget: 'quick', set });

describe('ioffe2015/jacobian', () => {
  let cells: readonly FinishedCell[];
  beforeAll(async () => {
    cells = await measuredCells(plan);
  });
  const found = (quantity: string): number =>
    cells[0]?.records().find((record) => record.quantity === quantity && record.layer === 'tanh, batch')?.value ??
    Number.NaN;

  it('measures the spectrum that central differences find, of one example and of the batch', () => {
    const own = differenced(WIDTH);
    // Rounding and truncation of the differences are near 1e-10.
    expect(found('largest')).toBeCloseTo(Math.max(...own), 8);
    expect(found('mean-square')).toBeCloseTo(own.reduce((sum, s) => sum + s * s, 0) / WIDTH, 8);
    expect(found('outside-own')).toBe(outside(own));
    expect(found('outside-batch')).toBe(outside(differenced(BATCH * WIDTH)));
  });

  it('keeps the identity where the assumptions hold', () => {
    const [ideal] = plan.decide(cells).parts;
    // 3 seeds of 2 cases, each with a covariance and a Jacobian.
    expect(ideal).toMatchObject({ verdict: 'reproduced', cases: { count: 12, failures: 0 } });
    expect(plan.decide(cells).figures).toHaveLength(4);
  });

  const judged = (own: number, all: number, ideal = 0): readonly string[] =>
    plan
      .decide(
        cells.map((cell) =>
          cellOf(
            cell.records().map((record) => {
              const value = { 'outside-own': own, 'outside-batch': all, 'ideal-error': ideal }[record.quantity];
              return value === undefined ? record : { ...record, value };
            }),
          ),
        ),
      )
      .parts.map(({ verdict }) => verdict);

  it('reproduces spectra of which one value in ten is outside, and no more', () => {
    expect(judged(0.1, 0.1)).toEqual(['reproduced', 'reproduced', 'reproduced']);
    expect(judged(0.11, 0)).toEqual(['reproduced', 'not-reproduced', 'reproduced']);
    expect(judged(0, 0.11)).toEqual(['reproduced', 'reproduced', 'not-reproduced']);
    expect(judged(0, 0, 1e-7)).toEqual(['not-reproduced', 'reproduced', 'reproduced']);
  });
});
