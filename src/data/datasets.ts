/** @file The registry of data sets: their official files, how to decode those, and the published constants. */
import { decodeCifarBinary } from './cifar-binary.ts';
import type { DatasetName, ImageForm, Split } from './dataset.ts';
import { halfSize } from './half-size.ts';
import { decodeIdx } from './idx.ts';

/** A file as its authors publish it, uncompressed. */
export interface OfficialFile {
  readonly name: string;
  readonly bytes: number;
  readonly md5: string;
}

export interface DatasetDefinition extends ImageForm {
  readonly name: DatasetName;
  readonly title: string;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly train: readonly OfficialFile[];
  readonly test: readonly OfficialFile[];
  /** Where the official archive and other programs put the files, below a folder that is theirs. */
  readonly folders: readonly string[];
  /** The same data made for another language, which are met in place of the official files: each by one of its files. */
  readonly otherVersions?: readonly { readonly language: string; readonly folder: string; readonly file: string }[];
  /** The data set whose files these are, where it only reads them in another way: they are fetched and kept once. */
  readonly cachedAs?: DatasetName;
  /** What to do when every source fails; completes "…; connect to the network, or ". */
  readonly repair: string;
  /** Turns the official files of one split, in the order above, into memory. */
  readonly decode: (files: readonly Uint8Array[], form: ImageForm) => Split;
}

const digitForm = { classes: 10, shape: [1, 28, 28], decode: decodeIdx } as const;

const mnist: DatasetDefinition = {
  ...digitForm,
  name: 'mnist',
  title: 'MNIST',
  mean: [0.1307],
  std: [0.3081],
  train: [
    { name: 'train-images-idx3-ubyte', bytes: 47_040_016, md5: '6bbc9ace898e44ae57da46a324031adb' },
    { name: 'train-labels-idx1-ubyte', bytes: 60_008, md5: 'a25bea736e30d166cdddb491f175f624' },
  ],
  test: [
    { name: 't10k-images-idx3-ubyte', bytes: 7_840_016, md5: '2646ac647ad5339dbf082846283269ea' },
    { name: 't10k-labels-idx1-ubyte', bytes: 10_008, md5: '27ae3e4e09519cfbb04c329615203637' },
  ],
  // The first and the last are torchvision's, from its root and from the folder of this data set there.
  folders: ['MNIST/raw', 'MNIST', 'raw'],
  repair: 'fetch its four IDX files',
};

const cifar10: DatasetDefinition = {
  name: 'cifar10',
  title: 'CIFAR-10',
  classes: 10,
  shape: [3, 32, 32],
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
  train: [
    { name: 'data_batch_1.bin', bytes: 30_730_000, md5: '5dd7e06a14cb22eb9f671a540d1b7c25' },
    { name: 'data_batch_2.bin', bytes: 30_730_000, md5: '5ea93a67294ea407fff1d09f752e9692' },
    { name: 'data_batch_3.bin', bytes: 30_730_000, md5: '942cd6a4bcdd0dd3c604fbe906cb4421' },
    { name: 'data_batch_4.bin', bytes: 30_730_000, md5: 'ae636b3ba5c66a11e91e8cb52e771fcb' },
    { name: 'data_batch_5.bin', bytes: 30_730_000, md5: '53f37980c15c3d472c316c40844f3f0d' },
  ],
  test: [{ name: 'test_batch.bin', bytes: 30_730_000, md5: '803d5f7f4d78ea53de84dbe85f74fb6d' }],
  folders: ['cifar-10-batches-bin'],
  otherVersions: [
    { language: 'Python', folder: 'cifar-10-batches-py', file: 'data_batch_1' },
    { language: 'MATLAB', folder: 'cifar-10-batches-mat', file: 'data_batch_1.mat' },
  ],
  repair: 'unpack cifar-10-binary.tar.gz (https://www.cs.toronto.edu/~kriz/cifar.html)',
  decode: decodeCifarBinary,
};

/** Means and standard deviations are those of the training images, to four digits. */
export const datasets: { readonly [Name in DatasetName]: DatasetDefinition } = {
  cifar10,
  /** For measurements whose cost grows with every pixel: the Hessian of whole data sets (cohen2021). */
  'cifar10-16': {
    ...cifar10,
    name: 'cifar10-16',
    title: 'CIFAR-10 at 16 × 16',
    shape: [3, 16, 16],
    mean: [0.4919, 0.4827, 0.447],
    std: [0.2381, 0.2347, 0.2536],
    cachedAs: 'cifar10',
    decode: (files) => halfSize(decodeCifarBinary(files, cifar10), cifar10.shape),
  },
  mnist,
  /** Pixels are 0 or 1 (ioffe2015, section 4.1: "28×28 binary image"), which are not shifted or scaled. */
  'mnist-binary': {
    ...mnist,
    name: 'mnist-binary',
    title: 'MNIST in black and white',
    mean: [0],
    std: [1],
    folders: ['mnist', ...mnist.folders],
    cachedAs: 'mnist',
    decode: (files, form) => blackAndWhite(decodeIdx(files, form)),
  },
  'fashion-mnist': {
    ...digitForm,
    name: 'fashion-mnist',
    title: 'Fashion-MNIST',
    mean: [0.286],
    std: [0.353],
    train: [
      { name: 'train-images-idx3-ubyte', bytes: 47_040_016, md5: 'f4a8712d7a061bf5bd6d2ca38dc4d50a' },
      { name: 'train-labels-idx1-ubyte', bytes: 60_008, md5: '9018921c3c673c538a1fc5bad174d6f9' },
    ],
    test: [
      { name: 't10k-images-idx3-ubyte', bytes: 7_840_016, md5: '8181f5470baa50b63fa0f6fddb340f0a' },
      { name: 't10k-labels-idx1-ubyte', bytes: 10_008, md5: '15d484375f8d13e6eb1aabb0c3f46965' },
    ],
    folders: ['FashionMNIST/raw', 'FashionMNIST', 'raw'],
    repair: 'install the Debian package dataset-fashion-mnist, or fetch its four IDX files',
  },
};

/** Every pixel above half of full intensity becomes full, every other 0. */
function blackAndWhite({ images, ...split }: Split): Split {
  return { ...split, images: images.map((pixel) => (pixel > 127 ? 255 : 0)) };
}
