/**
 * @file What numbers the rules marked "calibrated" in `src/diagnosis/thresholds.ts` give on healthy networks and on seeded
 * scales: `npx tsx tools/diagnosis-calibration.ts`. Networks of seeds 0 and 1, trained here; those that diagnoses are
 * judged on have others. A few minutes, most of it training.
 */

import { examplesOf } from '../src/data/examples.ts';
import { loadDataset } from '../src/data/node/load-dataset.ts';
import { standardScaling } from '../src/data/scalings.ts';
import { Instruments } from '../src/diagnosis/instruments.ts';
import { measure, type Measured } from '../src/diagnosis/measure.ts';
import type { State } from '../src/diagnosis/subject.ts';
import { need } from '../src/errors.ts';
import { classifier } from '../src/problems/classifier.ts';
import { openDevice } from '../src/runtime/node/open-device.ts';
import { imageFeeds } from '../src/train/image-feeds.ts';
import { sgd } from '../src/train/optimisers/sgd.ts';
import { openSession } from '../src/train/session.ts';

const dataset = await loadDataset('mnist');
const [data, scaling] = [examplesOf(dataset, dataset.test), standardScaling(dataset)];
const device = await openDevice({ threads: 2 });
const small = { input: [1, 28, 28], classes: 10 } as const;
const short = (number: number): string => number.toPrecision(2);

/** Largest ÷ smallest standard deviation before norms within five layers, as the rule on growth takes it. */
function growthOf({ layers }: Measured): number {
  const sizes = layers.map(({ spread }) => spread.value);
  const ratios = sizes.flatMap((size, i) =>
    sizes.slice(Math.max(0, i - 5), i).map((before) => Math.abs(Math.log(size / before))),
  );
  return Math.exp(Math.max(0, ...ratios));
}

/** Largest ÷ smallest ‖gradient‖/‖weight‖. */
function gradientsOf({ weights }: Measured): number {
  const ratios = weights.map(({ gradient, length }) => gradient.value / length);
  return Math.max(...ratios) / Math.min(...ratios);
}

/** Epsilon ÷ the median variance of the norm where that is largest. */
function epsilonOf({ norms }: Measured): number {
  return Math.max(
    ...norms.map(({ place, population }) => {
      const sorted = population.variance.toSorted();
      return place.epsilon / need(sorted[Math.floor(sorted.length / 2)], 'a variance');
    }),
  );
}

for (const model of ['mlp', 'vgg11'] as const) {
  for (const seed of [0, 1]) {
    const problem = classifier(model, { ...small, width: model === 'mlp' ? 0.5 : 0.0625 });
    const own = device.sibling();
    const [batchSize, steps] = [64, 300];
    const settings = { batchSize, steps, seed, optimiser: sgd({ momentum: 0.9 }), learningRate: 0.05 } as const;
    const session = await openSession(own, problem, { ...settings, schedule: { kind: 'cosine' } });
    for await (const _ of session.steps({
      feeds: imageFeeds(dataset, { batchSize, seed, augment: false }),
      until: steps,
    }));
    const trained: State = new Map([...(await session.read())].map(([name, { data: values }]) => [name, values]));
    const subject = { name: model, problem, data, scaling };
    const other = device.sibling();
    const at = async (size: number): Promise<Instruments> => {
      const instruments = new Instruments(other, subject, { batchSize: size });
      await instruments.write(trained);
      return instruments;
    };
    for (const size of [2, 8, 32, 64]) {
      const { gap } = await measure(await at(size), trained);
      console.log(`${model} ${seed} batches of ${size}: batch-noise ${short(-gap.value)}`);
    }
    const instruments = await at(batchSize);
    const { layer, runningMean, runningVariance } = need(instruments.norms[1], 'a second norm');
    const weight = need(
      instruments.look.weights.find((about) => about.layer === layer),
      'its weight',
    ).name;
    for (const factor of [1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4]) {
      const scaledBy = (name: string, by: number): readonly [string, Float32Array] => [
        name,
        (trained.get(name) as Float32Array).map((value) => value * by),
      ];
      const state: State = new Map([
        ...trained,
        scaledBy(weight, factor),
        scaledBy(runningMean, factor),
        scaledBy(runningVariance, factor * factor),
      ]);
      await instruments.write(state);
      const seen = await measure(instruments, state);
      console.log(
        `${model} ${seed} ${layer} × ${factor}: activation-growth ${short(growthOf(seen))}, gradient-spread ` +
          `${short(gradientsOf(seen))}, epsilon-share ${short(epsilonOf(seen))}`,
      );
    }
    await other.close();
    await own.close();
  }
}

// Networks without norms as they start, by depth: how far gradients spread.
for (const depth of [2, 4, 8, 16, 32]) {
  for (const [initialiser, initialScale] of [
    ['he', 1],
    ['glorot', 1],
    ['he', 2],
  ] as const) {
    const bare = classifier(
      ({ dense, flatten, linear }) =>
        (x) => {
          let y = flatten(x);
          for (let i = 1; i <= depth; i++) y = dense(`dense${i}`, y, 50);
          return linear('head', y, 10);
        },
      { ...small, norm: 'none', initialiser, initialScale },
    );
    const own = device.sibling();
    const instruments = new Instruments(own, { name: 'bare', problem: bare, data, scaling }, { batchSize: 64 });
    const state = instruments.initial;
    await instruments.write(state);
    const seen = await measure(instruments, state);
    console.log(
      `bare ${depth} layers, ${initialiser} × ${initialScale}: activation-growth ${short(growthOf(seen))}, gradient-spread ${short(gradientsOf(seen))}`,
    );
    await own.close();
  }
}
await device.close();
