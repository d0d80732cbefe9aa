import { describe, expect, it } from 'vitest';
import { readOnnx } from '../onnx/read.ts';
import {
  type AttributeText,
  float,
  floats,
  type GraphText,
  graphAttribute,
  int,
  node,
  type NodeText,
  onnxBytes,
  port,
  type TensorText,
} from '../testing/onnx-bytes.ts';
import type { Finding } from './finding.ts';
import { inspectModel, type Inspection } from './inspect-model.ts';

function inspect(graph: GraphText, model: Parameters<typeof onnxBytes>[1] = {}): Inspection {
  return inspectModel(
    readOnnx(onnxBytes({ input: [port('x', ['N', 3, 8, 8])], output: [port('y', [])], ...graph }, model)),
    ['Conv', 'BatchNormalization', 'Relu'],
  );
}

/** What rules say, in few words: `problem broken-statistics norm 1`. */
function said(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ level, rule, layer, number }) => `${level} ${rule} ${layer} ${number}`);
}

const channels = 8;
const spread = Array.from({ length: channels }, (_, i) => 1 + i / 10);
const weight = (name: string, inner = 3): TensorText =>
  floats(
    name,
    [channels, inner, 3, 3],
    Array.from({ length: channels * inner * 9 }, (_, i) => Math.sin(i)),
  );

interface NormText {
  readonly gamma?: readonly number[];
  readonly mean?: readonly number[];
  readonly variance?: readonly number[];
  readonly attributes?: AttributeText[];
  readonly bias?: readonly number[];
  readonly outputs?: string[];
}

/** A convolution, its norm and a ReLU. */
function normed({
  gamma = spread,
  mean = spread,
  variance = spread,
  attributes = [],
  bias,
  outputs = [],
}: NormText): GraphText {
  const given = (name: string, values: readonly number[]): TensorText => floats(name, [values.length], values);
  return {
    node: [
      node('Conv', ['x', 'w', ...(bias === undefined ? [] : ['b'])], ['c'], [], 'conv'),
      node('BatchNormalization', ['c', 'gamma', 'beta', 'mean', 'variance'], ['n', ...outputs], attributes, 'norm'),
      node('Relu', ['n'], ['y']),
    ],
    initializer: [
      weight('w'),
      ...(bias === undefined ? [] : [given('b', bias)]),
      given('gamma', gamma),
      given('beta', spread),
      given('mean', mean),
      given('variance', variance),
    ],
  };
}

const but = (index: number, value: number): readonly number[] => spread.with(index, value);
const all = (value: number): readonly number[] => spread.map(() => value);

