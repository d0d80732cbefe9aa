import { describe, expect, it } from 'vitest';
import { need, SettingError } from '../errors.ts';
import { createStream } from '../math/random.ts';
import { quantile } from '../math/statistics.ts';
import type { NormName } from '../norms/index.ts';
import { classifier } from '../problems/classifier.ts';
import type { StepRecord } from '../records/record.ts';
import type { LoweringName } from '../runtime/lowering-choice.ts';
import { allFed, evaluate } from '../testing/evaluate.ts';
import { initialState } from '../train/initial-state.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { buildStep, type StepOutputs } from '../train/step-graph.ts';
import { probe } from './index.ts';
import { drawnUnits } from './layer-units.ts';

const BATCH = 6;
const problemOf = (norm: NormName) => classifier('vgg11', { input: [3, 5, 7], classes: 4, norm, width: 0.15 });

/** What both probes record of a step, and all that layers 1 and 3 hand to their activations, [N, C, H, W]. */
async function measured(norm: NormName, lowering: LoweringName) {
  const layers = [1, 3];
  // Others, of other settings, look at the same step, and are not to be taken for these.
  const others = [
    probe('unit-moments', { layers: [1] }),
    probe('activation-percentiles', { layers: [1], units: 5 }),
    probe('activation-percentiles', { layers }),
  ];
  const readouts = [probe('unit-moments', { layers, units: 3 }), probe('activation-percentiles', { layers, units: 3 })];
  const raw: StepOutputs = ({ network }) =>
    Object.fromEntries(network.layers.map(({ name, summed }) => [`raw ${name}`, summed]));
  const outputsOf = [...readouts, ...others].map(({ outputs }) => need(outputs, 'outputs'));
  const step = buildStep('step', problemOf(norm), BATCH, sgd({}), [...outputsOf, raw]);
  const x = new Float32Array(BATCH * 3 * 5 * 7);
  createStream({ seed: 4, purpose: 'probe' }).fillUniform(x, -1, 2);
  const feeds = { x, labels: Int32Array.of(0, 3, 1, 2, 2, 0), learningRate: Float32Array.of(0.1) };
  const outputs = await evaluate(
    allFed(step),
    { ...Object.fromEntries(initialState(step, 2)), ...feeds },
    { lowering },
  );
  const result = { step: 7, learningRate: 0.1, feeds: {}, key: { seed: 0, step: 7 }, loss: 1, outputs };
  const records = readouts.flatMap(({ read }) => read?.(result) ?? []);
  const valuesOf = (layer: string, unit: number, channels: number): number[] => {
    const data = outputs[`raw ${layer}`] as Float32Array;
    const pixels = data.length / (BATCH * channels);
    return Array.from(data).filter((_, i) => Math.floor(i / pixels) % channels === unit);
  };
  return { records, valuesOf };
}

const channelsOf: Readonly<Record<string, number>> = { conv1: 10, conv3: 38 };
const unitOf = ({ place }: StepRecord): number => Number(place?.['unit']);

describe.each([
  ['batch', 'reference'],
  ['none', 'portable'],
  ['batch', 'portable'],
] as const)('units of a network with norm %s on the %s lowering', (norm, lowering) => {
  it('have the moments and percentiles that a slow look at all values gives', async () => {
    const { records, valuesOf } = await measured(norm, lowering);
    expect(records).toHaveLength(2 * 3 * 2 + 2 * 3 * 3);
    for (const record of records) {
      const { layer = '', quantity, at = 0, value } = record;
      const values = valuesOf(layer, unitOf(record), channelsOf[layer] ?? 0);
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      const expected: Readonly<Record<string, number>> = {
        'unit-mean': mean,
        'unit-variance': values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length,
        'activation-percentile': quantile(values, at / 100),
      };
      // float32 sums of some hundred numbers of size 1.
      expect(Math.abs(value - (expected[quantity] ?? Number.NaN)), `${quantity} of ${layer}`).toBeLessThan(1e-5);
    }
  });
});

describe('activation-percentiles of whole layers', () => {
  it('are those of all values', async () => {
    const { outputs, read } = probe('activation-percentiles', { layers: [2], percentiles: [0, 37.5, 100] });
    const values = Float32Array.from({ length: 33 }, (_, i) => ((i * 7) % 33) - 5);
    const result = { step: 0, learningRate: 1, feeds: {}, key: { seed: 0, step: 0 }, loss: 1 };
    expect(outputs).toBeDefined();
    const records = read?.({ ...result, outputs: { 'activation-values-0-2:conv2': values } }) ?? [];
    expect(records.map(({ at, value, place, layer }) => [layer, at, value, place])).toEqual([
      ['conv2', 0, -5, undefined],
      ['conv2', 37.5, 7, undefined],
      ['conv2', 100, 27, undefined],
    ]);
    const broken = read?.({ ...result, outputs: { 'activation-values-0-2:conv2': values.with(3, Number.NaN) } }) ?? [];
    expect(broken.map(({ value }) => value)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('drawnUnits()', () => {
  it('gives different units in ascending order, the same ones for every network that has the layer', () => {
    const units = drawnUnits('conv5', { shape: [2, 128, 4, 4] }, 4);
    expect(units).toEqual(drawnUnits('conv5', { shape: [9, 128] }, 4));
    expect(new Set(units).size).toBe(4);
    expect(units).toEqual(units.toSorted((a, b) => a - b));
    expect(units).not.toEqual(drawnUnits('conv6', { shape: [2, 128, 4, 4] }, 4));
    expect(drawnUnits('conv1', { shape: [2, 3, 4, 4] }, 5)).toEqual([0, 1, 2]);
  });

  it('is asked for layers that are there', async () => {
    const { outputs } = probe('unit-moments', { layers: [2, 9] });
    expect(() => buildStep('step', problemOf('batch'), BATCH, sgd({}), [need(outputs, 'outputs')])).toThrow(
      new SettingError("Setting 'layers' of probe 'unit-moments' must name hidden layers from 1 to 8, got 9"),
    );
  });
});
