import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { Shape } from '../graph/tensor-type.ts';
import { ops } from '../ops/index.ts';
import { maxDifference } from '../testing/difference.ts';
import { evaluate } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { type ActivationName, activations } from './activations.ts';
import { initialisers } from './initialisers.ts';
import { conv, dense, flatten, globalAveragePool, maxPool } from './layers.ts';

const glorot = { initialiser: 'glorot', bias: true } as const;
const images = (g: GraphBuilder, shape: Shape): Value => g.input('x', shape, { kind: 'data' });
const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** What a layer computes in float64 for random inputs and parameters, which are returned by name. */
async function run(
  shape: Shape,
  layer: (g: GraphBuilder, x: Value) => Value,
): Promise<{ y: Float64Array; shape: Shape; feeds: Record<string, Float64Array> }> {
  const g = new GraphBuilder(ops, 'float64');
  const y = layer(g, images(g, shape));
  const graph = g.finish('layer', { y });
  const feeds = Object.fromEntries(
    graph.inputs.map(({ value }) => [value.name, randomArray(size(value.shape), value.name)]),
  );
  const fed = graph.inputs.map(({ value }) => ({ value, role: { kind: 'data' } as const }));
  const result = await evaluate({ ...graph, inputs: fed }, feeds);
  return { y: result['y'] as Float64Array, shape: y.shape, feeds };
}

/** The names, shapes and roles that a layer declares. */
function declared(shape: Shape, layer: (g: GraphBuilder, x: Value) => Value): readonly unknown[] {
  const g = new GraphBuilder(ops);
  layer(g, images(g, shape));
  return g.inputs.slice(1).map(({ value, role }) => ({ name: value.name, shape: value.shape, role }));
}

describe('dense()', () => {
  it('is x W + b', async () => {
    const { y, shape, feeds } = await run([3, 5], (g, x) => dense(g, 'head', x, 2, glorot));
    const [x, w, b] = ['x', 'head/weight', 'head/bias'].map((name) => feeds[name]) as Float64Array[];
    const expected = [0, 1, 2].flatMap((n) =>
      [0, 1].map((j) =>
        [0, 1, 2, 3, 4].reduce(
          (sum, i) => sum + (x?.[5 * n + i] as number) * (w?.[2 * i + j] as number),
          b?.[j] as number,
        ),
      ),
    );
    expect(shape).toEqual([3, 2]);
    expect(maxDifference(y, expected)).toBeLessThan(1e-14);
  });

  it('declares a weight by fans and a bias of zero, or none', () => {
    const weight = {
      name: 'head/weight',
      shape: [5, 2],
      role: { kind: 'parameter', initial: { kind: 'uniform', limit: Math.sqrt(6 / 7) }, owner: 'layer' },
    };
    const bias = {
      name: 'head/bias',
      shape: [2],
      role: { kind: 'parameter', initial: { kind: 'constant', value: 0 }, owner: 'layer' },
    };
    expect(declared([3, 5], (g, x) => dense(g, 'head', x, 2, glorot))).toEqual([weight, bias]);
    expect(declared([3, 5], (g, x) => dense(g, 'head', x, 2, { ...glorot, bias: false }))).toEqual([weight]);
  });

  it('refuses images, no units, and a name that is taken', () => {
    const g = new GraphBuilder(ops);
    const x = images(g, [3, 5, 2, 2]);
    expect(() => dense(g, 'head', x, 2, glorot)).toThrow(
      new ShapeError("Layer 'head' takes [N,D], got [3,5,2,2]; flatten it"),
    );
    expect(() => dense(g, 'head', flatten(g, x), 0, glorot)).toThrow(/'head\/weight': sizes must be positive integers/);
    dense(g, 'twice', flatten(g, x), 2, glorot);
    expect(() => dense(g, 'twice', flatten(g, x), 2, glorot)).toThrow(/'twice\/weight': the name is taken/);
  });
});

