import { parametersOf } from '../graph/graph.ts';
import { describe, expect, it } from 'vitest';
import { grad } from '../autodiff/reverse.ts';
import { printGraph } from '../graph/print.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { type NormName, norms } from '../norms/index.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { allFed, evaluate } from '../testing/evaluate.ts';
import { maxDifference } from '../testing/difference.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { classifier, type ClassifierSettings } from './classifier.ts';
import type { NetworkFunction } from './network-function.ts';
import { type Problem, withoutRunningStatistics } from './problem.ts';
import { deepLinear, regression } from './regression.ts';

const small: NetworkFunction = ({ conv, dense, linear, maxPool, flatten }) => {
  return (x) => linear('head', dense('hidden', flatten(maxPool(conv('conv1', x, { channels: 3 }))), 5), 4);
};
const smallSettings: ClassifierSettings = { input: [2, 5, 7], classes: 4 };

/** What a problem gives for random feeds and parameters. */
async function run(problem: Problem, batchSize: number, mode: 'train' | 'frozen' | 'eval' = 'frozen') {
  const { g, loss, outputs, prediction } = problem.build({ mode, batchSize });
  const graph = allFed(g.finish('problem', { loss, ...outputs, prediction }));
  const feeds = Object.fromEntries(
    graph.inputs.map(({ value }) => {
      const count = elementCount(value.shape);
      return [
        value.name,
        value.dtype === 'int32' ? Int32Array.from({ length: count }, (_, i) => i % 3) : randomArray(count, value.name),
      ];
    }),
  );
  return { feeds, outputs: (await evaluate(graph, feeds)) as Record<string, Float64Array> };
}

