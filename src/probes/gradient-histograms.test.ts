import { describe, expect, it } from 'vitest';
import { need } from '../errors.ts';
import { axesOf } from '../graph/arithmetic.ts';
import { createStream } from '../math/random.ts';
import { classifier } from '../problems/classifier.ts';
import { binCentre, HISTOGRAM_BINS } from '../records/histogram.ts';
import type { LoweringName } from '../runtime/lowering-choice.ts';
import { allFed, buildGraph, evaluate } from '../testing/evaluate.ts';
import { initialState } from '../train/initial-state.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { buildStep, type StepOutputs } from '../train/step-graph.ts';
import { gradientHistograms } from './gradient-histograms.ts';

const problem = classifier('vgg11', { input: [3, 5, 7], classes: 4, norm: 'batch', width: 0.15 });

/** Counts by a search through the edges, in float64; `near`: entries within rounding of an edge, by bin on either side. */
function countSlowly(values: readonly number[]): { counts: number[]; near: number[]; limit: number } {
  const limit = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const edges = Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) => limit * ((2 * i) / HISTOGRAM_BINS - 1));
  const counts = Array.from({ length: HISTOGRAM_BINS }, () => 0);
  const near = counts.slice();
  for (const value of values) {
    const above = edges.findIndex((edge) => edge > value);
    const bin = above === -1 ? HISTOGRAM_BINS - 1 : above - 1;
    counts[bin] = (counts[bin] ?? 0) + 1;
    // A quotient, a product and a sum of order bins/2: 4e-6 of a bin.
    edges.forEach((edge, i) => {
      if (Math.abs(value - edge) > 1e-5 * limit || i === 0 || i === HISTOGRAM_BINS) return;
      for (const side of [i - 1, i]) near[side] = (near[side] ?? 0) + 1;
    });
  }
  return { counts, near, limit };
}

async function measure(
  lowering: LoweringName,
): Promise<{ records: ReturnType<typeof readAll>; raw: Map<string, number[]> }> {
  const gradientsOf: StepOutputs = ({ parameters, gradients }) =>
    Object.fromEntries(parameters.map(({ name }, i) => [`raw ${name}`, need(gradients[i], 'a gradient')]));
  const reading = gradientHistograms.configure('histograms', {}).readout.outputs ?? gradientsOf;
  const step = buildStep('step', problem, 6, sgd({ weightDecay: 0.1 }), [reading, gradientsOf]);
  const x = new Float32Array(6 * 3 * 5 * 7);
  createStream({ seed: 4, purpose: 'probe' }).fillUniform(x, -1, 2);
  const feeds = { x, labels: Int32Array.of(0, 3, 1, 2, 2, 0), learningRate: Float32Array.of(0.1) };
  const outputs = await evaluate(
    allFed(step),
    { ...Object.fromEntries(initialState(step, 2)), ...feeds },
    { lowering },
  );
  const raw = Object.entries(outputs).flatMap(([name, data]): [string, number[]][] =>
    name.startsWith('raw ') ? [[name.slice('raw '.length), [...(data as Float32Array)]]] : [],
  );
  return { records: readAll(outputs), raw: new Map(raw) };
}

function readAll(outputs: Awaited<ReturnType<typeof evaluate>>) {
  return (
    gradientHistograms.configure('histograms', {}).readout.read?.({
      step: 7,
      learningRate: 0.1,
      feeds: {},
      key: { seed: 0, step: 7 },
      loss: 1,
      outputs,
    }) ?? []
  );
}

describe.each(['reference', 'portable'] as const)('gradient histograms on the %s lowering', (lowering) => {
  it('count what a search through the edges counts, but for entries within rounding of an edge', async () => {
    const { records, raw } = await measure(lowering);
    expect(raw.size).toBeGreaterThan(20);
    let [entries, doubtful] = [0, 0];
    for (const [layer, values] of raw) {
      const { counts, near, limit } = countSlowly(values);
      const own = records.filter((record) => record.layer === layer);
      expect(own.find(({ quantity }) => quantity === 'gradient-largest')?.value, layer).toBe(limit);
      const counted = own.filter(({ quantity }) => quantity === 'gradient-count');
      const actual = counts.map((_, bin) => counted.find(({ at }) => at === binCentre(bin))?.value ?? 0);
      expect(counted).toHaveLength(actual.filter((count) => count > 0).length);
      expect(
        actual.reduce((a, b) => a + b, 0),
        layer,
      ).toBe(values.length);
      actual.forEach((count, bin) =>
        expect(Math.abs(count - (counts[bin] ?? 0)), `${layer}, bin ${bin}`).toBeLessThanOrEqual(near[bin] ?? 0),
      );
      entries += values.length;
      doubtful += near.reduce((a, b) => a + b, 0);
    }
    expect(doubtful).toBeLessThan(entries / 100);
  });

  it.each([
    ['zeros, in the middle', [0, 0, 0], { 0: 3 }],
    ['both ends, which belong to the outermost bins', [-2, 2, 0, 2], { [-64 / 65]: 1, 0: 1, [64 / 65]: 2 }],
    ['numbers too small for a normal float', [1e-44, -1e-44, 0], { 0: 3 }],
    ['a symmetric pair, symmetrically', [3, -1, 1], { [-22 / 65]: 1, [22 / 65]: 1, [64 / 65]: 1 }],
  ])('count %s', async (_, values, expected) => {
    const graph = buildGraph('float32', (g) => {
      const x = g.input('x', [values.length], { kind: 'data' });
      const limit = g.emit('ReduceMax', [g.emit('Abs', [x])], { axes: axesOf(x), keepdims: false });
      return { 'gradient-counts:x': g.emit('Histogram', [x, limit], { bins: HISTOGRAM_BINS }) };
    });
    const records = readAll(await evaluate(graph, { x: Float32Array.from(values) }, { lowering }));
    const rounded = (at: number): string => at.toFixed(9).replace('-0.000000000', '0.000000000');
    expect(Object.fromEntries(records.map(({ at = Number.NaN, value }) => [rounded(at), value]))).toEqual(
      Object.fromEntries(Object.entries(expected).map(([at, count]) => [rounded(Number(at)), count])),
    );
  });
});
