/** @file Runs one cell: trains, probes, records, saves checkpoints, and resumes from the newest. */

import { SettingError } from '../errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { type ProbeName, probeName, probes } from '../probes/index.ts';
import type { Probe, ProbeSettings } from '../probes/probe.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { Checkpoint, FinishedCell, HeldProbe } from '../records/cell.ts';
import { openCell } from '../records/node/cell-folder.ts';
import type { CellWork } from '../records/node/cell-work.ts';
import type { StepRecord } from '../records/record.ts';
import { Device } from '../runtime/device.ts';
import { hasDiverged, type Moment, networkSpec, type Snapshot, type StepResult, Trainer } from '../train/trainer.ts';
import { checkTrainingSettings } from '../train/training-settings.ts';
import { type CellProgress, cellConfig, cellHash, type TrainingSpec } from './cell-spec.ts';

/** Steps between checkpoints: what a killed run may have to repeat. */
const CHECKPOINT_EVERY = 100;

const definitions = {
  loss: 'mean cross-entropy of the mini-batch before the update, without weight decay, batch statistics',
  accuracy: 'fraction of the mini-batch classified correctly before the update, batch statistics',
  testLoss: 'mean cross-entropy over the whole test set, running statistics',
  testAccuracy: 'fraction of the whole test set classified correctly, running statistics',
  diverged: 'the step whose mini-batch loss was not finite or above 1000, which ended the training',
};

/**
 * The finished cell of a specification: the one found, if it holds all probes asked for, else one run now.
 * @param root - the folder of all cells
 * @throws {InterruptedError} by way of the signal's reason, after saving a checkpoint.
 */
export async function runCell(
  spec: TrainingSpec,
  dataset: Dataset,
  root: string,
  report: (progress: CellProgress) => void,
  signal?: AbortSignal,
): Promise<FinishedCell> {
  checkCell(spec, dataset);
  const cell = openCell(root, cellHash(spec, dataset));
  const found = cell.maybeFinished();
  if (found?.holds(spec.probes)) return found;
  const work = cell.begin(cellConfig(spec, dataset), spec.probes);
  const device = new Device(spec.device);
  try {
    const summary = await train(spec, dataset, work, device, report, signal);
    signal?.throwIfAborted();
    work.finish(summary);
  } catch (error) {
    work.close();
    throw error;
  } finally {
    await device.close();
  }
  const finished = cell.maybeFinished();
  if (finished === undefined) throw new Error(`Cell ${cell.hash} must be whole after it has run`);
  return finished;
}

/** Throws for a cell that cannot be run. @throws {SettingError} */
export function checkCell(spec: TrainingSpec, dataset: Dataset): void {
  checkTrainingSettings(spec.training, dataset);
  for (const { name, settings } of spec.probes) probes[probeName(name)].check(probeSettings(settings));
}

async function train(
  spec: TrainingSpec,
  dataset: Dataset,
  work: CellWork,
  device: Device,
  report: (progress: CellProgress) => void,
  signal: AbortSignal | undefined,
): Promise<Record<string, number | null>> {
  const { training } = spec;
  const held = work.probes.map(({ name, settings }) => ({
    probe: probes[probeName(name)],
    settings: probeSettings(settings),
  }));
  const readers = held.flatMap(({ probe, settings }) => (probe.fromStep ? [{ ...probe.fromStep, settings }] : []));
  const trainer = await Trainer.open(
    training,
    dataset,
    device,
    readers.map(({ outputs }) => outputs),
  );
  const measurers = await loadMeasurers(held, device, spec, dataset);
  if (work.resumeFrom !== undefined) await trainer.restore(snapshotOf(work.resumeFrom));
  let divergedAt = divergedAtOf(work.resumeFrom);

  const after = async (moment: Moment, result: StepResult): Promise<boolean> => {
    work.append(stepRecords(moment, result));
    for (const { read, settings } of readers) {
      if (moment.step % settings.every === 0) work.append(read(moment, result));
    }
    for (const { measure, every } of measurers) {
      if (moment.step % every === 0) work.append(await measure(moment, result));
    }
    if (hasDiverged(result.loss)) {
      divergedAt = moment.step;
      work.append([stepRecord('diverged', moment.step, moment.step, definitions.diverged)]);
      return false;
    }
    const { evaluateEvery, steps } = training;
    if (evaluateEvery > 0 && (trainer.step % evaluateEvery === 0 || trainer.step === steps)) {
      work.append(await evaluationRecords(trainer));
    }
    if (trainer.step % CHECKPOINT_EVERY === 0 && trainer.step < steps) {
      saveCheckpoint(work, await trainer.snapshot(), divergedAt);
    }
    report({ step: trainer.step, steps, loss: result.loss, accuracy: result.accuracy });
    return true;
  };
  const isProbed = (step: number): boolean => readers.some(({ settings }) => step % settings.every === 0);
  // Resumed between its last checkpoint and its end, a diverged cell has nothing left to train.
  if (divergedAt === null) await trainer.train({ after, isProbed }, signal);
  saveCheckpoint(work, await trainer.snapshot(), divergedAt);
  return { steps: trainer.step, divergedAt };
}

