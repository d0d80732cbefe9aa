import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { add, mul, reduceSum, reshape } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { grad } from '../autodiff/reverse.ts';
import { type Graph, parametersOf, type Role } from '../graph/graph.ts';
import { ops } from '../ops/index.ts';
import type { Device, Program, Tensors } from '../runtime/device.ts';
import { threadlessDevice } from '../runtime/node/node-device.ts';
import type { TensorData } from '../runtime/tensor-data.ts';
import { maxDifference } from '../testing/difference.ts';
import { reference } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { keepNeeded, keptName } from '../train/kept.ts';
import { type BuildLoss, displacedGraph, randomName, squaredNorm } from './landscape-graphs.ts';
import { measureRay } from './ray.ts';

/** Two parameters, 3 + 4 numbers. */
const sizes = { p: 3, q: 4 } as const;
const D = 7;
const dot = (u: readonly number[], v: readonly number[]): number => u.reduce((sum, a, i) => sum + a * (v[i] ?? 0), 0);
const rows = Array.from({ length: D }, (_, i) => [...randomArray(D, `row${i}`)]);
const A = rows.map((row, i) => row.map((value, j) => value + (rows[j]?.[i] ?? 0)));
const times = (v: readonly number[]): number[] => A.map((row) => dot(row, v));
const minus = (u: readonly number[], s: number, v: readonly number[]): number[] => u.map((a, i) => a - s * (v[i] ?? 0));
const loss = (at: readonly number[]): number => dot(at, times(at)) / 2;

const x = [...randomArray(D, 'point')];
const g = times(x);
const direction = [...randomArray(D, 'direction')];
const split = (v: readonly number[]): { p: Float64Array; q: Float64Array } => ({
  p: Float64Array.from(v.slice(0, sizes.p)),
  q: Float64Array.from(v.slice(sizes.p)),
});

/** L = x'Ax/2 with x in two pieces, of shapes [3] and [2, 2]; its Hessian is A. */
const quadratic: BuildLoss = (view) => {
  const builder = new GraphBuilder(ops, 'float64', view);
  const role: Role = { kind: 'parameter', initial: { kind: 'constant', value: 0 }, owner: 'layer' };
  const p = reshape(builder, builder.input('p', [3], role), [1, 3]);
  const q = reshape(builder, builder.input('q', [2, 2], role), [1, 4]);
  const block = (from: number, to: number, left: number, right: number): number[] =>
    A.slice(from, to).flatMap((row) => row.slice(left, right));
  const product = (u: typeof p, data: number[], shape: [number, number], v: typeof p): typeof p => {
    const row = builder.emit('MatMul', [u, builder.constant(data, shape)]);
    return builder.emit('ReduceSum', [mul(builder, row, v)], { axes: [0, 1], keepdims: false });
  };
  const square = add(builder, product(p, block(0, 3, 0, 3), [3, 3], p), product(q, block(3, 7, 3, 7), [4, 4], q));
  const crossed = mul(builder, product(p, block(0, 3, 3, 7), [3, 4], q), 2);
  return { g: builder, loss: mul(builder, add(builder, square, crossed), 0.5) };
};

/** The gradient at x, kept as a step keeps it. */
function gradientGraph(build: BuildLoss): Graph {
  const { g, loss } = build();
  const parameters = parametersOf(g);
  const parts = { g, parameters, gradients: grad(g, loss, parameters) };
  const written = keepNeeded(parts, ['origin', 'gradient']);
  return g.finish('gradient', { loss, squaredNorm: squaredNorm(parts) }, written);
}

let device: Device;
const programs = new Map<string, Program>();
beforeAll(async () => {
  device = threadlessDevice({ ...reference, threads: 1 });
  for (const graph of [
    gradientGraph(quadratic),
    displacedGraph(quadratic, 'gradient', 3),
    displacedGraph(quadratic, 'random', 1),
  ]) {
    programs.set(graph.name, await device.load(graph));
  }
  await writeOrigin();
});
async function write(p: string, q: string, values: readonly number[]): Promise<void> {
  const parts = split(values);
  await device.write(
    new Map<string, TensorData>([
      [p, parts.p],
      [q, parts.q],
    ]),
  );
}
const writeOrigin = (): Promise<void> => write('p', 'q', x);
afterAll(() => device.close());

async function stored(name: string): Promise<Float64Array> {
  return (await device.read([name])).get(name)?.data as Float64Array;
}
async function runAll(name: string, feeds: Tensors = {}): Promise<Tensors> {
  const program = programs.get(name);
  if (program === undefined) throw new RangeError(`'${name}' must be loaded, got ${[...programs.keys()].join(', ')}`);
  return program.run(feeds);
}
async function run(name: string, feeds?: Tensors): Promise<Record<string, number>> {
  const outputs = await runAll(name, feeds);
  return Object.fromEntries(Object.entries(outputs).map(([key, data]) => [key, Number(data[0])]));
}
/** Largest relative error among the numbers that are expected, by name. */
const error = (actual: Record<string, number>, expected: Record<string, number>): number =>
  Math.max(...Object.entries(expected).map(([name, value]) => Math.abs((actual[name] ?? Number.NaN) / value - 1)));

