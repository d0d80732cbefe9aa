/** @file The random smooth losses against plain loops, and their curvature: the Hessians that the theorems are tested on. */

import { describe, expect, it } from 'vitest';
import { grad, hvp } from '../../autodiff/reverse.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { buildGraph, evaluate } from '../../testing/evaluate.ts';
import { GRADCHECK_TOLERANCE, gradcheck, randomArray } from '../../testing/gradcheck.ts';
import { drawUnits, feedsOf, type LossKind, lossKinds, normalise, smoothLosses } from './unit.ts';
import { columnOf } from './statistics.ts';

const [units, examples] = [3, 5];
const drawn = drawUnits({ units, examples }, (what) => ({ seed: 4, name: `test ${what}` }));

/** One unit's loss in plain loops, from its values z. */
function lossOf(unit: number, z: readonly number[], kind: LossKind): number {
  const { inner, bias, outer, bowl, slope, curvature, labels } = drawn.loss as Record<string, Float64Array>;
  const at = (data: Float64Array | undefined, i: number): number => data?.[i] as number;
  const rows = (data: Float64Array | undefined, count: number, x: readonly number[]): number[] =>
    Array.from({ length: count }, (_, r) =>
      x.reduce((sum, value, i) => sum + at(data, (unit * count + r) * x.length + i) * value, 0),
    );
  const hidden = rows(inner, 5, z).map((value, i) => {
    const shifted = value + at(bias, unit * 5 + i);
    return kind === 'convex' ? shifted : Math.tanh(shifted);
  });
  const logits = rows(outer, 3, hidden);
  const entropy = Math.log(logits.reduce((sum, l) => sum + Math.exp(l), 0)) - (logits[at(labels, unit)] as number);
  const quadratic = rows(bowl, 2, z).reduce((sum, value) => sum + value * value, 0) / 2;
  const linear = z.reduce((sum, value, i) => sum + at(slope, i * units + unit) * value, 0);
  return linear + at(curvature, unit) * (entropy + quadratic);
}

/** Values of the units, here behind no norm. */
const z = Array.from({ length: units }, (_, unit) => [...columnOf(drawn.y, unit, units)]);

describe.each(lossKinds)('a %s loss', (kind) => {
  const graph = buildGraph('float64', (g) => {
    const input = g.input('z', [examples, units], { kind: 'data' });
    const direction = g.input('direction', [examples, units], { kind: 'data' });
    const loss = smoothLosses(g, input, kind);
    const [gradient] = grad(g, loss, [input]);
    const [product] = hvp(g, loss, [input], [direction]);
    return { loss, gradient, product };
  });
  const run = (direction: Float64Array) =>
    evaluate(graph, feedsOf(graph, { ...drawn.loss, z: drawn.y, direction })) as Promise<Record<string, Float64Array>>;

  it('is the sum of the units’ losses, and its gradient that of each by itself', async () => {
    const { loss, gradient } = await run(drawn.y);
    expect(loss?.[0]).toBeCloseTo(
      z.reduce((sum, values, unit) => sum + lossOf(unit, values, kind), 0),
      9,
    );
    // Central differences with step 1e-5 in float64 are good to about 1e-10 of the values, which reach some 1e3.
    for (const [unit, values] of z.entries()) {
      for (const example of values.keys()) {
        const moved = (step: number): number =>
          lossOf(unit, values.with(example, (values[example] as number) + step), kind);
        const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        expect(gradient?.[example * units + unit]).toBeCloseTo(slope, 5);
      }
    }
  });

  it('curves down somewhere unless it is convex', async () => {
    let least = Number.POSITIVE_INFINITY;
    for (let trial = 0; trial < 60; trial++) {
      const { y: direction } = drawUnits({ units, examples }, (what) => ({ seed: 5, step: trial, name: what }));
      const { product } = await run(direction);
      for (let unit = 0; unit < units; unit++) {
        const v = columnOf(direction, unit, units);
        const curvature = innerProduct(v, columnOf(product, unit, units)) / innerProduct(v, v);
        least = Math.min(least, curvature);
      }
    }
    // Rounding of products of order ten is near 1e-15; the negative curvatures of the general losses are near −0.1.
    expect(least > -1e-9).toBe(kind === 'convex');
  });
});

describe('batch norm before a loss', () => {
  it.each(lossKinds)('has the first and second derivatives of central differences: %s loss', async (kind) => {
    const errors = await gradcheck({
      inputs: { y: { shape: [examples, units], data: randomArray(examples * units, 'y') } },
      declared: { 'norm/gamma': drawn.beta, 'norm/beta': drawn.beta },
      constants: drawn.loss,
      f: (g, { y }) => (y === undefined ? [] : [smoothLosses(g, normalise(g, 'batch', y), kind)]),
    });
    expect(Math.max(errors.first, errors.second)).toBeLessThan(GRADCHECK_TOLERANCE);
  });
});
