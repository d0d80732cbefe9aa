/** @file Training runs that are over in a moment: what tests of the upper layers share. */

import type { Circumstances } from '../src/cells/job.ts';
import { type CellOutcome, type CellsRequest, runCells } from '../src/cells/node/run-cells.ts';
import { circumstancesOf } from '../src/cells/node/versions.ts';
import { trainingJob } from '../src/cells/training.ts';
import type { TrainingSpec } from '../src/cells/training-spec.ts';
import type { Dataset } from '../src/data/dataset.ts';
import { syntheticDataset } from '../src/data/synthetic.ts';
import { classifier, type ClassifierSettings } from '../src/problems/classifier.ts';
import type { Problem } from '../src/problems/problem.ts';
import type { FinishedCell } from '../src/records/cell.ts';
import type { Device, DeviceSettings, OpenDevice, Tensors } from '../src/runtime/device.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { sgd } from '../src/train/optimisers/sgd.ts';
import type { TrainingSettings } from '../src/train/training-settings.ts';

export const device: DeviceSettings = { lowering: 'portable', threads: 1 };

/** 4 classes of [2, 3, 5]; 34 images each to train and to test on, which no batch size below divides. */
export const tinyData: Dataset = syntheticDataset({ classes: 4, shape: [2, 3, 5], count: 34, seed: 5 });

/** Momentum and a constant rate, without evaluations. */
export const tinySettings: TrainingSettings = {
  dataset: 'synthetic',
  batchSize: 9,
  steps: 12,
  seed: 3,
  augment: false,
  optimiser: sgd({ momentum: 0.9, weightDecay: 1e-3 }),
  learningRate: 0.05,
  schedule: { kind: 'constant' },
  evaluateEvery: 0,
};

/** An MLP of 7 units a layer with batch norm, for the data above, with some of its settings changed. */
export function tinyProblem(changes: Partial<ClassifierSettings> = {}): Problem {
  return classifier('mlp', { input: [2, 3, 5], classes: 4, norm: 'batch', width: 0.07, ...changes });
}

const tiny = tinyProblem();

/** A cell that trains the tiny network on the tiny data. */
export function tinyCell(
  changes: Partial<TrainingSettings> = {},
  probes: TrainingSpec['probes'] = [],
  problem: Problem = tiny,
): TrainingSpec {
  return { arm: 'batch', problem, training: { ...tinySettings, ...changes }, probes };
}

/** Of cells on the tiny data. */
export const tinyCircumstances: Circumstances = circumstancesOf(device, () => tinyData.checksum);

/** A request for cells on the tiny data, in this thread. */
export function tinyRequest(specs: readonly TrainingSpec[], root: string): CellsRequest {
  return {
    jobs: specs.map(trainingJob),
    circumstances: tinyCircumstances,
    dataset: async () => tinyData,
    root,
    parallel: 1,
    openDevice: threadlessDevice,
  };
}

/** The finished cells of a request, in its order. Throws what failed first. */
export async function runAll(request: CellsRequest): Promise<readonly FinishedCell[]> {
  return (await runCells(request)).map(finishedOf);
}

function finishedOf({ finished, error }: CellOutcome): FinishedCell {
  if (finished === undefined) throw error;
  return finished;
}

/** What happens on devices: for tests that count runs, or let one fail. */
export interface Watched {
  readonly openDevice: OpenDevice;
  /** How many devices have been opened. */
  opened: number;
  /** The programs that have run on any of them, by name; one that is about to run is the last. */
  readonly runs: string[];
  /** Called before a program runs. */
  before: ((program: string, feeds: Tensors) => void) | undefined;
}

/** Devices without threads that say what they do. */
export function watchedDevices(): Watched {
  const watched: Watched = {
    opened: 0,
    runs: [],
    before: undefined,
    openDevice: (settings) => {
      watched.opened += 1;
      return watch(threadlessDevice(settings), watched);
    },
  };
  return watched;
}

function watch(inner: Device, watched: Watched): Device {
  return {
    settings: inner.settings,
    load: async (graph, mayWrite) => {
      const program = await inner.load(graph, mayWrite);
      return {
        name: program.name,
        run: async (feeds, key) => {
          watched.runs.push(program.name);
          watched.before?.(program.name, feeds);
          return program.run(feeds, key);
        },
        release: () => program.release(),
      };
    },
    write: (state) => inner.write(state),
    read: (names) => inner.read(names),
    sibling: (lowering) => watch(inner.sibling(lowering), watched),
    close: () => inner.close(),
  };
}