describe('rules on a norm', () => {
  it('say nothing about a healthy one', () => {
    const inspection = inspect(normed({}));
    expect(inspection.findings).toEqual([]);
    expect(inspection.layers[0]?.norm).toEqual({ kind: 'kept', name: 'norm', isAfterActivation: false });
    expect([inspection.parameters, inspection.statistics]).toEqual([8 * 27 + 2 * 8, 16]);
  });

  it.each<[string, NormText, readonly string[]]>([
    ['a variance that is not finite', { variance: but(3, Number.NaN) }, ['problem broken-statistics norm 1']],
    ['a negative variance', { variance: but(3, -1e-9) }, ['problem broken-statistics norm 1']],
    ['a mean that is not finite', { mean: but(0, Number.POSITIVE_INFINITY) }, ['problem broken-statistics norm 1']],
    ['statistics that nobody updated', { mean: all(0), variance: all(1) }, ['problem never-updated norm 8']],
    [
      'statistics of which one channel was updated',
      { mean: but(2, 0.1).map((v, i) => (i === 2 ? v : 0)), variance: all(1) },
      [],
    ],
    ['one dead gamma', { gamma: but(1, 0.001) }, ['note dead-gammas norm 1']],
    ['many dead gammas', { gamma: but(1, 0).with(2, 0) }, ['problem dead-gammas norm 2']],
    ['a gamma that is small and not dead', { gamma: but(1, -0.02) }, []],
    ['gammas that are all 0', { gamma: all(0) }, ['problem dead-gammas norm 8']],
    ['a gamma that is no number', { gamma: but(1, Number.NaN) }, ['problem broken-weights norm 1']],
    ['a constant channel', { variance: but(1, 1e-6) }, ['note constant-channels norm 1']],
    ['constant channels', { variance: but(1, 0).with(2, 1e-5) }, ['problem constant-channels norm 2']],
    [
      'an epsilon beside the variance',
      { attributes: [float('epsilon', 0.05)] },
      ['note epsilon-against-variance norm 0.037'],
    ],
    [
      'an epsilon that drowns the variance',
      { attributes: [float('epsilon', 0.9)] },
      ['problem epsilon-against-variance norm 0.667', 'problem epsilon norm 0.9'],
    ],
    ['no epsilon', { attributes: [float('epsilon', 0)] }, ['note epsilon norm 0']],
    ["PyTorch's momentum", { attributes: [float('momentum', 0.1)] }, ['note momentum norm 0.1']],
    ['momentum 0', { attributes: [float('momentum', 0)] }, ['problem momentum norm 0']],
    ['momentum 1', { attributes: [float('momentum', 1)] }, ['problem momentum norm 1']],
    ['training mode', { attributes: [int('training_mode', 1)] }, ['note training-mode norm undefined']],
    ['a bias before it', { bias: spread }, ['note redundant-bias conv 8']],
    ['vectors of two lengths', { mean: [...spread, 1] }, ['problem sizes-differ norm 2']],
  ])('find %s', (_, text, expected) => {
    const { findings } = inspect(normed(text));
    const rounded = findings.map((finding) => ({
      ...finding,
      number: finding.number && Number(finding.number.toPrecision(3)),
    }));
    expect(said(rounded)).toEqual(expected);
  });

  it('read outputs for statistics as training mode, up to opset 13', () => {
    const opsetImport = [{ domain: '', version: 9n }];
    const { findings } = inspect(normed({ outputs: ['m', 'v', 'sm', 'sv'] }), { opsetImport });
    expect(said(findings)).toEqual(['note training-mode norm undefined']);
  });

  it('take momentum 1 of PyTorch in evaluation mode for its plain average', () => {
    const graph = normed({ attributes: [float('momentum', 1)] });
    expect(said(inspect(graph, { producerName: 'pytorch', producerVersion: '1.13.0' }).findings)).toEqual([
      'note momentum norm 1',
    ]);
  });

  it('find two conventions of momentum in one file', () => {
    const one = normed({});
    const rest: NodeText[] = [
      node('BatchNormalization', ['n', 'gamma', 'beta', 'mean', 'variance'], ['m'], [float('momentum', 0.1)], 'other'),
      node('Relu', ['m'], ['y']),
    ];
    const { findings } = inspect({ ...one, node: [...(one.node ?? []).slice(0, 2), ...rest] });
    expect(said(findings)).toEqual(['note momentum other 0.1', 'note mixed-momentum undefined 1']);
  });
});