describe('the graphs of the landscape probe, on a quadratic', () => {
  it('give loss and gradient at x, and keep the gradient', async () => {
    const outputs = await run('gradient');
    expect(error(outputs, { loss: loss(x), squaredNorm: dot(g, g) })).toBeLessThan(1e-12);
    expect(maxDifference(await stored(keptName('gradient', 'p')), split(g).p)).toBeLessThan(1e-14);
    expect(maxDifference(await stored(keptName('gradient', 'q')), split(g).q)).toBeLessThan(1e-14);
  });

  it('give the loss and the change of the gradient at x − s·g, for all s at once, though the weights have moved on', async () => {
    await run('gradient');
    await write('p', 'q', minus(x, 0.1, direction));
    const sizesOfSteps = [0.01, 0.3, 2.5];
    const outputs = await runAll('landscape/displaced-gradient', { s: Float64Array.from(sizesOfSteps) });
    const Ag = times(g);
    for (const [i, s] of sizesOfSteps.entries()) {
      const at = (name: string): number => Number(outputs[name]?.[i]);
      const after = minus(g, s, Ag);
      const expected = {
        loss: loss(minus(x, s, g)),
        changeSquared: s * s * dot(Ag, Ag),
        changeDot: s * dot(g, Ag),
        squaredNorm: dot(after, after),
        dot: dot(g, after),
      };
      const found = {
        loss: at('loss'),
        changeSquared: at('changeSquared'),
        changeDot: at('changeDot'),
        squaredNorm: at('squaredNorm'),
        dot: at('dot'),
      };
      expect(error(found, expected)).toBeLessThan(1e-12);
      const point = { multiple: 1, s, ...found };
      const read = measureRay('ray', { loss: loss(x), squaredNorm: dot(g, g) }, [point]);
      const known = { 'ray-beta': Math.sqrt(dot(Ag, Ag) / dot(g, g)), 'ray-curvature': dot(g, Ag) / dot(g, g) };
      const measured = Object.fromEntries(read.map(({ quantity, value }) => [quantity, value]));
      expect(error(measured, known)).toBeLessThan(1e-12);
    }
    await writeOrigin();
  });

  it('give the same along a direction that is written for them', async () => {
    await run('gradient');
    await write(randomName('p'), randomName('q'), direction);
    const outputs = await run('landscape/displaced-random', { s: Float64Array.of(0.7) });
    const Ad = times(direction);
    const expected = {
      loss: loss(minus(x, 0.7, direction)),
      changeSquared: 0.49 * dot(Ad, Ad),
      changeDot: 0.7 * dot(g, Ad),
      squaredNorm: dot(minus(g, 0.7, Ad), minus(g, 0.7, Ad)),
      dot: dot(g, minus(g, 0.7, Ad)),
    };
    expect(error(outputs, expected)).toBeLessThan(1e-12);
  });

  it('give the gradient there right in float32 where the step ends near the minimum, and little of it is left', async () => {
    const shared = threadlessDevice({ lowering: 'reference', threads: 1 });
    try {
      // L = ½ Σ aᵢ xᵢ² with all a within a thousandth of 1: at s = 1, ‖g′‖² is a millionth of ‖g‖².
      const a = Array.from({ length: D }, (_, i) => 1 + Math.fround(1e-3 * Math.sin(3 * i)));
      const nearlyRound: BuildLoss = (view) => {
        const builder = new GraphBuilder(ops, 'float32', view);
        const p = builder.input('p', [D], {
          kind: 'parameter',
          initial: { kind: 'constant', value: 0 },
          owner: 'layer',
        });
        const scaled = mul(builder, builder.constant(a, [D]), mul(builder, p, p));
        return { g: builder, loss: mul(builder, reduceSum(builder, scaled, [0]), 0.5) };
      };
      const kept = await shared.load(gradientGraph(nearlyRound), 'state');
      const displaced = await shared.load(displacedGraph(nearlyRound, 'gradient', 1));
      await shared.write(new Map([['p', Float32Array.from(x)]]));
      const { squaredNorm } = await kept.run({});
      const found = await displaced.run({ s: Float32Array.of(1) });
      const slope = a.map((value, i) => value * Math.fround(x[i] ?? 0));
      const there = a.map((value, i) => value * (Math.fround(x[i] ?? 0) - (slope[i] ?? 0)));
      const expected = dot(slope, there) / Math.sqrt(dot(slope, slope) * dot(there, there));
      const cosine =
        Number(found['dot']?.[0]) / Math.sqrt(Number(squaredNorm?.[0]) * Number(found['squaredNorm']?.[0]));
      expect(dot(there, there) / dot(slope, slope)).toBeLessThan(1e-6);
      // Roundings of 6e-8 in a gradient that is a thousandth of what it is the difference of.
      expect(Math.abs(cosine - expected)).toBeLessThan(1e-3);
    } finally {
      await shared.close();
    }
  });

  it('leave the parameters as they are', async () => {
    expect(await stored('p')).toEqual(split(x).p);
    expect(await stored('q')).toEqual(split(x).q);
  });
});
