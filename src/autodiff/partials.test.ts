import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { add, dot, mul } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { ops } from '../ops/index.ts';
import { maxDifference } from '../testing/difference.ts';
import { buildGraph, evaluate } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { grad, partials, vjp } from './reverse.ts';

interface Parts {
  readonly x: Value;
  readonly a: Value;
  readonly b: Value;
  readonly loss: Value;
}

const size = 5;
const one = (g: GraphBuilder): Value => g.constant(1, [], g.float);

/**
 * a = eˣ, b = x ⊙ a, loss = Σ b² + a ⊙ x, where x reaches the loss by five paths; `given` stands in for values, cutting
 * them off from what they are made of.
 */
function chain(g: GraphBuilder, given: { readonly a?: Value; readonly b?: Value } = {}): Parts {
  const x = g.input('x', [size], { kind: 'data' });
  const a = given.a ?? g.emit('Exp', [x]);
  const b = given.b ?? mul(g, x, a);
  return { x, a, b, loss: add(g, dot(g, b, b), dot(g, a, x)) };
}

/** The loss as a function of x, a and b, which a graph would otherwise compute. */
async function lossAt(feeds: Readonly<Record<'x' | 'a' | 'b', Float64Array>>): Promise<number> {
  const graph = buildGraph('float64', (g) => {
    const [a, b] = ['a', 'b'].map((name) => g.input(name, [size], { kind: 'data' })) as [Value, Value];
    return { loss: chain(g, { a, b }).loss };
  });
  return (await evaluate(graph, feeds))['loss']?.[0] as number;
}

const x = randomArray(size, 'x');
let values: Record<string, Float64Array>;

beforeAll(async () => {
  const graph = buildGraph('float64', (g) => {
    const { x: point, a, b, loss } = chain(g);
    const [lossByX, lossByA, lossByB] = partials(g, [loss], [one(g)], [point, a, b]);
    const [byX, byA] = partials(g, [b], [lossByB], [point, a]);
    const throughA = add(g, lossByA, byA);
    const [aByX] = partials(g, [a], [throughA], [point]);
    const bySum = add(g, add(g, lossByX, byX), aByX);
    const [total] = grad(g, loss, [point]);
    return { a, b, lossByX, lossByA, lossByB, bySum, total };
  });
  values = (await evaluate(graph, { x })) as Record<string, Float64Array>;
});

describe('partials()', () => {
  it.each(['x', 'a', 'b'] as const)('are central differences in %s with the others held', async (name) => {
    const point = { x, a: values['a'] as Float64Array, b: values['b'] as Float64Array };
    // The loss is quadratic in each, so only rounding, 1e-16 / h, is left.
    const h = 1e-4;
    const slopes: number[] = [];
    for (let i = 0; i < size; i++) {
      const moved = (step: number): Float64Array => point[name].map((value, j) => (i === j ? value + step : value));
      const [above, below] = [
        await lossAt({ ...point, [name]: moved(h) }),
        await lossAt({ ...point, [name]: moved(-h) }),
      ];
      slopes.push((above - below) / (2 * h));
    }
    const analytic = values[{ x: 'lossByX', a: 'lossByA', b: 'lossByB' }[name]];
    expect(maxDifference(analytic, slopes)).toBeLessThan(1e-10);
  });

  it('sum over paths to the total derivative, which is another number', () => {
    expect(maxDifference(values['bySum'], values['total'] ?? [])).toBeLessThan(1e-13);
    expect(maxDifference(values['lossByX'], values['total'] ?? [])).toBeGreaterThan(0.1);
  });

  it('do not pass through one output of an op to another, nor past a value that is held', async () => {
    const data = randomArray(21, 'batch');
    const graph = buildGraph('float64', (g) => {
      const value = g.input('data', [7, 3], { kind: 'data' });
      const ones = g.constant([1, 1, 1], [3]);
      const [, mean, variance] = g.emitAll('BatchNormalization', [value, ones, ones], { epsilon: 0.1 });
      const sum = add(g, mean, variance);
      const [whole] = vjp(g, [variance], [ones], [value]);
      const [rest] = partials(g, [sum], [ones], [value, mean]);
      const [none] = partials(g, [sum], [ones], [value, mean, variance]);
      return { whole, rest, none };
    });
    const { whole, rest, none } = (await evaluate(graph, { data })) as Record<string, Float64Array>;
    expect(maxDifference(rest, whole ?? [])).toBe(0);
    expect(Math.max(...(rest ?? []))).toBeGreaterThan(0.1);
    expect([...(none ?? [])]).toEqual(new Array<number>(21).fill(0));
  });

  it('of an output by itself is the cotangent', () => {
    const g = new GraphBuilder(ops, 'float64');
    const { x: point, loss } = chain(g);
    const cotangent = one(g);
    expect(partials(g, [loss], [cotangent], [loss, point])[0]).toBe(cotangent);
  });

  it('refuse cotangents of another type', () => {
    const g = new GraphBuilder(ops, 'float64');
    const { x: point, loss } = chain(g);
    expect(() => partials(g, [loss], [point], [point])).toThrow(ShapeError);
  });
});
