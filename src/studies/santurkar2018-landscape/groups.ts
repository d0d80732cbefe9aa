/** @file Cells grouped as the rule compares them: by learning rate, then both arms of each seed. */

import type { CellSeries } from './series.ts';
import { type Comparison, windowOf } from './window.ts';

/** Both arms of one seed at one learning rate. */
export interface SeedPair {
  readonly seed: number;
  readonly standard: CellSeries;
  readonly batch: CellSeries;
  /** The shared window, or why there is none. */
  readonly window: Comparison | string;
}

/** All seeds at one learning rate. */
export interface RateGroup {
  readonly rate: number;
  readonly seeds: readonly SeedPair[];
  /** Why this rate cannot be compared; undefined where every seed has its window. */
  readonly failure: string | undefined;
}

/** Groups series by rate and seed, and finds each seed's window. */
export function groupByRate(
  cells: readonly { readonly arm: string; readonly rate: number; readonly seed: number; readonly series: CellSeries }[],
  rates: readonly number[],
  classes: number,
): readonly RateGroup[] {
  return rates.map((rate) => {
    const atRate = cells.filter((cell) => cell.rate === rate);
    const seeds = [...new Set(atRate.map(({ seed }) => seed))].flatMap((seed): SeedPair[] => {
      const of = (arm: string): CellSeries | undefined =>
        atRate.find((cell) => cell.seed === seed && cell.arm === arm)?.series;
      const [standard, batch] = [of('standard'), of('batch')];
      if (standard === undefined || batch === undefined) return [];
      return [{ seed, standard, batch, window: windowOf(standard, batch, classes) }];
    });
    const [failure] = seeds.flatMap(({ seed, window }) =>
      typeof window === 'string' ? [`seed ${seed}: ${window}`] : [],
    );
    return { rate, seeds, failure };
  });
}
