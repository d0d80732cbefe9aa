/** @file What must hold of training by every lowering, on a network whose channels fill whole blocks. */

import { describe, expect, it } from 'vitest';
import { syntheticDataset } from '../src/data/synthetic.ts';
import { defaultModelSettings } from '../src/models/model.ts';
import { probes } from '../src/probes/index.ts';
import type { Probe } from '../src/probes/probe.ts';
import { encodeSafetensors } from '../src/records/safetensors.ts';
import { Device } from '../src/runtime/device.ts';
import type { LoweringName } from '../src/runtime/lowering-choice.ts';
import { runnableLowerings } from '../src/testing/usual-lowering.ts';
import { networkSpec, type Snapshot, Trainer } from '../src/train/trainer.ts';
import type { TrainingSettings } from '../src/train/training-settings.ts';

import { tinySettings } from './tiny-training.ts';

const data = syntheticDataset({ classes: 4, shape: [3, 8, 8], count: 60, seed: 2 });
const STEPS = 6;
const settings: TrainingSettings = {
  ...tinySettings,
  model: 'resnet20',
  modelSettings: { ...defaultModelSettings, initialiser: 'he', norm: 'batch', classes: 4 },
  // More than a block of images, and not a multiple of it.
  batchSize: 19,
  steps: STEPS,
};

type Measure = Awaited<ReturnType<NonNullable<Probe['ownGraphs']>>>;

interface Way {
  readonly threads?: number;
  /** Measures with these at every step. */
  readonly probes?: readonly Probe[];
  /** Goes on from a snapshot after so many steps, on a device that has never trained. */
  readonly resumedAfter?: number;
}

/** Parameters, velocities and statistics after the last step, as a checkpoint has them. */
async function trained(lowering: LoweringName, way: Way): Promise<string> {
  const { resumedAfter } = way;
  const first = resumedAfter === undefined ? undefined : await train(lowering, way, { until: resumedAfter });
  const { tensors } = await train(lowering, way, { until: STEPS, ...(first && { from: first }) });
  return Buffer.from(encodeSafetensors(tensors)).toString('base64');
}

async function train(
  lowering: LoweringName,
  { threads = 1, probes: measured = [] }: Way,
  { until, from }: { readonly until: number; readonly from?: Snapshot },
): Promise<Snapshot> {
  const device = new Device({ lowering, threads });
  try {
    const outputs = measured.flatMap(({ fromStep }) => (fromStep ? [fromStep.outputs] : []));
    const trainer = await Trainer.open(settings, data, device, outputs);
    const measures: Measure[] = [];
    for (const { ownGraphs, defaults } of measured) {
      const measure = await ownGraphs?.(device, networkSpec(settings, data), defaults);
      if (measure !== undefined) measures.push(measure);
    }
    if (from !== undefined) await trainer.restore(from);
    await trainer.train({
      isProbed: () => measured.length > 0,
      after: async (moment, result) => {
        for (const measure of measures) await measure(moment, result);
        return trainer.step < until;
      },
    });
    return await trainer.snapshot();
  } finally {
    await device.close();
  }
}

const runnable = new Set(runnableLowerings.map(({ lowering }) => lowering));

describe.each([...runnable])('training by %s', (lowering) => {
  it('gives the same bits again, with two threads, resumed, and with every probe at every step', async () => {
    const plain = await trained(lowering, {});
    expect(await trained(lowering, {})).toBe(plain);
    expect(await trained(lowering, { threads: 2 })).toBe(plain);
    expect(await trained(lowering, { resumedAfter: 2 })).toBe(plain);
    expect(await trained(lowering, { probes: Object.values(probes) })).toBe(plain);
  });
});
