import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { datasets } from '../data/datasets.ts';
import { channelMoments } from '../data/synthetic.ts';
import { decodeDataset } from './dataset-file.ts';

const read = (file: string): Buffer => readFileSync(new URL(`data/${file}`, import.meta.url));

describe('the data that the lab ships', () => {
  const dataset = decodeDataset(gunzipSync(read('fashion-mnist.gz')));

  it('are the first 1,000 + 256 images of Fashion-MNIST', () => {
    expect(dataset).toMatchObject({
      name: 'fashion-mnist',
      classes: 10,
      shape: [1, 28, 28],
      train: { count: 1000 },
      test: { count: 256 },
      checksum: '053c2aabdd8c47ff69a0c6f18683769176d3315bc84d7f810c62e4477cc5e5a9',
    });
    expect(dataset.source).toMatch(/^the first 1000 \+ 256 of 60000 \+ 10000 images of fashion-mnist from /);
    // The labels of the official files begin so: https://github.com/zalandoresearch/fashion-mnist
    expect([...dataset.train.labels.subarray(0, 10)]).toEqual([9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
    expect([...dataset.test.labels.subarray(0, 10)]).toEqual([9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
  });

  it('are standardised as the whole data set is, which is near what they have', () => {
    const { mean, std } = datasets['fashion-mnist'];
    expect([dataset.mean, dataset.std]).toEqual([mean, std]);
    const own = channelMoments(dataset.train, dataset.shape);
    expect(own.mean[0]).toBeCloseTo(mean[0] ?? 0, 1);
    expect(own.std[0]).toBeCloseTo(std[0] ?? 0, 1);
  });

  it('are listed with file and licence', () => {
    expect(JSON.parse(read('data.json').toString())).toEqual([
      {
        name: 'fashion-mnist',
        title: 'Fashion-MNIST, 1,000 + 256 images',
        file: 'fashion-mnist.gz',
        licence: 'MIT, © 2017 Zalando SE',
      },
    ]);
    expect(read('LICENSE').toString()).toContain('Copyright © 2017 Zalando SE');
  });
});
