import { describe, expect, it } from 'vitest';
import { axisAlgorithm, type BilinearAlgorithm, cookToom, kronecker, type Matrix, transposed } from './matrices.ts';

/** Σ_i output[o][i] · kernel[i][k] · input[i][h]: what the algorithm does to tap k and pixel h at result o. */
function coefficient({ input, kernel, output }: BilinearAlgorithm, o: number, k: number, h: number): number {
  return (output[o] ?? []).reduce((sum, a, i) => sum + a * (kernel[i]?.[k] ?? 0) * (input[i]?.[h] ?? 0), 0);
}

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => transposed(b).map((column) => row.reduce((sum, x, i) => sum + x * (column[i] ?? 0), 0)));

describe('cookToom()', () => {
  it.each([
    ['F(4,3)', [0, 0.75, -0.75, 1.5, -1.5]],
    ['F(2,3)', [0, 1, -1]],
    ['F(3,3)', [0, 1, -1, 2]],
    ['F(1,3)', [0, 1]],
  ])('gives the correlation with three taps for %s', (_name, points) => {
    const algorithm = cookToom(points);
    const [m, a] = [points.length - 1, points.length + 1];
    expect([algorithm.output.length, algorithm.kernel.length, algorithm.input.length]).toEqual([m, a, a]);
    for (let o = 0; o < m; o++) {
      for (let k = 0; k < 3; k++) {
        // Sums of at most 6 terms below 4: float64 leaves less than 1e-14.
        for (let h = 0; h < a; h++) expect(coefficient(algorithm, o, k, h)).toBeCloseTo(h === o + k ? 1 : 0, 13);
      }
    }
  });

  it('has factors of few bits on both sides of the products for F(4,3), so that float32 holds them exactly', () => {
    const { input, output } = cookToom([0, 0.75, -0.75, 1.5, -1.5]);
    for (const entry of [...input, ...output].flat()) expect(Math.fround(entry)).toBe(entry);
  });
});

describe('axisAlgorithm()', () => {
  const lengths = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 24, 33];
  const cases = (['winograd4', 'winograd2'] as const).flatMap((variant) =>
    lengths.flatMap((length) =>
      [0, 1, 2].flatMap((before) =>
        [0, 1, 2].flatMap((after) =>
          length + before + after >= 3 ? [[variant, length, before, length + before + after - 2] as const] : [],
        ),
      ),
    ),
  );

  it.each(cases)(
    '%s convolves %i pixels with %i zeros in front into %i results',
    (variant, length, before, results) => {
      const { input, kernel, output, products, tiles, blocks } = axisAlgorithm(variant, length, before, results);
      expect([input.length, output.length, kernel.length]).toEqual([blocks * products * tiles, results, products]);
      for (let tap = 0; tap < 3; tap++) {
        // Row (i, t) is scaled by what the kernel makes of this tap alone.
        const scaled = input.map((row, s) =>
          row.map((x) => x * (kernel[Math.floor(s / tiles) % products]?.[tap] ?? 0)),
        );
        const expected = Array.from({ length: results }, (_, o) =>
          Array.from({ length }, (_pixel, h) => Number(h === o + tap - before)),
        );
        product(output, scaled).forEach((row, o) => {
          row.forEach((entry, h) => expect(entry).toBeCloseTo(expected[o]?.[h] ?? Number.NaN, 13));
        });
      }
    },
  );

  it.each(['winograd4', 'winograd2'] as const)('makes 8 results of a block from 10 pixels at most by %s', (variant) => {
    const { input, output, blocks } = axisAlgorithm(variant, 40, 1, 40);
    expect(blocks).toBe(5);
    const rowsOf = (matrix: Matrix, block: number): Matrix =>
      matrix.slice((block * matrix.length) / blocks, ((block + 1) * matrix.length) / blocks);
    const met = (rows: Matrix): readonly number[] =>
      [...(rows[0] ?? []).keys()].filter((j) => rows.some((row) => row[j]));
    for (let block = 0; block < blocks; block++) {
      const [pixels, products] = [met(rowsOf(input, block)), met(rowsOf(output, block))];
      expect([pixels[0], pixels.at(-1)]).toEqual([Math.max(0, 8 * block - 1), Math.min(39, 8 * block + 8)]);
      expect([products[0], products.at(-1)]).toEqual([
        (block * input.length) / blocks,
        ((block + 1) * input.length) / blocks - 1,
      ]);
      // The adjoint: besides its own products, a block of pixels meets the last before and the first after them.
      const back = met(rowsOf(transposed(input), block));
      const own = input.length / blocks;
      expect([back[0], back.at(-1)]).toEqual([
        Math.max(0, block * own - 1),
        Math.min(input.length - 1, (block + 1) * own),
      ]);
    }
  });

  it('needs 3 products for two padded pixels and 1 for one', () => {
    expect([2, 1].map((length) => axisAlgorithm('winograd4', length, 1, length).products)).toEqual([3, 1]);
  });
});

describe('kronecker()', () => {
  it('orders rows and columns with the left factor outermost', () => {
    expect(kronecker([[1, 2]], [[3], [5]])).toEqual([
      [3, 6],
      [5, 10],
    ]);
  });
});
