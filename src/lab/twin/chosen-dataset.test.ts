import { describe, expect, it } from 'vitest';
import { datasets } from '../../data/datasets.ts';
import { DataError } from '../../errors.ts';
import { sha256Hex } from '../../records/hash.ts';
import { idxFiles } from '../../testing/idx-files.ts';
import { payloadOf } from '../dataset-file.ts';
import { chosenDataset, matchedFiles, twinData } from './chosen-dataset.ts';

const { train, test, mnist } = { ...idxFiles({ train: 5, test: 3 }), mnist: datasets.mnist };
const contents = [...train, ...test];
const form = { classes: 10, shape: [1, 28, 28] } as const;
const checksum = sha256Hex(payloadOf({ train: mnist.decode(train, form), test: mnist.decode(test, form) }));

describe('the data set of chosen files', () => {
  it('is that of the official files, whatever is made of them', () => {
    const dataset = chosenDataset(twinData(mnist, checksum), contents);
    expect(dataset).toMatchObject({ name: 'mnist', ...form, mean: [0.1307], checksum });
    expect([dataset.train.count, dataset.test.count]).toEqual([5, 3]);
    expect(dataset.train.images.subarray(0, 784)).toEqual(train[0]?.subarray(16, 16 + 784));
    expect(twinData(datasets['mnist-binary'], checksum)).toMatchObject({
      source: 'mnist',
      files: twinData(mnist, '').files,
    });
  });

  it('is refused where a byte is another, and where a file is cut short', () => {
    const [images = new Uint8Array(), ...others] = contents;
    const changed = images.with(images.length - 1, 255 - (images.at(-1) ?? 0));
    const data = twinData(mnist, checksum);
    expect(() => chosenDataset(data, [changed, ...others])).toThrow(DataError);
    expect(() => chosenDataset(data, [changed, ...others])).toThrow(
      /^The chosen files are not the data that the report trained on: SHA-256 of MNIST must be [0-9a-f]{64}, got /,
    );
    expect(() => chosenDataset(data, [images.subarray(0, 900), ...others])).toThrow(/it is truncated/);
  });
});

describe('matchedFiles', () => {
  const needed = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'];
  const named = (...names: readonly string[]) => names.map((name) => ({ name }));

  it('finds each by its name, in the order that is needed, also as .gz and with a dot', () => {
    const chosen = named('readme.txt', 'train-labels.idx1-ubyte', 'train-images-idx3-ubyte.gz');
    expect(matchedFiles(needed, chosen)).toEqual({ found: [chosen[2], chosen[1]], missing: [] });
  });

  it('names those that are missing', () => {
    expect(matchedFiles(needed, named('train-images-idx3-ubyte'))).toEqual({
      found: named('train-images-idx3-ubyte'),
      missing: ['train-labels-idx1-ubyte'],
    });
  });
});