describe('classifier()', () => {
  it('takes a model of the registry, with the settings that it is given', () => {
    const problem = classifier('vgg11', {
      input: [3, 8, 8],
      norm: 'group',
      normSettings: { ...defaultNormSettings, groups: 2 },
      width: 0.125,
    });
    expect(problem.about).toMatchObject({ problem: 'classifier', network: 'vgg11', norm: 'group', width: 0.125 });
    const built = problem.build({ mode: 'train', batchSize: 3 });
    expect(built.prediction.shape).toEqual([3, 10]);
    expect(built.network.layers.map(({ name }) => name)).toEqual([
      'conv1',
      'conv2',
      'conv3',
      'conv4',
      'conv5',
      'conv6',
      'conv7',
      'conv8',
    ]);
  });

  it('takes a function, whose hidden layers have the norm and the activation of the problem', () => {
    const { network, prediction } = classifier(small, { ...smallSettings, norm: 'layer', activation: 'tanh' }).build({
      mode: 'train',
      batchSize: 3,
    });
    expect(prediction.shape).toEqual([3, 4]);
    expect(network.layers.map(({ name, parameters }) => [name, parameters.map((value) => value.name)])).toEqual([
      ['conv1', ['conv1/weight', 'conv1/norm/gamma', 'conv1/norm/beta']],
      ['hidden', ['hidden/weight', 'hidden/norm/gamma', 'hidden/norm/beta']],
    ]);
  });

  it('leaves of each hidden layer what its map, its norm, and the layer itself give', () => {
    const { g, network } = classifier(small, smallSettings).build({ mode: 'train', batchSize: 3 });
    const [conv, hidden] = network.layers;
    for (const layer of [conv, hidden]) {
      expect(g.producer(layer?.output as never)?.inputs[0]).toBe(layer?.summed);
      expect(layer?.normed).toBe(layer?.summed);
      expect(g.producer(layer?.normed as never)?.inputs[0]).toBe(layer?.linear);
      expect([...(layer?.statistics.keys() ?? [])]).toEqual(['mean', 'variance']);
      expect(layer?.residual).toBeUndefined();
    }
  });

  it('builds the same graphs each time, and others for other functions of the same name', () => {
    const text = (problem: Problem, mode: 'train' | 'eval'): string => {
      const { g, loss } = problem.build({ mode, batchSize: 3 });
      return printGraph(g.finish('g', { loss }));
    };
    const problem = classifier(small, smallSettings);
    expect(text(problem, 'train')).toBe(text(problem, 'train'));
    const other: NetworkFunction = ({ network, dense, linear, flatten }) => {
      const units = network.mode === 'eval' ? 4 : 5;
      return (x) => linear('head', dense('hidden', flatten(x), units), 4);
    };
    const twin: NetworkFunction =
      ({ dense, linear, flatten }) =>
      (x) =>
        linear('head', dense('hidden', flatten(x), 5), 4);
    const [one, two] = [classifier(other, smallSettings), classifier(twin, smallSettings)];
    expect(text(one, 'train')).toBe(text(two, 'train'));
    expect(text(one, 'eval')).not.toBe(text(two, 'eval'));
  });

  it('gives the mean cross-entropy and the accuracy of its logits', async () => {
    const { feeds, outputs } = await run(classifier(small, { ...smallSettings, float: 'float64' }), 3);
    const rows = [0, 1, 2].map((n) => [...(outputs['prediction'] ?? [])].slice(4 * n, 4 * n + 4));
    const labels = [...(feeds['labels'] ?? [])].map(Number);
    const losses = rows.map(
      (row, n) => Math.log(row.reduce((sum, v) => sum + Math.exp(v), 0)) - (row[labels[n] ?? 0] ?? 0),
    );
    expect(outputs['loss']?.[0]).toBeCloseTo(losses.reduce((a, b) => a + b) / 3, 12);
    const hits = rows.filter((row, n) => row.indexOf(Math.max(...row)) === labels[n]).length;
    expect(outputs['accuracy']?.[0]).toBeCloseTo(hits / 3, 12);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'an unknown model',
      () => classifier('vgg12' as 'vgg11', smallSettings),
      /^Unknown model 'vgg12'; did you mean 'vgg11'\?/,
    ],
    [
      'an unknown norm',
      () => classifier('mlp', { ...smallSettings, norm: 'bach' as NormName }),
      /^Unknown norm 'bach'/,
    ],
    [
      'an unknown initialiser',
      () => classifier('mlp', { ...smallSettings, initialiser: 'glorrot' as 'he' }),
      /did you mean 'glorot'/,
    ],
    [
      'an unknown activation',
      () => classifier('mlp', { ...smallSettings, activation: 'rellu' as 'relu' }),
      /did you mean 'relu'/,
    ],
    [
      'an unknown loss',
      () => classifier('mlp', { ...smallSettings, loss: 'no-such' as 'squares' }),
      /^Unknown loss 'no-such'; known: cross-entropy, squares/,
    ],
    ['no width', () => classifier('mlp', { ...smallSettings, width: 0 }), /^Width must be a positive multiple/],
    ['one class', () => classifier('mlp', { ...smallSettings, classes: 1 }), /^Classes must be 2 or more, got 1/],
    [
      'layers that are not there',
      () => classifier('mlp', { ...smallSettings, normalised: [1, 4] }),
      /must lie in 1 … 3/,
    ],
    [
      'the last layer of a function',
      () => classifier(small, { ...smallSettings, normalised: 'last' }),
      /list layers, as \[3\]/,
    ],
    ['an empty input', () => classifier(small, { ...smallSettings, input: [] }), /^The input of a network/],
  ])('refuses %s before anything is built', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ name: 'SettingError' }));
  });

  it('refuses a network that does not end in its classes, and a batch that a norm cannot do with', () => {
    const wide = classifier(
      ({ linear, flatten }) =>
        (x) =>
          linear('head', flatten(x), 5),
      smallSettings,
    );
    expect(() => wide.build({ mode: 'train', batchSize: 3 })).toThrow(
      /^A classifier must end in \[3,4\], got float32\[3,5\]/,
    );
    const dense = classifier(
      ({ dense: hidden, linear, flatten }) =>
        (x) =>
          linear('head', hidden('h', flatten(x), 5), 4),
      smallSettings,
    );
    expect(() => dense.build({ mode: 'train', batchSize: 1 })).toThrow(/needs at least 2 values per statistic/);
  });
});

