/** @file Residual branches that train without norms: what the network is before training, what it learns, and its gradient. */

import { describe, expect, it } from 'vitest';
import { grad } from '../../src/autodiff/reverse.ts';
import { need } from '../../src/errors.ts';
import { type Graph, parametersOf } from '../../src/graph/graph.ts';
import { elementCount } from '../../src/graph/tensor-type.ts';
import { createStream } from '../../src/math/random.ts';
import { type ModelName, models } from '../../src/models/index.ts';
import { classifier, type ClassifierSettings } from '../../src/problems/classifier.ts';
import { allFed, evaluate, type Feeds, openProgram } from '../../src/testing/evaluate.ts';
import { initialState } from '../../src/train/initial-state.ts';
import { sgd } from '../../src/train/optimisers/sgd.ts';
import { trainingGraphs } from '../../src/train/training-graphs.ts';

const [batchSize, input] = [3, [3, 8, 8]] as const;

function problemWith(changes: Partial<ClassifierSettings>, model: ModelName = 'resnet20') {
  return classifier(model, { input, norm: 'none', width: 0.2, float: 'float64', ...changes });
}

const x = Float64Array.from({ length: batchSize * elementCount(input) }, (_, i) => Math.sin(1.7 * i));
const labels = Int32Array.of(2, 7, 0);

/** Where every parameter starts, with the batch. */
function startOf(graph: Graph): Feeds {
  return { ...Object.fromEntries(initialState(graph, 4)), x, labels };
}

describe('plain branches', () => {
  // As they were before there was a choice: another digest would be another cell.
  it.each([
    ['resnet20', { norm: 'batch' }, '4f7c61e4c46b92c8cfc45993e08c2f449664c332eb596237e954586b7bf3e0cd'],
    [
      'resnet20',
      { norm: 'none', width: 0.5, initialiser: 'glorot' },
      '7e5d58767ca191275c667f6cbc6f5a07222bd1e3d9722b56ffb4a722e0d765bf',
    ],
    [
      'resnet32',
      { norm: 'batch', normalised: 'last', width: 0.25 },
      'fbd3f32ff0c65a19d3fba92c7227f5f5736f17c7f4c84a7f71c1bcf137cce018',
    ],
    ['vgg11', { norm: 'none', width: 0.25 }, '145cdf57941b8c2d4e9d54a4e981435e4bc4cd75efc4f43de20beff29da4234d'],
    ['mlp', { norm: 'batch' }, '42874c3b82d6dd705371eadef656a74c258eb5ddb07cbd355c2d12176b59f0d1'],
  ] as const)('leave what %s says of itself and its graphs as they were: %j', (model, settings, identity) => {
    const shape = models[model].parameters.input;
    for (const branch of [{}, { branch: 'plain' }] as const) {
      const problem = classifier(model, { input: shape, ...settings, ...branch });
      expect(problem.about).not.toHaveProperty('branch');
      expect(trainingGraphs(problem, 3, sgd({ momentum: 0.9 })).identity).toBe(identity);
    }
  });
});

describe.each(['skip-init', 'fixup'] as const)('a residual network with %s', (branch) => {
  it('is named in what the problem says of itself', () => {
    expect(problemWith({ branch }).about).toMatchObject({ branch });
  });

  it('begins as its skips alone: branches contribute nothing', async () => {
    const { g, network } = problemWith({ branch }).build({ mode: 'frozen', batchSize });
    const ends = network.layers.filter(({ residual }) => residual !== undefined);
    expect(ends).toHaveLength(9);
    const outputs = Object.fromEntries(
      ends.flatMap(({ summed, residual, linear }, i) => [
        [`summed${i}`, summed],
        [`skip${i}`, need(residual, 'a skip')],
        [`linear${i}`, linear],
      ]),
    );
    const graph = g.finish('start', outputs);
    const values = await evaluate(allFed(graph), startOf(graph));
    for (const i of ends.keys()) {
      expect(values[`summed${i}`], `block ${i + 1}`).toEqual(values[`skip${i}`]);
      expect(values[`skip${i}`]?.some((value) => value > 0)).toBe(true);
      // SkipInit takes away what a convolution computes, Fixup has it compute nothing.
      expect(values[`linear${i}`]?.some((value) => value !== 0)).toBe(branch === 'skip-init');
    }
  });

  it('has the gradient of central differences in every parameter, away from its start', async () => {
    const { g, loss } = problemWith({ branch }).build({ mode: 'frozen', batchSize });
    const parameters = parametersOf(g);
    const slopes = grad(g, loss, parameters);
    const named = parameters.map(({ name }, i) => [`d ${name}`, need(slopes[i], 'a gradient')] as const);
    const graph = allFed(g.finish('slopes', { loss, ...Object.fromEntries(named) }));
    const program = await openProgram(graph);
    const stream = createStream({ seed: 8, purpose: 'noise' });
    const normal = (length: number, std: number): Float64Array => {
      const data = new Float64Array(length);
      stream.fillNormal(data, 0, std);
      return data;
    };
    const shapes = Object.fromEntries(parameters.map(({ name, shape }) => [name, elementCount(shape)]));
    const start = Object.fromEntries(Object.entries(shapes).map(([name, size]) => [name, normal(size, 0.3)]));
    const fixed = { x, labels };
    const gradient = await program.run({ ...start, ...fixed });
    // A step h of 1e-6 errs by about 1e-16 / h = 1e-10 of a loss of order one, and few ReLUs have a kink that near.
    const h = 1e-6;
    for (const [name, size] of Object.entries(shapes)) {
      const direction = normal(size, 1);
      const at = need(start[name], name);
      const lossAt = async (by: number): Promise<number> =>
        Number(
          (await program.run({ ...start, [name]: at.map((w, i) => w + by * (direction[i] ?? 0)), ...fixed }))[
            'loss'
          ]?.[0],
        );
      const numeric = ((await lossAt(h)) - (await lossAt(-h))) / (2 * h);
      const analytic = direction.reduce((sum, d, i) => sum + d * Number(gradient[`d ${name}`]?.[i]), 0);
      expect(Math.abs(analytic - numeric) / Math.max(1, Math.abs(numeric)), name).toBeLessThan(1e-6);
    }
    await program.close();
  });
});

