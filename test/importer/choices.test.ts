/** Gradients of choices, of embeddings, of signs and of Gelu, in networks small enough to be written out. */

import { expect, it } from 'vitest';
import {
  floats,
  int,
  node,
  type NodeText,
  onnxBytes,
  port,
  type TensorText,
  wave,
} from '../../src/testing/onnx-bytes.ts';
import { computed, importedBytes } from './files.ts';
import { slopes } from './slopes.ts';

/** [N, 4] through `h` = x W, [N, 3], to `y`. */
const imported = (nodes: readonly NodeText[], ...constants: readonly TensorText[]) =>
  importedBytes(
    onnxBytes({
      input: [port('x', ['N', 4])],
      output: [port('y', [])],
      node: [node('MatMul', ['x', 'W'], ['h'], [], 'first'), ...nodes],
      initializer: [wave('W', [4, 3], 0), ...constants],
    }),
    'made.onnx',
  );

it('a choice has gradients to what it chooses from, and Gelu as it is written out its own', async () => {
  const network = await imported(
    [
      node('Div', ['h', 'root'], ['d']),
      node('Erf', ['d'], ['e']),
      node('Add', ['e', 'one'], ['s']),
      node('Mul', ['h', 's'], ['m']),
      node('Mul', ['m', 'half'], ['gelu']),
      node('MatMul', ['gelu', 'U'], ['u'], [], 'second'),
      node('MatMul', ['gelu', 'V'], ['v'], [], 'third'),
      node('Greater', ['h', 'gelu'], ['c']),
      node('Where', ['c', 'u', 'v'], ['y']),
    ],
    floats('root', [], [Math.SQRT2]),
    floats('one', [], [1]),
    floats('half', [], [0.5]),
    wave('U', [3, 3], 1),
    wave('V', [3, 3], 2),
  );
  const { x, y, batch } = network.plan.measurement.answer;
  const { logits } = await computed(network.problem(), { mode: 'eval', batchSize: batch, x, lowering: 'portable' });
  for (const [i, value] of y.entries()) expect(Number(logits?.[i])).toBeCloseTo(value, 6);
  const { analytic, numeric, shares } = await slopes(network);
  // What differences leave, as `slopes` has it: nothing is chosen otherwise within the step.
  expect(Math.abs(numeric - analytic)).toBeLessThan(1e-7 * Math.abs(analytic));
  for (const layer of ['first', 'second', 'third']) {
    expect(Math.abs(shares.get(`${layer}/weight`) ?? 0), layer).toBeGreaterThan(0);
  }
});

it('an embedding is learnt, of which the data says what is taken', async () => {
  const network = await imported(
    [
      node('Add', ['x', 'x'], ['doubled']),
      node('Cast', ['doubled'], ['places'], [int('to', 7)]),
      node('Gather', ['table', 'places'], ['e'], [int('axis', 1)], 'embedding'),
      node('Transpose', ['e'], ['t'], [{ name: 'perm', type: 7, ints: [1n, 2n, 0n] }]),
      node('ReduceMean', ['t'], ['m'], [{ name: 'axes', type: 7, ints: [1n] }, int('keepdims', 0)]),
      node('Mul', ['m', 'h'], ['y']),
    ],
    wave('table', [3, 7], 1),
  );
  const { x, y, batch } = network.plan.measurement.answer;
  // Places that count from the end are among them.
  expect(Math.min(...x)).toBeLessThan(-0.5);
  const { logits } = await computed(network.problem(), { mode: 'eval', batchSize: batch, x, lowering: 'portable' });
  for (const [i, value] of y.entries()) expect(Number(logits?.[i])).toBeCloseTo(value, 6);
  const { analytic, numeric, shares } = await slopes(network, 1e-4);
  // No kinks in what is learnt, and a slope of 3e-4: rounding of 1e-12.
  expect(Math.abs(numeric - analytic)).toBeLessThan(1e-7 * Math.abs(analytic));
  expect(Math.abs(shares.get('embedding/weight') ?? 0)).toBeGreaterThan(0);
});

it('a sign is learnt straight through, where what it is of lies between −1 and 1', async () => {
  const network = await imported([node('Sign', ['h'], ['y'])]);
  const { x, y, batch } = network.plan.measurement.answer;
  const labels = Int32Array.of(0, 2, 1);
  const made = await computed(network.problem(), { mode: 'frozen', batchSize: batch, x, labels });
  const weight = Array.from({ length: 12 }, (_, i) => Math.fround(0.8 * Math.sin(1.7 * i)));
  const expected = Array.from({ length: 12 }, () => 0);
  let straight = 0;
  for (let n = 0; n < batch; n++) {
    const signs = [...y.subarray(3 * n, 3 * n + 3)];
    const total = signs.reduce((sum, s) => sum + Math.exp(s), 0);
    for (const [k, s] of signs.entries()) {
      const h = [0, 1, 2, 3].reduce((sum, d) => sum + Number(x[4 * n + d]) * Number(weight[3 * d + k]), 0);
      expect(made.logits?.[3 * n + k]).toBe(Math.sign(h));
      if (Math.abs(h) >= 1) continue;
      straight += 1;
      const slope = (Math.exp(s) / total - (k === labels[n] ? 1 : 0)) / batch;
      for (const d of [0, 1, 2, 3]) expected[3 * d + k] = Number(expected[3 * d + k]) + Number(x[4 * n + d]) * slope;
    }
  }
  expect(straight).toBeGreaterThan(0);
  expect(straight).toBeLessThan(3 * batch);
  const gradient = made['gradient:first/weight'] as Float32Array;
  // Float32 against float64, sums of three.
  for (const [i, value] of expected.entries()) expect(gradient[i]).toBeCloseTo(value, 6);
});
