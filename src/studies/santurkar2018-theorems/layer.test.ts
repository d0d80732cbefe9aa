/** @file Derivatives with respect to the weight against Xᵀ times those of the values, and the offset that holds these. */

import { afterAll, describe, expect, it } from 'vitest';
import { threadlessLaboratory } from '../../../test/studies.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { spectralNorm } from '../../math/cholesky.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { maxDifference } from '../../testing/difference.ts';
import { layerFeeds, layerGraph, rankOne } from './layer.ts';
import { columnOf } from './statistics.ts';
import { drawUnits, feedsOf, gradientGraph } from './unit.ts';

const sizes = { units: 3, examples: 5, inputs: 4 };
const { units, examples, inputs } = sizes;
const { y, gamma, beta, loss } = drawUnits(sizes, (what) => ({ seed: 6, name: `layer ${what}` }));
const all = { 'norm/gamma': gamma, 'norm/beta': beta, ...loss };
const xs = Array.from({ length: units }, (_, unit) => randomArray(examples * inputs, `x${unit}`));
const w = randomArray(units * inputs, 'w');
const laboratory = threadlessLaboratory();
afterAll(() => laboratory.close());

describe('layerGraph()', () => {
  it('has the asked values whatever X, and ∇_W L = Xᵀ ∇_y L', async () => {
    const graph = layerGraph('batch', 'general', sizes);
    const out = await laboratory.run(graph, feedsOf(graph, { ...all, ...layerFeeds(xs, w, y, sizes) }));
    // Values up to some tens, to float64 rounding.
    expect(maxDifference(out['y'], y)).toBeLessThan(1e-12);
    const gradients = await laboratory.run(gradientGraph(examples, units, 'general'), { y, ...all });
    xs.forEach((x, unit) => {
      const d = columnOf(gradients['d'], unit, units);
      const dw = Array.from({ length: inputs }, (_, k) =>
        d.reduce((sum, value, i) => sum + value * (x[i * inputs + k] as number), 0),
      );
      expect((out['slope']?.[unit] as number) / innerProduct(dw, dw)).toBeCloseTo(1, 9);
    });
  });

  it('leaves y = X W without an offset', async () => {
    const graph = layerGraph('none', 'convex', sizes);
    const out = await laboratory.run(graph, feedsOf(graph, { ...all, ...layerFeeds(xs, w, undefined, sizes) }));
    xs.forEach((x, unit) => {
      columnOf(out['y'], unit, units).forEach((value, i) => {
        const row = x.slice(i * inputs, (i + 1) * inputs);
        expect(value).toBeCloseTo(innerProduct(row, w.slice(unit * inputs, (unit + 1) * inputs)), 12);
      });
    });
  });
});

describe('rankOne()', () => {
  it('has the asked norm and turns a to b', () => {
    const x = rankOne(Float64Array.of(3, 4), Float64Array.of(0, 2, 0), 10);
    expect([...x]).toEqual([0, 6, 0, 0, 8, 0]);
    expect(spectralNorm(x, 2)).toBeCloseTo(10, 12);
    expect([...rankOne(new Float64Array(2), Float64Array.of(1), 3)]).toEqual([0, 0]);
  });
});
