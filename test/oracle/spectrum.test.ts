/** @file Eigenvalues, trace and blocks of Hessians in training mode, against the whole Hessian by PyTorch in float64. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largestEigenpairs } from '../../src/curvature/eigenpairs.ts';
import { type Hessian, openHessian } from '../../src/curvature/hessian.ts';
import { restricted } from '../../src/curvature/restricted.ts';
import { spectralNodes } from '../../src/curvature/spectral-density.ts';
import { traceOf } from '../../src/curvature/trace.ts';
import { parametersOf } from '../../src/graph/graph.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { need } from '../../src/errors.ts';
import { innerProduct } from '../../src/math/inner-product.ts';
import { outputOf } from '../../src/runtime/device.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import { relativeError } from './errors.ts';
import { type Golden, goldenFiles, numbers } from './golden.ts';
import { batch, JITTER, problemOf, type Protocol, startingState } from './inputs.ts';

interface SpectrumGolden extends Golden {
  readonly protocol: Protocol;
  readonly loss: number;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly eigenvalues: Parameters<typeof numbers>[0];
  readonly trace: number;
  readonly alongGradient: number;
  /** Of the block of each parameter, the largest eigenvalue. */
  readonly blocks: Readonly<Record<string, number>>;
}

/** What the issue asks for is 1e-4; float64 gives what Lanczos is asked for, the square of its tolerance. */
const TOLERANCE = 1e-9;

describe.each(goldenFiles<SpectrumGolden>('spectrum'))('the Hessian of %s in training mode', (_, golden) => {
  const { protocol } = golden;
  const device = threadlessDevice({ lowering: 'reference', threads: 1 });
  const expected = numbers(golden.eigenvalues);
  const largest = expected.at(-1) ?? Number.NaN;
  let hessian: Hessian;
  let gradient: Float64Array;
  let loss: number;
  beforeAll(async () => {
    const problem = problemOf(protocol, 'float64');
    const batchSize = protocol.images[0];
    const { g, loss: built } = problem.build({ mode: 'frozen', batchSize });
    const parameters = parametersOf(g);
    const slopes = grad(g, built, parameters);
    const named = parameters.map(({ name }, i) => [name, need(slopes[i], 'a gradient')] as const);
    const graph = g.finish('slopes', { ...Object.fromEntries(named), 'the loss': built });
    const slopesOf = await device.load(graph);
    const open = await openHessian((each) => device.load(each), problem, { batchSize, mode: 'frozen' });
    await device.write(startingState(graph, protocol.seed, JITTER));
    const feeds = batch(protocol, 0, 'float64');
    const outputs = await slopesOf.run(feeds);
    loss = Number(outputOf(outputs, 'the loss')[0]);
    gradient = Float64Array.from(parameters.flatMap(({ name }) => [...(outputs[name] as Float64Array)]));
    hessian = open(feeds);
  });
  afterAll(() => device.close());

  it('is of the same loss, with the parameters in one order in both', () => {
    expect(relativeError(loss, golden.loss)).toBeLessThan(1e-12);
    const sizes = Object.entries(golden.parameters).map(([name, shape]) => [name, shape.reduce((a, b) => a * b, 1)]);
    expect(Object.fromEntries(hessian.parameters.map(({ name, start, end }) => [name, end - start]))).toEqual(
      Object.fromEntries(sizes),
    );
    expect(hessian.size).toBe(expected.length);
  });

  it('has the ten largest eigenvalues that PyTorch finds', async () => {
    const settings = { count: 10, tolerance: 1e-6, products: 400, memory: 60, seed: 0 };
    const found = await largestEigenpairs(hessian, settings);
    expect(found.isConverged).toBe(true);
    const ten = [...expected].toReversed().slice(0, 10);
    for (const [i, value] of found.values.entries()) {
      expect(Math.abs(value - (ten[i] ?? Number.NaN)) / largest).toBeLessThan(TOLERANCE);
    }
  });

  it('has the curvature along its gradient that PyTorch finds, by one product', async () => {
    const along = innerProduct(gradient, await hessian.apply(gradient)) / innerProduct(gradient, gradient);
    expect(relativeError(along, golden.alongGradient)).toBeLessThan(1e-11);
  });

  it('has blocks, of each parameter, with the largest eigenvalue that PyTorch finds', async () => {
    for (const { name, start, end } of hessian.parameters.filter((_, i) => i % 7 === 0)) {
      const block = restricted(hessian, [{ start, end }]);
      const { values } = await largestEigenpairs(block, { tolerance: 1e-6, products: 300, seed: 0 });
      expect(Math.abs((values[0] ?? Number.NaN) - (golden.blocks[name] ?? Number.NaN)) / largest, name).toBeLessThan(
        TOLERANCE,
      );
    }
  });

  it('has the trace, and the second moment of the spectrum, to four standard errors', async () => {
    const { value, standardError } = await traceOf(hessian, { vectors: 12, seed: 0 });
    expect(Math.abs(value - golden.trace)).toBeLessThan(4 * standardError);
    const nodes = await spectralNodes(hessian, { vectors: 12, steps: 3, seed: 0 });
    const moment = (power: number): number =>
      nodes.reduce((sum, node) => sum + node.weight * node.value ** power, 0) * expected.length;
    const exact = (power: number): number => expected.reduce((sum, each) => sum + each ** power, 0);
    // zᵀA²z has variance 2 ‖A²‖_F² of a Gaussian z; a little less of one of fixed length.
    expect(Math.abs(moment(2) - exact(2))).toBeLessThan(4 * Math.sqrt((2 * exact(4)) / 12));
  });
});
