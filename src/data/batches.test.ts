import { describe, expect, it } from 'vitest';
import { SettingError, ShapeError } from '../errors.ts';
import { createStream } from '../math/random.ts';
import { type Batch, createBatches, drawnBatches, evaluationBatches } from './batches.ts';
import type { Dataset } from './dataset.ts';
import { syntheticDataset } from './synthetic.ts';

const dataset = syntheticDataset({ classes: 4, shape: [2, 5, 7], count: 23, seed: 1 });
const { train } = dataset;
const plain = { batchSize: 6, seed: 3, augment: false };

/** Pixel (c, h, w) of an example, 0 outside the image, as it stands in a batch. */
function standardised(
  { shape: [C, H, W], mean, std }: Dataset,
  example: number,
  c: number,
  h: number,
  w: number,
): number {
  const inside = h >= 0 && h < H && w >= 0 && w < W;
  const pixel = inside ? (train.images[((example * C + c) * H + h) * W + w] ?? Number.NaN) : 0;
  return Math.fround((pixel / 255 - (mean[c] ?? Number.NaN)) / (std[c] ?? Number.NaN));
}

/** Every value of image `place` in [C, H, W] order, each computed on its own. */
function expectedImage(example: number, top: number, left: number, mirror: boolean): number[] {
  const [C, H, W] = dataset.shape;
  const values: number[] = [];
  for (let c = 0; c < C; c++) {
    for (let h = 0; h < H; h++) {
      for (let w = 0; w < W; w++) {
        values.push(standardised(dataset, example, c, h + top - 4, (mirror ? W - 1 - w : w) + left - 4));
      }
    }
  }
  return values;
}

function imageOf({ x }: Batch, place: number): number[] {
  return [...x.subarray(place * 70, place * 70 + 70)];
}

describe('createBatches()', () => {
  it('takes the examples of a step from the permutation of its epoch, standardised per channel', () => {
    const batches = createBatches(train, dataset, plain);
    expect(batches.stepsPerEpoch).toBe(3);
    const order = createStream({ seed: 3, purpose: 'shuffle', step: 2 }).permutation(23);
    const batch = batches.batch(7);
    expect([batch.epoch, batch.size]).toEqual([2, 6]);
    for (let place = 0; place < 6; place++) {
      const example = order[6 + place] ?? Number.NaN;
      expect(batch.y[place]).toBe(train.labels[example]);
      expect(imageOf(batch, place)).toEqual(expectedImage(example, 4, 4, false));
    }
  });

  it('crops and mirrors each image by the draws of the step', () => {
    const batch = createBatches(train, dataset, { ...plain, batchSize: 20, augment: true }).batch(5);
    const order = createStream({ seed: 3, purpose: 'shuffle', step: 5 }).permutation(23);
    const random = createStream({ seed: 3, purpose: 'augment', step: 5 });
    for (let place = 0; place < 20; place++) {
      const [top, left, mirror] = [random.integer(9), random.integer(9), random.integer(2) === 1];
      expect(imageOf(batch, place)).toEqual(expectedImage(order[place] ?? Number.NaN, top, left, mirror));
    }
  });

  it('is a pure function of seed and step, in whatever order the steps are asked for', () => {
    const options = { ...plain, augment: true };
    const forwards = createBatches(train, dataset, options);
    const expected = Array.from({ length: 12 }, (_, step) => forwards.batch(step));
    const backwards = createBatches(train, dataset, options);
    for (let step = 11; step >= 0; step--) expect(backwards.batch(step)).toEqual(expected[step]);
    expect(createBatches(train, dataset, { ...options, seed: 4 }).batch(0)).not.toEqual(expected[0]);
  });

  it('shows every example at most once in an epoch', () => {
    const counted = createBatches({ ...train, labels: Uint8Array.from({ length: 23 }, (_, i) => i) }, dataset, plain);
    const seen = [3, 4, 5].flatMap((step) => [...counted.batch(step).y]);
    expect(new Set(seen).size).toBe(18);
  });

  it('fills given buffers, wholly, and gives them back', () => {
    const batches = createBatches(train, dataset, { ...plain, augment: true });
    const into = { x: new Float32Array(420).fill(Number.NaN), y: new Int32Array(6).fill(-1) };
    const batch = batches.batch(4, into);
    expect(batch.x).toBe(into.x);
    expect(batch.y).toBe(into.y);
    expect(batch).toEqual(batches.batch(4));
  });

  it('throws on buffers of another size', () => {
    const batches = createBatches(train, dataset, plain);
    const y = new Int32Array(6);
    expect(() => batches.batch(0, { x: new Float32Array(419), y })).toThrow(
      /must hold 420 and 6 values, got 419 and 6/,
    );
  });

  it.each([0, -1, 2.5, Number.NaN])('throws on a batch size of %d', (batchSize) => {
    expect(() => createBatches(train, dataset, { ...plain, batchSize })).toThrow(SettingError);
    expect(() => evaluationBatches(train, dataset, batchSize)).toThrow(SettingError);
  });

  it('throws on a batch larger than the split, on a split of another shape, and on a step that is none', () => {
    expect(() => createBatches(train, dataset, { ...plain, batchSize: 24 })).toThrow(/got 24 for 23; try 23/);
    const other = { ...train, images: train.images.subarray(1) };
    expect(() => createBatches(other, dataset, plain)).toThrow(ShapeError);
    expect(() => createBatches(train, dataset, plain).batch(-1)).toThrow(SettingError);
    expect(() => createBatches(train, dataset, plain).batch(0.5)).toThrow(SettingError);
  });
});

