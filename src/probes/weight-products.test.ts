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
import { need } from '../errors.ts';
import { parametersOf } from '../graph/graph.ts';
import { probe } from './index.ts';

describe('the products of weights and gradients', () => {
  it('say how long the weights are along the ray of a step', async () => {
    const problem = smallProblem('vgg11', 'batch');
    const step = await measureStep(problem, probe('landscape', { every: MEASURED_STEP, multiples: [1], decay: true }));
    const slopes = slopesOf(await (await openWhole(problem, 'train'))(step.feeds, step.weights, step.state));
    const { g } = problem.build({ mode: 'train', batchSize: 3 });
    const decaying = parametersOf(g).flatMap(({ name, shape }) => (shape.length >= 2 ? [name] : []));
    const [square, slope, gradientSquare] = ['weight-square', 'weight-slope', 'weight-gradient-square'].map(
      (name) =>
        need(
          step.records.find(({ quantity }) => quantity === name),
          name,
        ).value,
    ) as [number, number, number];
    for (const s of [0, LEARNING_RATE, 7 * LEARNING_RATE]) {
      const there = moved(step.weights, s, slopes);
      const expected = decaying.reduce(
        (sum, name) => sum + (there[name] ?? new Float64Array()).reduce((a, x) => a + x * x, 0),
        0,
      );
      // float64: roundings of sums over some thousand squares.
      expect((square - 2 * s * slope + s * s * gradientSquare) / expected).toBeCloseTo(1, 10);
    }
    // Gamma and beta have one axis, and do not decay.
    expect(decaying.length).toBeLessThan(parametersOf(g).length);
  });

  it('are not recorded unless they are asked for', async () => {
    const { records } = await measureStep(smallProblem('mlp', 'none'), probe('landscape', { every: MEASURED_STEP }));
    expect(records.filter(({ quantity }) => quantity.startsWith('weight-'))).toEqual([]);
    expect(records.length).toBeGreaterThan(0);
  });
});
