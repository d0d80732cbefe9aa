/** @file A data set of a few bytes in CIFAR's official layout: what the tests of this folder fetch and load. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatasetDefinition, datasets, type OfficialFile } from '../datasets.ts';

const PIXELS = 6;
const RECORD = 1 + 3 * PIXELS;

/** Official files of 4, 3 and 2 images of [3, 2, 3]; byte b of file f is (7 b + 11 f) mod 251, labels are below 10. */
export const tinyFiles: ReadonlyMap<string, Uint8Array> = new Map(
  ['data_batch_1.bin', 'data_batch_2.bin', 'test_batch.bin'].map((name, f) => {
    const content = Uint8Array.from({ length: (4 - f) * RECORD }, (_, b) =>
      b % RECORD === 0 ? (b / RECORD + f) % 10 : (7 * b + 11 * f) % 251,
    );
    return [name, content];
  }),
);

/** CIFAR-10's definition with the tiny files in place of its own. */
export const tinyDefinition: DatasetDefinition = {
  ...datasets.cifar10,
  shape: [3, 2, 3],
  train: [describe('data_batch_1.bin'), describe('data_batch_2.bin')],
  test: [describe('test_batch.bin')],
};

/** Writes the tiny files into a folder, as a source would. */
export async function writeTinyFiles(folder: string): Promise<void> {
  for (const [name, content] of tinyFiles) await writeFile(join(folder, name), content);
}

function describe(name: string): OfficialFile {
  const content = tinyFiles.get(name) ?? new Uint8Array();
  return { name, bytes: content.length, md5: createHash('md5').update(content).digest('hex') };
}
