import { expect, it } from 'vitest';
import { readOnnx } from '../../onnx/read.ts';
import { classifier } from '../../problems/classifier.ts';
import { nativeOrt } from '../../runtime/node/native-ort.ts';
import { maxDifference } from '../../testing/difference.ts';
import { allFed, evaluate, reference } from '../../testing/evaluate.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { initialState } from '../../train/initial-state.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { trainingGraphs } from '../../train/training-graphs.ts';
import { trainedNetwork } from './trained-network.ts';

/** Float32 through twenty layers, as a share of the largest answer; see decision 0007. */
const TOLERANCE = 1e-5;
/** Not that which the file was built with. */
const EXAMPLES = 3;

it.each([
  ['mlp', 'batch', 3],
  ['vgg11', 'batch', 8],
  ['resnet20', 'batch', 19],
  ['resnet20', 'none', 0],
  ['vgg11', 'group', 0],
  ['mlp', 'batch-l1', 0],
] as const)(
  '%s with norm %s answers in ONNX Runtime as here, at any batch, with %i norms as nodes',
  async (model, norm, nodes) => {
    const problem = classifier(model, { input: [3, 32, 32], classes: 5, width: 0.125, norm });
    const graph = trainingGraphs(problem, EXAMPLES, sgd()).step;
    const state = new Map(
      [...initialState(graph, 0)].map(([name, data]) => [
        name,
        // Statistics, gamma and beta that are not those of the start.
        data.length > 64 ? data : Float32Array.from(randomArray(data.length, name, 0.5, 1.5)),
      ]),
    );
    const bytes = trainedNetwork(problem, state);
    const { graph: read } = readOnnx(bytes);
    expect(read.nodes.filter(({ op }) => op === 'BatchNormalization')).toHaveLength(nodes);

    const x = Float32Array.from(randomArray(EXAMPLES * 3 * 32 * 32, 'x', -1, 1));
    const session = await nativeOrt.open(bytes, 1);
    const shape = [EXAMPLES, 5];
    const results = { logits: nativeOrt.tensor('float32', new Float32Array(15), shape) };
    await session.run({ x: nativeOrt.tensor('float32', x, [EXAMPLES, 3, 32, 32]) }, results);
    await session.release();

    const { g, prediction } = problem.build({ mode: 'eval', batchSize: EXAMPLES });
    const own = allFed(g.finish('eval', { logits: prediction }));
    const feeds = Object.fromEntries(
      own.inputs.map(({ value: { name } }) => [name, name === 'x' ? x : state.get(name)]),
    );
    const { logits } = await evaluate(own, feeds as Record<string, Float32Array>, reference);
    const wanted = Float64Array.from(logits as Float32Array);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(maxDifference(results.logits.data as Float32Array, wanted)).toBeLessThan(TOLERANCE * largest);
  },
);
