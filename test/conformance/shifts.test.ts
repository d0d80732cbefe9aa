import { afterAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/graph.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { dot } from '../../src/graph/arithmetic.ts';
import { elementCount } from '../../src/graph/tensor-type.ts';
import { type ModelName, models } from '../../src/models/index.ts';
import { defaultNormSettings } from '../../src/norms/norm.ts';
import { type NormName, norms } from '../../src/norms/index.ts';
import { classifier, type ClassifierSettings } from '../../src/problems/classifier.ts';
import type { NetworkFunction } from '../../src/problems/network-function.ts';
import { outputOf } from '../../src/runtime/device.ts';
import { openDevice } from '../../src/runtime/node/open-device.ts';
import { initialState } from '../../src/train/initial-state.ts';

const device = await openDevice({ lowering: 'reference' });
afterAll(() => device.close());

const normNames = Object.keys(norms) as readonly NormName[];
const settings = [true, false].flatMap((gamma) => [true, false].map((beta) => ({ gamma, beta })));
/** Placements that a norm has. */
const placements = (norm: NormName): readonly ('before' | 'after')[] =>
  norms[norm].weight === undefined && norms[norm].activation === undefined ? ['before', 'after'] : ['before'];

const cases = normNames.flatMap((norm) =>
  settings.flatMap((set) =>
    placements(norm).map((placement) => ({
      norm,
      placement,
      normSettings: { ...defaultNormSettings, ...set, groups: 2, ghostSize: 3 },
    })),
  ),
);
const names = cases.map((found) => {
  const { gamma, beta } = found.normSettings;
  return [`${found.norm}, gamma ${gamma}, beta ${beta}, ${found.placement}`, found] as const;
});

const [batchSize, channels, input] = [3, 4, [2, 3, 2]] as const;
const oneLayer: NetworkFunction =
  ({ conv, flatten, linear }) =>
  (x) =>
    linear('head', flatten(conv('hidden', x, { channels })), 3);

/**
 * The parameters that shift what the activation of the hidden layer is given: those whose gradient, for any cotangent, is
 * its sum over each channel. A bias that a norm takes away has none, or another.
 */
async function shiftsOf(changes: Partial<ClassifierSettings>): Promise<readonly string[]> {
  const problem = classifier(oneLayer, { input, classes: 3, float: 'float64', ...changes });
  const { g, network } = problem.build({ mode: 'frozen', batchSize });
  const [layer] = network.layers;
  if (layer === undefined) throw new RangeError('The network must have a hidden layer');
  const cotangent = g.input('cotangent', layer.summed.shape, { kind: 'data' });
  const candidates = layer.parameters.filter(({ shape }) => shape.join() === String(channels));
  const gradients = grad(g, dot(g, layer.summed, cotangent), candidates);
  const graph = withoutNoise(g.finish('shifts', Object.fromEntries(gradients.map((value, i) => [`g${i}`, value]))));
  const own = device.sibling();
  try {
    const program = await own.load(graph);
    await own.write(initialState(graph, 1));
    const x = Float64Array.from({ length: batchSize * elementCount(input) }, (_, i) => Math.sin(1.7 * i));
    const weights = Float64Array.from({ length: elementCount(layer.summed.shape) }, (_, i) => Math.cos(2.3 * i));
    // Noise that changes nothing: a factor of 1, and nothing added.
    const noise = Object.fromEntries(
      graph.inputs.flatMap(({ value: { name, shape } }) =>
        name.includes('/noise/')
          ? [[name, new Float64Array(elementCount(shape)).fill(name.endsWith('/scale') ? 1 : 0)]]
          : [],
      ),
    );
    const asked = new Set(graph.inputs.map(({ value }) => value.name));
    const fed = Object.entries({ x, cotangent: weights, ...noise }).filter(([name]) => asked.has(name));
    const outputs = await program.run(Object.fromEntries(fed));
    const pixels = elementCount(layer.summed.shape.slice(2));
    const sums = Array.from({ length: channels }, (_, c) =>
      weights.reduce((sum, value, i) => sum + (Math.floor(i / pixels) % channels === c ? value : 0), 0),
    );
    const isShift = (_: unknown, i: number): boolean =>
      [...outputOf(outputs, `g${i}`)].every((value, c) => Math.abs(Number(value) - (sums[c] ?? 0)) < 1e-9);
    return candidates.filter(isShift).map(({ name }) => name);
  } finally {
    await own.close();
  }
}

/** Random numbers are fed like data. */
function withoutNoise(graph: Graph): Graph {
  const inputs = graph.inputs.map(({ value, role }): Graph['inputs'][number] =>
    role.kind === 'random' ? { value, role: { kind: 'data' } } : { value, role },
  );
  return { ...graph, inputs };
}

describe('the activation of a hidden layer is given exactly one shift', () => {
  it.each(names)('%s', async (_, changes) => {
    expect(await shiftsOf(changes)).toHaveLength(1);
  });
});

/** Per hidden layer of a model, the names of what can shift it. */
function declared(model: ModelName, changes: Partial<ClassifierSettings>): readonly (readonly string[])[] {
  const problem = classifier(model, { input: models[model].parameters.input, classes: 10, width: 0.5, ...changes });
  const { network } = problem.build({ mode: 'frozen', batchSize: 6 });
  return network.layers.map(({ parameters }) =>
    parameters.flatMap(({ name }) => /\/(bias|beta)$/.exec(name)?.[1] ?? []),
  );
}

describe.each(['mlp', 'resnet20', 'vgg11'] as const)('every hidden layer of %s', (model) => {
  const fitting = cases.filter(
    ({ norm }) => model !== 'mlp' || norm === 'group' || !['instance', 'filter-response'].includes(norm),
  );
  it.each(fitting.map((found) => [found.norm, found.normSettings.beta, found.placement, found] as const))(
    'has a shift with norm %s, beta %s, %s the activation, and a second one where it goes elsewhere',
    (norm, beta, placement, changes) => {
      const found = declared(model, changes);
      const own = norms[norm].shift({ beta }) === 'norm';
      // Published with biases; a norm that centres channels takes them away again.
      const kept = own && placement === 'before' && norms[norm].centresChannels === true && model !== 'resnet20';
      const before = kept ? ['bias', 'beta'] : [own && placement === 'before' ? 'beta' : 'bias'];
      const expected = placement === 'after' && own ? ['bias', 'beta'] : before;
      for (const layer of found) expect(layer.toSorted()).toEqual([...expected].toSorted());
      expect(found).toHaveLength(models[model].hiddenLayers);
    },
  );

  it.each(['last', [1]] as const)('has a bias where only %s is normalised and it is not', (normalised) => {
    const found = declared(model, { normalised, norm: 'layer' });
    const at = normalised === 'last' ? found.length - 1 : 0;
    expect(found).toEqual(found.map((_, i) => [i === at ? 'beta' : 'bias']));
  });
});
