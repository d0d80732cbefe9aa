/** @file Examples by one word, as the command line takes it: a data set, a folder of images, arrays of NumPy's, or made up. */

import { readFile, stat } from 'node:fs/promises';
import { DataError, SettingError } from '../../errors.ts';
import { datasets } from '../datasets.ts';
import { type Examples, examplesOf } from '../examples.ts';
import { asGiven, type Scaling, standardScaling } from '../scalings.ts';
import { syntheticDataset } from '../synthetic.ts';
import { reading } from './reading.ts';
import { readImageFolder } from './image-folder.ts';
import { type LoadOptions, loadDataset } from './load-dataset.ts';
import { decodeNpy } from '../npy.ts';
import { npyExamples } from '../npy-examples.ts';

export interface LoadedExamples {
  readonly examples: Examples;
  /** What networks are usually fed of them: by the data set's own means, pixels / 255, or numbers as they are. */
  readonly usual: Scaling;
}

/** What the word may be, as errors and help say. */
export const examplesForms: string = `${Object.keys(datasets).join(', ')}, a folder of images by class, X.npy,Y.npy, or synthetic`;

/** So many bytes of an array are read at most. */
const MOST_BYTES = 2 ** 31;

/**
 * @param word - `cifar10`, a folder, `X.npy,Y.npy` or `synthetic`
 * @param shape - of one example, where the network says it: what is made up has it
 * @throws {SettingError} for a word that is none of these.
 * @throws {DataError} for data that cannot be read.
 */
export async function loadExamples(
  word: string,
  {
    shape = [3, 32, 32],
    classes,
    ...options
  }: LoadOptions & { readonly shape?: readonly number[]; readonly classes?: number } = {},
): Promise<LoadedExamples> {
  if (Object.hasOwn(datasets, word)) {
    const dataset = await loadDataset(word, options);
    // Of the test split: what a network is deployed on.
    return { examples: examplesOf(dataset, dataset.test), usual: standardScaling(dataset) };
  }
  const unit: Scaling = standardScaling({ mean: [0], std: [1] });
  if (word === 'synthetic') {
    if (shape.length !== 3) throw new SettingError(`Made-up images must be [C, H, W], got [${shape.join(', ')}]`);
    const dataset = syntheticDataset({
      shape: shape as [number, number, number],
      classes: classes ?? 10,
      count: 1000,
      seed: 0,
    });
    return { examples: examplesOf(dataset, dataset.test), usual: standardScaling(dataset) };
  }
  if (word.includes('.npy')) {
    const [x, y, ...more] = word.split(',');
    if (x === undefined || y === undefined || more.length > 0) {
      throw new SettingError(
        `Arrays are given as X.npy,Y.npy with the labels [N] in Y, got '${word}'; rules need labels`,
      );
    }
    const [inputs, labels] = [decodeNpy(await readBounded(x), x), decodeNpy(await readBounded(y), y)];
    const examples = npyExamples(inputs, labels, word, classes);
    return { examples, usual: examples.isPixels ? unit : asGiven };
  }
  const found = await stat(word).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new SettingError(`Data must be ${examplesForms}, got '${word}', which is no folder here`);
  }
  return { examples: await readImageFolder(word), usual: unit };
}

async function readBounded(path: string): Promise<Uint8Array> {
  const { size } = await reading(path, () => stat(path));
  if (size > MOST_BYTES) throw new DataError(`An array must take ${MOST_BYTES} bytes at most, got ${size} in ${path}`);
  return reading(path, () => readFile(path));
}
