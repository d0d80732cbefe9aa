/** @file One training under way: steps, records, evaluations and checkpoints, from the newest checkpoint to its end. */

import type { Dataset } from '../data/dataset.ts';
import type { Problem } from '../problems/problem.ts';
import type { JsonObject } from '../records/canonical-json.ts';
import type { CellWriter, Checkpoint } from '../records/cell.ts';
import type { StepRecord } from '../records/record.ts';
import { type Device, scalarOf } from '../runtime/device.ts';
import { divergedRecord, hasDiverged } from '../train/divergence.ts';
import { imageBatches, imageFeeds, testFeeds } from '../train/image-feeds.ts';
import { openSession, type Session, type Step } from '../train/session.ts';
import type { Workbench } from './job.ts';
import { readoutsOf } from './probe-readouts.ts';
import { checkpointOf, snapshotOf } from './session-checkpoint.ts';
import type { TrainingSpec } from './training-spec.ts';

/** Steps between checkpoints: what a killed run may have to repeat. */
const CHECKPOINT_EVERY = 100;

/**
 * Trains from where the work stands to the end, or until it is stopped; what it came to.
 * @throws {InterruptedError} by way of the signal's reason, after saving a checkpoint.
 */
export async function trainCell(
  spec: TrainingSpec,
  dataset: Dataset,
  work: CellWriter,
  device: Device,
  { report, look, signal }: Pick<Workbench, 'report' | 'look' | 'signal'>,
): Promise<JsonObject> {
  const { problem, training } = spec;
  const { evaluateEvery, steps } = training;
  const feeds = imageFeeds(dataset, training, problem.float);
  const readouts = readoutsOf(work.probes);
  const batches = imageBatches(dataset, training, problem.float);
  const session = await openSession(device, problem, { ...training, readouts, batches, firstBatch: feeds(0) });
  const resumed = work.resumeFrom;
  if (resumed !== undefined) await session.restore(snapshotOf(resumed, spec));
  let divergedAt = numberOf(resumed, 'divergedAt') ?? null;
  let firstLoss = numberOf(resumed, 'firstLoss');
  // Resumed between its last checkpoint and its end, a diverged cell has nothing left to train.
  const until = divergedAt === null ? steps : session.step;
  for await (const step of session.steps({ feeds, until, signal })) {
    const outputs = scalarsOf(problem, step);
    work.append(stepRecords(problem, step, outputs));
    work.append(step.records);
    firstLoss ??= step.loss;
    if (hasDiverged(step.loss, firstLoss)) {
      divergedAt = step.step;
      work.append([divergedRecord(step.step)]);
      break;
    }
    if (evaluateEvery > 0 && (session.step % evaluateEvery === 0 || session.step === steps)) {
      work.append(await evaluationRecords(session, dataset, training.batchSize));
    }
    if (session.step % CHECKPOINT_EVERY === 0 && session.step < steps) {
      const checkpoint = checkpointOf(await session.snapshot(), { divergedAt, firstLoss });
      work.saveCheckpoint(checkpoint);
      await look?.(checkpoint.step, checkpoint.tensors);
    }
    report({ step: session.step, steps, loss: step.loss, ...outputs });
  }
  const { remembered, ...last } = await session.snapshot();
  // What has ended is measured no further.
  const isOver = divergedAt !== null || session.step === steps;
  const end = isOver || remembered === undefined ? last : { ...last, remembered };
  work.saveCheckpoint(checkpointOf(end, { divergedAt, firstLoss }));
  signal?.throwIfAborted();
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

/** What a checkpoint says beside the session's snapshot. */
function numberOf(checkpoint: Checkpoint | undefined, key: 'divergedAt' | 'firstLoss'): number | undefined {
  const text = checkpoint?.metadata[key];
  return text === undefined ? undefined : Number(text);
}