describe('rules on the network', () => {
  /** A softmax, and what is done with it. */
  const after = (...nodes: NodeText[]): readonly string[] =>
    said(
      inspect({ node: [node('Conv', ['x', 'w'], ['c'], [], 'conv'), ...nodes], initializer: [weight('w')] }).findings,
    );
  const softmax = node('Softmax', ['c'], ['p'], [], 'first');

  it('tell two softmaxes in a row from one, and from its logarithm', () => {
    const twice = ['problem double-softmax second 2', 'note softmax-output second undefined'];
    expect(after(softmax, node('Softmax', ['p'], ['y'], [], 'second'))).toEqual(twice);
    expect(after(softmax, node('Identity', ['p'], ['q']), node('LogSoftmax', ['q'], ['y'], [], 'second'))).toEqual(
      twice,
    );
    expect(after(softmax, node('Log', ['p'], ['y']))).toEqual([]);
    expect(after({ ...softmax, output: ['y'] })).toEqual(['note softmax-output first undefined']);
    expect(after(softmax, node('Mul', ['p', 'c'], ['a']), node('Softmax', ['a'], ['y'], [], 'second'))).toEqual([
      'note softmax-output second undefined',
    ]);
  });

  it('find dropout that is left on', () => {
    const on: TensorText = { name: 'on', dataType: 9, int32Data: [1] };
    const graph = (nodes: NodeText[], ...more: TensorText[]): GraphText => ({
      node: [node('Conv', ['x', 'w'], ['c']), ...nodes],
      initializer: [weight('w'), ...more],
    });
    expect(said(inspect(graph([node('Dropout', ['c', '', 'on'], ['y'], [], 'drop')], on)).findings)).toEqual([
      'note training-mode drop undefined',
    ]);
    expect(inspect(graph([node('Dropout', ['c'], ['y'])])).findings).toEqual([]);
  });

  it('find weights that are no numbers, or all one number', () => {
    const conv = (data: readonly number[]): readonly string[] =>
      said(
        inspect({
          node: [node('Conv', ['x', 'w'], ['y'], [], 'conv')],
          initializer: [floats('w', [1, 3, 1, 1], data)],
        }).findings,
      );
    expect(conv([1, Number.NaN, Number.NEGATIVE_INFINITY])).toEqual(['problem broken-weights conv 2']);
    expect(conv([0.02, 0.02, 0.02])).toEqual(['problem placeholder-weights undefined 1']);
    expect(conv([0.02, 0.02, 0.03])).toEqual([]);
  });

  it('count layers that follow each other without a norm or a shortcut', () => {
    const chain = (length: number, shortcutAt: number): readonly string[] => {
      const nodes = Array.from({ length }, (_, i) => [
        node('Conv', [i === 0 ? 'x' : `r${i - 1}`, i === 0 ? 'w' : 'v'], [`c${i}`], [], `conv${i}`),
        node('Relu', [`c${i}`], [i === shortcutAt ? `s${i}` : `r${i}`]),
        ...(i === shortcutAt ? [node('Add', [`s${i}`, `r${i - 1}`], [`r${i}`])] : []),
      ]).flat();
      const last = node('Identity', [`r${length - 1}`], ['y']);
      return said(inspect({ node: [...nodes, last], initializer: [weight('w'), weight('v', channels)] }).findings);
    };
    expect(chain(9, -1)).toEqual(['note deep-without-norm conv8 9']);
    expect(chain(7, -1)).toEqual([]);
    expect(chain(9, 4)).toEqual([]);
  });

  it('say where the batch is fixed to 1', () => {
    const graph: GraphText = { node: [node('Relu', ['x'], ['y'])], input: [port('x', [1, 3, 8, 8])] };
    expect(said(inspect(graph).findings)).toEqual(['note fixed-batch x 1']);
  });
});

