import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyData, tinyProblem, tinySettings } from '../../test/tiny-training.ts';
import { innerProduct } from '../math/inner-product.ts';
import type { Device, Tensors } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { imageBatches } from '../train/image-feeds.ts';
import { openSession, type Session } from '../train/session.ts';
import type { ValueAndGradient } from './box-maximum.ts';
import { type DisplacedLoss, openDisplacedLoss } from './displaced-loss.ts';
import { keskarSharpness } from './keskar-sharpness.ts';

/** 2 + ⟨b, y⟩ + ½ Σ cᵢ yᵢ²: convex, so that its maximum in a box is at the corner that b points to. */
function bowl(b: Float64Array, c: Float64Array): ValueAndGradient {
  return async (y) => ({
    value:
      2 +
      innerProduct(b, y) +
      innerProduct(
        c,
        y.map((v) => v * v),
      ) /
        2,
    gradient: y.map((v, i) => (b[i] ?? Number.NaN) + (c[i] ?? Number.NaN) * v),
  });
}

describe('keskarSharpness()', () => {
  const x = Float64Array.of(3, -1, 0.5, 0, -20);
  const b = Float64Array.of(1, -2, 0.25, 3, -0.5);
  const c = Float64Array.of(10, 0, 400, 7, 1);

  it('is that of a bowl in the whole space, in closed form', async () => {
    const epsilon = 1e-2;
    const { phi, loss, residual } = await keskarSharpness(bowl(b, c), x, { epsilon });
    const half = x.map((v) => epsilon * (Math.abs(v) + 1));
    const growth =
      innerProduct(b.map(Math.abs), half) +
      innerProduct(
        c,
        half.map((v) => v * v),
      ) /
        2;
    expect(loss).toBe(2);
    expect(phi).toBeCloseTo((100 * growth) / 3, 12);
    expect(residual).toBe(0);
  });

  it('is that of a plane in a random subspace, whose box is wider where x lies along it', async () => {
    const plane = bowl(b, new Float64Array(5));
    const found = await keskarSharpness(plane, x, { epsilon: 1e-2, subspace: 2, seed: 4 });
    const far = await keskarSharpness(
      plane,
      x.map((v) => 1000 * v),
      { epsilon: 1e-2, subspace: 2, seed: 4 },
    );
    const near = await keskarSharpness(plane, new Float64Array(5), { epsilon: 1e-2, subspace: 2, seed: 4 });
    expect(near.phi).toBeLessThan(found.phi);
    // Limits are affine in the length of x.
    expect((far.phi - near.phi) / (found.phi - near.phi)).toBeCloseTo(1000, 6);
    expect(near.phi).not.toBe(
      (await keskarSharpness(plane, new Float64Array(5), { epsilon: 1e-2, subspace: 2, seed: 5 })).phi,
    );
  });

  it('refuses what is no box, and a subspace of more dimensions than there are', async () => {
    await expect(keskarSharpness(bowl(b, c), x, { epsilon: 0 })).rejects.toThrow('epsilon above 0');
    await expect(keskarSharpness(bowl(b, c), x, { epsilon: 1, subspace: 6 })).rejects.toThrow('from 1 to 5 dimensions');
  });
});

describe('a network with batch norm', () => {
  const { batchSize, seed, optimiser } = tinySettings;
  const problem = tinyProblem({ activation: 'tanh', float: 'float64' });
  let device: Device;
  let session: Session;
  let f: DisplacedLoss;
  let batches: readonly Tensors[];
  beforeAll(async () => {
    device = threadlessDevice({ lowering: 'reference', threads: 1 });
    session = await openSession(device, problem, { batchSize, seed, optimiser, learningRate: 0.05 });
    const draw = imageBatches(tinyData, { seed, augment: false }, 'float64')({ split: 'train', size: batchSize });
    batches = [draw(0, 0), draw(0, 1), draw(0, 2)];
    for (let step = 0; step < 20; step++) await session.take(batches[step % 3] ?? {});
    f = await openDisplacedLoss((graph) => session.load(graph), problem, { batchSize, mode: 'frozen' });
  });
  afterAll(() => device.close());

  it('has the gradient that differences have, away from the weights too, and leaves them as they are', async () => {
    const before = await session.read();
    const loss = f.over(batches);
    const y = Float64Array.from({ length: f.size }, (_, i) => 0.01 * Math.sin(i));
    const { gradient } = await loss(y);
    for (const i of [0, 17, f.size - 1]) {
      const h = 1e-5;
      const moved = async (by: number): Promise<number> => (await loss(y.map((v, j) => (j === i ? v + by : v)))).value;
      expect(Math.abs(((await moved(h)) - (await moved(-h))) / (2 * h) - (gradient[i] ?? Number.NaN))).toBeLessThan(
        1e-8,
      );
    }
    expect(await session.read()).toEqual(before);
  });

  /** φ, and how far the loss has moved, with the weight of every hidden layer multiplied. */
  const rescaled = async (a: number): Promise<{ phi: number; subspace: number; loss: number }> => {
    const { network } = problem.build({ mode: 'frozen', batchSize });
    const names = network.layers.flatMap(({ name }) => [`${name}/weight`]);
    const stored = await session.read(names);
    const data = (name: string): Float64Array => stored.get(name)?.data as Float64Array;
    await session.write(new Map(names.map((name) => [name, data(name).map((w) => a * w)])));
    const loss = f.over(batches);
    const x = await f.weights(batches[0] ?? {});
    const whole = await keskarSharpness(loss, x, { epsilon: 1e-3 });
    const part = await keskarSharpness(loss, x, { epsilon: 1e-3, subspace: 20 });
    await session.write(new Map(names.map((name) => [name, data(name)])));
    return { phi: whole.phi, subspace: part.phi, loss: whole.loss };
  };

  it('is the same function when a weight before a batch norm is scaled, and has another sharpness (dinh2017)', async () => {
    const [small, usual, large] = [await rescaled(0.1), await rescaled(1), await rescaled(10)];
    // epsilon = 1e-5 beside a variance sees the scale: some 1e-5 of a variance of 1, a hundred times that at a tenth.
    expect(Math.abs(large.loss / usual.loss - 1)).toBeLessThan(1e-4);
    expect(Math.abs(small.loss / usual.loss - 1)).toBeLessThan(1e-2);
    expect(usual.phi).toBeGreaterThan(0);
    expect(small.phi / usual.phi).toBeGreaterThan(2);
    expect(large.phi / usual.phi).toBeLessThan(0.9);
    expect(small.subspace / usual.subspace).toBeGreaterThan(1.5);
    expect(large.subspace / usual.subspace).toBeLessThan(0.9);
  });
});
