import { describe, expect, it } from 'vitest';
import { elementCount, type Shape } from '../../src/graph/tensor-type.ts';
import type { Mode } from '../../src/nn/network.ts';
import type { NormName } from '../../src/norms/index.ts';
import { defaultNormSettings } from '../../src/norms/norm.ts';
import type { Program } from '../../src/runtime/device.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { above, tensorError } from './errors.ts';
import { type Golden, goldenFiles, type GoldenTensor } from './golden.ts';
import { draw, noise } from './inputs.ts';
import { layerWithGradients } from './norm-layer.ts';
import { mainPrecisions } from './precisions.ts';

type Tensors = Readonly<Record<string, GoldenTensor>>;

interface BatchNormGolden extends Golden {
  readonly protocol: { readonly shape: Shape; readonly seed: number; readonly steps: number };
  readonly evaluation: Tensors;
  readonly running: { readonly mean: GoldenTensor; readonly variance: GoldenTensor };
  readonly [step: `step${number}`]: Tensors;
}

const forms: readonly NormName[] = ['batch', 'batch-composed'];
const cases = goldenFiles<BatchNormGolden>('batch-norm').flatMap(([name, golden]) =>
  forms.flatMap((norm) =>
    mainPrecisions.map((precision) => ({ name, golden, norm, precision, label: precision.label })),
  ),
);

describe('batch normalisation against PyTorch', () => {
  it.each(cases)('$name, $norm, $label', async ({ golden, norm, precision }) => {
    const { shape, seed, steps } = golden.protocol;
    const [, channels = 0] = shape;
    const uniform = (name: string, low: number, high: number, count = channels, step = 0): TensorData =>
      draw(precision.float, count, (target) => noise(seed, name, step).fillUniform(target, low, high));
    const device = threadlessDevice({ ...precision.settings, threads: 1 });
    const errors: Record<string, number> = {};
    const compare = (place: string, actual: Readonly<Record<string, TensorData>>, expected: Tensors): void => {
      expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, tensor] of Object.entries(expected)) {
        errors[`${place} ${name}`] = tensorError(name, actual[name] as TensorData, tensor, seed);
      }
    };
    const load = (mode: Mode): Promise<Program> => {
      const graph = layerWithGradients(norm, shape, mode, defaultNormSettings, precision.float);
      return device.load(graph, mode === 'train' ? 'state' : 'scratch');
    };
    const run = (program: Program, step: number): ReturnType<Program['run']> =>
      program.run({
        x: uniform('x', -1, 3, elementCount(shape), step),
        cotangent: uniform('cotangent', -1, 1, elementCount(shape), step),
      });
    try {
      const [training, evaluation] = [await load('train'), await load('eval')];
      await device.write(
        new Map([
          ['layer/gamma', uniform('gamma', 0.5, 1.5)],
          ['layer/beta', uniform('beta', -0.5, 0.5)],
          ['layer/runningMean', uniform('zero', 0, 0)],
          ['layer/runningVariance', uniform('one', 1, 1)],
        ]),
      );
      for (let step = 0; step < steps; step++)
        compare(`step${step}`, await run(training, step), golden[`step${step}`] ?? {});
      const running = await device.read(['layer/runningMean', 'layer/runningVariance']);
      const [mean, variance] = [...running.values()].map(({ data }) => data) as [TensorData, TensorData];
      compare('running', { mean, variance }, golden.running);
      compare('evaluation', await run(evaluation, steps), golden.evaluation);
    } finally {
      await device.close();
    }
    expect(above(precision.norm, errors)).toEqual({});
  });
});
