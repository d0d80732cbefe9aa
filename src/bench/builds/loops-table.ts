/** @file Two builds beside each other, as text. */

import { counted } from '../../counted.ts';
import { columns } from '../../report/plain-text.ts';
import { type ResolvedLowering, loweringText } from '../../runtime/lowering-choice.ts';
import { aboutText, busyNotes, threadsText } from '../about.ts';
import type { Circumstances } from '../measure.ts';
import { digits } from '../numbers.ts';
import { subjectName } from '../subject.ts';
import type { Build } from './build.ts';
import type { LoopSummary, Side } from './loop-summary.ts';

export interface BuildsResult extends Circumstances, ResolvedLowering {
  readonly builds: Readonly<Record<Side, Build>>;
  readonly rounds: number;
  readonly loops: readonly LoopSummary[];
}

export function loopsTable(result: BuildsResult): string {
  const { builds, rounds, loops } = result;
  const about = aboutText(
    result,
    undefined,
    `Lowering ${loweringText(result)}, ${counted(rounds, 'round')} by turns; medians of the rounds`,
    `this:  normscope ${builds.here.version}, ${builds.here.folder}`,
    `other: normscope ${builds.there.version}, ${builds.there.folder}`,
  );
  const tables = [...new Set(loops.map(({ threads }) => threads))].map((threads) => {
    const rows = loops.filter((loop) => loop.threads === threads).map(loopCells);
    return (
      `Whole training loop, ${threadsText(threads)}, ms per step\n` +
      'this ÷ other: of the medians, then round by round, median (least–most)\n' +
      'below 1: this build is the faster one\n' +
      columns([['network', 'batch', 'probe', 'this', 'other', 'this ÷ other'], ...rows])
    );
  });
  return [about, ...tables, ...busyNotes(result)].join('\n\n');
}

function loopCells({ stepSeconds, ratio, roundRatio, probe = '', batchSize, ...network }: LoopSummary): string[] {
  const { median, least, most } = roundRatio;
  return [
    subjectName(network),
    String(batchSize),
    probe,
    digits(1000 * stepSeconds.here),
    digits(1000 * stepSeconds.there),
    `${ratio.toFixed(3)}  ${median.toFixed(3)} (${least.toFixed(3)}–${most.toFixed(3)})`,
  ];
}
