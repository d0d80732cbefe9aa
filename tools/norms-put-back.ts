/**
 * @file Puts norms back into a file whose exporter folded them away, and holds them to the network that it was made from:
 * `npx tsx tools/norms-put-back.ts FOLDER …`, each as `test/onnx-files/pytorch-trio/make.py` writes it. Says the
 * differences of evaluation and training mode from PyTorch's logits, of the largest; the relative error of |gamma|; and
 * the least cosine of the gradients of a channel's weights.
 */

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { need } from '../src/errors.ts';
import { channelStatistics } from '../src/importer/channel-statistics.ts';
import { largest } from '../src/importer/measure.ts';
import { openNetwork } from '../src/importer/node/open-network.ts';
import { euclideanNorm, innerProduct } from '../src/math/inner-product.ts';
import { median } from '../src/math/statistics.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { maxDifference } from '../src/testing/difference.ts';
import { computed } from '../test/importer/files.ts';

const [BATCH, PIXELS] = [64, 3 * 16 * 16];
/** In the order of `grad0.bin` …, and of `bn.json`. */
const convolutions = ['c1', 'c2', 'c3', 'c4', 'c5', 'sc'];

for (const folder of process.argv.slice(2)) {
  const floats = (name: string): Float32Array => new Float32Array(bytes(folder, name));
  const { network } = await openNetwork(join(folder, 'folded.onnx'));
  const [images, x] = [floats('calib.bin'), floats('batch.bin')];
  const batches = Array.from({ length: images.length / (BATCH * PIXELS) }, (_, i) =>
    images.subarray(i * BATCH * PIXELS, (i + 1) * BATCH * PIXELS),
  );
  const layers = new Set(convolutions.map((name) => `${name}/Conv`));
  const device = threadlessDevice({ threads: 1, lowering: 'portable' });
  const statistics = await channelStatistics(device, network.problem(), layers, { batchSize: BATCH, batches });
  await device.close();
  const problem = network.problem({ norms: { kind: 'put-back', statistics } });
  const labels = new Int32Array(bytes(folder, 'labels.bin'));
  const run = { batchSize: BATCH, x, labels, lowering: 'portable' } as const;
  const [evaluated, trained] = [
    await computed(problem, { ...run, mode: 'eval' }),
    await computed(problem, { ...run, mode: 'frozen' }),
  ];
  const off = (logits: unknown, name: string): string => {
    const expected = floats(name);
    return (maxDifference(logits as Float32Array, expected) / largest(expected)).toExponential(1);
  };
  const norms = JSON.parse(readFileSync(join(folder, 'bn.json'), 'utf8')) as readonly { readonly weight: number[] }[];
  const errors = convolutions.flatMap((name, i) => {
    const { variance } = need(statistics.get(`${name}/Conv`), `statistics of ${name}`);
    return need(norms[i], `norm ${i}`).weight.flatMap((gamma, k) =>
      gamma === 0 ? [] : [Math.abs(Math.sqrt(variance[k] ?? 0) / Math.abs(gamma) - 1)],
    );
  });
  const cosines = convolutions.flatMap((name, i) => {
    const channels = need(norms[i], `norm ${i}`).weight;
    const own = trained[`gradient:${name}/Conv/weight`] as Float32Array;
    return perChannelCosines(own, floats(`grad${i}.bin`), channels);
  });
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  console.log(
    `${basename(folder)}: evaluation ${off(evaluated.logits, 'eval.bin')}, training ${off(trained.logits, 'train.bin')}, ` +
      `gamma ${percent(median(errors))} median and ${percent(Math.max(...errors))} most, ` +
      `least cosine ${Math.min(...cosines).toFixed(3)}`,
  );
}

function bytes(folder: string, name: string): ArrayBuffer {
  return new Uint8Array(readFileSync(join(folder, name))).buffer;
}

/** Of the channels that are alive: W′ has the sign of gamma, and so has its gradient. */
function perChannelCosines(own: Float32Array, expected: Float32Array, gammas: readonly number[]): readonly number[] {
  const size = expected.length / gammas.length;
  return gammas.flatMap((gamma, k) => {
    if (gamma === 0) return [];
    const channel = (values: Float32Array): Float32Array => values.subarray(k * size, (k + 1) * size);
    const [a, b] = [channel(own), channel(expected)];
    return [(Math.sign(gamma) * innerProduct(a, b)) / (euclideanNorm(a) * euclideanNorm(b))];
  });
}
