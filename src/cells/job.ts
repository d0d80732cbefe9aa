/**
 * @file A job: one cell or several that are made together, what names each, and how they are made. Whoever runs jobs,
 * counts them or tells of them knows no more of them than this; what kind one is, its own file alone knows.
 */

import type { Dataset } from '../data/dataset.ts';
import { memoised } from '../math/memoised.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { CellWriter, HeldProbe } from '../records/cell.ts';
import { hashJson } from '../records/hash.ts';
import { type Place, placeText } from '../records/record.ts';
import type { StoredTensor } from '../records/safetensors.ts';
import type { DeviceSettings, OpenDevice } from '../runtime/device.ts';

/** What fixes the numbers of a cell beside what its job says. */
export interface Circumstances {
  readonly device: DeviceSettings;
  /** The version of ONNX Runtime. */
  readonly ort: string;
  /** A hash of the code that computes, with that of a study's module where one is named by its URL. */
  readonly code: (module?: string) => string;
  /** The checksum of a data set by its name, over all images and labels. */
  readonly checksum: (dataset: string) => string;
}

/** One arm × seed × setting: what is stored, found again and compared. */
export interface JobCell {
  /** Which side of a comparison it is; a name for people, no part of the hash. */
  readonly arm: string;
  /** Which of the replications it is. */
  readonly seed: number;
  /** What else tells it from other cells of its arm and seed: the learning rate, the width. */
  readonly place: Place;
  /** What it must hold at least. */
  readonly probes: readonly HeldProbe[];
  /** Everything that fixes its numbers but its probes, in readable form. Its hash names the cell. */
  readonly config: (circumstances: Circumstances) => JsonObject;
  /** Work in units of its job's pace, with these probes. */
  readonly cost: (probes: readonly HeldProbe[]) => number;
}

/** How far a job is: steps taken of all, or parts of a measurement; loss and accuracy of the last batch, in training. */
export interface JobProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss?: number;
  readonly accuracy?: number;
}

/** @param tensors - parameters, running statistics and the optimiser's state, by name */
export type LookAtState = (step: number, tensors: ReadonlyMap<string, StoredTensor>) => Promise<void>;

/** Where a job is done. */
export interface Workbench {
  readonly device: DeviceSettings;
  readonly openDevice: OpenDevice;
  /** The data set that the job needs. @throws {DataError} where it is not to be had. */
  readonly dataset: () => Promise<Dataset>;
  readonly report: (progress: JobProgress) => void;
  /** Shown the state of a training at its checkpoints; the training waits until it has been looked at. */
  readonly look?: LookAtState | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long a unit of a job's cost takes. */
export interface Pace {
  /** Whether that must be tried on this machine; else the job knows it. */
  readonly isTried: boolean;
  /** The same for all jobs whose units take as long. */
  readonly key: string;
  /** Of a unit, and of the disk for a cell; tried, where it must be, with so many jobs at work as there will be. */
  readonly measure: (
    bench: Workbench,
    parallel: number,
  ) => Promise<{ readonly seconds: number; readonly bytes: number }>;
}

export interface CellJob {
  /** Mostly one; several where one graph makes several seeds side by side. */
  readonly cells: readonly JobCell[];
  /** The name of the data set that it needs. */
  readonly dataset: string | undefined;
  /** What it was told, for people. */
  readonly settings: JsonObject;
  readonly pace: Pace;
  /** Throws where it cannot be done. @param dataset - its form and size suffice. @throws {SettingError} */
  readonly check: (dataset: Dataset | undefined) => void;
  /**
   * Makes the cells that are missing.
   * @param missing - some of `cells`, each with what it is written by, and all probes that it shall hold
   * @returns what each came to, in the order of `missing`
   * @throws {InterruptedError} by way of the signal's reason, after saving what can be gone on with.
   */
  readonly run: (bench: Workbench, missing: readonly Making[]) => Promise<readonly JsonObject[]>;
}

/** A cell that is being made. */
export interface Making {
  readonly cell: JobCell;
  readonly work: CellWriter;
}

/** The name of a cell, by all that fixes its numbers: 32 hexadecimal digits. */
export function cellHash(cell: Pick<JobCell, 'config'>, circumstances: Circumstances): string {
  return hashesIn(circumstances)(cell);
}

/** Asked for again by all who look for a cell, and made of all that fixes its numbers: computed once for each. */
const hashesIn = memoised((circumstances: Circumstances) =>
  memoised((cell: Pick<JobCell, 'config'>) => hashJson(cell.config(circumstances)).slice(0, 32)),
);

/** "batch, learning rate 0.1, seed 3". */
export function cellText({ arm, place, seed }: Pick<JobCell, 'arm' | 'place' | 'seed'>): string {
  return [arm, placeText(place), `seed ${seed}`].filter((part) => part !== '').join(', ');
}
