/**
 * @file The process that profiles: `profile-step LOWERING CONVOLUTION PREFIX SETTINGS` times steps with and without ONNX Runtime's
 * profiler by turns, measures the machine's ceilings, and answers with one StepProfile. Traces begin with PREFIX.
 */

import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { mean, median } from '../../../math/statistics.ts';
import { Engine } from '../../../runtime/engine.ts';
import { type ConvolutionName, lower, type LoweringName } from '../../../runtime/lowering-choice.ts';
import { type Ort, tracingOrt } from '../../../runtime/ort.ts';
import { compile } from '../../../runtime/program.ts';
import { initialState } from '../../../train/initial-state.ts';
import { buildStep } from '../../../train/step-graph.ts';
import { stepsFor } from '../contest.ts';
import { madeUpFeeds, usualOptimiser } from '../made-up-batch.ts';
import type { StepSettings } from '../step-process.ts';
import { subjectSpec } from '../subject.ts';
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
const graph = buildStep('step', subjectSpec(settings), usualOptimiser);
const program = compile(graph, { lowering, convolution }, 'state');
const feeds = { ...madeUpFeeds(graph, settings), learningRate: Float32Array.of(1e-3) };

const ceilings = await measureCeilings(threads);
await runChain(new Engine(threads, tracingOrt(`${prefix}-empty`)), 'Neg', [1], EMPTY_NODES);
const emptyRuns = readTrace(readEvents(`${prefix}-empty`)).slice(WARM_UP_STEPS);
const plain = await openEngine();
const traced = await openEngine(tracingOrt(`${prefix}-step`));
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
await plain.close();
await traced.close();

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
process.stdout.write(`${JSON.stringify(profile)}\n`);

async function openEngine(ort?: Ort): Promise<Engine> {
  const engine = new Engine(threads, ort);
  await engine.load(program);
  engine.write(initialState(graph, 0));
  return engine;
}

async function take(engine: Engine, count: number, seconds: number[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await engine.run('step', feeds);
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