describe('evaluationBatches()', () => {
  it('shows all examples in order and fills up the last batch from the start', () => {
    const batches = [...evaluationBatches(train, dataset, 9)];
    expect(batches.map(({ size }) => size)).toEqual([9, 9, 5]);
    const shown = Array.from({ length: 27 }, (_, i) => i % 23);
    expect(batches.flatMap(({ y }) => [...y])).toEqual(shown.map((example) => train.labels[example]));
    const images = batches.flatMap((batch) => Array.from({ length: 9 }, (_, place) => imageOf(batch, place)));
    expect(images).toEqual(shown.map((example) => expectedImage(example, 4, 4, false)));
  });

  it('fills one batch that is larger than the split', () => {
    const [batch, ...rest] = [...evaluationBatches(train, dataset, 50)];
    expect(rest).toEqual([]);
    expect(batch?.size).toBe(23);
    expect(batch?.y[46]).toBe(train.labels[0]);
  });
});

describe('drawnBatches()', () => {
  it('takes the examples of batch i of a step from a permutation of its own, none twice', () => {
    const draw = drawnBatches(train, dataset, plain);
    const order = createStream({ seed: 3, purpose: 'probe', step: 7, layer: 'batch-2' }).permutation(23);
    const batch = draw(7, 2);
    expect([...batch.y]).toEqual([...order.subarray(0, 6)].map((example) => train.labels[example]));
    for (let place = 0; place < 6; place++) {
      expect(imageOf(batch, place)).toEqual(expectedImage(order[place] ?? Number.NaN, 4, 4, false));
    }
    expect(draw(7, 2)).toEqual(batch);
    for (const other of [draw(7, 1), draw(8, 2)]) expect(other.x).not.toEqual(batch.x);
  });

  it('crops and mirrors by the draws that follow on the permutation', () => {
    const random = createStream({ seed: 3, purpose: 'probe', step: 1, layer: 'batch-0' });
    const order = random.permutation(23);
    const batch = drawnBatches(train, dataset, { ...plain, augment: true })(1, 0);
    for (let place = 0; place < 6; place++) {
      const [top, left, mirror] = [random.integer(9), random.integer(9), random.integer(2) === 1];
      expect(imageOf(batch, place)).toEqual(expectedImage(order[place] ?? Number.NaN, top, left, mirror));
    }
  });

  it('throws on a batch larger than the split', () => {
    expect(() => drawnBatches(train, dataset, { ...plain, batchSize: 24 })).toThrow(/got 24 for 23; try 23/);
  });
});
