import { describe, expect, it } from 'vitest';
import { mean } from '../math/statistics.ts';
import { createStream } from '../math/random.ts';
import { drawLinear } from './linear.ts';

describe('drawLinear()', () => {
  it('draws x and A by streams of their own, and y by the map', () => {
    const { x, map, y } = drawLinear({ seed: 7, examples: 5, inputs: 3, outputs: 2 });
    const [expectedX, expectedMap] = [new Float32Array(15), new Float32Array(6)];
    createStream({ seed: 7, purpose: 'noise', layer: 'linear.x' }).fillNormal(expectedX, 0, 1);
    createStream({ seed: 7, purpose: 'noise', layer: 'linear.map' }).fillNormal(expectedMap, 0, 1);
    expect([x, map]).toEqual([expectedX, expectedMap]);
    const at = (n: number, k: number): number =>
      [0, 1, 2].reduce((sum, d) => sum + (x[3 * n + d] ?? 0) * (map[3 * k + d] ?? 0), 0);
    expect(y).toEqual(Float32Array.from({ length: 10 }, (_, i) => at(Math.floor(i / 2), i % 2)));
  });

  it('is standard normal, another for another seed, and longer without being other', () => {
    const { x } = drawLinear({ seed: 1, examples: 1000, inputs: 10, outputs: 1 });
    // Of 10^4 numbers: four standard errors.
    expect(Math.abs(mean([...x]))).toBeLessThan(0.04);
    expect(Math.abs(mean([...x].map((value) => value * value)) - 1)).toBeLessThan(0.06);
    expect(drawLinear({ seed: 1, examples: 3, inputs: 10, outputs: 1 }).x).toEqual(x.slice(0, 30));
    expect(drawLinear({ seed: 2, examples: 3, inputs: 10, outputs: 1 }).x).not.toEqual(x.slice(0, 30));
  });
});
