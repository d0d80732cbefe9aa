/**
 * @file Trains the small networks of `test/diagnosis` on MNIST and writes them there, with the images that they are looked
 * at on: `npx tsx tools/diagnosis-networks.ts [model …]`. It takes some minutes, and gives the same bits again on one machine.
 */

import { writeFileSync } from 'node:fs';
import { encode } from 'fast-png';
import { loadDataset } from '../src/data/node/load-dataset.ts';
import { encodeSafetensors, type StoredTensor } from '../src/records/safetensors.ts';
import { openDevice } from '../src/runtime/node/open-device.ts';
import { imageFeeds, testFeeds } from '../src/train/image-feeds.ts';
import { sgd } from '../src/train/optimisers/sgd.ts';
import { openSession } from '../src/train/session.ts';
import { fileOf, imagesFile, smallNetworks, smallProblem } from '../test/diagnosis/networks.ts';

const IMAGES = 512;
const dataset = await loadDataset('mnist');

const [pixels, rows] = [28 * 28, new Uint8Array(IMAGES * (28 * 28 + 1))];
for (let row = 0; row < IMAGES; row++) {
  rows[row * (pixels + 1)] = dataset.test.labels[row] as number;
  rows.set(dataset.test.images.subarray(row * pixels, (row + 1) * pixels), row * (pixels + 1) + 1);
}
writeFileSync(imagesFile, encode({ width: pixels + 1, height: IMAGES, data: rows, channels: 1, depth: 8 }));

/** Enough for each to come near its best. */
const stepsOf = { mlp: 1500, vgg11: 800, resnet20: 300 } as const;
const asked = process.argv.slice(2);

const device = await openDevice({ threads: 2 });
for (const network of smallNetworks.filter(({ model }) => asked.length === 0 || asked.includes(model))) {
  const own = device.sibling();
  const problem = smallProblem(network);
  const [batchSize, steps, seed] = [64, stepsOf[network.model], network.seed];
  const optimiser = sgd({ momentum: 0.9, weightDecay: 5e-4 });
  const schedule = { kind: 'cosine' } as const;
  const session = await openSession(own, problem, { batchSize, optimiser, learningRate: 0.05, schedule, steps, seed });
  const feeds = imageFeeds(dataset, { batchSize, seed, augment: false });
  for await (const { step, loss } of session.steps({ feeds, until: steps })) {
    if (step % 100 === 0) console.log(network.model, seed, step, loss);
  }
  const { loss, accuracy } = await session.evaluate(testFeeds(dataset, batchSize));
  const kept = [...(await session.read())].filter(([name]) => !name.endsWith('/velocity'));
  const tensors = kept.map(
    ([name, { shape, data }]) => [name, { shape, dtype: 'float32', data } as StoredTensor] as const,
  );
  const about = { model: network.model, width: String(network.width), seed: String(seed), steps: String(steps) };
  writeFileSync(fileOf(network), encodeSafetensors(new Map(tensors), about));
  console.log(network.model, seed, `test loss ${loss}, accuracy ${accuracy}`);
  await own.close();
}
await device.close();
