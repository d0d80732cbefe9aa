/** @file What protocols of trainings are refused for, before anything runs. */

import { datasets } from '../data/datasets.ts';
import { SettingError } from '../errors.ts';

/** @throws {SettingError} where the seeds are too few for an interval. */
export function checkIntervalSeeds({ seeds }: { readonly seeds: number }): void {
  if (Number.isInteger(seeds) && seeds >= 3) return;
  throw new SettingError(`An interval needs at least 3 seeds, got ${seeds}; use --seeds 3 or more`);
}

/** @throws {SettingError} for a data set that is not known. */
function checkDataset({ dataset }: { readonly dataset: string }): void {
  if (Object.hasOwn(datasets, dataset)) return;
  throw new SettingError(`The study runs on ${Object.keys(datasets).join(', ')}, got ${dataset}`);
}

/** @throws {SettingError} for what no interval can be made of, or no data are there for. */
export function checkTrained(protocol: { readonly seeds: number; readonly dataset: string }): void {
  checkIntervalSeeds(protocol);
  checkDataset(protocol);
}

/** @throws {SettingError} where a rate is there twice. */
export function checkRates({ learningRates }: { readonly learningRates: readonly number[] }): void {
  if (new Set(learningRates).size === learningRates.length) return;
  throw new SettingError(`Learning rates must differ, got [${learningRates.join(', ')}]`);
}
