import { describe, expect, it } from 'vitest';
import { elementCount, type Shape } from '../../src/graph/tensor-type.ts';
import type { NormName } from '../../src/norms/index.ts';
import { defaultNormSettings } from '../../src/norms/norm.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { above, tensorError } from './errors.ts';
import { type Golden, goldenFiles, type GoldenTensor } from './golden.ts';
import { draw, noise } from './inputs.ts';
import { lastPart, layerWithGradients } from './norm-layer.ts';
import { mainPrecisions } from './precisions.ts';

type Tensors = Readonly<Record<string, GoldenTensor>>;

interface NormGolden extends Golden {
  readonly protocol: {
    readonly norm: NormName;
    readonly shape: Shape;
    readonly groups: number;
    readonly epsilon: number;
    readonly seed: number;
  };
  readonly train: Tensors;
  /** The state after the training step, and what it evaluates to; of norms that have state. */
  readonly next?: Tensors;
  readonly evaluation?: Tensors;
}

/** What values are drawn from, as in tools/golden/norms.py. */
const ranges: Readonly<Record<string, readonly [low: number, high: number]>> = {
  x: [-1, 3],
  cotangent: [-1, 1],
  gamma: [0.5, 1.5],
  beta: [-0.5, 0.5],
  weight: [-2, 2],
  u: [-1, 1],
  v: [-1, 1],
};

const cases = goldenFiles<NormGolden>('norm').flatMap(([name, golden]) =>
  mainPrecisions.map((precision) => ({ name, golden, precision, label: precision.label })),
);

describe('norms against PyTorch', () => {
  it.each(cases)('$name, $label', async ({ golden, precision }) => {
    const { norm, shape, groups, epsilon, seed } = golden.protocol;
    const drawn = (of: string, size: Shape): TensorData =>
      draw(precision.float, elementCount(size), (target) =>
        noise(seed, of).fillUniform(target, ...(ranges[of] ?? [Number.NaN, Number.NaN])),
      );
    const errors: Record<string, number> = {};
    const compare = (place: string, actual: Readonly<Record<string, TensorData>>, expected: Tensors): void => {
      expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, tensor] of Object.entries(expected)) {
        errors[`${place} ${name}`] = tensorError(name, actual[name] as TensorData, tensor, seed);
      }
    };
    const device = threadlessDevice({ ...precision.settings, threads: 1 });
    const feeds = { x: drawn('x', shape), cotangent: drawn('cotangent', shape) };
    try {
      const settings = { ...defaultNormSettings, groups, epsilon };
      const graph = layerWithGradients(norm, shape, 'train', settings, precision.float);
      const training = await device.load(graph, 'state');
      const held = graph.inputs.filter(({ role }) => role.kind === 'parameter' || role.kind === 'state');
      await device.write(new Map(held.map(({ value }) => [value.name, drawn(lastPart(value.name), value.shape)])));
      compare('train', await training.run(feeds), golden.train);
      const states = held.filter(({ role }) => role.kind === 'state').map(({ value }) => value.name);
      const next = [...(await device.read(states))].map(([name, { data }]) => [lastPart(name), data] as const);
      compare('next', Object.fromEntries(next), golden.next ?? {});
      if (golden.evaluation !== undefined) {
        const evaluation = await device.load(layerWithGradients(norm, shape, 'eval', settings, precision.float));
        compare('evaluation', await evaluation.run(feeds), golden.evaluation);
      }
    } finally {
      await device.close();
    }
    expect(above(precision.norm, errors)).toEqual({});
  });
});
