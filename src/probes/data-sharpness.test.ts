/** @file The largest eigenvalue on further examples, against the whole Hessian by differences. */

import { beforeAll, describe, expect, it } from 'vitest';
import { tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { type Measured, measuredAt, type WholeHessian, wholeHessian } from '../../test/whole-hessian.ts';
import { need } from '../errors.ts';
import { innerProduct } from '../math/inner-product.ts';
import { symmetricEigenvectors } from '../math/symmetric-eigenvectors.ts';
import { probe } from './index.ts';

const STEPS = 5;
const problem = tinyProblem({ activation: 'tanh', width: 0.03, float: 'float64' });

/** At the step, and at the one where the training began, from which the later one starts; its further batch is that of the step. */
function look(layers: readonly number[]): Promise<Measured> {
  const settings = { every: STEPS, examples: tinySettings.batchSize, products: 40, layers };
  return measuredAt(problem, STEPS, [probe('data-sharpness', settings)]);
}

function recorded({ records }: Measured, quantity: string): number {
  return need(
    records.find((record) => record.quantity === quantity),
    quantity,
  ).value;
}

describe.each([
  ['all parameters', []],
  ['two layers together', [1, 3]],
])('the largest eigenvalue of the Hessian of %s', (_, layers) => {
  let measured: Measured;
  let whole: WholeHessian;
  let owned: readonly string[];
  beforeAll(async () => {
    measured = await look(layers);
    whole = await wholeHessian(problem, measured, 'train');
    const { network } = problem.build({ mode: 'frozen', batchSize: tinySettings.batchSize });
    const inLayers = layers.flatMap((layer) => need(network.layers[layer - 1], 'a layer').parameters);
    owned = layers.length === 0 ? [...whole.places.keys()] : inLayers.map(({ name }) => name);
  });

  it('is that of the matrix written out, and so is λ‖w‖²', () => {
    const coordinates = owned.flatMap((name) => {
      const [start, end] = need(whole.places.get(name), name);
      return Array.from({ length: end - start }, (__, i) => start + i);
    });
    const block = coordinates.flatMap((i) => coordinates.map((j) => need(whole.rows[i]?.[j], 'an entry')));
    const largest = need(symmetricEigenvectors(Float64Array.from(block), coordinates.length).values.at(-1), 'one');
    // Differences are right to 1e-9 of the largest entry, Lanczos to the square of its residual.
    expect(Math.abs(recorded(measured, 'data-sharpness') / largest - 1)).toBeLessThan(1e-6);
    const w = owned.flatMap((name) => [...need(measured.stored.get(name), name)]);
    const expected = largest * innerProduct(w, w);
    expect(Math.abs(recorded(measured, 'data-scale-free-sharpness') / expected - 1)).toBeLessThan(1e-6);
    expect(recorded(measured, 'data-sharpness-residual')).toBeLessThan(1e-3 * largest);
  });
});

it('is refused for a layer that is not there', async () => {
  await expect(look([4])).rejects.toThrow(
    "Setting 'layers' of probe 'data-sharpness' must name hidden layers from 1 to 3, got 4",
  );
});
