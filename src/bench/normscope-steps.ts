/**
 * @file The process in which normscope's own steps are timed, as a training run takes them: the device in its worker
 * thread, one batch fed per step, loss and accuracy back. See step-process.ts for what it is asked and answers.
 */

import { createInterface } from 'node:readline';
import { ortVersion } from '../cells/node/versions.ts';
import { type Graph, parametersOf } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { readoutOf } from '../probes/index.ts';
import type { HeldProbe } from '../records/cell.ts';
import { type ConvolutionName, lower, type LoweringName } from '../runtime/lowering-choice.ts';
import { nodeDevice } from '../runtime/node/node-device.ts';
import type { RuntimeName } from '../runtime/runtime-name.ts';
import { openSession, type Session } from '../train/session.ts';
import type { NormName } from '../norms/index.ts';
import { answer } from './answer.ts';
import { madeUpFeeds, usualOptimiser } from './made-up-batch.ts';
import type { Closing, Opening, TurnAnswer, TurnRequest } from './step-process.ts';
import { type StepSettings, subjectProblem } from './subject.ts';

const LEARNING_RATE = 1e-3;
const WARM_UP_STEPS = 2;

/** In what the steps of one entrant differ from those of another of the same contest. */
export interface Variant {
  readonly probes?: readonly HeldProbe[];
  /** In place of the subject's. */
  readonly norm?: NormName;
  /** How many train at once, each on a thread of its own; default 1. */
  readonly cells?: number;
}

/** `normscope-steps RUNTIME LOWERING CONVOLUTION VARIANT SETTINGS`, the last two as JSON. */
type Arguments = [RuntimeName, LoweringName, ConvolutionName, string, string];
const [runtime, lowering, convolution, variantText, text] = process.argv.slice(2) as Arguments;
const { probes = [], norm, cells = 1 } = JSON.parse(variantText) as Variant;
const subject = JSON.parse(text) as StepSettings;
const settings: StepSettings = { ...subject, norm: norm ?? subject.norm };
const devices = Array.from({ length: cells }, () =>
  nodeDevice({ runtime, lowering, convolution, threads: settings.threads }),
);
// The threads and ONNX Runtime's library are there before the compilation is timed.
for (const device of devices) await device.read([]);

const feeds = madeUpFeeds(settings);
const started = performance.now();
const sessions: Session[] = [];
for (const device of devices) {
  const session = await openSession(device, subjectProblem(settings), {
    batchSize: settings.batchSize,
    optimiser: usualOptimiser,
    learningRate: LEARNING_RATE,
    firstBatch: feeds,
    readouts: probes.map(readoutOf),
  });
  sessions.push(session);
}
const compileSeconds = since(started);
const { graph } = sessions[0] as Session;

for (let i = 1; i < WARM_UP_STEPS; i++) await timedStep();
const opening: Opening = {
  version: ortVersion(),
  parameters: countParameters(graph),
  compileSeconds,
  nodes: lower(graph, { lowering, convolution }, 'state').nodes.length,
  stepSeconds: await timedStep(),
};
answer(opening);

for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as TurnRequest;
  await timedStep();
  const seconds: number[] = [];
  for (let i = 0; i < steps; i++) seconds.push(await timedStep());
  answer({ seconds } satisfies TurnAnswer);
}
answer({ peakBytes: process.resourceUsage().maxRSS * 1024 } satisfies Closing);
for (const device of devices) await device.close();

/** A step of every cell as a run takes it, with what probes make of its outputs and measure after it. */
async function timedStep(): Promise<number> {
  const start = performance.now();
  await Promise.all(sessions.map((session) => session.take(feeds)));
  return since(start);
}

function since(start: number): number {
  return (performance.now() - start) / 1000;
}

function countParameters(graph: Graph): number {
  return parametersOf(graph).reduce((sum, { shape }) => sum + elementCount(shape), 0);
}
