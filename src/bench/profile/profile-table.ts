/** @file A profile as text of at most 80 columns: what a step's time goes to, and what is lost where. */

import { counted } from '../../counted.ts';
import { columns, formatBytes } from '../../report/plain-text.ts';
import { loweringText } from '../../runtime/lowering-choice.ts';
import { threadsText } from '../about.ts';
import { digits } from '../numbers.ts';
import { subjectName } from '../subject.ts';
import { groupBy, lostSeconds, type NodeShare, nothing, passes, type Share, united } from './attribution.ts';
import type { Ceilings } from './ceilings.ts';
import type { SubjectProfile } from './profile.ts';

/** Rows of the table of gaps, and of layers before they are told by the block. */
const GAPS = 12;
const MOST_LAYERS = 32;
/** Rows below this share of the step are united. */
const TRIFLE = 5e-4;
/** Up to here a node's time is what any node takes, more than what it does. */
const SMALL_BYTES = 100_000;

export function profileTable(profile: SubjectProfile): string {
  return [summary(profile), opTable(profile), layerTable(profile), gapTable(profile)].join('\n\n');
}

function summary(profile: SubjectProfile): string {
  const { subject, stepSeconds, aroundSeconds, nodes, ceilings } = profile;
  const { norm, batchSize, threads } = subject;
  const kernels = total(nodes).seconds;
  const small = total(nodes.filter(({ bytes, operations }) => operations === 0 && bytes < SMALL_BYTES));
  const between = stepSeconds - aroundSeconds - kernels;
  return [
    `${subjectName(subject)}, norm ${norm}, batch ${batchSize}, ${threadsText(threads)}, lowering ${loweringText(profile)}`,
    ceilingsText(ceilings),
    '',
    `A step: ${milliseconds(stepSeconds)} ms in ${counted(nodes.length, 'node')}, of which`,
    columns([
      [milliseconds(kernels), 'ms in kernels; at these ceilings they would take', milliseconds(best(nodes))],
      [
        milliseconds(small.seconds),
        `ms of these in ${counted(small.nodes, 'node')} that move less than ${formatBytes(SMALL_BYTES)}, ` +
          `${digits((1e6 * small.seconds) / Math.max(1, small.nodes))} µs each`,
      ],
      [milliseconds(between), `ms between kernels, ${digits((1e6 * between) / nodes.length)} µs per node`],
      [milliseconds(aroundSeconds), 'ms around the session: feeds are checked, results copied'],
    ]),
  ].join('\n');
}

function ceilingsText({ operationsPerSecond, moves, emptyNodeSeconds }: Ceilings): string {
  const speeds = moves.map(({ bytes, bytesPerSecond }) => `${digits(bytesPerSecond / 1e9)} (${formatBytes(bytes)})`);
  return [
    `Ceilings measured now: products ${digits(operationsPerSecond / 1e9)} GFLOP/s; ` +
      `an empty node ${digits(1e6 * emptyNodeSeconds)} µs;`,
    `moving, in GB/s, ${speeds.join(', ')}`,
  ].join('\n');
}

function opTable({ nodes, stepSeconds }: SubjectProfile): string {
  const rows = byLoss(
    withoutTrifles(
      groupBy(nodes, ({ op }) => op),
      stepSeconds,
    ),
  ).map(([op, share]) => [
    op,
    String(share.nodes),
    milliseconds(share.seconds),
    share.bytes === 0 ? '' : short(share.bytes / 1e6),
    share.operations === 0 ? '' : short(share.operations / 1e9),
    speed(share.bytes, share.seconds),
    speed(share.operations, share.seconds),
    milliseconds(share.secondsAtBest),
    milliseconds(lostSeconds(share)),
  ]);
  const head = ['op', 'nodes', 'ms', 'MB', 'GFLOP', 'GB/s', 'GFLOP/s', 'best', 'lost'];
  return `By kind of op; best: ms at the ceilings; lost: the rest, largest first\n${columns([head, ...rows])}`;
}

function layerTable({ nodes, stepSeconds }: SubjectProfile): string {
  const nameOf = layerNames(nodes);
  const rows = withoutTrifles(groupBy(nodes, nameOf), stepSeconds).map(([layer, share]) => {
    const own = nodes.filter((node) => nameOf(node) === layer);
    const inPass = passes.map((pass) => total(own.filter((node) => node.pass === pass)).seconds);
    return [
      layer,
      ...(own.length === 0 ? ['', '', ''] : inPass.map(milliseconds)),
      milliseconds(share.seconds),
      `${((100 * share.seconds) / stepSeconds).toFixed(1)} %`,
      milliseconds(lostSeconds(share)),
    ];
  });
  return `By layer, ms\n${columns([['layer', ...passes, 'all', 'share', 'lost'], ...rows])}`;
}

/** Layers by their own names; by the block, then by the stage, that they lie in where they are too many to read. */
function layerNames(nodes: readonly NodeShare[]): (node: NodeShare) => string {
  const deepest = Math.max(...nodes.map(({ layer }) => layer.split('/').length));
  for (let depth = deepest; ; depth--) {
    const nameOf = ({ layer }: NodeShare): string => layer.split('/').slice(0, depth).join('/');
    if (depth === 1 || new Set(nodes.map(nameOf)).size <= MOST_LAYERS) return nameOf;
  }
}

function gapTable({ nodes }: SubjectProfile): string {
  const rows = byLoss([...groupBy(nodes, ({ layer, pass, op }) => `${layer}\t${pass}\t${op}`)])
    .slice(0, GAPS)
    .map(([key, share]) => [
      ...key.split('\t'),
      milliseconds(share.seconds),
      milliseconds(share.secondsAtBest),
      milliseconds(lostSeconds(share)),
    ]);
  return `The largest gaps\n${columns([['layer', 'pass', 'op', 'ms', 'best', 'lost'], ...rows])}`;
}

type Row = readonly [name: string, share: Share];

function byLoss(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted(([, a], [, b]) => lostSeconds(b) - lostSeconds(a));
}

/** The rows that take some time, and the others as one. */
function withoutTrifles(groups: ReadonlyMap<string, Share>, stepSeconds: number): readonly Row[] {
  const isTrifle = ([, { seconds, secondsAtBest }]: Row): boolean =>
    Math.max(seconds, secondsAtBest) < TRIFLE * stepSeconds;
  const trifles = [...groups].filter(isTrifle);
  const rows = [...groups].filter((row) => !isTrifle(row));
  return trifles.length === 0 ? rows : [...rows, ['others', total(trifles.map(([, share]) => share))]];
}

function total(nodes: readonly Share[]): Share {
  return nodes.reduce(united, nothing);
}

function best(nodes: readonly Share[]): number {
  return total(nodes).secondsAtBest;
}

/** Thousands of millions per second; empty for work that there is none of, or that took no time. */
function speed(work: number, seconds: number): string {
  return work > 0 && seconds > 0 ? short(work / seconds / 1e9) : '';
}

function milliseconds(seconds: number): string {
  return short(1000 * seconds);
}

/** Three digits, and never more than two decimals. */
function short(value: number): string {
  return Math.abs(value) < 9.995 ? value.toFixed(2).replace(/^-(?=0\.00$)/, '') : digits(value);
}
