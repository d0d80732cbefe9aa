/**
 * @file How near the eigenvalue that a warm `sharpness` follows by few products a step is to that of converged Lanczos, step
 * by step: on one batch, as full-batch descent has it, and on another at every step, as SGD has it.
 */

import { elementCount } from '../../graph/tensor-type.ts';
import { createStream } from '../../math/random.ts';
import { probe } from '../../probes/index.ts';
import type { StepRecord } from '../../records/record.ts';
import type { Tensors } from '../../runtime/device.ts';
import type { ResolvedLowering } from '../../runtime/lowering-choice.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { sharedFloats } from '../../runtime/tensor-data.ts';
import { openSession } from '../../train/session.ts';
import { followedBy } from '../contests.ts';
import { usualOptimiser } from '../made-up-batch.ts';
import { digits } from '../numbers.ts';
import type { BenchProgress } from '../measure.ts';
import { type Subject, type StepSettings, stepSettings, subjectProblem } from '../subject.ts';

/** Steps before the first measurement: the spectrum of the start is no training's. */
const BEFORE = 30;
const STEPS = 12;
const LEARNING_RATE = 0.1;
/** Of the first measurement of the series, and of each that it is compared with. */
const PRODUCTS = 24;

export type Batches = 'one batch' | 'a new batch each step';

/** What a step was measured to be. */
export interface FollowedStep {
  readonly step: number;
  /** By as many products as {@link followedBy} says, one after the other; at the first step by {@link PRODUCTS}. */
  readonly followed: readonly number[];
  /** By Lanczos with {@link PRODUCTS} products from a random vector, and how far that may be from an eigenvalue. */
  readonly converged: number;
  readonly residual: number;
}

export interface Following extends Subject {
  readonly batches: Batches;
  readonly steps: readonly FollowedStep[];
}

/** Measures both kinds of batches one after the other. */
export async function measureFollowing(
  subject: Subject,
  lowering: ResolvedLowering,
  report: (progress: BenchProgress) => void,
  signal?: AbortSignal,
): Promise<readonly Following[]> {
  const found: Following[] = [];
  const kinds: readonly Batches[] = ['one batch', 'a new batch each step'];
  for (const [i, batches] of kinds.entries()) {
    const steps: FollowedStep[] = [];
    for await (const step of followedSteps(subject, lowering, batches)) {
      signal?.throwIfAborted();
      steps.push(step);
      const text = `${batches}, step ${step.step}: ${step.followed.map(digits).join(', ')} beside ${digits(step.converged)}`;
      report({ text, done: i * STEPS + steps.length, all: kinds.length * STEPS });
    }
    found.push({ ...subject, batches, steps });
  }
  return found;
}

async function* followedSteps(
  subject: Subject,
  lowering: ResolvedLowering,
  batches: Batches,
): AsyncGenerator<FollowedStep> {
  const { batchSize, threads } = subject;
  const device = nodeDevice({ ...lowering, threads });
  try {
    const feeds = (step: number): Tensors => patternBatch(stepSettings(subject), batches === 'one batch' ? 0 : step);
    const settings = { batchSize, optimiser: usualOptimiser, learningRate: LEARNING_RATE };
    const before = await openSession(device, subjectProblem(subject), { ...settings, firstBatch: feeds(0) });
    while (before.step < BEFORE) await before.take(feeds(before.step));
    const usual = { every: 1, iterations: PRODUCTS };
    const warm = followedBy.map((warmIterations) => probe('sharpness', { ...usual, warm: true, warmIterations }));
    const readouts = [...warm, probe('sharpness', usual)];
    const { session } = await before.fork({ readouts });
    while (session.step < BEFORE + STEPS) {
      const { step, records } = await session.take(feeds(session.step));
      const [converged = Number.NaN] = valuesOf(records, 'sharpness');
      const [residual = Number.NaN] = valuesOf(records, 'sharpness-residual');
      yield { step, followed: valuesOf(records, 'followed-sharpness'), converged, residual };
    }
  } finally {
    await device.close();
  }
}

function valuesOf(records: readonly StepRecord[], quantity: string): readonly number[] {
  return records.filter((record) => record.quantity === quantity).map(({ value }) => value);
}

/** Images that can be learnt: each class has a pattern, and each image is its class's with as much noise, of unit size. */
function patternBatch({ batchSize, imageShape, classes }: StepSettings, step: number): Tensors {
  const pixels = elementCount(imageShape);
  const patterns = new Float32Array(classes * pixels);
  createStream({ seed: 0, purpose: 'noise', layer: 'patterns' }).fillNormal(patterns, 0, 0.5);
  const labels = new Int32Array(batchSize);
  const drawn = createStream({ seed: 0, purpose: 'noise', step, layer: 'labels' });
  const x = sharedFloats('float32', batchSize * pixels) as Float32Array;
  createStream({ seed: 0, purpose: 'noise', step, layer: 'images' }).fillNormal(x, 0, 0.5);
  for (let n = 0; n < batchSize; n++) {
    const label = drawn.integer(classes);
    labels[n] = label;
    for (let i = 0; i < pixels; i++)
      x[n * pixels + i] = (x[n * pixels + i] as number) + (patterns[label * pixels + i] as number);
  }
  return { x, labels };
}
