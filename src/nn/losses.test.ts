import { describe, expect, it } from 'vitest';
import { grad } from '../autodiff/reverse.ts';
import { ShapeError } from '../errors.ts';
import { reduceSum } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { ops } from '../ops/index.ts';
import { maxDifference } from '../testing/difference.ts';
import { buildGraph, evaluate } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { accuracy, correct, crossEntropy, squares } from './losses.ts';

const N = 3;
const K = 5;

/** Loss and its gradient with respect to the logits [3, 5]. */
async function lossAndGradient(logits: Float64Array, labels: Int32Array): Promise<Record<string, Float64Array>> {
  const graph = buildGraph('float64', (g) => {
    const x = g.input('logits', [N, K], { kind: 'data' });
    const loss = crossEntropy(g, x, g.input('labels', [N], { kind: 'data' }, 'int32'));
    const [dx] = grad(g, loss, [x]);
    return { loss, dx };
  });
  return (await evaluate(graph, { logits, labels })) as Record<string, Float64Array>;
}

/** Rows of the softmax, by its definition. */
function softmax(logits: Float64Array): number[] {
  return [0, 1, 2].flatMap((n) => {
    const row = Array.from(logits.subarray(n * K, (n + 1) * K), Math.exp);
    const sum = row.reduce((a, b) => a + b);
    return row.map((value) => value / sum);
  });
}

describe('crossEntropy()', () => {
  const labels = Int32Array.of(4, 0, 2);

  it('is ln K for equal logits, whatever they are', async () => {
    for (const value of [0, -7.5, 700]) {
      const { loss } = await lossAndGradient(new Float64Array(N * K).fill(value), labels);
      expect(maxDifference(loss, [Math.log(K)])).toBeLessThan(1e-12);
    }
  });

  it('is the mean of −ln of the label’s probability, with gradient (softmax − onehot) / N', async () => {
    const logits = randomArray(N * K, 'logits', -3, 3);
    const p = softmax(logits);
    const { loss, dx } = await lossAndGradient(logits, labels);
    const hits = [0, 1, 2].map((n) => n * K + (labels[n] as number));
    const mean = hits.reduce((sum, place) => sum - Math.log(p[place] as number), 0) / N;
    expect(maxDifference(loss, [mean])).toBeLessThan(1e-14);
    const expected = p.map((value, place) => (value - (hits.includes(place) ? 1 : 0)) / N);
    expect(maxDifference(dx, expected)).toBeLessThan(1e-15);
  });

  it('stays finite where a probability underflows', async () => {
    const logits = new Float64Array(N * K);
    logits[1] = 2000;
    const { loss, dx } = await lossAndGradient(logits, labels);
    expect(maxDifference(loss, [(2000 + 2 * Math.log(K)) / N])).toBeLessThan(1e-10);
    expect([...(dx ?? [])].every(Number.isFinite)).toBe(true);
  });

  it('refuses labels that are no int32, or of another batch', () => {
    const g = new GraphBuilder(ops);
    const logits = g.input('logits', [N, K], { kind: 'data' });
    const labelled = (name: string, size: number, dtype: 'int32' | 'float32') => () =>
      crossEntropy(g, logits, g.input(name, [size], { kind: 'data' }, dtype));
    expect(labelled('floats', N, 'float32')).toThrow(
      new ShapeError('Logits must be [N,classes] and labels int32[N], got float32[3,5] and float32[3]'),
    );
    expect(labelled('short', N - 1, 'int32')).toThrow(ShapeError);
    expect(labelled('single', 1, 'int32')).toThrow(ShapeError);
    expect(() => accuracy(g, logits, g.input('one', [1], { kind: 'data' }, 'int32'))).toThrow(ShapeError);
  });
});

describe('squares()', () => {
  it('is half the squared distance to the one-hot label, with the error as its gradient', async () => {
    const graph = buildGraph('float64', (g) => {
      const x = g.input('logits', [N, K], { kind: 'data' });
      const each = squares(g, x, g.input('labels', [N], { kind: 'data' }, 'int32'));
      const [dx] = grad(g, reduceSum(g, each, [0]), [x]);
      return { each, dx };
    });
    const logits = randomArray(N * K, 'logits', -3, 3);
    const labels = Int32Array.of(4, 0, 2);
    const { each, dx } = (await evaluate(graph, { logits, labels })) as Record<string, Float64Array>;
    const errors = Array.from(logits, (value, i) => value - (labels[Math.floor(i / K)] === i % K ? 1 : 0));
    const expected = [0, 1, 2].map((n) => errors.slice(n * K, (n + 1) * K).reduce((sum, e) => sum + (e * e) / 2, 0));
    // Sums of five squares below 16, in float64.
    expect(maxDifference(each, expected)).toBeLessThan(1e-14);
    expect(maxDifference(dx, errors)).toBeLessThan(1e-15);
  });
});

describe('correct(), accuracy()', () => {
  async function judge(logits: readonly number[], labels: readonly number[]): Promise<Record<string, number[]>> {
    const graph = buildGraph('float32', (g) => {
      const x = g.input('logits', [labels.length, 3], { kind: 'data' });
      const y = g.input('labels', [labels.length], { kind: 'data' }, 'int32');
      return { each: correct(g, x, y), rate: accuracy(g, x, y) };
    });
    const results = await evaluate(graph, { logits: Float32Array.from(logits), labels: Int32Array.from(labels) });
    return Object.fromEntries(Object.entries(results).map(([name, data]) => [name, Array.from(data, Number)]));
  }

  it('count the examples whose largest logit is the label’s', async () => {
    const logits = [0, 2, 1, 5, -1, 4, -3, -2, -1, 1, 0, 0];
    expect(await judge(logits, [1, 0, 2, 2])).toEqual({ each: [1, 1, 1, 0], rate: [0.75] });
  });

  it('take the first of equal logits', async () => {
    const logits = [2, 2, 1, 0, 0, 0, 1, 2, 2];
    expect((await judge(logits, [0, 0, 1]))['each']).toEqual([1, 1, 1]);
    expect((await judge(logits, [1, 2, 2]))['each']).toEqual([0, 0, 0]);
  });
});
