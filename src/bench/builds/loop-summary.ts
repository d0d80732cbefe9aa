/** @file From seconds per step in each round to what the table shows. */

import { median } from '../../math/statistics.ts';
import type { Loop } from './loops.ts';

/** This build and the other. */
export type Side = 'here' | 'there';

/** Seconds per step of each, measured by turns. */
export type Round = Readonly<Record<Side, number>>;

export interface LoopSummary extends Loop {
  readonly threads: number;
  readonly rounds: readonly Round[];
  /** Medians of the rounds, in seconds. */
  readonly stepSeconds: Round;
  /** This build's median over the other's: below 1, this build is the faster one. */
  readonly ratio: number;
  /** This build's time over the other's in the same round, which a drift from round to round leaves alone. */
  readonly roundRatio: { readonly median: number; readonly least: number; readonly most: number };
}

export function summariseLoop(loop: Loop, threads: number, rounds: readonly Round[]): LoopSummary {
  const here = median(rounds.map((round) => round.here));
  const there = median(rounds.map((round) => round.there));
  const ratios = rounds.map((round) => round.here / round.there);
  return {
    ...loop,
    threads,
    rounds,
    stepSeconds: { here, there },
    ratio: here / there,
    roundRatio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
  };
}
