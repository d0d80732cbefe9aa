/** @file The bench as text of at most 80 columns. */

import { loweringText } from '../../runtime/lowering-choice.ts';
import { columns, formatBytes } from '../output.ts';
import type { BenchResult } from './measure.ts';
import { subjectName } from './subject.ts';
import type { ProbeSummary, Spread, StepSummary } from './summary.ts';

/** Runnable threads, averaged over a minute, from which on times say little. */
const BUSY_LOAD = 0.5;

/** @param against - what the user asked to compare with: where it is missing, the table says so. */
export function benchTable({ steps, probes, skipped, ...about }: BenchResult, against: 'torch' | 'none'): string {
  const notes = skipped.map(({ network, engine, reason }) => `Skipped: ${engine} on ${network}: ${reason}`);
  if (against === 'torch' && about.torch === undefined && skipped.length === 0) {
    notes.push('PyTorch is left out: no python3 here can import torch');
  }
  if (about.load.before > BUSY_LOAD) {
    notes.push('The machine was busy before the bench began: repeat it when it is idle');
  }
  const parts = [aboutLines(about)];
  if (steps.length > 0) parts.push(stepTable(steps));
  if (probes.length > 0) parts.push(probeTable(probes));
  if (notes.length > 0) parts.push(notes.join('\n'));
  return parts.join('\n\n');
}

type About = Pick<BenchResult, 'machine' | 'load' | 'torch' | 'settings'>;

function aboutLines({ machine, load, torch, settings }: About): string {
  const { processor, cores, memoryBytes, node, onnxruntime } = machine;
  const { norm, batchSize, threads, rounds } = settings;
  const versions = [
    `Node ${node}`,
    `ONNX Runtime ${onnxruntime}`,
    ...(torch === undefined ? [] : [`PyTorch ${torch}`]),
  ];
  return [
    `${processor}, ${cores} cores, ${formatBytes(memoryBytes)}`,
    versions.join(', '),
    `Load of the machine ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after`,
    `Norm ${norm}, batch ${batchSize}, ${threads} thread(s), lowering ${loweringText(settings)}`,
    `${rounds} rounds in which the engines take turns; medians with quartiles`,
  ].join('\n');
}

function stepTable(steps: readonly StepSummary[]): string {
  const rows = steps.flatMap(({ engines, ...subject }) =>
    engines.map(({ engine, stepSeconds, ratio, compileSeconds, peakBytes }, i) => [
      i === 0 ? subjectName(subject) : '',
      engine,
      millisecondsText(stepSeconds),
      ratio === undefined ? '' : ratioText(ratio),
      compileSeconds === undefined ? '' : `${digits(compileSeconds)} s`,
      formatBytes(peakBytes),
    ]),
  );
  const head = ['network', 'engine', 'step, ms', 'normscope/this', 'compile', 'peak'];
  return `Training step: forward, backward, SGD with momentum\n${columns([head, ...rows])}`;
}

function probeTable(probes: readonly ProbeSummary[]): string {
  const rows = probes.map(({ plain, probed, cost, ...subject }) => [
    subjectName(subject),
    millisecondsText(plain.stepSeconds),
    millisecondsText(probed.stepSeconds),
    ratioText(cost),
    formatBytes(probed.peakBytes),
  ]);
  const head = ['network', 'plain, ms', 'probed, ms', 'probe/plain', 'peak'];
  return `Landscape probe at every step, with its default step sizes\n${columns([head, ...rows])}`;
}

/** Seconds as `163 (158–171)` milliseconds, each to three digits. */
export function millisecondsText({ median, lower, upper }: Spread): string {
  const [middle, low, high] = [median, lower, upper].map((seconds) => digits(1000 * seconds));
  return `${middle} (${low}–${high})`;
}

/** `1.06 (1.02–1.11)`. */
export function ratioText({ median, lower, upper }: Spread): string {
  return `${median.toFixed(2)} (${lower.toFixed(2)}–${upper.toFixed(2)})`;
}

/** Three significant digits; whole from a hundred on. */
function digits(value: number): string {
  return value >= 99.95 ? String(Math.round(value)) : value.toPrecision(3);
}
