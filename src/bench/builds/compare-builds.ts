/**
 * @file Whole training loops of two builds, by turns. Their libraries may differ in everything, so that both are run by
 * their command lines, which read real data, evaluate, record and save checkpoints as any run does.
 *
 * A run costs much that is no step: sessions are compiled, the test set is evaluated. So each build runs each loop twice,
 * and seconds per step are (t(long) − t(short)) / (steps(long) − steps(short)), per network that the command trains. The
 * times of single steps are in no file of a run, and its progress is too coarse.
 */

import { counted } from '../../counted.ts';
import { NumericError } from '../../errors.ts';
import type { BenchProgress } from '../measure.ts';
import type { Build } from './build.ts';
import { type LoopSummary, type Round, type Side, summariseLoop } from './loop-summary.ts';
import { type Loop, loopName, type LoopSettings, type RunLength, runLengths } from './loops.ts';
import { timeRun } from './timed-run.ts';

export interface BuildsPlan {
  readonly builds: Readonly<Record<Side, Build>>;
  readonly loops: readonly Loop[];
  /** Each loop is run with each. */
  readonly settings: readonly LoopSettings[];
  readonly rounds: number;
}

interface Measured {
  readonly loop: Loop;
  readonly settings: LoopSettings;
  readonly rounds: Round[];
}

/**
 * In each round every loop takes its turn, so that what slows the machine for a while slows all of them; its short runs are
 * neighbours, and so are its long ones. The build that goes first changes from round to round: A B, B A, A B.
 * @param report - called before each run
 * @throws {ProcessError} where a build fails.
 * @throws {NumericError} where a longer run took no longer.
 * @throws {InterruptedError} by way of the signal's reason.
 */
export async function compareBuilds(
  { builds, loops, settings, rounds }: BuildsPlan,
  report: (progress: BenchProgress) => void,
  signal?: AbortSignal,
): Promise<readonly LoopSummary[]> {
  const measured = settings.flatMap((each) => loops.map((loop): Measured => ({ loop, settings: each, rounds: [] })));
  const all = measured.length * rounds * runLengths.length * 2;
  let done = 0;
  for (let round = 1; round <= rounds; round++) {
    const sides: readonly Side[] = round % 2 === 1 ? ['here', 'there'] : ['there', 'here'];
    for (const { loop, settings: each, rounds: taken } of measured) {
      const seconds = { here: { short: 0, long: 0 }, there: { short: 0, long: 0 } };
      for (const length of runLengths) {
        for (const side of sides) {
          const which = side === 'here' ? 'this build' : 'the other';
          const text = `${loopName(loop)}: round ${round} of ${rounds}, ${which}, ${counted(loop.steps[length], 'step')}`;
          report({ text, done: done++, all });
          seconds[side][length] = await timeRun(builds[side], loop, length, each, signal);
        }
      }
      taken.push({ here: secondsPerStep(loop, seconds.here), there: secondsPerStep(loop, seconds.there) });
    }
  }
  return measured.map(({ loop, settings: each, rounds: taken }) => summariseLoop(loop, each.threads, taken));
}

/** @throws {NumericError} where the long run took no longer than the short one. */
export function secondsPerStep(loop: Loop, { short, long }: Readonly<Record<RunLength, number>>): number {
  const { networks, steps } = loop;
  if (!(long > short)) {
    throw new NumericError(
      `${counted(steps.long, 'step')} of ${loopName(loop)} must take longer than ${steps.short}, got ${long} s and ${short} s; ` +
        'repeat when the machine is idle',
    );
  }
  return (long - short) / (networks * (steps.long - steps.short));
}
