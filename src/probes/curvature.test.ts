/** @file Probes of curvature in either mode, against the whole Hessian by differences. */

import { beforeAll, describe, expect, it } from 'vitest';
import { tinyProblem } from '../../test/tiny-training.ts';
import { type Measured, measuredAt, type WholeHessian, wholeHessian } from '../../test/whole-hessian.ts';
import { need } from '../errors.ts';
import { innerProduct } from '../math/inner-product.ts';
import { symmetricEigenvectors } from '../math/symmetric-eigenvectors.ts';
import { probe } from './index.ts';

const STEPS = 5;
const LAYER = 2;

describe.each(['train', 'eval'] as const)('curvature of an MLP with batch norm, mode %s', (mode) => {
  const problem = tinyProblem({ activation: 'tanh', width: 0.03, float: 'float64' });
  let measured: Measured;
  let whole: WholeHessian;
  let spectrum: ReturnType<typeof symmetricEigenvectors>;
  const values = (quantity: string): readonly number[] => {
    const name = mode === 'eval' ? `eval-${quantity}` : quantity;
    return measured.records.filter((record) => record.quantity === name).map(({ value }) => value);
  };
  const value = (quantity: string): number => need(values(quantity)[0], quantity);
  const weights = (names: Iterable<string>): number[] =>
    [...names].flatMap((name) => [...need(measured.stored.get(name), name)]);

  beforeAll(async () => {
    measured = await measuredAt(problem, STEPS, [
      probe('curvature', { every: STEPS, mode, count: 10, products: 100, layers: [LAYER] }),
      probe('hessian-trace', { every: STEPS, mode, vectors: 40, layers: [LAYER] }),
      probe('spectral-density', { every: STEPS, mode, vectors: 6, steps: 12, layers: [LAYER] }),
      probe('batch-sharpness', { every: STEPS }),
    ]);
    whole = await wholeHessian(problem, measured, mode);
    spectrum = symmetricEigenvectors(Float64Array.from(whole.rows.flat()), whole.rows.length);
  });

  it('has the largest eigenvalues, says how many it has found, and how the first stands to the last', () => {
    const expected = [...spectrum.values].toReversed().slice(0, 10);
    const [largest = Number.NaN] = expected;
    // Differences are right to 1e-9 of the largest entry, Lanczos to the square of its residual.
    for (const [i, found] of values('eigenvalue').entries()) {
      expect(Math.abs(found - (expected[i] ?? Number.NaN)) / largest).toBeLessThan(1e-6);
    }
    expect(values('eigenvalue')).toHaveLength(10);
    expect(Math.max(...values('eigenvalue-residual'))).toBeLessThan(1e-2 * largest);
    expect(value('eigenvalues-found')).toBe(10);
    expect(value('eigenvalue-ratio')).toBeCloseTo(largest / (expected.at(-1) ?? Number.NaN), 4);
  });

  it('has the share of the gradient in their eigenspace, and λ‖w‖²', () => {
    const top = spectrum.vectors.slice(-10);
    const within = top.reduce((sum, vector) => sum + innerProduct(vector, whole.gradient) ** 2, 0);
    expect(value('top-eigenspace-share')).toBeCloseTo(within / innerProduct(whole.gradient, whole.gradient), 5);
    const w = weights(whole.places.keys());
    expect(value('scale-free-sharpness')).toBeCloseTo((spectrum.values.at(-1) ?? Number.NaN) * innerProduct(w, w), 3);
  });

  /** The block of H of a layer and its norm, and what it is of. */
  const blockOf = (number: number): { owned: readonly string[]; block: readonly (readonly number[])[] } => {
    const { network } = problem.build({ mode: 'frozen', batchSize: 9 });
    const owned = need(network.layers[number - 1], 'the layer').parameters.map(({ name }) => name);
    const coordinates = owned.flatMap((name) => {
      const [start, end] = need(whole.places.get(name), name);
      return Array.from({ length: end - start }, (_, i) => start + i);
    });
    return { owned, block: coordinates.map((i) => coordinates.map((j) => need(whole.rows[i]?.[j], 'an entry'))) };
  };

  it('has the block of a layer with its norm', () => {
    const { owned, block } = blockOf(LAYER);
    expect(owned.length).toBeGreaterThan(2);
    const { values: eigenvalues } = symmetricEigenvectors(Float64Array.from(block.flat()), block.length);
    const largest = eigenvalues.at(-1) ?? Number.NaN;
    expect(value('layer-sharpness')).toBeCloseTo(largest, 6);
    const w = weights(owned);
    expect(value('layer-scale-free-sharpness')).toBeCloseTo(largest * innerProduct(w, w), 4);
  });

  it.each(['', 'layer-'])('has the %strace to four standard errors, and a density of all of it', (prefix) => {
    const rows = prefix === '' ? whole.rows : blockOf(LAYER).block;
    const trace = rows.reduce((sum, row, i) => sum + (row[i] ?? Number.NaN), 0);
    const error = value(`${prefix}hessian-trace-error`);
    expect(error).toBeGreaterThan(0);
    expect(Math.abs(value(`${prefix}hessian-trace`) - trace)).toBeLessThan(4 * error);
    const name = mode === 'eval' ? `eval-${prefix}spectral-density` : `${prefix}spectral-density`;
    const density = measured.records.filter(({ quantity }) => quantity === name);
    const spacing = need(density[1]?.at, 'a place') - need(density[0]?.at, 'a place');
    const moment = (power: number): number =>
      density.reduce((sum, { at = Number.NaN, value: height }) => sum + spacing * height * at ** power, 0);
    // Sums of Gaussians over a grid of their deviation are integrals to 1e-8; 3 deviations beyond the ends leave out 1e-3.
    expect(moment(0)).toBeCloseTo(1, 2);
    const squares = rows.flat().reduce((sum, entry) => sum + entry * entry, 0);
    expect(Math.abs(moment(1) - trace / rows.length)).toBeLessThan(
      (4 * Math.sqrt((2 * squares) / 6)) / rows.length + 0.01 * spacing,
    );
  });

  it.runIf(mode === 'train')('has the curvature along its own gradient by one product', () => {
    const along = whole.rows.map((row) => innerProduct(row, whole.gradient));
    const expected = innerProduct(along, whole.gradient) / innerProduct(whole.gradient, whole.gradient);
    expect(Math.abs(value('batch-sharpness') / expected - 1)).toBeLessThan(1e-7);
    const square = innerProduct(whole.gradient, whole.gradient);
    expect(Math.abs(value('batch-gradient-square') / square - 1)).toBeLessThan(1e-7);
  });
});
