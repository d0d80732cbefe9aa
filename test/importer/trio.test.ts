/** The same network exported with its norms kept, folded away, and in training mode, beside what PyTorch computes. */

import { describe, expect, it } from 'vitest';
import { channelStatistics } from '../../src/importer/channel-statistics.ts';
import { requireSameAnswers } from '../../src/importer/self-check.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import { maxDifference } from '../../src/testing/difference.ts';
import { fileWithNorms } from '../../src/importer/write-network.ts';
import { bytesOf, computed, floatsOf, imported, importedBytes, intsOf } from './files.ts';

const trio = (name: string): string => `pytorch-trio/${name}`;
const x = floatsOf(trio('batch.bin'));
const labels = intsOf(trio('labels.bin'));
const batchSize = 64;
/** Of the largest: float32 on both sides, sums of up to 288 products in another order. */
const TOLERANCE = 3e-6;
const scaleOf = (values: Float32Array): number => Math.max(...values.map(Math.abs));
/** In the order of `grad0.bin` …, by the layer that has the weight. */
const convolutions = ['c1', 'c2', 'c3', 'c4', 'c5', 'sc'];

const names = ['b1', 'b2', 'b3', 'b4', 'b5', 'bs'];

it('kept.onnx answers as PyTorch does', async () => {
  const network = await imported(trio('kept.onnx'));
  const evaluated = floatsOf(trio('eval.bin'));
  const { logits } = await computed(network.problem(), { mode: 'eval', batchSize, x, lowering: 'portable' });
  expect(maxDifference(logits as Float32Array, evaluated)).toBeLessThan(TOLERANCE * scaleOf(evaluated));
});

// Exporting in training mode moved its running statistics: nothing of PyTorch's is there to hold its evaluation to.
it('training.onnx learns as PyTorch does', async () => {
  const network = await imported(trio('training.onnx'));
  const problem = network.problem();
  expect(problem.norms.map(({ name }) => name).toSorted()).toEqual(names);
  const trained = floatsOf(trio('train.bin'));
  const step = await computed(problem, { mode: 'frozen', batchSize, x, labels, lowering: 'portable' });
  expect(maxDifference(step.logits as Float32Array, trained)).toBeLessThan(TOLERANCE * scaleOf(trained));
  for (const [i, name] of convolutions.entries()) {
    const expected = floatsOf(trio(`grad${i}.bin`));
    const actual = step[`gradient:${name}/weight`] as Float32Array;
    // Float32 on both sides, and a ReLU that flips at rounding level moves a gradient by more than rounding.
    expect(maxDifference(actual, expected), name).toBeLessThan(1e-4 * scaleOf(expected));
  }
});

interface TorchNorm {
  readonly weight: readonly number[];
}

describe('folded.onnx', () => {
  it('gets its norms back: the same in evaluation mode, and |gamma| as far as 64 images tell it', async () => {
    const network = await imported(trio('folded.onnx'));
    const folded = network.problem();
    expect(folded.norms).toEqual([]);
    const layers = folded.build({ mode: 'eval', batchSize: 2 }).network.layers.map(({ name }) => name);
    expect(layers).toEqual(['c1/Conv', 'c2/Conv', 'c3/Conv', 'c4/Conv', 'sc/Conv', 'c5/Conv', 'fc']);
    const device = threadlessDevice({ threads: 1, lowering: 'portable' });
    const normed = new Set(layers.slice(0, -1));
    const statistics = await channelStatistics(device, folded, normed, { batchSize, batches: [x] });
    const restored = network.problem({ norms: { kind: 'put-back', statistics } });
    expect(restored.norms.map(({ name }) => name)).toEqual(layers.slice(0, -1).map((name) => `${name}/norm`));
    expect((await requireSameAnswers(device.sibling(), network, restored)).error).toBeLessThan(1e-5);
    await device.close();
    // Of 64 images of 256 or 64 pixels, deviations are known to some 1 %: neighbouring pixels are not independent.
    const norms = JSON.parse(new TextDecoder().decode(bytesOf(trio('bn.json')))) as readonly TorchNorm[];
    const found = convolutions.flatMap((name) => [...(statistics.get(`${name}/Conv`)?.variance ?? [])].map(Math.sqrt));
    const errors = norms
      .flatMap(({ weight }) => weight)
      .flatMap((gamma, i) => (Math.abs(gamma) < 1e-6 ? [] : [Math.abs((found[i] ?? 0) / Math.abs(gamma) - 1)]))
      .toSorted((a, b) => a - b);
    expect(errors).toHaveLength(16 * 3 + 32 * 3 - 1);
    expect(errors[errors.length >> 1]).toBeLessThan(0.02);
    // Written and read again by ONNX Runtime: the same answers, and norms where they were put.
    const written = await importedBytes(fileWithNorms(bytesOf(trio('folded.onnx')), network, statistics), 'written');
    expect(maxDifference(written.plan.measurement.answer.y, network.plan.measurement.answer.y)).toBeLessThan(
      1e-5 * scaleOf(network.plan.measurement.answer.y),
    );
    expect(written.problem().norms.map(({ name }) => name)).toEqual(restored.norms.map(({ name }) => name));
    // What the batch is normalised by is what the norm was put back from: both modes agree on it.
    const [running, own] = await Promise.all(
      (['eval', 'frozen'] as const).map((mode) => computed(restored, { mode, batchSize, x, lowering: 'portable' })),
    );
    const logits = running?.logits as Float32Array;
    expect(maxDifference(own?.logits as Float32Array, logits)).toBeLessThan(1e-4 * scaleOf(logits));
  });
});

describe('without norms', () => {
  it('a norm goes into the layer before it, or becomes a scale and a shift, and answers stay', async () => {
    const network = await imported(trio('kept.onnx'));
    const bare = network.problem({ norms: { kind: 'none' } });
    expect(bare.norms).toEqual([]);
    const device = threadlessDevice({ threads: 1, lowering: 'portable' });
    expect((await requireSameAnswers(device, network, bare)).error).toBeLessThan(1e-5);
    await device.close();
  });
});
