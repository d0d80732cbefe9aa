import { describe, expect, it } from 'vitest';
import type { TensorData } from '../runtime/tensor-data.ts';
import { classifier } from '../problems/classifier.ts';
import { initialState } from '../train/initial-state.ts';
import { deepMlp } from './deep-mlp.ts';

/** The weights that a network begins with. */
function weights(initialScale: number): ReadonlyMap<string, TensorData> {
  const network = deepMlp({ depth: 3, width: 0.07, initialiser: 'he', classes: 4 });
  const settings = { input: [1, 5, 3], classes: 4, initialiser: 'he', initialScale, norm: 'none' } as const;
  const { g, loss } = classifier(network, settings).build({ mode: 'train', batchSize: 2 });
  const state = initialState(g.finish('step', { loss }), 3);
  return new Map([...state].filter(([name]) => name.endsWith('/weight')));
}

function numbers(data: TensorData = new Float32Array()): readonly number[] {
  return Array.from<number | bigint, number>(data, Number);
}

describe('deepMlp()', () => {
  it('has as many hidden layers of one width as it is told, then a head', () => {
    expect([...weights(1)].map(([name, { length }]) => [name, length])).toEqual([
      ['dense1/weight', 15 * 7],
      ['dense2/weight', 7 * 7],
      ['dense3/weight', 7 * 7],
      ['head/weight', 7 * 4],
    ]);
  });

  it('scales what hidden layers start from, and leaves the head as it is', () => {
    const [one, eight] = [weights(1), weights(8)];
    for (const [name, data] of one) {
      const factor = name === 'head/weight' ? 1 : 8;
      expect(numbers(eight.get(name))).toEqual(numbers(data).map((value) => factor * value));
    }
  });
});
