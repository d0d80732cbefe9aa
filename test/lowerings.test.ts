/** @file What must hold of training by every lowering, on a network whose channels fill whole blocks. */

import { describe, expect, it } from 'vitest';
import { syntheticDataset } from '../src/data/synthetic.ts';
import { probe, type ProbeName } from '../src/probes/index.ts';
import { classifier } from '../src/problems/classifier.ts';
import { encodeSafetensors, type StoredTensor } from '../src/records/safetensors.ts';
import { nodeDevice } from '../src/runtime/node/node-device.ts';
import { type LoweringName, loweringNames } from '../src/runtime/lowering-choice.ts';
import { runnableLowerings } from '../src/testing/usual-lowering.ts';
import { imageBatches, imageFeeds } from '../src/train/image-feeds.ts';
import { openSession } from '../src/train/session.ts';
import type { Snapshot } from '../src/train/snapshot.ts';
import { tinySettings } from './tiny-training.ts';

const data = syntheticDataset({ classes: 4, shape: [3, 8, 8], count: 60, seed: 2 });
const problem = classifier('resnet20', { input: data.shape, norm: 'batch', classes: 4 });
const STEPS = 6;
/** Steps between measurements: once at the start, and once where something has been learnt. */
const EVERY = 4;
/** One of each kind: read off the step, along its ray, beside it, and by products of the Hessian. All are held to one lowering elsewhere. */
const measuring: readonly ProbeName[] = [
  'gradient-moments',
  'activation-percentiles',
  'landscape',
  'covariate-shift',
  'sharpness',
];
// More than a block of images, and not a multiple of it.
const settings = { ...tinySettings, batchSize: 19, steps: STEPS };

interface Way {
  readonly threads?: number;
  /** Measures with these. */
  readonly probes?: readonly ProbeName[];
  /** Goes on from a snapshot after so many steps, on a device that has never trained. */
  readonly resumedAfter?: number;
}

/** Parameters, velocities and statistics after the last step, as a checkpoint has them. */
async function trained(lowering: LoweringName, way: Way): Promise<string> {
  const { resumedAfter } = way;
  const first = resumedAfter === undefined ? undefined : await train(lowering, way, { until: resumedAfter });
  const { tensors } = await train(lowering, way, { until: STEPS, ...(first && { from: first }) });
  const stored = [...tensors].map(([name, { shape, data: values }]): [string, StoredTensor] => [
    name,
    { dtype: 'float32', shape, data: values as Float32Array },
  ]);
  return Buffer.from(encodeSafetensors(new Map(stored))).toString('base64');
}

async function train(
  lowering: LoweringName,
  { threads = 1, probes: measured = [] }: Way,
  { until, from }: { readonly until: number; readonly from?: Snapshot },
): Promise<Snapshot> {
  const device = nodeDevice({ lowering, threads });
  try {
    const feeds = imageFeeds(data, settings);
    const readouts = measured.map((name) => probe(name, { every: EVERY }));
    const batches = imageBatches(data, settings);
    const session = await openSession(device, problem, { ...settings, readouts, batches, firstBatch: feeds(0) });
    if (from !== undefined) await session.restore(from);
    for await (const { step, records } of session.steps({ feeds, until })) {
      expect(records.some((record) => record.step === step)).toBe(measured.length > 0 && step % EVERY === 0);
    }
    return await session.snapshot();
  } finally {
    await device.close();
  }
}

/** Those that a run can take: no checkpoint or record has what another one computes. */
const runnable = loweringNames.filter((name) => runnableLowerings.some(({ lowering }) => lowering === name));

describe.each(runnable)('training by %s', (lowering) => {
  it('gives the same bits again, with two threads, resumed, and with probes', async () => {
    const plain = await trained(lowering, {});
    expect(await trained(lowering, { threads: 2 })).toBe(plain);
    expect(await trained(lowering, { resumedAfter: 2 })).toBe(plain);
    expect(await trained(lowering, { probes: measuring })).toBe(plain);
  });
});
