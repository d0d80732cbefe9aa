import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import { parametersOf } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import { symmetricEigenvalues } from '../math/symmetric-eigenvalues.ts';
import type { NormName } from '../norms/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { Problem } from '../problems/problem.ts';
import { deepLinear, regression } from '../problems/regression.ts';
import type { Device, Tensors } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import { initialState } from '../train/initial-state.ts';
import { openHessian } from './hessian.ts';
import { lanczos } from './lanczos.ts';
import type { SymmetricOperator } from './operator.ts';

const batchSize = 6;
let device: Device;
beforeAll(() => {
  device = threadlessDevice({ lowering: 'reference', threads: 1 });
});
afterAll(() => device.close());

/** Smooth, since a difference across the kink of a ReLU has no limit: two layers of 5 units, a batch of [2, 3, 1]. */
function smooth(norm: NormName, float: 'float32' | 'float64' = 'float64'): Problem {
  return classifier('mlp', { input: [2, 3, 1], classes: 3, norm, activation: 'tanh', width: 0.04, float });
}

const feeds: Tensors = {
  x: (() => {
    const x = new Float64Array(batchSize * 6);
    createStream({ seed: 8, purpose: 'init', layer: 'x' }).fillNormal(x, 0.3, 1);
    return x;
  })(),
  labels: Int32Array.of(0, 1, 2, 2, 1, 0),
};

/** The Hessian row by row, by central differences of the gradient. */
async function differences(problem: Problem, mode: 'frozen' | 'eval'): Promise<number[][]> {
  const { g, loss } = problem.build({ mode, batchSize });
  const parameters = parametersOf(g);
  const slopes = grad(g, loss, parameters);
  const named = parameters.map(({ name }, i) => [name, need(slopes[i], 'a gradient')] as const);
  const program = await device.load(g.finish('slopes', Object.fromEntries(named)));
  const gradient = async (): Promise<number[]> => {
    const outputs = await program.run(feeds);
    return parameters.flatMap(({ name }) => Array.from(outputs[name] as Float64Array));
  };
  const h = 1e-5;
  const rows: number[][] = [];
  for (const { name } of parameters) {
    const at = (await device.read([name])).get(name)?.data as Float64Array;
    for (let i = 0; i < at.length; i++) {
      const moved = async (by: number): Promise<number[]> => {
        await device.write(new Map([[name, at.map((value, j) => (j === i ? value + by : value))]]));
        return gradient();
      };
      const [up, down] = [await moved(h), await moved(-h)];
      rows.push(up.map((value, j) => (value - (down[j] ?? Number.NaN)) / (2 * h)));
    }
    await device.write(new Map([[name, at]]));
  }
  await program.release();
  return rows;
}

/** The Hessian column by column, as the operator has it. */
async function columns(operator: SymmetricOperator): Promise<number[][]> {
  const found: number[][] = [];
  for (let i = 0; i < operator.size; i++) {
    const v = new Float64Array(operator.size);
    v[i] = 1;
    found.push([...(await operator.apply(v))]);
  }
  return found;
}

/** Sets the problem's parameters and state on the device, away from where they start. */
async function start(problem: Problem): Promise<void> {
  const { g, loss } = problem.build({ mode: 'eval', batchSize });
  const graph = g.finish('evaluated', { loss });
  await (await device.load(graph)).release();
  const all = problem.build({ mode: 'frozen', batchSize }).g;
  const parameters = parametersOf(all);
  const state = initialState(graph, 4);
  for (const { name, shape } of parameters) {
    const data = new Float64Array(elementCount(shape));
    createStream({ seed: 4, purpose: 'init', layer: name }).fillNormal(data, 0.2, 0.5);
    state.set(name, data);
  }
  await device.write(state);
}

const largest = (rows: readonly (readonly number[])[]): number => Math.max(...rows.flat().map(Math.abs));
const furthest = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  largest(a.map((row, i) => row.map((value, j) => value - (b[i]?.[j] ?? Number.NaN))));

describe.each([
  ['none', 'frozen'],
  ['batch', 'frozen'],
  ['batch', 'eval'],
  ['layer', 'frozen'],
] as const)('the Hessian of an MLP with norm %s, mode %s', (norm, mode) => {
  it('is what differences of the gradient say, entry by entry, and symmetric', async () => {
    const problem = smooth(norm);
    await start(problem);
    const hessian = await openHessian((graph) => device.load(graph), problem, { batchSize, mode });
    const found = await columns(hessian(feeds));
    const expected = await differences(problem, mode);
    expect(found).toHaveLength(expected.length);
    // Differences lose 1e-16/1e-5 by rounding and 1e-10 by what they leave out.
    expect(furthest(found, expected) / largest(expected)).toBeLessThan(1e-8);
    const transposed = found.map((row, i) => row.map((_, j) => found[j]?.[i] ?? Number.NaN));
    expect(furthest(found, transposed) / largest(found)).toBeLessThan(1e-13);
  });
});

