import { describe, expect, it } from 'vitest';
import { datasets } from './datasets.ts';
import { describeCache } from './node/cache.ts';
import { loadDataset } from './node/load-dataset.ts';
import { channelMoments } from './synthetic.ts';

const { datasets: cached } = await describeCache();

describe.each(Object.values(datasets))(
  'datasets: $title',
  ({ name, mean, std, shape, train, test, cachedAs = name }) => {
    it('lists files that hold the published number of images', () => {
      const [C, H, W] = datasets[cachedAs].shape;
      const pixels = C * H * W;
      const isCifar = cachedAs === 'cifar10';
      const counts = [train, test].map((files) => {
        // CIFAR: records of a label and an image. IDX: a header of 16 bytes and images, a header of 8 bytes and labels.
        const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
        return (isCifar ? bytes : bytes - 24) / (pixels + 1);
      });
      expect(counts).toEqual([isCifar ? 50_000 : 60_000, 10_000]);
    });

    it('has one mean and one deviation per channel', () => {
      expect([mean.length, std.length]).toEqual([shape[0], shape[0]]);
    });

    // The rest needs the real data, and is left out on a machine that has not fetched it.
    const isCached = cached.some((entry) => entry.name === name && entry.state === 'cached');
    it.skipIf(!isCached)(
      'has the moments of the real training images, and all classes equally often or nearly',
      async () => {
        const dataset = await loadDataset(name);
        const moments = channelMoments(dataset.train, shape);
        // Black and white is fed as it is.
        const isBinary = dataset.train.images.every((pixel) => pixel === 0 || pixel === 255);
        expect(isBinary).toBe(name === 'mnist-binary');
        for (let c = 0; c < shape[0] && !isBinary; c++) {
          expect(moments.mean[c]).toBeCloseTo(mean[c] ?? Number.NaN, 4);
          expect(moments.std[c]).toBeCloseTo(std[c] ?? Number.NaN, 4);
        }
        const perClass = Array.from({ length: dataset.classes }, () => 0);
        for (const label of dataset.test.labels) perClass[label] = (perClass[label] ?? 0) + 1;
        expect(Math.min(...perClass)).toBeGreaterThan(850);
        expect(Math.max(...perClass)).toBeLessThan(1150);
      },
    );
  },
);
