import { describe, expect, expectTypeOf, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { add, dot, mul, reduceMean, reduceSum, sub } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { Shape } from '../graph/tensor-type.ts';
import { crossEntropy } from '../nn/losses.ts';
import { ops } from '../ops/index.ts';
import { maxDifference } from '../testing/difference.ts';
import { buildGraph, evaluate, type Feeds, openProgram } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { grad, hvp, partials, vjp } from './reverse.ts';

type Matrix = readonly (readonly number[])[];

const input = (g: GraphBuilder, name: string, shape: Shape): Value => g.input(name, shape, { kind: 'data' });
const builder = (): GraphBuilder => new GraphBuilder(ops, 'float64');

/** What a graph of float64 inputs computes. */
function run(
  feeds: Feeds,
  build: (g: GraphBuilder) => Readonly<Record<string, Value>>,
): Promise<Record<string, Float64Array>> {
  return evaluate(buildGraph('float64', build), feeds) as Promise<Record<string, Float64Array>>;
}

function rows(data: Float64Array, columns: number): Matrix {
  return Array.from({ length: data.length / columns }, (_, i) =>
    Array.from(data.subarray(i * columns, (i + 1) * columns)),
  );
}

function times(matrix: Matrix, vector: readonly number[]): readonly number[] {
  return matrix.map((row) => row.reduce((sum, a, j) => sum + a * (vector[j] as number), 0));
}

/** What rounding in float64 may leave between numbers of order one. */
const ROUNDING = 1e-13;

/** ½ xᵀ A x for x [5, 1]; A need not be symmetric. */
function quadratic(g: GraphBuilder): { readonly x: Value; readonly loss: Value } {
  const [a, x] = [input(g, 'a', [5, 5]), input(g, 'x', [5, 1])];
  return { x, loss: mul(g, dot(g, x, g.emit('MatMul', [a, x])), 0.5) };
}

const a = randomArray(25, 'a');
const x = randomArray(5, 'x');
const v = randomArray(5, 'v');
/** (A + Aᵀ) / 2: the Hessian of the quadratic. */
const hessian = rows(a, 5).map((row, i) => row.map((value, j) => (value + (rows(a, 5)[j]?.[i] as number)) / 2));

describe('grad()', () => {
  it('is (A + Aᵀ) x / 2 for xᵀ A x / 2', async () => {
    const { dx } = await run({ a, x }, (g) => {
      const q = quadratic(g);
      return { dx: grad(g, q.loss, [q.x])[0] };
    });
    expect(maxDifference(dx, times(hessian, [...x]))).toBeLessThan(ROUNDING);
  });

  it('is Xᵀ (σ(X w) − y) / N for logistic regression', async () => {
    const [features, weights, labels] = [randomArray(15, 'X'), randomArray(5, 'w'), Float64Array.of(1, 0, 1)];
    const { dw } = await run({ features, weights, labels }, (g) => {
      const w = input(g, 'weights', [5, 1]);
      const z = g.emit('MatMul', [input(g, 'features', [3, 5]), w]);
      const target = g.emit('Reshape', [input(g, 'labels', [3])], { shape: [3, 1] });
      // −ln σ(z) for label 1 and −ln(1 − σ(z)) for label 0.
      const loss = reduceMean(g, sub(g, g.emit('Softplus', [z]), mul(g, target, z)), [0, 1]);
      return { dw: grad(g, loss, [w])[0] };
    });
    const X = rows(features, 5);
    const residuals = times(X, [...weights]).map((z, i) => 1 / (1 + Math.exp(-z)) - (labels[i] as number));
    const transposed = Array.from({ length: 5 }, (_, j) => X.map((row) => row[j] as number));
    expect(
      maxDifference(
        dw,
        times(transposed, residuals).map((sum) => sum / 3),
      ),
    ).toBeLessThan(ROUNDING);
  });

  it('adds up what a value used many times contributes', async () => {
    const { dx } = await run({ x }, (g) => {
      const value = input(g, 'x', [5]);
      const square = mul(g, value, value);
      const loss = reduceSum(g, add(g, add(g, mul(g, square, value), square), value), [0]);
      return { dx: grad(g, loss, [value])[0] };
    });
    expect(
      maxDifference(
        dx,
        [...x].map((t) => 3 * t * t + 2 * t + 1),
      ),
    ).toBeLessThan(ROUNDING);
  });

  it('is zero for a value that the loss does not depend on, or only through a piecewise constant', async () => {
    const outputs = await run({ x, y: v, z: a }, (g) => {
      const [used, counted, unused] = [input(g, 'x', [5]), input(g, 'y', [5]), input(g, 'z', [5, 5])];
      const equal = g.emit('Cast', [g.emit('Equal', [counted, used])], { to: 'float64' });
      const [dCounted, dUnused, dUsed] = grad(g, dot(g, equal, used), [counted, unused, used]);
      return { counted: dCounted, unused: dUnused, used: dUsed };
    });
    expect([...(outputs['counted'] ?? [])]).toEqual(new Array<number>(5).fill(0));
    expect([...(outputs['unused'] ?? [])]).toEqual(new Array<number>(25).fill(0));
    expect([...(outputs['used'] ?? [])]).toEqual(new Array<number>(5).fill(0));
  });

  it('takes values inside the graph, the loss itself included', async () => {
    const { dSquare, dLoss } = await run({ x }, (g) => {
      const square = mul(g, input(g, 'x', [5]), 2);
      const loss = dot(g, square, square);
      const [inner, whole] = grad(g, loss, [square, loss]);
      return { dSquare: inner, dLoss: whole };
    });
    expect(
      maxDifference(
        dSquare,
        [...x].map((t) => 4 * t),
      ),
    ).toBeLessThan(ROUNDING);
    expect(maxDifference(dLoss, [1])).toBeLessThan(ROUNDING);
  });

  it('refuses a loss that is not a scalar', () => {
    const g = builder();
    const value = input(g, 'x', [3, 5]);
    expect(() => grad(g, value, [value])).toThrow(
      new ShapeError("A loss must be a scalar, got 'x': float64[3,5]; reduce it first"),
    );
  });
});

describe('vjp()', () => {
  it('is the sum over outputs of cotangent times Jacobian', async () => {
    const [p, q] = [randomArray(5, 'p'), randomArray(1, 'q')];
    const { dx, twice } = await run({ x, p, q }, (g) => {
      const value = input(g, 'x', [5]);
      const [exp, sum] = [g.emit('Exp', [value]), dot(g, value, value)];
      const [left, right] = [input(g, 'p', [5]), g.emit('Reshape', [input(g, 'q', [1])], { shape: [] })];
      const both = vjp(g, [exp, sum], [left, right], [value]);
      return { dx: both[0], twice: vjp(g, [exp, exp], [left, left], [value])[0] };
    });
    expect(
      maxDifference(
        dx,
        [...x].map((t, i) => (p[i] as number) * Math.exp(t) + 2 * t * (q[0] as number)),
      ),
    ).toBeLessThan(ROUNDING);
    expect(
      maxDifference(
        twice,
        [...x].map((t, i) => 2 * (p[i] as number) * Math.exp(t)),
      ),
    ).toBeLessThan(ROUNDING);
  });

  it('reaches every output of an op with several', async () => {
    const shape = [7, 3];
    const data = randomArray(21, 'batch');
    const { dMean, dVariance } = await run({ data }, (g) => {
      const value = input(g, 'data', shape);
      const ones = g.constant([1, 1, 1], [3]);
      const [, mean, variance] = g.emitAll('BatchNormalization', [value, ones, ones], { epsilon: 0.1 });
      return {
        dMean: vjp(g, [mean], [ones], [value])[0],
        dVariance: vjp(g, [variance], [ones], [value])[0],
      };
    });
    const means = [0, 1, 2].map((c) => rows(data, 3).reduce((sum, row) => sum + (row[c] as number), 0) / 7);
    expect(maxDifference(dMean, new Array<number>(21).fill(1 / 7))).toBeLessThan(ROUNDING);
    expect(
      maxDifference(
        dVariance,
        [...data].map((t, i) => (2 / 7) * (t - (means[i % 3] as number))),
      ),
    ).toBeLessThan(ROUNDING);
  });

  it('refuses cotangents that are missing, too many, or of another type', () => {
    const g = builder();
    const value = input(g, 'x', [3, 5]);
    const single = g.input('single', [3, 5], { kind: 'data' }, 'float32');
    const outputs: readonly Value[] = [value];
    const none: readonly Value[] = [];
    expect(() => vjp(g, outputs, none, [value])).toThrow(
      new ShapeError('Of 1 output each must have a cotangent, got 0'),
    );
    expect(() => vjp(g, outputs, [value, value], [value])).toThrow(ShapeError);
    expect(() => vjp(g, [value], [g.constant(1)], [value])).toThrow(
      new ShapeError("The cotangent of 'x' must be float64[3,5], got float64[]"),
    );
    expect(() => vjp(g, [value], [single], [value])).toThrow(
      new ShapeError("The cotangent of 'x' must be float64[3,5], got float32[3,5]"),
    );
  });
});

describe('hvp()', () => {
  it('is (A + Aᵀ) v / 2 for xᵀ A x / 2', async () => {
    const { hv } = await run({ a, x, v }, (g) => {
      const q = quadratic(g);
      return { hv: hvp(g, q.loss, [q.x], [input(g, 'v', [5, 1])])[0] };
    });
    expect(maxDifference(hv, times(hessian, [...v]))).toBeLessThan(ROUNDING);
  });

  it('takes a vector that depends on the point as given: along the gradient it is H ∇loss', async () => {
    const { hg } = await run({ a, x }, (g) => {
      const q = quadratic(g);
      return { hg: hvp(g, q.loss, [q.x], grad(g, q.loss, [q.x]))[0] };
    });
    expect(maxDifference(hg, times(hessian, times(hessian, [...x])))).toBeLessThan(ROUNDING);
  });

  it('is what finite differences of the gradient of a perceptron give', async () => {
    const shapes = { w1: [5, 4], b1: [4], w2: [4, 3] } as const;
    const names = Object.keys(shapes) as (keyof typeof shapes)[];
    const graph = buildGraph('float64', (g) => {
      const labels = g.input('labels', [7], { kind: 'data' }, 'int32');
      const weights = names.map((name) => input(g, name, shapes[name]));
      const [w1, b1, w2] = weights as [Value, Value, Value];
      const hidden = g.emit('Tanh', [add(g, g.emit('MatMul', [input(g, 'images', [7, 5]), w1]), b1)]);
      const loss = crossEntropy(g, g.emit('MatMul', [hidden, w2]), labels);
      const vectors = names.map((name) => input(g, `v_${name}`, shapes[name]));
      const [gradients, products] = [grad(g, loss, weights), hvp(g, loss, weights, vectors)];
      return Object.fromEntries(
        names.flatMap((name, i) => [
          [`g_${name}`, gradients[i] as Value],
          [`hv_${name}`, products[i] as Value],
        ]),
      );
    });
    const size = (name: keyof typeof shapes): number => shapes[name].reduce((product, n) => product * n, 1);
    const point = Object.fromEntries(names.map((name) => [name, randomArray(size(name), name)]));
    const vectors = Object.fromEntries(names.map((name) => [`v_${name}`, randomArray(size(name), `v_${name}`)]));
    const fixed = { images: randomArray(35, 'images'), labels: Int32Array.of(0, 2, 1, 1, 0, 2, 2), ...vectors };
    const program = await openProgram(graph);
    const at = async (step: number): Promise<Record<string, Float64Array>> => {
      const moved = names.map((name) => [
        name,
        point[name]?.map((t, i) => t + step * (vectors[`v_${name}`]?.[i] ?? 0)),
      ]);
      return (await program.run({ ...fixed, ...Object.fromEntries(moved) })) as Record<string, Float64Array>;
    };
    // Central differences: truncation h² and rounding 1e-16/h are both near 1e-10.
    const h = 1e-5;
    const [below, here, above] = [await at(-h), await at(0), await at(h)];
    await program.close();
    for (const name of names) {
      const difference = [...(above[`g_${name}`] ?? [])].map(
        (t, i) => (t - (below[`g_${name}`]?.[i] as number)) / (2 * h),
      );
      expect(Math.max(...difference.map(Math.abs))).toBeGreaterThan(0.01);
      expect(maxDifference(here[`hv_${name}`], difference)).toBeLessThan(1e-9);
    }
  });

  it('refuses vectors of another shape, and a loss that is not a scalar', () => {
    const g = builder();
    const { x: point, loss } = quadratic(g);
    expect(() => hvp(g, loss, [point], [g.constant(1)])).toThrow(/must be float64\[5,1\], got float64\[\]/);
    expect(() => hvp(g, point, [point], [point])).toThrow(/A loss must be a scalar/);
  });

  it('of no values is no values', () => {
    const g = builder();
    expect(hvp(g, quadratic(g).loss, [], [])).toEqual([]);
  });
});

describe('types', () => {
  const g = builder();
  const [value, other] = [input(g, 'x', [5]), input(g, 'y', [5])];
  const loss = dot(g, value, other);

  it('give as many gradients as are asked for', () => {
    const two = grad(g, loss, [value, other]);
    expectTypeOf(two).toEqualTypeOf<readonly [Value, Value]>();
    expectTypeOf<'1'>().toExtend<keyof typeof two>();
    expectTypeOf<'2'>().not.toExtend<keyof typeof two>();
    expect(two).toHaveLength(2);
    expectTypeOf(vjp(g, [loss], [loss], [value])).toEqualTypeOf<readonly [Value]>();
    expectTypeOf(partials(g, [loss], [loss], [value, other])).toEqualTypeOf<readonly [Value, Value]>();
    expectTypeOf(hvp(g, loss, [value, other], [value, other])).toEqualTypeOf<readonly [Value, Value]>();
  });

  it('give a list for a list', () => {
    const list: readonly Value[] = [value, other];
    expectTypeOf(grad(g, loss, list)).toEqualTypeOf<readonly Value[]>();
    expectTypeOf(grad(g, loss, [value, ...list])).toEqualTypeOf<readonly [Value, ...Value[]]>();
  });

  it('ask for one cotangent per output, and one vector per value', () => {
    expectTypeOf<readonly [Value]>().toExtend<Parameters<typeof vjp<readonly [Value], readonly []>>[2]>();
    expectTypeOf<readonly []>().not.toExtend<Parameters<typeof vjp<readonly [Value], readonly []>>[2]>();
    expectTypeOf<readonly [Value, Value]>().not.toExtend<Parameters<typeof vjp<readonly [Value], readonly []>>[2]>();
    expectTypeOf<readonly [Value]>().not.toExtend<Parameters<typeof hvp<readonly [Value, Value]>>[3]>();
  });
});
