/** @file The data sets of a run: each loaded once, when something first needs its images. */

import type { Dataset } from '../data/dataset.ts';
import { datasetChecksum } from '../data/node/load-dataset.ts';
import { openDataset } from './options.ts';

/** What a run says of a data set. */
export type DatasetAbout = Pick<Dataset, 'name' | 'checksum' | 'source'>;

export interface RunDatasets {
  /** Loads it, verified by its published checksums. @throws {DataError} where it is not to be had. */
  readonly load: (name: string) => Promise<Dataset>;
  /** What tells it from others; known without loading it. */
  readonly checksum: (name: string) => string;
  /** By name, those loaded with where they came from. */
  readonly about: (names: readonly string[]) => Promise<readonly DatasetAbout[]>;
}

/** @param folder - a folder named by the user that holds the data */
export function runDatasets(folder: string | undefined, signal: AbortSignal): RunDatasets {
  const loaded = new Map<string, Promise<Dataset>>();
  return {
    load(name) {
      const dataset = loaded.get(name) ?? openDataset(name, folder, signal);
      loaded.set(name, dataset);
      return dataset;
    },
    checksum: datasetChecksum,
    about: (names) =>
      Promise.all(
        [...new Set(names)].map(async (name): Promise<DatasetAbout> => {
          const source = await loaded.get(name)?.then(
            (dataset) => dataset.source,
            () => 'not to be had',
          );
          const known = { name: name as Dataset['name'], checksum: datasetChecksum(name) };
          return { ...known, source: source ?? 'not loaded: every cell that needs it was found' };
        }),
      ),
  };
}