describe('openHessian()', () => {
  it('gives Lanczos what leads to the eigenvalues of the explicit matrix', async () => {
    const problem = smooth('batch');
    await start(problem);
    const operator = (await openHessian((graph) => device.load(graph), problem, { batchSize, mode: 'frozen' }))(feeds);
    const explicit = await columns(operator);
    const eigenvalues = await symmetricEigenvalues(Float64Array.from(explicit.flat()), operator.size);
    const { values } = await lanczos(operator, { steps: 40, seed: 0 });
    expect(Math.abs((values.at(-1) ?? 0) / (eigenvalues.at(-1) ?? 0) - 1)).toBeLessThan(1e-9);
    expect(Math.abs((values[0] ?? 0) / (eigenvalues[0] ?? 0) - 1)).toBeLessThan(1e-9);
  });

  it('knows the Hessian of least squares: XᵀX for each output, so that no feed but x is taken', async () => {
    const [inputs, outputs] = [3, 2];
    const problem = regression(
      ({ linear }) =>
        (x) =>
          linear('only', x, outputs),
      {
        input: [inputs],
        outputs,
        over: 'sum',
        float: 'float64',
      },
    );
    const hessian = await openHessian((graph) => device.sibling().load(graph), problem, { batchSize, mode: 'frozen' });
    const x = Float64Array.from({ length: batchSize * inputs }, (_, i) => Math.sin(3 * i));
    const operator = hessian({ x, y: new Float64Array(batchSize * outputs), learningRate: Float64Array.of(1) });
    const found = await columns(operator);
    // 0.5 Σ (x w + b − y)²: the Gram matrix of the rows (x, 1), once for each output.
    const gram = (i: number, j: number): number => {
      let sum = 0;
      for (let n = 0; n < batchSize; n++) sum += (x[n * inputs + i] ?? 1) * (x[n * inputs + j] ?? 1);
      return sum;
    };
    const weights = Array.from({ length: inputs }, (_, i) => Array.from({ length: inputs }, (__, j) => gram(i, j)));
    const trace = weights.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
    const foundTrace = found.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
    expect(foundTrace).toBeCloseTo(outputs * (trace + batchSize), 10);
    const { values } = await lanczos(operator, { steps: 20, seed: 1 });
    expect(values[0]).toBeGreaterThan(0);
  });

  it('reads the weights of the moment, in float32 to its rounding', async () => {
    const exact = smooth('batch');
    await start(exact);
    const names = parametersOf(exact.build({ mode: 'frozen', batchSize }).g).map(({ name }) => name);
    const weights = await device.read(names);
    const expected = (await openHessian((graph) => device.load(graph), exact, { batchSize, mode: 'frozen' }))(feeds);
    const single = threadlessDevice({ lowering: 'portable', threads: 1 });
    try {
      const settings = { batchSize, mode: 'frozen' } as const;
      const hessian = await openHessian((graph) => single.load(graph), smooth('batch', 'float32'), settings);
      await single.write(
        new Map([...weights].map(([name, { data }]) => [name, Float32Array.from(data as Float64Array)])),
      );
      const found = hessian({ ...feeds, x: Float32Array.from(feeds['x'] as Float64Array) });
      const [rows, exactRows] = [await columns(found), await columns(expected)];
      // Some fifty roundings of 6e-8 on the way to an entry.
      expect(furthest(rows, exactRows) / largest(exactRows)).toBeLessThan(1e-5);
    } finally {
      await single.close();
    }
  });

  it('takes deep linear networks, whose loss is no quadratic', async () => {
    const about = { input: [2], outputs: 2, norm: 'none', float: 'float64' } as const;
    const problem = regression(deepLinear({ depth: 3, width: 2 }), about);
    const own = device.sibling();
    const hessian = await openHessian((graph) => own.load(graph), problem, { batchSize, mode: 'frozen' });
    const parameters = parametersOf(problem.build({ mode: 'frozen', batchSize }).g);
    await own.write(new Map(parameters.map(({ name }) => [name, Float64Array.of(1, 0, 0, 1)])));
    const x = Float64Array.from({ length: 2 * batchSize }, (_, i) => Math.cos(2 * i));
    const { values } = await lanczos(hessian({ x, y: x }), { steps: 20, seed: 2 });
    // All weights identity and ŷ = y: the Gauss–Newton part alone is left, which has no negative eigenvalue.
    expect(values[0]).toBeGreaterThan(-1e-12);
    expect(values.at(-1)).toBeGreaterThan(0.1);
    await own.close();
  });
});