/** Names of parameters with how many numbers they have. */
function sizesOf(changes: Partial<ClassifierSettings>): ReadonlyMap<string, number> {
  const { g } = problemWith({ input: [3, 32, 32], width: 1, ...changes }).build({ mode: 'train', batchSize });
  return new Map(parametersOf(g).map(({ name, shape }) => [name, elementCount(shape)]));
}

function total(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

describe('SkipInit', () => {
  it('learns one number more per branch than a network without norms, and draws the same weights', () => {
    const [plain, own] = [sizesOf({}), sizesOf({ branch: 'skip-init' })];
    const more = [...own].filter(([name]) => !plain.has(name));
    expect(more).toHaveLength(9);
    expect(more.every(([name, size]) => /^stage\d\/block\d\/conv2\/multiplier$/.test(name) && size === 1)).toBe(true);
    expect(total(own)).toBe(total(plain) + 9);
    const weightsOf = (branch: 'plain' | 'skip-init') => {
      const { g, prediction } = problemWith({ branch }).build({ mode: 'train', batchSize });
      return initialState(g.finish('start', { prediction }), 1);
    };
    const skipInit = weightsOf('skip-init');
    for (const [name, data] of weightsOf('plain')) expect(skipInit.get(name)).toEqual(data);
  });

  it('may stand beside a norm', () => {
    const { network } = problemWith({ branch: 'skip-init', norm: 'weight-standardised' }).build({
      mode: 'train',
      batchSize,
    });
    expect(network.layers).toHaveLength(19);
  });
});

describe('Fixup', () => {
  it('starts weights inside branches at a third for nine branches, the last of each and the head at 0', () => {
    const weightsOf = (branch: 'plain' | 'fixup') => {
      const { g, prediction } = problemWith({ branch }).build({ mode: 'train', batchSize });
      return initialState(g.finish('start', { prediction }), 1);
    };
    const [plain, own] = [weightsOf('plain'), weightsOf('fixup')];
    const ratio = (name: string): readonly number[] => {
      const [a, b] = [need(own.get(name), name), need(plain.get(name), name)];
      return Array.from(a as Float64Array, (value, i) => value / Number(b[i]));
    };
    for (const value of ratio('conv1/weight')) expect(value).toBe(1);
    for (const value of ratio('stage2/block3/conv1/weight')) expect(value).toBeCloseTo(1 / 3, 14);
    for (const name of ['stage2/block3/conv2/weight', 'head/weight']) {
      expect(
        ratio(name).every((value) => value === 0),
        name,
      ).toBe(true);
    }
    const others = [...own].filter(([name]) => !name.endsWith('weight'));
    for (const [name, data] of others) {
      const expected = name.endsWith('/multiplier') ? 1 : 0;
      expect(
        data.every((value) => value === expected),
        name,
      ).toBe(true);
    }
  });

  it('has single numbers for biases: two for each of 19 layers, one for the head, and a multiplier for each branch', () => {
    const sizes = sizesOf({ branch: 'fixup' });
    const weights = [...sizes].filter(([name]) => name.endsWith('weight'));
    const others = [...sizes].filter(([name]) => !name.endsWith('weight') && name !== 'head/bias');
    expect(others.every(([, size]) => size === 1)).toBe(true);
    expect(others).toHaveLength(2 * 19 + 1 + 9);
    // The published count has gamma and beta of 16 + 6 · 16 + 6 · 32 + 6 · 64 channels.
    expect(total(new Map(weights)) + 10).toBe(models.resnet20.parameters.count - 2 * (16 + 6 * (16 + 32 + 64)));
  });

  it('says the same of every image at its start', async () => {
    const { g, loss, prediction } = problemWith({ branch: 'fixup' }).build({ mode: 'frozen', batchSize });
    const graph = g.finish('start', { loss, prediction });
    const values = await evaluate(allFed(graph), startOf(graph));
    expect(values['prediction']?.every((value) => value === 0)).toBe(true);
    expect(values['loss']?.[0]).toBeCloseTo(Math.log(10), 14);
  });
});

describe('branches that make no network', () => {
  it('are refused', () => {
    expect(() => problemWith({ branch: 'fixup', norm: 'batch' })).toThrow(
      "Branch 'fixup' takes the place of norms, got norm batch; use norm none",
    );
    expect(() => problemWith({ branch: 'skip-init' }, 'vgg11')).toThrow(
      /^Branch 'skip-init' needs a model with residual branches, got VGG-11, .*; try resnet20$/,
    );
    const oneLayer: Parameters<typeof classifier>[0] =
      ({ linear, flatten }) =>
      (images) =>
        linear('head', flatten(images), 10);
    expect(() => classifier(oneLayer, { input, branch: 'fixup', norm: 'none' })).toThrow(
      /got network oneLayer; try resnet20$/,
    );
    expect(() => problemWith({ branch: 'skipinit' as 'skip-init' })).toThrow(
      "Unknown branch 'skipinit'; did you mean 'skip-init'?",
    );
  });
});