describe('conv()', () => {
  it('keeps the image at stride 1, halves it at stride 2, and adds one bias per channel', async () => {
    const sizes = await Promise.all(
      [1, 2].map((stride) =>
        run([2, 3, 7, 5], (g, x) => conv(g, 'c', x, { ...glorot, channels: 4, kernel: 3, stride })),
      ),
    );
    expect(sizes.map(({ shape }) => shape)).toEqual([
      [2, 4, 7, 5],
      [2, 4, 4, 3],
    ]);
    const bare = await run([2, 3, 7, 5], (g, x) =>
      conv(g, 'c', x, { ...glorot, bias: false, channels: 4, kernel: 3, stride: 1 }),
    );
    const biases = sizes[0]?.feeds['c/bias'] as Float64Array;
    const expected = bare.y.map((value, i) => value + (biases[Math.floor(i / 35) % 4] as number));
    expect(maxDifference(sizes[0]?.y, expected)).toBeLessThan(1e-15);
  });

  it('counts the taps among its fans', () => {
    const settings = { initialiser: 'he', bias: false, channels: 4, kernel: 3, stride: 1 } as const;
    expect(declared([2, 3, 7, 5], (g, x) => conv(g, 'c', x, settings))).toEqual([
      {
        name: 'c/weight',
        shape: [4, 3, 3, 3],
        role: { kind: 'parameter', initial: { kind: 'normal', std: Math.sqrt(2 / 27) }, owner: 'layer' },
      },
    ]);
  });

  it('refuses what is no image, naming the layer', () => {
    const g = new GraphBuilder(ops);
    const x = images(g, [3, 5]);
    const settings = { ...glorot, channels: 4, kernel: 3, stride: 1 };
    expect(() => conv(g, 'stem', x, settings)).toThrow(/stem\/Conv.*takes images \[N,C,H,W\]/);
  });
});

describe('maxPool(), globalAveragePool(), flatten()', () => {
  it('drop what fills no window, and leave an image smaller than the window as it is', () => {
    const g = new GraphBuilder(ops);
    expect(maxPool(g, images(g, [2, 3, 7, 5]), 2).shape).toEqual([2, 3, 3, 2]);
    const small = g.input('small', [2, 3, 1, 5], { kind: 'data' });
    expect(maxPool(g, small, 2)).toBe(small);
  });

  it('average each channel of each image', async () => {
    const { y, feeds } = await run([2, 3, 5, 4], globalAveragePool);
    const means = Array.from({ length: 6 }, (_, i) =>
      (feeds['x'] as Float64Array).subarray(20 * i, 20 * (i + 1)).reduce((a, b) => a + b / 20, 0),
    );
    expect(maxDifference(y, means)).toBeLessThan(1e-15);
  });

  it('keep the order of the elements of an image', async () => {
    const { y, shape, feeds } = await run([2, 3, 5, 4], flatten);
    expect(shape).toEqual([2, 60]);
    expect(y).toEqual(feeds['x']);
  });
});

describe('initialisers', () => {
  it.each([
    [1, 1],
    [27, 36],
    [784, 100],
  ])('give weights of variance 2/(fanIn + fanOut) and 2/fanIn for fans %d, %d', (fanIn, fanOut) => {
    const glorotUniform = initialisers.glorot(fanIn, fanOut);
    // The variance of a uniform distribution in ±limit is limit² / 3.
    expect(glorotUniform).toEqual({ kind: 'uniform', limit: expect.closeTo(Math.sqrt(6 / (fanIn + fanOut)), 12) });
    expect(initialisers.he(fanIn, fanOut)).toEqual({ kind: 'normal', std: expect.closeTo(Math.sqrt(2 / fanIn), 12) });
  });
});

describe('activations', () => {
  const definitions: Readonly<Record<ActivationName, (x: number) => number>> = {
    relu: (x) => Math.max(x, 0),
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    tanh: Math.tanh,
    softplus: (x) => Math.log1p(Math.exp(x)),
    identity: (x) => x,
  };

  it.each(Object.keys(activations) as ActivationName[])('%s is what it is called', async (name) => {
    const { y, feeds } = await run([3, 5], (g, x) => activations[name](g, g.emit('Mul', [x, g.constant(4)])));
    const x = feeds['x'] as Float64Array;
    expect(
      maxDifference(
        y,
        x.map((value) => definitions[name](4 * value)),
      ),
    ).toBeLessThan(1e-14);
  });

  it.each(Object.keys(activations) as ActivationName[])('%s stays finite far from zero', async (name) => {
    const { y } = await run([3, 5], (g, x) => activations[name](g, g.emit('Mul', [x, g.constant(1e4)])));
    expect([...y].every(Number.isFinite)).toBe(true);
  });
});
