/** @file Cells that train a network, with probes: what names one, what it costs, and how it is trained. */

import type { Dataset } from '../data/dataset.ts';
import { SettingError } from '../errors.ts';
import { type JsonObject, plainJson } from '../records/canonical-json.ts';
import { probeCost, readoutOf } from '../probes/index.ts';
import { resolveLowering } from '../runtime/lowering-choice.ts';
import { checkTraining, type TrainingSettings } from '../train/training-settings.ts';
import { trainingGraphs } from '../train/training-graphs.ts';
import type { CellJob } from './job.ts';
import { trainCell } from './train-cell.ts';
import { trainingPace } from './training-pace.ts';
import type { TrainingSpec } from './training-spec.ts';

/** The job of one training. */
export function trainingJob(spec: TrainingSpec): CellJob {
  const { arm, problem, training, probes } = spec;
  const { seed, learningRate, batchSize, optimiser, steps } = training;
  return {
    dataset: training.dataset,
    settings: plainJson({ ...problem.about, ...training }),
    pace: trainingPace(spec),
    check: (dataset) => checkCell(spec, dataset),
    cells: [
      {
        arm,
        seed,
        place: spec.place ?? { 'learning rate': learningRate },
        probes,
        // Gradients of a batch: one a step, those of the probes, and what evaluations take.
        cost: (held) =>
          steps * held.reduce((sum, probe) => sum + probeCost(probe, batchSize), 1) + evaluationCost(training),
        config: ({ device, checksum, ort, code }) => ({
          problem: problem.about,
          training: plainJson(training),
          device: plainJson(resolveLowering(device)),
          // The text of every graph that the problem builds: step, first batch, evaluation, and frozen statistics.
          graphs: trainingGraphs(problem, batchSize, optimiser).identity,
          data: checksum(training.dataset),
          ort,
          code: code(),
        }),
      },
    ],
    async run(bench, missing) {
      const dataset = await bench.dataset();
      checkCell(spec, dataset);
      const device = bench.openDevice(bench.device);
      try {
        const summaries: JsonObject[] = [];
        for (const { work } of missing) summaries.push(await trainCell(spec, dataset, work, device, bench));
        return summaries;
      } finally {
        await device.close();
      }
    },
  };
}

/** Test images of each registered data set. */
const TEST_EXAMPLES = 10_000;

/** In gradients of a batch: a forward pass takes about a third of one. */
function evaluationCost({ evaluateEvery, steps, batchSize }: TrainingSettings): number {
  if (evaluateEvery === 0) return 0;
  return (Math.ceil(steps / evaluateEvery) * Math.ceil(TEST_EXAMPLES / batchSize)) / 3;
}

function checkCell({ problem, training, probes }: TrainingSpec, dataset: Dataset | undefined): void {
  if (dataset === undefined)
    throw new SettingError(`A cell that trains must be given its data set, ${training.dataset}`);
  checkTraining(problem, training, dataset);
  for (const held of probes) readoutOf(held);
}
