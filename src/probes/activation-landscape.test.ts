import { describe, expect, it } from 'vitest';
import {
  LEARNING_RATE,
  MEASURED_STEP,
  measureStep,
  moved,
  openWhole,
  slopesOf,
  smallProblem,
} from '../../test/measured-step.ts';
import { grad } from '../autodiff/reverse.ts';
import { need } from '../errors.ts';
import type { BuiltProblem } from '../problems/problem.ts';
import { probe } from './index.ts';

const multiples = [0.5, 3];
const INDEX = 2;

/** What layer 2 computes before its norm, and the gradient there. */
function ofLayer({ g, loss, network }: BuiltProblem) {
  const layer = need(network.layers[INDEX - 1], 'a layer');
  const [h] = grad(g, loss, [layer.linear]);
  return { a: layer.linear, h };
}

describe.each([
  ['mlp', 'batch'],
  ['mlp', 'none'],
  ['vgg11', 'batch'],
] as const)('activation-landscape of %s with norm %s', (model, norm) => {
  it('is what weights moved by hand say', async () => {
    const problem = smallProblem(model, norm);
    const settings = { every: MEASURED_STEP, multiples, layers: [INDEX] };
    const step = await measureStep(problem, probe('activation-landscape', settings));
    const run = await openWhole(problem, 'train', ofLayer);
    const at = async (weights: typeof step.weights) => {
      const found = await run(step.feeds, weights, step.state);
      return { a: [...(found['a'] as Float64Array)], h: [...(found['h'] as Float64Array)], g: slopesOf(found) };
    };
    const here = await at(step.weights);
    const length = (u: readonly number[]): number => Math.sqrt(u.reduce((sum, x) => sum + x * x, 0));
    const change = (u: readonly number[], v: readonly number[]): number =>
      length(u.map((x, i) => x - (v[i] ?? Number.NaN)));
    for (const multiple of multiples) {
      const there = await at(moved(step.weights, multiple * LEARNING_RATE, here.g));
      const found = (name: string): number =>
        step.records.find(({ quantity, at: place }) => quantity === name && place === multiple)?.value ?? Number.NaN;
      const dot = here.h.reduce((sum, x, i) => sum + x * (there.h[i] ?? Number.NaN), 0);
      // float64: roundings of sums over some thousand products.
      expect(found('activation-gradient-change') / change(here.h, there.h)).toBeCloseTo(1, 9);
      expect((found('activation-relative-change') * length(here.h)) / change(here.h, there.h)).toBeCloseTo(1, 9);
      expect(found('activation-cosine')).toBeCloseTo(dot / (length(here.h) * length(there.h)), 9);
      expect((found('activation-beta') * change(here.a, there.a)) / change(here.h, there.h)).toBeCloseTo(1, 9);
    }
    expect(step.records).toHaveLength(4 * multiples.length);
  });
});
