import { describe, expect, it } from 'vitest';
import { grad } from '../../src/autodiff/reverse.ts';
import { dot } from '../../src/graph/arithmetic.ts';
import type { GraphBuilder } from '../../src/graph/builder.ts';
import type { Value } from '../../src/graph/graph.ts';
import type { ConvAttributes, PoolWindows } from '../../src/graph/op-attributes.ts';
import { elementCount, type FloatType, type Shape } from '../../src/graph/tensor-type.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { buildGraph, evaluate } from '../../src/testing/evaluate.ts';
import { tensorError } from './errors.ts';
import { type Golden, type GoldenTensor, readGolden } from './golden.ts';
import { draw, noise } from './inputs.ts';
import { mainPrecisions } from './precisions.ts';

type Case = { readonly x: Shape } & (({ readonly w: Shape } & ConvAttributes) | PoolWindows);

interface WindowsGolden extends Golden {
  readonly protocol: {
    readonly seed: number;
    readonly convolutions: Readonly<Record<string, Case>>;
    readonly maxPools: Readonly<Record<string, Case>>;
  };
  readonly results: Readonly<Record<string, Readonly<Record<string, GoldenTensor>>>>;
}

const { protocol, results } = readGolden<WindowsGolden>('windows-gradients');
const { seed, convolutions, maxPools } = protocol;

function resultOf(g: GraphBuilder, x: Value, settings: Case): { readonly y: Value; readonly wrt: readonly Value[] } {
  if (!('w' in settings)) return { y: g.emit('MaxPool', [x], settings), wrt: [x] };
  const { strides, pads, dilations = [1, 1], group = 1 } = settings;
  const w = g.input('w', settings.w, { kind: 'data' });
  return { y: g.emit('Conv', [x, w], { strides, pads, dilations, group }), wrt: [x, w] };
}

/** A few roundings: sums of at most 200 products of numbers below 1. */
const bounds: Readonly<Record<FloatType, number>> = { float64: 1e-14, float32: 1e-6 };

describe('groups, dilations and overlapping windows against PyTorch', () => {
  const cases = Object.entries({ ...convolutions, ...maxPools });
  it.each(
    cases.flatMap(([name, settings]) => mainPrecisions.map((each) => [name, each.label, settings, each] as const)),
  )('%s, %s', async (name, _, settings, precision) => {
    const expected = results[name] ?? {};
    const graph = buildGraph(precision.float, (g) => {
      const { y, wrt } = resultOf(g, g.input('x', settings.x, { kind: 'data' }), settings);
      const gradients = grad(g, dot(g, y, g.input('cotangent', y.shape, { kind: 'data' })), wrt);
      return { y, ...Object.fromEntries(gradients.map((gradient, i) => [`d${wrt[i]?.name}`, gradient])) };
    });
    const feeds = graph.inputs.map(({ value }): [string, TensorData] => [
      value.name,
      draw(precision.float, elementCount(value.shape), (target) =>
        noise(seed, `${name}/${value.name}`).fillUniform(target, -1, 1),
      ),
    ]);
    const found = await evaluate(graph, Object.fromEntries(feeds), precision.settings);
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [tensor, reference] of Object.entries(expected)) {
      expect(tensorError(tensor, found[tensor] as TensorData, reference, seed)).toBeLessThan(bounds[precision.float]);
    }
  });
});
