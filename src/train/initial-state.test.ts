import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { InitialiserName } from '../nn/initialisers.ts';
import type { NormName } from '../norms/index.ts';
import { sha256Hex } from '../records/hash.ts';
import type { TensorData } from '../runtime/tensor-data.ts';
import { initialState } from './initial-state.ts';
import { ops } from '../ops/index.ts';
import { classifier } from '../problems/classifier.ts';
import { sgd } from './optimisers/sgd.ts';
import { buildStep } from './step-graph.ts';

function step(norm: NormName, initialiser: InitialiserName = 'glorot'): Graph {
  const problem = classifier('vgg11', { input: [3, 8, 8], classes: 4, norm, initialiser, width: 0.125 });
  return buildStep('step', problem, 2, sgd({ momentum: 0.9 }));
}

const numbers = (state: ReturnType<typeof initialState>, name: string): number[] =>
  Array.from(state.get(name) as Float32Array);

/** The bytes of a tensor, in a form that is quick to compare. */
const digest = (data: TensorData | undefined): string => sha256Hex(new Uint8Array(data?.buffer ?? new ArrayBuffer(0)));
const digests = (state: ReturnType<typeof initialState>): string[][] =>
  [...state].map(([name, data]) => [name, digest(data)]);

describe('initialState()', () => {
  it.each(['mlp', 'vgg11', 'resnet20'] as const)(
    'multiplies every weight of %s by the initial scale, and nothing else',
    (model) => {
      const start = (initialScale?: number): ReturnType<typeof initialState> => {
        const settings = {
          input: [3, 8, 8],
          norm: 'batch',
          width: 0.125,
          ...(initialScale && { initialScale }),
        } as const;
        return initialState(buildStep('step', classifier(model, settings), 2, sgd({})), 3);
      };
      const [plain, scaled] = [start(), start(4)];
      for (const name of plain.keys()) {
        // A power of two scales without rounding.
        const factor = name.endsWith('/weight') ? 4 : 1;
        expect(numbers(scaled, name), name).toEqual(numbers(plain, name).map((value) => factor * value));
      }
      expect(digests(start(1))).toEqual(digests(plain));
    },
  );

  it('takes given values as they are, whatever the seed, and refuses too few', () => {
    const startFrom = (values: readonly number[]): ReturnType<typeof initialState> => {
      const g = new GraphBuilder(ops);
      const given = { kind: 'given', digest: 'of the three', values: () => values } as const;
      const w = g.input('w', [3], { kind: 'parameter', initial: given, owner: 'layer' });
      return initialState(g.finish('three', { w }), 7);
    };
    expect(numbers(startFrom([1, -2, 0.5]), 'w')).toEqual([1, -2, 0.5]);
    expect(() => startFrom([1, -2])).toThrow("Given values must fill 'w', got 2 for 3");
  });

  it('draws from an interval, and chooses as many places of each index along an axis, by the seed', () => {
    const g = new GraphBuilder(ops);
    const gamma = g.input('gamma', [2000], {
      kind: 'parameter',
      initial: { kind: 'interval', low: 0, high: 1 },
      owner: 'norm',
    });
    const chosen = (axis: number, each: number) =>
      g.input(`chosen${axis}`, [5, 7, 3], {
        kind: 'state',
        initial: { kind: 'chosen', axis, each },
        owner: 'optimiser',
      });
    const graph = g.finish('drawn', { gamma, first: chosen(0, 2), middle: chosen(1, 4) });
    const [one, two] = [initialState(graph, 1), initialState(graph, 2)];
    const drawn = numbers(one, 'gamma').toSorted((a, b) => a - b);
    // The largest distance of 2000 uniform draws from their distribution is beyond 0.044 once in 1000 seeds.
    expect(Math.max(...drawn.map((value, i) => Math.abs(value - (i + 0.5) / 2000)))).toBeLessThan(0.044);
    const sums = (name: string, indexOf: (i: number) => number): number[] => {
      const totals: number[] = [];
      numbers(one, name).forEach((value, i) => (totals[indexOf(i)] = (totals[indexOf(i)] ?? 0) + value));
      return totals;
    };
    expect(sums('chosen0', (i) => Math.floor(i / 21))).toEqual(Array.from({ length: 5 }, () => 2));
    expect(sums('chosen1', (i) => Math.floor(i / 3) % 7)).toEqual(Array.from({ length: 7 }, () => 4));
    expect(new Set(numbers(one, 'chosen0'))).toEqual(new Set([0, 1]));
    for (const name of one.keys()) expect(numbers(one, name), name).not.toEqual(numbers(two, name));
  });

  it('is the same, bit for bit, for the same seed, and another for another', () => {
    const graph = step('batch');
    expect(digests(initialState(graph, 7))).toEqual(digests(initialState(graph, 7)));
    const [one, two] = [
      numbers(initialState(graph, 7), 'conv3/weight'),
      numbers(initialState(graph, 8), 'conv3/weight'),
    ];
    expect(one.filter((value, i) => value === two[i])).toHaveLength(0);
  });

  it('fills every stored input, each to its size', () => {
    const graph = step('batch');
    const state = initialState(graph, 1);
    const stored = graph.inputs.filter(({ role }) => role.kind === 'parameter' || role.kind === 'state');
    expect([...state].map(([name, { length }]) => [name, length])).toEqual(
      stored.map(({ value }) => [value.name, elementCount(value.shape)]),
    );
  });

  it('starts alike what arms share by name, whatever else they have', () => {
    const [standard, batch] = [initialState(step('none'), 2), initialState(step('batch'), 2)];
    expect(batch.size).toBeGreaterThan(standard.size);
    for (const [name, data] of standard) expect(digest(batch.get(name)), name).toBe(digest(data));
  });

  it('draws each parameter from a stream of its own', () => {
    const state = initialState(step('none'), 2);
    const heads = [...state].filter(([name]) => name.endsWith('/weight')).map(([, data]) => data[0]);
    expect(new Set(heads).size).toBe(heads.length);
  });

  it('starts biases and velocities at 0, gamma and running variances at 1', () => {
    const state = initialState(step('batch'), 4);
    const expected = { bias: 0, velocity: 0, gamma: 1, beta: 0, runningMean: 0, runningVariance: 1 };
    for (const [ending, value] of Object.entries(expected)) {
      const names = [...state.keys()].filter((name) => name.endsWith(`/${ending}`));
      expect(names.length, ending).toBeGreaterThan(0);
      for (const name of names) expect(new Set(numbers(state, name)), name).toEqual(new Set([value]));
    }
  });

  /** conv2: 8 → 16 channels of 3 × 3 taps, 1152 weights. */
  const [fanIn, fanOut] = [8 * 9, 16 * 9];

  it('draws Glorot’s weights evenly from ±√(6/(fanIn + fanOut))', () => {
    const weights = numbers(initialState(step('none', 'glorot'), 5), 'conv2/weight');
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    expect(weights).toHaveLength(1152);
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(Math.fround(limit));
    // Of 1152 even draws, one at least falls in each outer hundredth, but for a chance of 2 · 0.99¹¹⁵² = 2e-5.
    expect(Math.min(...weights)).toBeLessThan(-0.98 * limit);
    expect(Math.max(...weights)).toBeGreaterThan(0.98 * limit);
    // Standard error of the mean square of 1152 even draws: 2/(3√5)/√1152 of the limit's square, 0.9 %; four of them.
    expect(Math.abs(meanSquare(weights) / (limit ** 2 / 3) - 1)).toBeLessThan(0.11);
  });

  it('draws He’s weights normally with variance 2/fanIn', () => {
    const weights = numbers(initialState(step('none', 'he'), 5), 'conv2/weight');
    const variance = 2 / fanIn;
    // Standard error of the mean square of 1152 normal draws: √(2/1152) = 4.2 %; four of them.
    expect(Math.abs(meanSquare(weights) / variance - 1)).toBeLessThan(0.17);
    const within = weights.filter((value) => Math.abs(value) < Math.sqrt(variance)).length / weights.length;
    // 68.3 % within one deviation; standard error 1.4 %; four of them.
    expect(Math.abs(within - 0.683)).toBeLessThan(0.055);
  });
});

function meanSquare(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}
