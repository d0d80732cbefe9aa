/**
 * @file Holds networks of ONNX files to what they were made from: `npx tsx tools/imported-networks.ts
 * [--shape 3,32,32] FILE.onnx …`. For each, the largest difference of a logit from ONNX Runtime's in evaluation mode; that
 * of the slope of the loss along one random direction by gradients from the slope by central differences, in float64; and, of
 * images that MNIST or CIFAR-10 has, the accuracy under the usual scaling that is best.
 */

import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDataset } from '../src/data/node/load-dataset.ts';
import { examplesOf } from '../src/data/examples.ts';
import { asGiven, scaleInto, scalingsFor } from '../src/data/scalings.ts';
import { Instruments } from '../src/diagnosis/instruments.ts';
import { tryScalings } from '../src/diagnosis/preprocessing.ts';
import { elementCount } from '../src/graph/tensor-type.ts';
import type { ImportedNetwork } from '../src/importer/import-network.ts';
import { openNetwork } from '../src/importer/node/open-network.ts';
import { requireSameAnswers } from '../src/importer/self-check.ts';
import { mean, median } from '../src/math/statistics.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { scalarOf } from '../src/runtime/device.ts';
import { slopes } from '../test/importer/slopes.ts';

/** Of how many channels and pixels an example is → the data set that has such. */
const datasetOf = new Map([
  [28 * 28, 'mnist'],
  [3 * 32 * 32, 'cifar10'],
]);
const BATCH = 100;
/** Beside the file's own numbers: where a gamma and a beta are 0, a ReLU has no slope at them. */
const [STEP, BESIDE] = [1e-6, 0.1] as const;

const errors: number[] = [];
const { values: flags, positionals } = parseArgs({ options: { shape: { type: 'string' } }, allowPositionals: true });
for (const path of positionals) {
  const { network } = await openNetwork(path, { shape: flags.shape?.split(',').map(Number) });
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  const { error } = await requireSameAnswers(device, network, network.problem());
  const { analytic, numeric } = await slopes(network, STEP, BESIDE);
  const gradient = Math.abs(numeric - analytic) / Math.abs(analytic);
  errors.push(gradient);
  console.log(
    `${basename(path)}: logits ${error.toExponential(1)}, gradient ${gradient.toExponential(1)}${await accuracies(network)}`,
  );
  await device.close();
}
const near = errors.filter((error) => error < 1e-5).length;
console.log(`Gradients: median ${median(errors).toExponential(1)}, ${near} of ${errors.length} within 1e-5`);

/** On the first 1,000 test images, and on all. */
async function accuracies(network: ImportedNetwork): Promise<string> {
  const name = datasetOf.get(elementCount(network.input));
  if (name === undefined) return '';
  const dataset = await loadDataset(name);
  const data = examplesOf(dataset, dataset.test);
  const problem = network.problem({ input: data.shape });
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  const subject = { name, problem, data, scaling: scalingsFor(data)[0] ?? asGiven };
  const instruments = new Instruments(device, subject, { batchSize: 32 });
  await instruments.write(instruments.initial);
  const best = (await tryScalings(instruments))?.best ?? asGiven;
  const { g, outputs, loss } = problem.build({ mode: 'eval', batchSize: BATCH });
  const program = await device.load(g.finish('accuracy', { ...outputs, loss }));
  const right: number[] = [];
  for (let first = 0; first + BATCH <= data.count; first += BATCH) {
    const chosen = Int32Array.from({ length: BATCH }, (_, i) => first + i);
    const x = new Float32Array(BATCH * elementCount(data.shape));
    scaleInto(x, data, best, chosen);
    const labels = data.labels.slice(first, first + BATCH);
    right.push(scalarOf(await program.run({ x, labels }), 'accuracy'));
  }
  await device.close();
  const over = (part: readonly number[]): string => `${(100 * mean(part)).toFixed(2)} %`;
  return `, ${name} by ${best.name}: ${over(right.slice(0, 1000 / BATCH))} of the first 1000, ${over(right)} of all`;
}
