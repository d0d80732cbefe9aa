import { expect, it } from 'vitest';
import { allFed, buildGraph, evaluate, reference } from '../testing/evaluate.ts';
import { inFormOf } from './input-form.ts';

it('scales channels, the last first where asked, and moves them to the end where the file has them there', async () => {
  const scaling = { factor: [2, 3, 5], offset: [0.5, -1, 0], isReversed: true };
  const prepare = inFormOf([1, 2, 3], scaling);
  const graph = allFed(buildGraph('float64', (g) => ({ y: prepare(g, g.input('x', [1, 3, 1, 2], { kind: 'data' })) })));
  const { y } = await evaluate(graph, { x: Float64Array.of(1, 2, 10, 20, 100, 200) }, reference);
  expect([...(y as Float64Array)]).toEqual([200.5, 29, 5, 400.5, 59, 10]);
});
