/** @file Curves as text of at most 80 columns, with a bar for each point. */

import { counted } from '../../counted.ts';
import { columns, formatBytes } from '../../report/plain-text.ts';
import { digits, millisecondsText } from '../numbers.ts';
import { subjectName } from '../subject.ts';
import type { Axis, Curve, CurvePoint, Curves } from './curves.ts';

const BAR_LENGTH = 24;

const titles: Readonly<Record<Axis, string>> = {
  depth: 'Depth',
  width: 'Width, as a multiple of the published channels',
  batch: 'Batch',
};

export function curvesTable({ curves, fixed }: Curves): string {
  const { stepSeconds, nodeSeconds } = fixed;
  const costs =
    `Fixed costs: ${milliseconds(stepSeconds)} ms for a step of one empty node, there and back; ` +
    `${microseconds(nodeSeconds)} µs\nfor each further one`;
  return [costs, ...curves.map(curveTable)].join('\n\n');
}

function curveTable(curve: Curve): string {
  const { axis, points } = curve;
  const longest = Math.max(...points.map(({ stepSeconds }) => stepSeconds.median));
  const rows = points.map((point) => [
    labelOf(axis, point),
    String(point.nodes),
    millisecondsText(point.stepSeconds),
    ...(axis === 'batch' ? [milliseconds(point.stepSeconds.median / point.x)] : []),
    formatBytes(point.peakBytes),
    '█'.repeat(Math.max(1, Math.round((BAR_LENGTH * point.stepSeconds.median) / longest))),
  ]);
  const head = [axis === 'depth' ? 'network' : axis, 'nodes', 'step, ms', ...(axis === 'batch' ? ['per image'] : [])];
  const table = `${titles[axis]}\n${columns([[...head, 'peak', ''], ...rows])}`;
  return [table, ...lineText(curve)].join('\n');
}

/** What the fitted line says. */
function lineText({ axis, points, line }: Curve): readonly string[] {
  if (line === undefined) return [];
  const { fixedSeconds, secondsPerUnit, worstError } = line;
  const unit = axis === 'depth' ? 'layer' : 'image';
  const [first] = points;
  const text =
    `${milliseconds(secondsPerUnit)} ms per ${unit} and ${milliseconds(fixedSeconds)} ms besides; ` +
    `off by ${(100 * worstError).toFixed(0)} % at most`;
  if (axis === 'depth' || first === undefined) return [text];
  // The nodes are as many at every batch, so that what is fixed is theirs.
  return [
    text,
    `Besides: ${microseconds(fixedSeconds / Math.max(1, first.nodes))} µs for each of ${counted(first.nodes, 'node')}`,
  ];
}

function labelOf(axis: Axis, { x, subject }: CurvePoint): string {
  return axis === 'depth' ? subjectName(subject) : String(x);
}

function milliseconds(seconds: number): string {
  return digits(1000 * seconds);
}

function microseconds(seconds: number): string {
  return digits(1e6 * seconds);
}
