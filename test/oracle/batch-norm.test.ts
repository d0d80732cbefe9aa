import { describe, expect, it } from 'vitest';
import { elementCount, type Shape } from '../../src/graph/tensor-type.ts';
import type { Mode } from '../../src/nn/network.ts';
import type { NormName } from '../../src/norms/index.ts';
import { defaultNormSettings } from '../../src/norms/norm.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { compile } from '../../src/runtime/program.ts';
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
    const engine = new Engine(1);
    const errors: Record<string, number> = {};
    const compare = (place: string, actual: Readonly<Record<string, TensorData>>, expected: Tensors): void => {
      expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, tensor] of Object.entries(expected)) {
        errors[`${place} ${name}`] = tensorError(name, actual[name] as TensorData, tensor, seed);
      }
    };
    const run = async (mode: Mode, step: number): Promise<Record<string, TensorData>> =>
      engine.run(mode, {
        x: uniform('x', -1, 3, elementCount(shape), step),
        cotangent: uniform('cotangent', -1, 1, elementCount(shape), step),
      });
    try {
      for (const mode of ['train', 'eval'] as const) {
        const graph = layerWithGradients(norm, shape, mode, defaultNormSettings, precision.float);
        await engine.load(compile(graph, precision.settings, mode === 'train' ? 'state' : 'scratch'));
      }
      engine.write(
        new Map([
          ['layer/gamma', uniform('gamma', 0.5, 1.5)],
          ['layer/beta', uniform('beta', -0.5, 0.5)],
          ['layer/runningMean', uniform('zero', 0, 0)],
          ['layer/runningVariance', uniform('one', 1, 1)],
        ]),
      );
      for (let step = 0; step < steps; step++)
        compare(`step${step}`, await run('train', step), golden[`step${step}`] ?? {});
      const running = engine.read(['layer/runningMean', 'layer/runningVariance']);
      const [mean, variance] = [...running.values()].map(({ data }) => data) as [TensorData, TensorData];
      compare('running', { mean, variance }, golden.running);
      compare('evaluation', await run('eval', steps), golden.evaluation);
    } finally {
      await engine.close();
    }
    expect(above(precision.norm, errors)).toEqual({});
  });
});
