/** What cannot be trained, or must not be trusted, is said before anything else is. */

import { describe, expect, it } from 'vitest';
import { importNetwork } from '../../src/importer/import-network.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import type { RunForeign } from '../../src/runtime/foreign.ts';
import { runForeignHere } from '../../src/runtime/node/foreign-session.ts';
import { foreignRunner } from '../../src/runtime/node/run-foreign.ts';
import { type GraphText, int, ints, node, onnxBytes, port } from '../../src/testing/onnx-bytes.ts';

const importing = (
  graph: GraphText,
  settings: { shape?: readonly number[]; output?: string } = {},
  run: RunForeign = runForeignHere,
) => {
  const bytes = onnxBytes(graph);
  return importNetwork(run, bytes, readOnnx(bytes), { name: 'made.onnx', ...settings });
};
const weight = { name: 'w', dataType: 1, dims: [4n, 3n], floatData: Array.from({ length: 12 }, (_, i) => Math.sin(i)) };
const linear = node('MatMul', ['x', 'w'], ['h'], [], 'layer');
const graphOf = (...nodes: ReturnType<typeof node>[]): GraphText => ({
  input: [port('x', ['N', 4])],
  output: [port(nodes.at(-1)?.output?.[0] ?? 'h', [])],
  node: nodes,
  initializer: [weight],
});

describe('importNetwork()', () => {
  it('names every op that it cannot train through', async () => {
    const graph = graphOf(linear, node('Sinh', ['h'], ['a']), node('Acos', ['a'], ['b']));
    await expect(importing(graph)).rejects.toThrow('Cannot train through Sinh, Acos; export the network without them');
  });

  it('can be cut before what it cannot train through', async () => {
    const graph = graphOf(linear, node('Sinh', ['h'], ['a']));
    const network = await importing(graph, { output: 'h' });
    expect(network.classes).toBe(3);
    expect(network.problem().build({ mode: 'frozen', batchSize: 5 }).prediction.shape).toEqual([5, 3]);
  });

  it('refuses a file that mixes the examples of a batch', async () => {
    const graph = graphOf(linear, node('Softmax', ['h'], ['s'], [int('axis', 0)]), node('Mul', ['s', 'h'], ['y']));
    await expect(importing(graph)).rejects.toThrow(/Each example of a batch must be answered as if it came alone/);
  });

  it('asks for sizes that the file leaves open, and takes them', async () => {
    const open: GraphText = {
      input: [port('x', ['N', 3, 'H', 'W'])],
      output: [port('y', [])],
      node: [node('GlobalAveragePool', ['x'], ['p']), node('Flatten', ['p'], ['y'])],
    };
    await expect(importing(open)).rejects.toThrow('the file says [3, H, W]; give them, as --shape 3,32,32');
    expect((await importing(open, { shape: [3, 5, 4] })).input).toEqual([3, 5, 4]);
    await expect(importing(open, { shape: [1, 5, 4] })).rejects.toThrow('must fit the file');
  });

  it('passes on what ONNX Runtime says against a file', async () => {
    const graph = graphOf(linear, node('Reshape', ['h', 'shape'], ['y']));
    const shape = { name: 'shape', dataType: 7, dims: [2n], int64Data: [7n, 11n] };
    const refused = importing({ ...graph, initializer: [weight, shape] }, {}, foreignRunner());
    await expect(refused).rejects.toThrow('ONNX Runtime must accept the model');
  });

  it.each([
    ['time', { seconds: 0.001 }, 'took more than 0.001 s'],
    ['memory', { bytes: 1 }, 'took more than 0 MB'],
  ] as const)('stops a model that takes too much %s', async (_, limits, why) => {
    await expect(importing(graphOf(linear), {}, foreignRunner(limits))).rejects.toThrow(why);
  });

  it('opens a batch that is fixed to 1, Reshape included', async () => {
    const fixed: GraphText = {
      input: [port('x', [1, 2, 2])],
      output: [port('h', [])],
      node: [node('Reshape', ['x', 'flat'], ['r']), node('MatMul', ['r', 'w'], ['h'], [], 'layer')],
      initializer: [weight, { name: 'flat', dataType: 7, dims: [2n], int64Data: [1n, 4n] }],
    };
    // In a process of its own: ONNX Runtime refuses the file at first.
    const network = await importing(fixed, {}, foreignRunner());
    expect(network.problem().build({ mode: 'frozen', batchSize: 7 }).prediction.shape).toEqual([7, 3]);
  });

  it('a network of one number is a classifier of two', async () => {
    const column = { ...weight, dims: [4n, 1n], floatData: [0.5, -1, 2, 0.25] };
    const graph = { ...graphOf(linear, node('Sigmoid', ['h'], ['y'])), initializer: [column] };
    const network = await importing(graph);
    expect([network.classes, network.plan.logits]).toEqual([2, 'h']);
  });

  it('takes images with channels last, as their data sets have them first', async () => {
    const graph: GraphText = {
      input: [port('x', ['N', 2, 3, 2])],
      output: [port('y', [])],
      node: [node('ReduceMean', ['x'], ['y'], [ints('axes', [1, 2]), int('keepdims', 0)])],
    };
    const problem = (await importing(graph)).problem({ input: [2, 2, 3] });
    expect(problem.build({ mode: 'eval', batchSize: 4 }).prediction.shape).toEqual([4, 2]);
  });
});
