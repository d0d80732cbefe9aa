/**
 * @file The process in which normscope's own steps are timed, as a training run takes them: the device in its worker
 * thread, one batch fed per step, loss and accuracy back. See step-process.ts for what it is asked and answers.
 */

import { createInterface } from 'node:readline';
import { ortVersion } from '../../cells/versions.ts';
import type { Graph } from '../../graph/graph.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { probeName, probes } from '../../probes/index.ts';
import type { ProbeSettings } from '../../probes/probe.ts';
import type { HeldProbe } from '../../records/cell-description.ts';
import { Device } from '../../runtime/device.ts';
import { type ConvolutionName, lower, type LoweringName } from '../../runtime/lowering-choice.ts';
import type { RuntimeName } from '../../runtime/runtime-name.ts';
import { initialState } from '../../train/initial-state.ts';
import { packOutputs } from '../../train/packed-outputs.ts';
import { buildStep } from '../../train/step-graph.ts';
import type { Moment, StepResult } from '../../train/trainer.ts';
import { madeUpFeeds, usualOptimiser } from './made-up-batch.ts';
import type { Closing, Opening, StepSettings, TurnAnswer, TurnRequest } from './step-process.ts';
import { subjectSpec } from './subject.ts';

const LEARNING_RATE = 1e-3;
const WARM_UP_STEPS = 2;

/** `normscope-steps RUNTIME LOWERING CONVOLUTION PROBES SETTINGS`, the last two as JSON. */
type Arguments = [RuntimeName, LoweringName, ConvolutionName, string, string];
const [runtime, lowering, convolution, heldText, text] = process.argv.slice(2) as Arguments;
const settings = JSON.parse(text) as StepSettings;
const held = (JSON.parse(heldText) as HeldProbe[]).map((each) => ({
  probe: probes[probeName(each.name)],
  settings: each.settings as ProbeSettings,
}));
const readers = held.flatMap(({ probe }) => (probe.fromStep === undefined ? [] : [probe.fromStep]));
const device = new Device({ runtime, lowering, convolution, threads: settings.threads });
// The thread and ONNX Runtime's library are there before the compilation is timed.
await device.read([]);

const started = performance.now();
const spec = subjectSpec(settings);
const graph = buildStep(
  'step',
  spec,
  usualOptimiser,
  readers.map(({ outputs }) => outputs),
);
const packed = held.length === 0 ? undefined : packOutputs(graph);
await device.load(packed?.graph ?? graph, 'state');
const measurers: ((moment: Moment, result: StepResult) => Promise<unknown>)[] = [];
for (const { probe, settings: chosen } of held) {
  if (probe.ownGraphs !== undefined) measurers.push(await probe.ownGraphs(device, spec, chosen));
}
const compileSeconds = since(started);
await device.write(initialState(graph, 0));

const feeds = madeUpFeeds(graph, settings);
const moment: Moment = { step: 0, learningRate: LEARNING_RATE, feeds };
for (let i = 1; i < WARM_UP_STEPS; i++) await timedStep();
const opening: Opening = {
  version: ortVersion(),
  parameters: countParameters(graph),
  compileSeconds,
  nodes: lower(packed?.graph ?? graph, { lowering, convolution }, 'state').nodes.length,
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
  const given = await device.run('step', { ...feeds, learningRate: Float32Array.of(LEARNING_RATE) });
  const outputs = packed?.unpack(given) ?? given;
  const result = { loss: Number(outputs['loss']?.[0]), accuracy: Number(outputs['accuracy']?.[0]), outputs };
  for (const { read } of readers) read(moment, result);
  for (const measure of measurers) await measure(moment, result);
  return since(start);
}

function since(start: number): number {
  return (performance.now() - start) / 1000;
}

function countParameters({ inputs }: Graph): number {
  const parameters = inputs.filter(({ role }) => role.kind === 'parameter');
  return parameters.reduce((sum, { value }) => sum + elementCount(value.shape), 0);
}

function answer(line: Opening | TurnAnswer | Closing): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
