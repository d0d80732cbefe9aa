/**
 * @file The process that profiles: `profile-step LOWERING CONVOLUTION PREFIX SETTINGS` times steps with and without ONNX Runtime's
 * profiler by turns, measures the machine's ceilings, and answers with one StepProfile. Traces begin with PREFIX.
 */

import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { mean, median } from '../../math/statistics.ts';
import {
  type ConvolutionName,
  lower,
  type LoweringName,
  type LoweringSettings,
} from '../../runtime/lowering-choice.ts';
import type { Device } from '../../runtime/device.ts';
import { inThreadDevice } from '../../runtime/channel-device.ts';
import { tracingOrt, nativeOrt } from '../../runtime/node/native-ort.ts';
import type { Ort } from '../../runtime/ort.ts';
import { openSession, type Session } from '../../train/session.ts';
import { trainingGraphs } from '../../train/training-graphs.ts';
import { stepsFor } from '../contest.ts';
import { answer } from '../answer.ts';
import { madeUpFeeds, usualOptimiser } from '../made-up-batch.ts';
import { type StepSettings, subjectProblem } from '../subject.ts';
import { attribute } from './attribution.ts';
import { runChain } from './chain.ts';
import { measureCeilings } from './measure-ceilings.ts';
import type { StepProfile } from './profile.ts';
import { fasterHalf, meanNodeSeconds, readTrace, type StepParts, type TraceEvent, withoutTracing } from './trace.ts';

const ROUNDS = 6;
const WARM_UP_STEPS = 2;
const EMPTY_NODES = 300;

type Arguments = [LoweringName, ConvolutionName, string, string];
const [lowering, convolution, prefix, text] = process.argv.slice(2) as Arguments;
const settings = JSON.parse(text) as StepSettings;
const { threads } = settings;
const problem = subjectProblem(settings);
const graph = trainingGraphs(problem, settings.batchSize, usualOptimiser).step;
const feeds = madeUpFeeds(settings);

const ceilings = await measureCeilings(threads);
await runChain(openDevice(tracingOrt(`${prefix}-empty`), { lowering: 'reference' }), 'Neg', [1], EMPTY_NODES);
const emptyRuns = readTrace(readEvents(`${prefix}-empty`)).slice(WARM_UP_STEPS);
const plain = await open(nativeOrt);
const traced = await open(tracingOrt(`${prefix}-step`));
const [plainSeconds, tracedSeconds]: [number[], number[]] = [[], []];
await take(traced, WARM_UP_STEPS, []);
const warm: number[] = [];
await take(plain, WARM_UP_STEPS, warm);
const steps = stepsFor(warm.at(-1) ?? 0);
for (let round = 0; round < ROUNDS; round++) {
  // A session's threads look out for work a little longer than it lasts: the first step after the other's is not counted.
  await take(plain, 1, []);
  await take(plain, steps, plainSeconds);
  await take(traced, steps, tracedSeconds);
}
await plain.device.close();
await traced.device.close();

const tracedRuns = readTrace(readEvents(`${prefix}-step`)).slice(WARM_UP_STEPS);
const stepSeconds = mean(fasterHalf(plainSeconds, (seconds) => seconds));
const tracedParts: StepParts = {
  nodeSeconds: meanNodeSeconds(fasterHalf(tracedRuns, ({ seconds }) => seconds)),
  aroundSeconds: median(tracedSeconds.map((seconds, run) => seconds - (tracedRuns[run]?.seconds ?? seconds))),
};
const physical = lower(graph, { lowering, convolution }, 'state');
const { nodeSeconds, aroundSeconds } = withoutTracing(
  tracedParts,
  median([...meanNodeSeconds(emptyRuns).values()]),
  stepSeconds - physical.nodes.length * ceilings.emptyNodeSeconds,
);
const profile: StepProfile = {
  stepSeconds,
  aroundSeconds,
  nodes: attribute(graph, physical, nodeSeconds, ceilings),
  ceilings,
};
answer(profile);

/** Without a thread of its own: what is measured is the engine. */
function openDevice(ort: Ort, lowered: LoweringSettings): Device {
  return inThreadDevice({ ...lowered, threads }, async () => ort);
}

function open(ort: Ort): Promise<Session> {
  const { batchSize } = settings;
  const optimiser = usualOptimiser;
  const device = openDevice(ort, { lowering, convolution });
  return openSession(device, problem, { batchSize, optimiser, learningRate: 1e-3, firstBatch: feeds });
}

async function take(session: Session, count: number, seconds: number[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await session.take(feeds);
    seconds.push((performance.now() - start) / 1000);
  }
}

/** The trace that a session wrote when it was closed. */
function readEvents(tracePrefix: string): readonly TraceEvent[] {
  const folder = dirname(tracePrefix);
  const file = fs.readdirSync(folder).find((name) => name.startsWith(basename(tracePrefix)));
  if (file === undefined) throw new Error('A traced session must leave a trace when it is closed');
  return JSON.parse(fs.readFileSync(join(folder, file), 'utf8')) as TraceEvent[];
}
