import { describe, expect, it } from 'vitest';
import { axesOf, dot, mul, reduceMean, reduceSum, sub } from '../../graph/arithmetic.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { elementCount, type Shape } from '../../graph/tensor-type.ts';
import { createStream } from '../../math/random.ts';
import { buildGraph, evaluate } from '../../testing/evaluate.ts';
import { lowerPortable } from '../portable.ts';

const normal = (name: string, shape: Shape, mean = 0, std = 1): Float32Array => {
  const data = new Float32Array(elementCount(shape));
  createStream({ seed: 3, purpose: 'probe', layer: name }).fillNormal(data, mean, std);
  return data;
};

type Build = (g: GraphBuilder, x: Value, y: Value) => Value;
const graphOf = (shape: Shape, build: Build): ReturnType<typeof buildGraph> =>
  buildGraph('float32', (g) => ({
    result: build(g, g.input('x', shape, { kind: 'data' }), g.input('y', shape, { kind: 'data' })),
  }));

async function portable(shape: Shape, build: Build, x: Float32Array, y: Float32Array): Promise<number> {
  const outputs = await evaluate(graphOf(shape, build), { x, y }, { lowering: 'portable' });
  return Number(outputs['result']?.[0]);
}

/** Less than a row, many rows, rows of an odd length, and a prime number that no row divides. */
const shapes: readonly Shape[] = [[7], [3, 5, 2], [3, 64, 7, 9], [5, 3, 91, 77], [11_003]];

describe.each(shapes.map((shape) => [shape]))('sums over all of [%j]', (shape) => {
  const [x, y] = [normal('x', shape), normal('y', shape)];
  const product = x.reduce((sum, value, i) => sum + value * (y[i] ?? Number.NaN), 0);
  const magnitude = x.reduce((sum, value, i) => sum + Math.abs(value * (y[i] ?? Number.NaN)), 0);
  // Sums of up to 11,003 terms by ORT's vector kernels, 16 or more at a time: some 700 roundings of 6e-8 at worst.
  const tolerance = 1e-5;

  it('are those of a plain loop, of a tensor, of a product and of a square', async () => {
    expect(Math.abs((await portable(shape, dot, x, y)) - product)).toBeLessThan(tolerance * magnitude);
    const square = x.reduce((sum, value) => sum + value * value, 0);
    const actual = await portable(shape, (g, a, b) => dot(g, mul(g, a, 1), sub(g, a, mul(g, b, 0))), x, y);
    expect(Math.abs(actual / square - 1)).toBeLessThan(tolerance);
    expect(Math.abs((await portable(shape, (g, a) => dot(g, a, a), x, y)) / square - 1)).toBeLessThan(tolerance);
    const sum = x.reduce((a, b) => a + b, 0);
    const size = x.reduce((a, b) => a + Math.abs(b), 0);
    const all = axesOf({ dtype: 'float32', shape });
    expect(Math.abs((await portable(shape, (g, a) => reduceSum(g, a, all), x, y)) - sum)).toBeLessThan(
      tolerance * size,
    );
    const mean = await portable(shape, (g, a, b) => reduceMean(g, mul(g, a, b), all), x, y);
    expect(Math.abs(mean * x.length - product)).toBeLessThan(tolerance * magnitude);
  });
});

describe('a product that is only summed', () => {
  const opsOf = (build: Build): readonly string[] =>
    lowerPortable(graphOf([3, 64, 7, 9], build), { convolution: 'winograd4', packsState: false }).nodes.map(
      ({ op }) => op,
    );

  it('is never made', () => {
    expect(opsOf(dot)).not.toContain('Mul');
    expect(opsOf(dot)).toContain('FusedMatMul');
  });

  it('is made where somebody else wants it', () => {
    const both: Build = (g, x, y) => {
      const product = mul(g, x, y);
      return sub(g, product, reduceSum(g, product, axesOf(product)));
    };
    expect(opsOf(both)).toContain('Mul');
  });
});
