import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { cellOf, measuredCells, threadlessLaboratory } from '../../../test/studies.ts';
import type { StepRecord } from '../../records/record.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { miyato2018SpectralNorm } from './study.ts';
import { convolutionNorm, largestSingularValues } from './theory.ts';

const singularValues = (rows: number[][]): readonly number[] =>
  new SingularValueDecomposition(new Matrix(rows), { autoTranspose: true }).diagonal.toSorted((a, b) => b - a);

describe('largestSingularValues()', () => {
  it.each([
    ['units last', [7, 5], 1],
    ['units first', [3, 2, 3, 3], 0],
  ] as const)('are those that ml-matrix finds, %s', async (_, shape, outputAxis) => {
    const w = randomArray(
      shape.reduce((a, b) => a * b, 1),
      `spectral ${outputAxis}`,
    );
    const units = shape[outputAxis] ?? 0;
    const fanIn = w.length / units;
    const rows = Array.from({ length: units }, (__, unit) =>
      Array.from(
        { length: fanIn },
        (___, i) => w[outputAxis === 0 ? unit * fanIn + i : i * units + unit] ?? Number.NaN,
      ),
    );
    const [first = 0, second = 0] = singularValues(rows);
    const found = await largestSingularValues(w, shape, outputAxis);
    // Roots of eigenvalues of the Gram matrix: relative 1e-16 of the largest square.
    expect(found[0]).toBeCloseTo(first, 12);
    expect(found[1]).toBeCloseTo(second, 12);
  });
});

describe('convolutionNorm()', () => {
  it('is the largest singular value of the convolution written out as a matrix', async () => {
    const [units, channels, image] = [2, 3, 4];
    const w = randomArray(units * channels * 9, 'spectral convolution');
    const pixels = image * image;
    // Entry (k, y, x) of the output takes w[k, c, dy, dx] of the input at (c, y + dy − 1, x + dx − 1).
    const rows = Array.from({ length: units * pixels }, (_, out) =>
      Array.from({ length: channels * pixels }, (__, place) => {
        const [k, y, x] = [Math.floor(out / pixels), Math.floor((out % pixels) / image), out % image];
        const [c, row, column] = [Math.floor(place / pixels), Math.floor((place % pixels) / image), place % image];
        const [dy, dx] = [row - y + 1, column - x + 1];
        const inside = dy >= 0 && dy < 3 && dx >= 0 && dx < 3;
        return inside ? (w[((k * channels + c) * 3 + dy) * 3 + dx] ?? Number.NaN) : 0;
      }),
    );
    const [largest = 0] = singularValues(rows);
    const laboratory = threadlessLaboratory();
    const key = { seed: 0, name: 'spectral image' };
    const found = await convolutionNorm(laboratory, w, [units, channels, 3, 3], image, key);
    await laboratory.close();
    // From below: a rival value 0.5 % smaller loses 0.995^400 = 0.13 in 200 iterations, and a nearer one costs less.
    expect(found).toBeGreaterThan(largest * 0.995);
    expect(found).toBeLessThan(largest * (1 + 1e-9));
  });
});

describe('miyato2018/spectral-norm measures', () => {
  it('less error the longer it iterates', async () => {
    const largest = async (iterations: string): Promise<number> => {
      const set = { seeds: '1', weights: '2', iterations, widths: '7,5', inputs: '3', points: '9', walkSteps: '2' };
      const cells = await measuredCells(miyato2018SpectralNorm.plan({ budget: 'quick', set }));
      const errors = cells.flatMap((cell) => cell.records()).filter(({ quantity }) => quantity === 'sigma-error');
      expect(errors).toHaveLength(4);
      return Math.max(...errors.map(({ value }) => value));
    };
    const [short, long] = [await largest('2'), await largest('80')];
    expect(short).toBeGreaterThan(1e-3);
    expect(long).toBeLessThan(short / 10);
  });
});

describe('miyato2018/spectral-norm decides', () => {
  const plan = miyato2018SpectralNorm.plan({ budget: 'quick' });
  const verdicts = (sigmaError: number, slope: number): readonly string[] => {
    const values = {
      'sigma-error': sigmaError,
      'singular-ratio': 0.9,
      'convolution-norm': 1.5,
      'slope-of-pairs': 0.5,
      'slope-at-points': slope,
    };
    const records = Object.entries(values).map(
      ([quantity, value]): StepRecord => ({ step: 0, quantity, value, definition: '', mode: 'train' }),
    );
    return plan.decide([cellOf(records)]).parts.map(({ verdict }) => verdict);
  };

  it.each([
    ['reproduced within both tolerances', 9e-4, 1 + 9e-7, ['reproduced', 'reproduced']],
    ['not reproduced where sigma is missed', 1.1e-3, 0.9, ['not-reproduced', 'reproduced']],
    ['not reproduced where one slope is steeper than 1', 0, 1 + 2e-6, ['reproduced', 'not-reproduced']],
    ['not reproduced where a number is missing', Number.NaN, 0.9, ['not-reproduced', 'reproduced']],
  ] as const)('%s', (_, sigmaError, slope, expected) => {
    expect(verdicts(sigmaError, slope)).toEqual(expected);
  });
});
