import { describe, expect, it } from 'vitest';
import { elementCount } from '../graph/tensor-type.ts';
import { createStream } from '../math/random.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { ModelName } from '../models/index.ts';
import { newNetwork } from '../nn/network.ts';
import { classifier } from '../problems/classifier.ts';
import type { Problem } from '../problems/problem.ts';
import type { StepRecord } from '../records/record.ts';
import type { LoweringName } from '../runtime/lowering-choice.ts';
import type { TensorData } from '../runtime/tensor-data.ts';
import { allFed, buildGraph, evaluate } from '../testing/evaluate.ts';
import { initialState } from '../train/initial-state.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { buildStep, type StepOutputs, type StepParts } from '../train/step-graph.ts';
import { activationMoments } from './activation-moments.ts';
import { gradientMoments } from './gradient-moments.ts';
import { momentsProbe } from './moments.ts';
import type { Probe } from './probe.ts';

function problemOf(model: ModelName): Problem {
  const width = model === 'mlp' ? 0.05 : 0.07;
  return classifier(model, { input: [3, 5, 7], classes: 4, norm: 'batch', width, initialiser: 'glorot' });
}

const uniform = (count: number): Float32Array => {
  const data = new Float32Array(count);
  createStream({ seed: 4, purpose: 'probe' }).fillUniform(data, -1, 2);
  return data;
};

/** A step that does nothing but predict. */
function partsOf(g: GraphBuilder, prediction: Value): StepParts {
  const nothing = { parameters: [], gradients: [], updates: [], outputs: {}, keep: () => undefined };
  return { ...nothing, g, network: newNetwork(g, 'train'), prediction, loss: prediction };
}

/** A step with both probes, and beside them the tensors themselves. */
async function runStep(model: ModelName, lowering: LoweringName): Promise<Record<string, TensorData>> {
  const raw: StepOutputs = ({ network, parameters, gradients }) => ({
    ...Object.fromEntries(network.layers.map(({ name, output }) => [`raw activation ${name}`, output])),
    ...Object.fromEntries(
      parameters.flatMap(({ name }, i) => (gradients[i] ? [[`raw gradient ${name}`, gradients[i]]] : [])),
    ),
  });
  const outputs = [activationMoments, gradientMoments].flatMap(
    ({ configure }) => configure('moments', {}).readout.outputs ?? [],
  );
  const step = buildStep('step', problemOf(model), 6, sgd({ weightDecay: 0.1 }), [...outputs, raw]);
  const feeds = {
    x: uniform(6 * 3 * 5 * 7),
    labels: Int32Array.of(0, 3, 1, 2, 2, 0),
    learningRate: Float32Array.of(0.1),
  };
  return evaluate(allFed(step), { ...Object.fromEntries(initialState(step, 2)), ...feeds }, { lowering });
}

function read(probe: Probe, outputs: Record<string, TensorData>): readonly StepRecord[] {
  return (
    probe
      .configure('moments', {})
      .readout.read?.({ step: 30, learningRate: 0.1, feeds: {}, key: { seed: 0, step: 30 }, loss: 1, outputs }) ?? []
  );
}

describe.each([
  ['activation', activationMoments],
  ['gradient', gradientMoments],
] as const)('%s moments', (kind, probe) => {
  it.each([
    ['mlp', 'reference'],
    ['mlp', 'portable'],
    ['vgg11', 'portable'],
    ['resnet20', 'portable'],
  ] as const)('of %s on the %s lowering equal a plain computation from the tensors', async (model, lowering) => {
    const outputs = await runStep(model, lowering);
    const records = read(probe, outputs);
    const layers = Object.keys(outputs).filter((name) => name.startsWith(`raw ${kind} `));
    expect(layers.length).toBeGreaterThan(2);
    expect(records).toHaveLength(2 * layers.length);
    for (const name of layers) {
      const layer = name.slice(`raw ${kind} `.length);
      const values = Array.from(outputs[name] as Float32Array);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      const of = (quantity: string): number =>
        records.find((record) => record.layer === layer && record.quantity === quantity)?.value ?? Number.NaN;
      // Sums of up to some thousand float32 numbers, each of the size of std or |mean|.
      expect(Math.abs(of(`${kind}-mean`) - mean), `mean of ${layer}`).toBeLessThan(1e-6 * (std + Math.abs(mean)));
      expect(Math.abs(of(`${kind}-std`) - std), `std of ${layer}`).toBeLessThan(3e-6 * (std + Math.abs(mean)));
    }
  });
});

describe('momentsProbe()', () => {
  it('reads its own outputs and no others', () => {
    const probe = momentsProbe(
      'input',
      { title: 'of the input', paper: undefined, what: 'the input' },
      () => new Map(),
    );
    const [one, four] = [Float32Array.of(1), Float32Array.of(4)];
    const outputs = {
      loss: one,
      'input-mean:a/b': one,
      'input-variance:a/b': four,
      'other-mean:a/b': one,
      'input-mean': one,
    };
    expect(read(probe, outputs)).toEqual([
      {
        step: 30,
        quantity: 'input-mean',
        layer: 'a/b',
        value: 1,
        definition: 'mean over all elements of the input',
        mode: 'train',
      },
      {
        step: 30,
        quantity: 'input-std',
        layer: 'a/b',
        value: 2,
        definition: 'standard deviation (biased, divides by the number of elements) over all elements of the input',
        mode: 'train',
      },
    ]);
  });

  // The mean is rounded to 6e-8 of itself, and so is each difference from it: 1e3 σ times that, far below the bound.
  // E[x²] − mean² would be wrong by 1e6 · 6e-8 = 6 %.
  it.each(['reference', 'portable'] as const)(
    'keeps the deviation where the mean is 1e3 times it, %s',
    async (lowering) => {
      const shape = [3, 5, 33, 17];
      const x = new Float32Array(elementCount(shape));
      createStream({ seed: 8, purpose: 'probe' }).fillNormal(x, 1e3, 1);
      const probe = momentsProbe(
        'input',
        { title: 'of x', paper: undefined, what: 'x' },
        ({ prediction }) => new Map([['x', prediction]]),
      );
      const graph = buildGraph('float32', (g) => {
        return (
          probe.configure('moments', {}).readout.outputs?.(partsOf(g, g.input('x', shape, { kind: 'data' }))) ?? {}
        );
      });
      const records = read(probe, await evaluate(graph, { x }, { lowering }));
      const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
      const std = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length);
      const [actualMean, actualStd] = records.map(({ value }) => value);
      expect(Math.abs((actualMean ?? Number.NaN) / mean - 1)).toBeLessThan(1e-6);
      expect(Math.abs((actualStd ?? Number.NaN) / std - 1)).toBeLessThan(1e-5);
    },
  );

  it('refuses a schedule that never comes', () => {
    expect(() => activationMoments.configure('activation-moments', { every: 0 })).toThrow(
      "Setting 'every' of probe 'activation-moments' must be a number of steps between measurements, 1 or more, got 0",
    );
  });
});