describe('norms that are gone', () => {
  /** A convolution under names of some exporter. */
  const exported = (
    w: string,
    b: string,
    out: string,
    others: TensorText[] = [],
  ): Inspection['layers'][number]['norm'] | undefined =>
    inspect(
      {
        node: [node('Conv', ['x', w, ...(b === '' ? [] : [b])], [out], [], 'conv'), node('Relu', [out], ['y'])],
        initializer: [weight(w), ...(b === '' ? [] : [floats(b, [channels], spread)]), ...others],
      },
      { producerName: 'pytorch' },
    ).layers[0]?.norm;
  const named = [floats('fc.weight', [1], [1])];

  it.each<[string, string, string, TensorText[], string]>([
    ['48', '49', 'out', named, 'PyTorch up to 1.11'],
    ['onnx::Conv_760', 'onnx::Conv_761', 'out', [], 'PyTorch from 1.12 on'],
    ['a/Conv2D_weights_fused_bn', 'a/Conv2D_bias_fused_bn', 'out', [], 'tf2onnx'],
    ['a/kernel', 'a/bias', 'a/batch_normalization/FusedBatchNormV3:0', [], 'tf2onnx'],
    ['stem.weight', 'stem.weight_bias', 'out', [], 'PyTorch from 2.5 on (dynamo)'],
    ['stem.weight', 'stem.bias', 'getitem_3', [], 'PyTorch from 2.5 on (dynamo)'],
    ['conv1.weight', 'conv1.bn.bias', 'out', [], 'its names'],
  ])('are known by %s, %s → %s', (w, b, out, others, exporter) => {
    expect(exported(w, b, out, others)).toMatchObject({ kind: 'folded', exporter });
  });

  it('are put down to a simplifier where PyTorch would have named them otherwise', () => {
    const graph: GraphText = {
      node: [node('Conv', ['x', '48', '49'], ['c']), node('Relu', ['c'], ['y'])],
      initializer: [weight('48'), floats('49', [channels], spread), ...named],
    };
    const exporter = (producerName: string, producerVersion: string): unknown =>
      inspect(graph, { producerName, producerVersion }).layers[0]?.norm;
    expect(exporter('pytorch', '1.9')).toMatchObject({ exporter: 'PyTorch up to 1.11' });
    expect(exporter('pytorch', '1.12.0')).toMatchObject({ exporter: 'a simplifier' });
    expect(exporter('pytorch', '2.1.0')).toMatchObject({ exporter: 'a simplifier' });
    expect(exporter('onnx-simplifier', '')).toMatchObject({ exporter: 'a simplifier' });
  });

  it('are not known by names that say nothing', () => {
    expect(exported('conv1.weight', 'conv1.bias', 'out')).toEqual({ kind: 'unclear' });
    expect(exported('48', '49', 'out')).toEqual({ kind: 'unclear' });
    expect(exported('onnx::Conv_12', 'conv1.bias', 'out')).toEqual({ kind: 'unclear' });
    expect(exported('conv1.weight', '', 'out')).toEqual({ kind: 'none' });
  });

  it('are seen where they are written out as a factor and a shift', () => {
    const { layers } = inspect({
      node: [
        node('Conv', ['x', 'w'], ['c'], [], 'conv'),
        node('Mul', ['c', 'factor'], ['m'], [], 'scale'),
        node('Add', ['m', 'shift'], ['y']),
      ],
      initializer: [
        weight('w'),
        floats('factor', [channels, 1, 1], spread),
        floats('shift', [1, channels, 1, 1], spread),
      ],
    });
    expect(layers[0]?.norm).toEqual({ kind: 'written-out', name: 'scale' });
  });
});

it('inspectModel() says which ops it could not train, by domain, inside branches too', () => {
  const body: GraphText = { node: [node('NonZero', ['x'], ['b'])], output: [port('b', [])] };
  const { coverage, nodesInBodies } = inspect(
    {
      node: [
        { ...node('Fancy', ['x'], ['f']), domain: 'org.other' },
        node('If', ['x'], ['y'], [{ name: 'then_branch', type: 5, g: body }]),
      ],
    },
    {
      opsetImport: [
        { domain: '', version: 17n },
        { domain: 'org.other', version: 1n },
      ],
    },
  );
  expect(coverage.missing.map(({ op, count }) => [op, count])).toEqual([
    ['org.other.Fancy', 1],
    ['NonZero', 1],
  ]);
  expect(nodesInBodies).toBe(1);
});

it('inspectModel() looks into branches, whose nodes read constants around them', () => {
  const { node: nodes = [], initializer = [] } = normed({ mean: all(0), variance: all(1) });
  const body: GraphText = { node: nodes, output: [port('y', [])] };
  const { layers, norms, findings, parameters } = inspect({
    input: [port('x', ['N', 3, 8, 8]), port('c', [])],
    node: [node('If', ['c'], ['z'], [graphAttribute('then_branch', body)])],
    output: [port('z', [])],
    initializer,
  });
  expect(layers.map(({ name, norm }) => [name, norm.kind])).toEqual([['conv', 'kept']]);
  expect(norms.map(({ name }) => name)).toEqual(['norm']);
  expect(said(findings)).toEqual(['problem never-updated norm 8']);
  expect(parameters).toBe(8 * 27 + 2 * 8);
});
