import { describe, expect, it } from 'vitest';
import { add, mul, reduceSum } from '../graph/arithmetic.ts';
import type { FloatType } from '../graph/tensor-type.ts';
import { buildGraph, evaluate } from '../testing/evaluate.ts';
import { packOutputs } from './packed-outputs.ts';

/** Outputs of every rank, one of them an input, one an integer. */
const graphOf = (float: FloatType): ReturnType<typeof buildGraph> =>
  buildGraph(float, (g) => {
    const x = g.input('x', [3, 2], { kind: 'data' });
    return {
      sum: reduceSum(g, x, [0, 1]),
      largest: g.emit('ArgMax', [x], { axis: 0 }),
      columns: reduceSum(g, x, [0]),
      x,
      'a/b:c': mul(g, add(g, x, 1), 2),
    };
  });

describe('packOutputs()', () => {
  it.each(['float32', 'float64'] as const)(
    'gives back what the graph gave, through one vector of %s',
    async (float) => {
      const data = [1, 5, -2, 0.5, 4, 8];
      const feeds = { x: float === 'float32' ? Float32Array.from(data) : Float64Array.from(data) };
      const { graph, unpack } = packOutputs(graphOf(float));
      const outputs = await evaluate(graph, feeds);
      expect(Object.keys(outputs)).toEqual(['packed', 'largest']);
      expect(outputs['packed']).toHaveLength(1 + 2 + 6 + 6);
      expect(unpack(outputs)).toEqual(await evaluate(graphOf(float), feeds));
    },
  );
});
