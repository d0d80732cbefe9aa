/** @file The contests as text of at most 80 columns. */

import { counted } from '../counted.ts';
import { columns, formatBytes } from '../report/plain-text.ts';
import { loweringText } from '../runtime/lowering-choice.ts';
import { aboutText, busyNotes, threadsText } from './about.ts';
import { type BenchResult, type BenchSettings, loweringIn } from './measure.ts';
import { digits, millisecondsText, ratioText } from './numbers.ts';
import { type Subject, subjectName } from './subject.ts';
import type { NormSummary, ProbeSummary, StepSummary } from './summary.ts';

/** @param against - what the user asked to compare with: where it is missing, the table says so. */
export function benchTable(result: BenchResult, against: 'torch' | 'none'): string {
  const { steps, probes, norms, skipped, torch, settings } = result;
  const notes = skipped.map(({ network, engine, reason }) => `Skipped: ${engine} on ${network}: ${reason}`);
  if (against === 'torch' && torch === undefined && steps.length > 0 && skipped.length === 0) {
    notes.push('PyTorch is left out: no python3 here can import torch');
  }
  notes.push(...busyNotes(result));
  const parts = [aboutText(result, torch, ...settingsLines(settings))];
  for (const threads of new Set(steps.map((step) => step.threads))) {
    const alike = steps.filter((step) => step.threads === threads);
    parts.push(stepTable(threads, alike), memoryTable(threads, alike));
  }
  if (probes.length > 0) parts.push(probeTable(probes));
  if (norms.length > 0) parts.push(normTable(norms));
  if (notes.length > 0) parts.push(notes.join('\n'));
  return parts.join('\n\n');
}

function settingsLines(settings: BenchSettings): string[] {
  const { rounds } = settings;
  const turns = `${counted(rounds, 'round')} by turns`;
  const what = `Lowering ${loweringText(settings)}, ${turns}; medians with quartiles`;
  const others = settings.runtimes.filter((runtime) => loweringIn(runtime, settings) !== settings.lowering);
  return [what, ...others.map((runtime) => `In ${runtime}: lowering ${loweringIn(runtime, settings)}`)];
}

function stepTable(threads: number, steps: readonly StepSummary[]): string {
  const rows = steps.flatMap(({ engines, ...subject }) =>
    engines.map(({ engine, stepSeconds, ratio }, i) => [
      ...(i === 0 ? subjectCells(subject) : ['', '', '']),
      engine,
      millisecondsText(stepSeconds),
      ratio === undefined ? '' : ratioText(ratio),
    ]),
  );
  const head = ['network', 'norm', 'batch', 'engine', 'step, ms', 'normscope ÷ this'];
  return (
    `Training step, ${threadsText(threads)}: forward, backward, SGD with momentum\n` +
    `normscope ÷ this below 1: normscope is the faster one\n${columns([head, ...rows])}`
  );
}

function memoryTable(threads: number, steps: readonly StepSummary[]): string {
  const rows = steps.flatMap(({ engines, ...subject }) =>
    engines.map(({ engine, compileSeconds, peakBytes, peakRatio }, i) => [
      ...(i === 0 ? subjectCells(subject) : ['', '', '']),
      engine,
      compileSeconds === undefined ? '' : `${digits(compileSeconds)} s`,
      formatBytes(peakBytes),
      peakRatio === undefined ? '' : peakRatio.toFixed(2),
    ]),
  );
  const head = ['network', 'norm', 'batch', 'engine', 'compile', 'peak', 'normscope ÷ this'];
  return `Compile time and peak memory, ${threadsText(threads)}\n${columns([head, ...rows])}`;
}

function probeTable(probes: readonly ProbeSummary[]): string {
  const rows = probes.map(({ title, plain, probed, ratio, ...subject }) => [
    subjectName(subject),
    subject.norm,
    title,
    digits(1000 * plain.stepSeconds.median),
    digits(1000 * probed.stepSeconds.median),
    ratioText(ratio),
    formatBytes(probed.peakBytes),
  ]);
  const [first] = probes;
  const head = ['network', 'norm', 'probe', 'plain', 'probed', 'probed ÷ plain', 'peak'];
  return (
    `Steps with a probe at every step, in ms, batch ${first?.batchSize ?? 0}, ${threadsText(first?.threads ?? 0)}\n` +
    columns([head, ...rows])
  );
}

function normTable(norms: readonly NormSummary[]): string {
  const rows = norms.map(({ other, plain, changed, ratio, ...subject }) => [
    subjectName(subject),
    String(subject.batchSize),
    other,
    digits(1000 * plain.stepSeconds.median),
    digits(1000 * changed.stepSeconds.median),
    ratioText(ratio),
  ]);
  const [first] = norms;
  const head = ['network', 'batch', 'norm', 'batch norm', 'this', 'this ÷ batch norm'];
  return `Steps of ${first?.cells ?? 0} cells at once, each on its own thread, in ms\n` + columns([head, ...rows]);
}

function subjectCells(subject: Subject): [string, string, string] {
  return [subjectName(subject), subject.norm, String(subject.batchSize)];
}
