import { describe, expect, it } from 'vitest';
import { MEASURED_STEP, measureStep, openSmall, openWhole, slopesOf, smallProblem } from '../../test/measured-step.ts';
import { probe } from './index.ts';

describe.each(['batch', 'none'] as const)('successive-gradients of an MLP with norm %s', (norm) => {
  it('compares the gradient of a step with that at the weights after it on another batch', async () => {
    const problem = smallProblem('mlp', norm);
    const step = await measureStep(problem, probe('successive-gradients', { every: MEASURED_STEP, layers: [1, 3] }));
    const run = await openWhole(problem, 'frozen');
    const here = slopesOf(await run(step.feeds, step.weights, step.state));
    const next = slopesOf(await run(step.batch(0), step.after, step.state));
    for (const layer of ['dense1', 'dense3']) {
      const [a, b] = [here, next].map((slopes) => [...(slopes[`${layer}/weight`] ?? [])]) as [number[], number[]];
      const length = (u: readonly number[]): number => Math.hypot(...u);
      const change = length(a.map((x, i) => x - (b[i] ?? Number.NaN)));
      const dot = a.reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0);
      const found = (name: string): number =>
        step.records.find((record) => record.quantity === name && record.layer === layer)?.value ?? Number.NaN;
      expect(change).toBeGreaterThan(1e-4);
      // float64: roundings of sums over some hundred products.
      expect(found('successive-gradient-change') / change).toBeCloseTo(1, 10);
      expect((found('successive-gradient-relative-change') * length(a)) / change).toBeCloseTo(1, 10);
      expect(found('successive-gradient-cosine')).toBeCloseTo(dot / (length(a) * length(b)), 10);
    }
    expect(step.records).toHaveLength(6);
  });
});

describe('successive-gradients', () => {
  it('refuses a layer that is not there', async () => {
    const { device, session } = openSmall(smallProblem('mlp', 'none'), [
      probe('successive-gradients', { layers: [9] }),
    ]);
    await expect(session).rejects.toThrow(/must name hidden layers from 1 to 3, got 9/);
    await device.close();
  });
});
