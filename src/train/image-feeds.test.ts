import { expect, it } from 'vitest';
import { tinyData } from '../../test/tiny-training.ts';
import { need } from '../errors.ts';
import { evaluationBatches } from '../data/batches.ts';
import { imageBatches, imageFeeds, testFeeds } from './image-feeds.ts';

/** Images as text, to be looked up. */
function images(x: Float32Array): readonly string[] {
  const pixels = tinyData.shape[0] * tinyData.shape[1] * tinyData.shape[2];
  return Array.from({ length: x.length / pixels }, (_, n) => x.subarray(n * pixels, (n + 1) * pixels).join());
}

it('trains on no more than the first examples where so many are named, and measures on those', () => {
  const options = { batchSize: 3, seed: 5, augment: false };
  const xOf = (feeds: Readonly<Record<string, unknown>>): Float32Array => need(feeds['x'], 'x') as Float32Array;
  // Each of seven examples once an epoch, but for the one that is left over: three epochs meet all.
  const seen = (examples?: number): ReadonlySet<string> => {
    const feeds = imageFeeds(tinyData, { ...options, examples });
    const steps = Array.from({ length: 44 }, (_, step) => step);
    return new Set(steps.flatMap((step) => images(xOf(feeds(step)))));
  };
  const first = seen(7);
  expect([first.size, seen().size]).toEqual([7, tinyData.train.count]);
  const draw = imageBatches(tinyData, { ...options, examples: 7 })({ split: 'train', size: 5 });
  for (const index of [0, 1, 2]) expect(images(xOf(draw(4, index))).every((image) => first.has(image))).toBe(true);
  const test = imageBatches(tinyData, { ...options, examples: 7 })({ split: 'test', size: 5 });
  expect(images(xOf(test(4, 0))).some((image) => first.has(image))).toBe(false);
});

it('keeps a small test set from one evaluation to the next, by batch size and float type, and none that is large', () => {
  const first = testFeeds(tinyData, 7);
  expect(testFeeds(tinyData, 7)).toBe(first);
  const drawn = [...evaluationBatches(tinyData.test, tinyData, 7)];
  expect([...first]).toEqual(drawn.map(({ x, y, size }) => ({ feeds: { x, labels: y }, size })));
  const [double] = testFeeds(tinyData, 7, 'float64');
  expect(double?.feeds['x']).toEqual(new Float64Array(drawn[0]?.x ?? []));
  const [other] = testFeeds(tinyData, 3);
  expect(other?.feeds['x']).toEqual(drawn[0]?.x.slice(0, (3 * (drawn[0]?.x.length ?? 0)) / 7));
  const large = { ...tinyData, shape: [3, 2000, 3000] as const };
  // They would be drawn as they are asked for.
  expect(testFeeds(large, 7) === testFeeds(large, 7)).toBe(false);
});