describe('regression()', () => {
  it.each(['mean', 'sum'] as const)(
    'is half the squares, the %s over examples and the sum over outputs',
    async (over) => {
      const network = deepLinear({ depth: 3, width: 4, outputs: 2 });
      const problem = regression(network, { input: [3], outputs: 2, over, float: 'float64', norm: 'none' });
      const { feeds, outputs } = await run(problem, 5);
      const errors = Array.from(outputs['prediction'] ?? [], (value, i) => Number(feeds['y']?.[i]) - value);
      const of = (k: number): number =>
        errors.filter((_, i) => i % 2 === k).reduce((sum, e) => sum + (e * e) / 2, 0) / (over === 'mean' ? 5 : 1);
      expect(maxDifference(outputs['losses'], [of(0), of(1)])).toBeLessThan(1e-14);
      expect(outputs['loss']?.[0]).toBeCloseTo(of(0) + of(1), 13);
    },
  );

  it('shares one target among all outputs where it is told so', async () => {
    const problem = regression(deepLinear({ depth: 1, width: 3 }), {
      input: [2],
      outputs: 3,
      targets: 1,
      float: 'float64',
    });
    const { feeds, outputs } = await run(problem, 5);
    const first = Array.from(outputs['prediction'] ?? []).flatMap((value, i) =>
      i % 3 === 2 ? [(Number(feeds['y']?.[Math.floor(i / 3)]) - value) ** 2 / 10] : [],
    );
    expect(outputs['losses']?.[2]).toBeCloseTo(
      first.reduce((a, b) => a + b),
      13,
    );
    expect(() => regression(deepLinear({ depth: 1, width: 3 }), { input: [2], outputs: 3, targets: 2 })).toThrow(
      'A regression must have as many targets as outputs (3), or 1, got 2',
    );
  });
});

describe('deepLinear()', () => {
  it('is the product of its matrices, without biases', async () => {
    const problem = regression(deepLinear({ depth: 3, width: 4, outputs: 2 }), {
      input: [3],
      outputs: 2,
      float: 'float64',
      norm: 'none',
    });
    const { feeds, outputs } = await run(problem, 5);
    const times = (a: number[][], b: number[][]): number[][] =>
      a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, v, i) => sum + v * (b[i]?.[j] ?? Number.NaN), 0)));
    const matrix = (name: string, columns: number): number[][] => {
      const data = Array.from<number | bigint, number>(feeds[name] ?? [], Number);
      return Array.from({ length: data.length / columns }, (_, i) => data.slice(columns * i, columns * (i + 1)));
    };
    const fitted = times(
      times(times(matrix('x', 3), matrix('linear1/weight', 4)), matrix('linear2/weight', 4)),
      matrix('linear3/weight', 2),
    );
    expect(maxDifference(outputs['prediction'], fitted.flat())).toBeLessThan(1e-14);
    expect(Object.keys(feeds).filter((name) => name.includes('bias'))).toEqual([]);
  });

  // The other two pool over pixels alone, which vectors do not have; they are refused with a word.
  const forVectors = (Object.keys(norms) as NormName[]).filter(
    (norm) => norms[norm].pools?.batch !== 'none' || norms[norm].pools.channels !== 'none',
  );
  it.each(forVectors)('can be built and differentiated with norm %s', (norm) => {
    const settings = { input: [4], outputs: 4, float: 'float64', norm } as const;
    const normSettings = { ...defaultNormSettings, groups: 2, ghostSize: 3 };
    const problem = regression(deepLinear({ depth: 3, width: 4, normaliseLast: true }), {
      ...settings,
      normSettings,
    });
    const built = problem.build({ mode: 'train', batchSize: 6 });
    const parameters = parametersOf(built.g);
    expect(built.network.layers).toHaveLength(3);
    expect(grad(built.g, built.loss, parameters)).toHaveLength(parameters.length);
  });

  it.each([
    { depth: 0, width: 3 },
    { depth: 2, width: 0 },
    { depth: 1.5, width: 2 },
  ])('refuses %j', (sizes) => {
    expect(() => deepLinear(sizes)).toThrow(/^A deep linear network must have a (depth|width) of 1 or more/);
  });
});

describe('withoutRunningStatistics()', () => {
  it('computes the same and updates no running statistics', async () => {
    const problem = classifier(small, { ...smallSettings, float: 'float64' });
    const without = withoutRunningStatistics(problem);
    expect(problem.build({ mode: 'train', batchSize: 3 }).network.updates).toHaveLength(4);
    expect(without.build({ mode: 'train', batchSize: 3 }).network.updates).toHaveLength(0);
    const [one, two] = [await run(problem, 3, 'train'), await run(without, 3, 'train')];
    expect(two.outputs).toEqual(Object.fromEntries(Object.keys(two.outputs).map((name) => [name, one.outputs[name]])));
    expect(without.about).not.toEqual(problem.about);
  });
});
