/** Files that branch: what is decided by sizes falls away, what the data decides is decided example by example. */

import { expect, it } from 'vitest';
import { runForeignHere } from '../../src/runtime/node/foreign-session.ts';
import {
  floats,
  type GraphText,
  graphAttribute,
  int,
  longs,
  node,
  type NodeText,
  onnxBytes,
  port,
  wave,
} from '../../src/testing/onnx-bytes.ts';
import { computed, importedBytes } from './files.ts';
import { slopes } from './slopes.ts';

const branch = (output: NonNullable<GraphText['output']>[number], ...nodes: NodeText[]): GraphText => ({
  name: 'branch',
  output: [output],
  node: nodes,
});
const choice = (condition: string, output: string, then: GraphText, otherwise: GraphText): NodeText =>
  node('If', [condition], [output], [graphAttribute('then_branch', then), graphAttribute('else_branch', otherwise)]);

/** [N, 4] through `h` = x W, [N, 3]; `s` is how much of it there is, [N, 1]. */
const graphOf = (nodes: readonly NodeText[]): GraphText => ({
  input: [port('x', ['N', 4])],
  output: [port('y', [])],
  node: [
    node('MatMul', ['x', 'W'], ['h'], [], 'first'),
    node('ReduceMean', ['h'], ['s'], [{ name: 'axes', type: 7, ints: [1n] }]),
    node('Shape', ['h'], ['sizes']),
    node('Gather', ['sizes', 'one'], ['columns'], [int('axis', 0)]),
    node('Gather', ['sizes', 'none'], ['rows'], [int('axis', 0)]),
    ...nodes,
  ],
  initializer: [
    wave('W', [4, 3], 0),
    wave('U', [3, 3], 1),
    wave('V', [3, 3], 2),
    floats('zero', [], [0]),
    longs('one', [1]),
    longs('none', [0]),
    { name: 'three', dims: [1n], dataType: 7, int64Data: [3n] },
  ],
});

/** Both branches have values of one name, and the second branches again, on what is known. */
const byExample = [
  node('Greater', ['s', 'zero'], ['c']),
  node('Equal', ['columns', 'three'], ['isThree']),
  choice(
    'c',
    'y',
    branch(port('a', [1, 3]), node('MatMul', ['h', 'U'], ['m'], [], 'second'), node('Tanh', ['m'], ['a'])),
    branch(
      port('b', [1, 3]),
      node('MatMul', ['h', 'V'], ['m'], [], 'third'),
      choice(
        'isThree',
        'b',
        branch(port('p', []), node('Sigmoid', ['m'], ['p'])),
        // Would not run for three examples.
        branch(port('q', []), node('Squeeze', ['m', 'none'], ['q'])),
      ),
    ),
  ),
];

it('each example goes its own way, as the file does one by one', async () => {
  const bytes = onnxBytes(graphOf(byExample));
  const network = await importedBytes(bytes, 'made.onnx');
  const { x, batch } = network.plan.measurement.answer;
  const { logits } = await computed(network.problem(), { mode: 'eval', batchSize: batch, x, lowering: 'portable' });
  const runs = [0, 1, 2].map((i) => ({
    feeds: { x: { type: 'float32' as const, shape: [1, 4], data: x.slice(4 * i, 4 * i + 4) } },
    fetch: ['y'],
  }));
  const answers = await runForeignHere({ model: bytes, runs });
  const expected = answers.flatMap(({ y }) => Array.from(y?.data ?? [], Number));
  expect(expected).toHaveLength(9);
  for (const [i, value] of expected.entries()) expect(Number(logits?.[i])).toBeCloseTo(value, 6);
  const { analytic, numeric, shares } = await slopes(network);
  expect(Math.abs(numeric - analytic)).toBeLessThan(1e-7 * Math.abs(analytic));
  // Examples of both ways are among the three.
  for (const layer of ['first', 'second', 'third']) {
    expect(Math.abs(shares.get(`${layer}/weight`) ?? 0), layer).toBeGreaterThan(0);
  }
});

it('is refused where the size of the batch decides', async () => {
  const nodes = [
    node('Equal', ['rows', 'three'], ['isThree']),
    choice(
      'isThree',
      'y',
      branch(port('a', []), node('Tanh', ['h'], ['a'])),
      branch(port('b', []), node('Sigmoid', ['h'], ['b'])),
    ),
  ];
  await expect(importedBytes(onnxBytes(graphOf(nodes)), 'made.onnx')).rejects.toThrow(
    "Cannot train through the If of 'isThree': the size of the batch decides it",
  );
});
