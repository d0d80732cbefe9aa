import { describe, expect, it } from 'vitest';
import { grad } from '../../src/autodiff/reverse.ts';
import { type Graph, parametersOf, type Value } from '../../src/graph/graph.ts';
import { blockSize } from '../../src/runtime/lowering-choice.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';
import { buildEvaluation } from '../../src/train/step-graph.ts';
import { above, mean, relativeError, tensorError } from './errors.ts';
import { type Golden, goldenFiles, type GoldenTensor, shapesOf } from './golden.ts';
import { batch, JITTER, problemOf, type Protocol, startingState } from './inputs.ts';
import { allPrecisions, mainPrecisions } from './precisions.ts';

interface GradientGolden extends Golden {
  readonly protocol: Protocol;
  readonly loss: number;
  /** Of another batch, with the running statistics that the first left behind. */
  readonly evaluationLoss: number;
  /** Tensors whose gradient is zero in theory; their errors are measured by the largest entry of all gradients. */
  readonly vanishing: readonly string[];
  readonly largest: number;
  readonly gradients: Readonly<Record<string, GoldenTensor>>;
}

/** The networks that every way of convolving is held to: the two of the literature, and images of odd sizes. */
const thorough = /^(resnet20|vgg16|.*-odd-images)$/;

/** Networks that pool are lowered as portable does, whatever the blocks: src/lowering/blocked.test.ts. */
const pools = /^vgg/;

describe.each(goldenFiles<GradientGolden>('gradients'))('gradients of %s against PyTorch', (name, golden) => {
  const { protocol, vanishing } = golden;
  const { seed } = protocol;

  const precisions = thorough.test(name) ? allPrecisions : mainPrecisions;

  it.each(precisions.filter(({ settings }) => !pools.test(name) || blockSize(settings.lowering) === undefined))(
    '$label',
    async (precision) => {
      const problem = problemOf(protocol, precision.float);
      const [batchSize] = protocol.images;
      const built = problem.build({ mode: 'train', batchSize });
      const { g, network, loss } = built;
      const parameters = parametersOf(built.g);
      const gradients = grad(g, loss, parameters);
      const outputs = parameters.map((parameter, i) => [parameter.name, gradients[i] as Value] as const);
      const graph = g.finish('gradients', { loss, ...Object.fromEntries(outputs) }, network.updates);
      const device = threadlessDevice({ ...precision.settings, threads: 2 });
      try {
        const program = await device.load(graph, 'state');
        const evaluation = await device.load(buildEvaluation(problem, batchSize) as Graph);
        await device.write(startingState(graph, seed, JITTER));
        const { loss: found, ...actual } = await program.run(batch(protocol, 0, precision.float));
        const evaluated = await evaluation.run(batch(protocol, 1, precision.float));

        const shapes = parameters.map((parameter) => [parameter.name, parameter.shape]);
        expect(Object.fromEntries(shapes)).toEqual(shapesOf(golden.gradients));
        const errors: Record<string, number> = {
          loss: relativeError(Number(found?.[0]), golden.loss),
          evaluationLoss: relativeError(mean(evaluated['loss'] as TensorData), golden.evaluationLoss),
        };
        for (const [parameter, tensor] of Object.entries(golden.gradients)) {
          const scale = vanishing.includes(parameter) ? golden.largest : undefined;
          errors[parameter] = tensorError(parameter, actual[parameter] as TensorData, tensor, seed, scale);
        }
        expect(above(precision.gradients, errors)).toEqual({});
      } finally {
        await device.close();
      }
    },
  );
});
