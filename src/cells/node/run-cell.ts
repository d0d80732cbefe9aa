/** @file Runs one cell: trains, probes, records, saves checkpoints, and resumes from the newest. */

import type { Dataset } from '../../data/dataset.ts';
import { readoutOf } from '../../probes/index.ts';
import type { Problem } from '../../problems/problem.ts';
import type { Checkpoint, FinishedCell } from '../../records/cell.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import type { CellWork } from '../../records/node/cell-work.ts';
import type { StepRecord } from '../../records/record.ts';
import { type Device, type OpenDevice, scalarOf } from '../../runtime/device.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { hasDiverged } from '../../train/divergence.ts';
import { imageBatches, imageFeeds, testFeeds } from '../../train/image-feeds.ts';
import { openSession, type Session, type Step } from '../../train/session.ts';
import { checkTraining } from '../../train/training-settings.ts';
import type { CellProgress, TrainingSpec } from '../cell-spec.ts';
import { cellConfig, cellHash } from './cell-hash.ts';
import { snapshotOf, checkpointOf } from './session-checkpoint.ts';

/** Steps between checkpoints: what a killed run may have to repeat. */
const CHECKPOINT_EVERY = 100;

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
  openDevice: OpenDevice = nodeDevice,
): Promise<FinishedCell> {
  checkCell(spec, dataset);
  const cell = openCell(root, cellHash(spec, dataset));
  const found = cell.maybeFinished();
  if (found?.holds(spec.probes)) return found;
  const work = cell.begin(cellConfig(spec, dataset), spec.probes);
  const device = openDevice(spec.device);
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
export function checkCell({ problem, training, probes }: TrainingSpec, dataset: Dataset): void {
  checkTraining(problem, training, dataset);
  for (const held of probes) readoutOf(held);
}

async function train(
  spec: TrainingSpec,
  dataset: Dataset,
  work: CellWork,
  device: Device,
  report: (progress: CellProgress) => void,
  signal: AbortSignal | undefined,
): Promise<Record<string, number | null>> {
  const { problem, training } = spec;
  const { evaluateEvery, steps } = training;
  const feeds = imageFeeds(dataset, training, problem.float);
  const readouts = work.probes.map(readoutOf);
  const batches = imageBatches(dataset, training, problem.float);
  const session = await openSession(device, problem, { ...training, readouts, batches, firstBatch: feeds(0) });
  const resumed = work.resumeFrom;
  if (resumed !== undefined) await session.restore(snapshotOf(resumed, spec));
  let divergedAt = divergedAtOf(resumed);
  // Resumed between its last checkpoint and its end, a diverged cell has nothing left to train.
  const until = divergedAt === null ? steps : session.step;
  for await (const step of session.steps({ feeds, until, signal })) {
    const outputs = scalarsOf(problem, step);
    work.append(stepRecords(problem, step, outputs));
    work.append(step.records);
    if (hasDiverged(step.loss)) {
      divergedAt = step.step;
      work.append([divergedRecord(step.step)]);
      break;
    }
    if (evaluateEvery > 0 && (session.step % evaluateEvery === 0 || session.step === steps)) {
      work.append(await evaluationRecords(session, dataset, training.batchSize));
    }
    if (session.step % CHECKPOINT_EVERY === 0 && session.step < steps) {
      work.saveCheckpoint(checkpointOf(await session.snapshot(), divergedAt));
    }
    report({ step: session.step, steps, loss: step.loss, ...outputs });
  }
  work.saveCheckpoint(checkpointOf(await session.snapshot(), divergedAt));
  return { steps: session.step, divergedAt };
}

/** The numbers of a step that are recorded, by name: `loss`, and what else the problem defines. */
function scalarsOf({ quantities }: Problem, { outputs }: Step): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.keys(quantities).map((name) => [name, scalarOf(outputs, name)]));
}

function stepRecords(
  { quantities }: Problem,
  { step }: Step,
  numbers: Readonly<Record<string, number>>,
): readonly StepRecord[] {
  return Object.entries(quantities).map(([quantity, { batch }]) => ({
    step,
    quantity,
    value: numbers[quantity] as number,
    definition: batch,
    mode: 'train',
  }));
}

function divergedRecord(step: number): StepRecord {
  const definition = 'the step whose mini-batch loss was not finite or above 1000, which ended the training';
  return { step, quantity: 'diverged', value: step, definition, mode: 'train' };
}

async function evaluationRecords(
  session: Session,
  dataset: Dataset,
  batchSize: number,
): Promise<readonly StepRecord[]> {
  const { problem, step } = session;
  const means = await session.evaluate(testFeeds(dataset, batchSize, problem.float));
  return Object.entries(problem.quantities).map(([name, { whole }]) => ({
    step,
    quantity: `test-${name}`,
    value: means[name] as number,
    definition: whole,
    mode: 'eval',
  }));
}

function divergedAtOf(checkpoint: Checkpoint | undefined): number | null {
  const step = checkpoint?.metadata['divergedAt'];
  return step === undefined ? null : Number(step);
}