async function loadMeasurers(
  held: readonly { readonly probe: Probe; readonly settings: ProbeSettings }[],
  device: Device,
  spec: TrainingSpec,
  dataset: Dataset,
): Promise<{ measure: (moment: Moment, result: StepResult) => Promise<readonly StepRecord[]>; every: number }[]> {
  const loaded = [];
  for (const { probe, settings } of held) {
    if (probe.ownGraphs === undefined) continue;
    const measure = await probe.ownGraphs(device, networkSpec(spec.training, dataset), settings);
    loaded.push({ measure, every: settings.every });
  }
  return loaded;
}

function stepRecords({ step }: Moment, { loss, accuracy }: StepResult): readonly StepRecord[] {
  return [
    stepRecord('loss', step, loss, definitions.loss),
    stepRecord('accuracy', step, accuracy, definitions.accuracy),
  ];
}

function stepRecord(quantity: string, step: number, value: number, definition: string): StepRecord {
  return { step, quantity, value, definition, mode: 'train' };
}

async function evaluationRecords(trainer: Trainer): Promise<readonly StepRecord[]> {
  const { loss, accuracy } = await trainer.evaluate();
  const { step } = trainer;
  return [
    { step, quantity: 'test-loss', value: loss, definition: definitions.testLoss, mode: 'eval' },
    { step, quantity: 'test-accuracy', value: accuracy, definition: definitions.testAccuracy, mode: 'eval' },
  ];
}

function saveCheckpoint(work: CellWork, { step, tensors, schedule }: Snapshot, divergedAt: number | null): void {
  const diverged = divergedAt === null ? {} : { divergedAt: String(divergedAt) };
  work.saveCheckpoint({ step, tensors, metadata: { schedule: JSON.stringify(schedule), ...diverged } });
}

function divergedAtOf(checkpoint: Checkpoint | undefined): number | null {
  const step = checkpoint?.metadata['divergedAt'];
  return step === undefined ? null : Number(step);
}

function snapshotOf({ step, tensors, metadata }: Checkpoint): Snapshot {
  return { step, tensors, schedule: JSON.parse(metadata['schedule'] ?? '[]') as number[] };
}

/** A probe as a cell's description holds it. @throws {SettingError} for settings that are not known. */
export function heldProbe(name: ProbeName, settings: JsonObject = {}): HeldProbe {
  const { defaults, check } = probes[name];
  const unknown = Object.keys(settings).find((key) => !(key in defaults));
  if (unknown !== undefined) {
    throw new SettingError(`Probe '${name}' has no setting '${unknown}'; it has ${Object.keys(defaults).join(', ')}`);
  }
  const resolved = probeSettings({ ...defaults, ...settings });
  check(resolved);
  return { name, settings: resolved };
}

function probeSettings(settings: HeldProbe['settings']): ProbeSettings {
  return { ...settings, every: Number(settings['every']) };
}
