import { describe, expect, it } from 'vitest';
import { hvp } from '../../src/autodiff/reverse.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { parametersOf, type Value } from '../../src/graph/graph.ts';
import { elementCount, type FloatType, type Shape } from '../../src/graph/tensor-type.ts';
import { createStream } from '../../src/math/random.ts';
import { conv, dense, flatten, maxPool } from '../../src/nn/layers.ts';
import { crossEntropy } from '../../src/nn/losses.ts';
import { type Network, newNetwork } from '../../src/nn/network.ts';
import { type NormName, norms } from '../../src/norms/index.ts';
import { defaultNormSettings } from '../../src/norms/norm.ts';
import { ops } from '../../src/ops/index.ts';
import type { BuiltProblem } from '../../src/problems/problem.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { above, relativeError, tensorError } from './errors.ts';
import { type Golden, goldenFiles, type GoldenTensor, shapesOf } from './golden.ts';
import { batch, draw, JITTER, problemOf, type Protocol, startingState } from './inputs.ts';
import { mainPrecisions } from './precisions.ts';

interface CurvatureGolden extends Golden {
  readonly protocol: Protocol;
  readonly loss: number;
  readonly products: Readonly<Record<string, GoldenTensor>>;
}

const forms: readonly NormName[] = ['batch', 'batch-composed'];
const cases = goldenFiles<CurvatureGolden>('curvature').flatMap(([name, golden]) =>
  (name === 'convolutional' ? forms : forms.slice(0, 1)).flatMap((norm) =>
    mainPrecisions.map((precision) => ({ name, norm, golden, precision, label: precision.label })),
  ),
);

type Built = Pick<BuiltProblem, 'g' | 'loss'>;

function build(protocol: Protocol, norm: NormName, float: FloatType): Built {
  return protocol.settings.model === 'mlp'
    ? problemOf(protocol, float).build({ mode: 'frozen', batchSize: protocol.images[0] })
    : convolutional(protocol.images, norm, float);
}

/** Convolution, batch norm and tanh three times: with max-pooling, plain, with a stride of 2; a linear head. */
function convolutional(images: Shape, norm: NormName, float: FloatType): Built {
  const g = new GraphBuilder(ops, float);
  const network: Network = newNetwork(g, 'frozen');
  const initialiser = 'glorot';
  const block = (name: string, x: Value, channels: number, stride: number): Value => {
    const y = conv(g, name, x, { channels, kernel: 3, stride, initialiser, bias: false });
    return g.emit('Tanh', [norms[norm].build(network, `${name}/norm`, y, defaultNormSettings)]);
  };
  const x = g.input('x', images, { kind: 'data' });
  const labels = g.input('labels', images.slice(0, 1), { kind: 'data' }, 'int32');
  const plain = block('conv2', maxPool(g, block('conv1', x, 4, 1), 2), 5, 1);
  const hidden = block('conv3', plain, 6, 2);
  const loss = crossEntropy(g, dense(g, 'head', flatten(g, hidden), 10, { initialiser, bias: true }), labels);
  return { g, loss };
}

describe("Hessian-vector products against PyTorch's double backward pass", () => {
  it.each(cases)('$name, $norm, $label', async ({ golden, norm, precision }) => {
    const { protocol } = golden;
    const { seed } = protocol;
    const { g, loss } = build(protocol, norm, precision.float);
    const parameters = parametersOf(g);
    const vectors = parameters.map(({ name, shape }) => g.input(`vector/${name}`, shape, { kind: 'data' }));
    const products = hvp(g, loss, parameters, vectors);
    const outputs = parameters.map(({ name }, i) => [name, products[i] as Value] as const);
    const graph = g.finish('curvature', { loss, ...Object.fromEntries(outputs) });
    const fed = parameters.map(({ name, shape }) => {
      const stream = createStream({ seed, purpose: 'probe', layer: name });
      const vector = draw(precision.float, elementCount(shape), (target) => stream.fillNormal(target, 0, 1));
      return [`vector/${name}`, vector] as const;
    });
    const device = threadlessDevice({ ...precision.settings, threads: 1 });
    try {
      const program = await device.load(graph);
      await device.write(startingState(graph, seed, JITTER));
      const feeds = { ...batch(protocol, 0, precision.float), ...Object.fromEntries(fed) };
      const { loss: found, ...actual } = await program.run(feeds);

      const shapes = parameters.map((parameter) => [parameter.name, parameter.shape]);
      expect(Object.fromEntries(shapes)).toEqual(shapesOf(golden.products));
      const errors: Record<string, number> = { loss: relativeError(Number(found?.[0]), golden.loss) };
      for (const [name, tensor] of Object.entries(golden.products)) {
        errors[name] = tensorError(name, actual[name] as TensorData, tensor, seed);
      }
      expect(above(precision.gradients, errors)).toEqual({});
    } finally {
      await device.close();
    }
  });
});
