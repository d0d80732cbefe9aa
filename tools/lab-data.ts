/**
 * @file Writes the data that the lab ships, `src/lab/data`, from the user's cache: a subset of Fashion-MNIST, whose
 * licence allows it. Run by hand when the format changes; `src/lab/shipped-data.test.ts` holds the result.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { loadDataset } from '../src/data/node/load-dataset.ts';
import { encodeDataset } from '../src/lab/dataset-file.ts';
import { labSubset } from '../src/lab/subset.ts';

const folder = join(import.meta.dirname, '..', 'src', 'lab', 'data');
const dataset = labSubset(await loadDataset('fashion-mnist'), { train: 1000, test: 256 });

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'fashion-mnist.gz'), gzipped(encodeDataset(dataset)));
writeFileSync(
  join(folder, 'data.json'),
  `${JSON.stringify([
    {
      name: 'fashion-mnist',
      title: 'Fashion-MNIST, 1,000 + 256 images',
      file: 'fashion-mnist.gz',
      licence: 'MIT, © 2017 Zalando SE',
    },
  ])}\n`,
);

/** The same bytes each time: zlib writes 0 as the time, and the byte that names the system is set to "unknown". */
function gzipped(bytes: Uint8Array): Uint8Array {
  const file = gzipSync(bytes, { level: 9 });
  file[9] = 255;
  return file;
}
