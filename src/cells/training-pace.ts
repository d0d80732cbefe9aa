/** @file How long a training takes on this machine, from a few steps of its network timed now. */

import { isStored } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { median } from '../math/statistics.ts';
import { canonicalJson } from '../records/canonical-json.ts';
import { imageFeeds } from '../train/image-feeds.ts';
import { openSession } from '../train/session.ts';
import { trainingGraphs } from '../train/training-graphs.ts';
import type { Pace, Workbench } from './job.ts';
import type { TrainingSpec } from './training-spec.ts';

const TIMED_STEPS = 4;
/** Characters of a record in records.jsonl, roughly. */
const RECORD_BYTES = 90;
const RECORDS_PER_STEP = 2;

/** Seconds per gradient computation: those of the probes are counted as those of the step. */
export function trainingPace({ problem, training }: Pick<TrainingSpec, 'problem' | 'training'>): Pace {
  const { batchSize, optimiser, steps } = training;
  const graphs = () => trainingGraphs(problem, batchSize, optimiser);
  return {
    isTried: true,
    get key() {
      return canonicalJson({ identity: graphs().identity, steps });
    },
    async measure(bench, parallel) {
      const lanes = Array.from({ length: parallel }, () => timeSteps({ problem, training }, bench));
      const stored = graphs().step.inputs.filter(({ role }) => isStored(role));
      const elements = stored.reduce((sum, { value }) => sum + elementCount(value.shape), 0);
      return {
        seconds: median((await Promise.all(lanes)).flat()),
        bytes: 4 * elements + steps * RECORDS_PER_STEP * RECORD_BYTES,
      };
    },
  };
}

async function timeSteps(
  { problem, training }: Pick<TrainingSpec, 'problem' | 'training'>,
  bench: Workbench,
): Promise<readonly number[]> {
  const feeds = imageFeeds(await bench.dataset(), { ...training, augment: false }, problem.float)(0);
  const device = bench.openDevice(bench.device);
  try {
    const session = await openSession(device, problem, { ...training, firstBatch: feeds });
    const times: number[] = [];
    for (let i = 0; i < TIMED_STEPS; i++) {
      const started = performance.now();
      await session.take(feeds);
      times.push((performance.now() - started) / 1000);
    }
    // The first step pays for the memory of all others.
    return times.slice(1);
  } finally {
    await device.close();
  }
}
