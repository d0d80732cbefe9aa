/** @file How long cells will take on this machine, from a few steps of each kind of network timed now. */

import type { Dataset } from '../../data/dataset.ts';
import { median } from '../../math/statistics.ts';
import { canonicalJson } from '../../records/canonical-json.ts';
import type { OpenDevice } from '../../runtime/device.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { isStored } from '../../graph/graph.ts';
import { imageFeeds } from '../../train/image-feeds.ts';
import { openSession } from '../../train/session.ts';
import { trainingGraphs } from '../../train/training-graphs.ts';
import type { CellSpec, TrainingSpec } from '../cell-spec.ts';
import { work } from './run-cells.ts';

const TIMED_STEPS = 4;
/** Characters of a probe's record in records.jsonl, roughly. */
const RECORD_BYTES = 90;
const RECORDS_PER_STEP = 2;

/** Seconds for all cells together at `parallel` at once, and bytes on disk. Probes are counted as gradients. */
export async function estimateSeconds(
  specs: readonly CellSpec[],
  dataset: Dataset | undefined,
  parallel: number,
  openDevice: OpenDevice = nodeDevice,
): Promise<{ readonly seconds: number; readonly bytes: number }> {
  const kinds = new Map<string, { readonly seconds: number; readonly stateBytes: number }>();
  let [seconds, bytes] = [0, 0];
  for (const spec of specs) {
    if ('measurement' in spec || dataset === undefined) {
      seconds += work(spec) / parallel;
      continue;
    }
    const { batchSize, optimiser, steps } = spec.training;
    const { identity } = trainingGraphs(spec.problem, batchSize, optimiser);
    const key = canonicalJson({ identity, device: spec.device });
    const kind = kinds.get(key) ?? (await timeKind(spec, dataset, parallel, openDevice));
    kinds.set(key, kind);
    seconds += (kind.seconds * work(spec)) / parallel;
    bytes += kind.stateBytes + steps * RECORDS_PER_STEP * RECORD_BYTES;
  }
  return { seconds, bytes };
}

/** The median of a few steps, with as many networks at work as there will be. */
async function timeKind(
  { problem, training, device: settings }: TrainingSpec,
  dataset: Dataset,
  parallel: number,
  openDevice: OpenDevice,
): Promise<{ readonly seconds: number; readonly stateBytes: number }> {
  const feeds = imageFeeds(dataset, { ...training, augment: false }, problem.float)(0);
  const { step } = trainingGraphs(problem, training.batchSize, training.optimiser);
  const lanes = Array.from({ length: parallel }, async () => {
    const device = openDevice(settings);
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
  });
  const times = (await Promise.all(lanes)).flat();
  const stored = step.inputs.filter(({ role }) => isStored(role));
  const elements = stored.reduce((sum, { value }) => sum + elementCount(value.shape), 0);
  return { seconds: median(times), stateBytes: 4 * elements };
}
