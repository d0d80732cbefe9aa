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
import { openSession } from '../train/session.ts';
import { answer } from './answer.ts';
import { madeUpFeeds, usualOptimiser } from './made-up-batch.ts';
import type { Closing, Opening, TurnAnswer, TurnRequest } from './step-process.ts';
import { type StepSettings, subjectProblem } from './subject.ts';

const LEARNING_RATE = 1e-3;
const WARM_UP_STEPS = 2;

/** `normscope-steps RUNTIME LOWERING CONVOLUTION PROBES SETTINGS`, the last two as JSON. */
type Arguments = [RuntimeName, LoweringName, ConvolutionName, string, string];
const [runtime, lowering, convolution, heldText, text] = process.argv.slice(2) as Arguments;
const settings = JSON.parse(text) as StepSettings;
const readouts = (JSON.parse(heldText) as HeldProbe[]).map(readoutOf);
const device = nodeDevice({ runtime, lowering, convolution, threads: settings.threads });
// The thread and ONNX Runtime's library are there before the compilation is timed.
await device.read([]);

const feeds = madeUpFeeds(settings);
const started = performance.now();
const session = await openSession(device, subjectProblem(settings), {
  batchSize: settings.batchSize,
  optimiser: usualOptimiser,
  learningRate: LEARNING_RATE,
  firstBatch: feeds,
  readouts,
});
const compileSeconds = since(started);

for (let i = 1; i < WARM_UP_STEPS; i++) await timedStep();
const opening: Opening = {
  version: ortVersion(),
  parameters: countParameters(session.graph),
  compileSeconds,
  nodes: lower(session.graph, { lowering, convolution }, 'state').nodes.length,
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
await device.close();

/** A step as a run takes it, with what probes make of its outputs and measure after it. */
async function timedStep(): Promise<number> {
  const start = performance.now();
  await session.take(feeds);
  return since(start);
}

function since(start: number): number {
  return (performance.now() - start) / 1000;
}

function countParameters(graph: Graph): number {
  return parametersOf(graph).reduce((sum, { shape }) => sum + elementCount(shape), 0);
}
