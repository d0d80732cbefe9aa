/** @file From the cells of a search to ceilings with their interval, what further seeds say of them, and the text of both. */

import type { Interval } from '../math/statistics.ts';
import type { Records } from '../records/records.ts';
import { format3, formatInterval3 } from '../studies/number-text.ts';
import { ceilingInterval } from '../train/ceiling-search.ts';

/** The cell of a seed. */
export interface SeedRecords {
  readonly seed: number;
  readonly records: Records;
}

/** What one seed's search came to. */
interface SeedCeiling {
  readonly seed: number;
  /** The largest rate that holds; absent where none does. */
  readonly holds: number | undefined;
  /** The smallest above it that does not; absent where all do. */
  readonly fails: number | undefined;
  readonly trials: number;
}

export interface Ceilings {
  readonly bySeed: readonly SeedCeiling[];
  /** 95 %, of the geometric mean over seeds; absent where a seed has no ceiling within the rates that are tried. */
  readonly interval: Interval | undefined;
}

export function ceilingsOf(found: readonly SeedRecords[]): Ceilings {
  const bySeed = found.map(
    ({ seed, records }): SeedCeiling => ({
      seed,
      holds: records.values('ceiling-holds')[0],
      fails: records.values('ceiling-fails')[0],
      trials: records.of('trial-holds').length,
    }),
  );
  return { bySeed, interval: ceilingInterval(found.map(({ records }) => records.value('ceiling'))) };
}

/** Rates that all seeds should hold at, and none. */
export interface RatesAround {
  readonly below: number;
  readonly above: number;
}

/** One step of the search beyond the smallest rate that holds, and beyond the largest that fails. */
export function ratesAround({ bySeed, interval }: Ceilings, ratio: number): RatesAround | undefined {
  if (interval === undefined) return undefined;
  const below = Math.min(...bySeed.map(({ holds = Number.NaN }) => holds)) / ratio;
  const above = Math.max(...bySeed.map(({ fails = Number.NaN }) => fails)) * ratio;
  return { below, above };
}

export interface Confirmation extends RatesAround {
  readonly seeds: readonly number[];
  readonly holdBelow: number;
  readonly failAbove: number;
}

/** @param trials - cells that have tried these two rates, of seeds that the search did not use */
export function confirmationOf({ below, above }: RatesAround, trials: readonly SeedRecords[]): Confirmation {
  const count = (rate: number, holds: number): number =>
    trials.filter(({ records }) => records.value('trial-holds', { at: rate }) === holds).length;
  return {
    below,
    above,
    seeds: trials.map(({ seed }) => seed),
    holdBelow: count(below, 1),
    failAbove: count(above, 0),
  };
}

export function ceilingText(title: string, found: Ceilings, confirmation: Confirmation | undefined): string {
  const rows = found.bySeed.map(
    ({ seed, holds, fails, trials }) =>
      `  seed ${String(seed).padEnd(4)} ${sideText('holds at', holds)}  ${sideText('fails at', fails)}  ${trials} trials`,
  );
  return [
    title,
    ...rows,
    found.interval === undefined
      ? 'Not every seed has a ceiling within the rates that are tried, so there is no interval.'
      : `The largest learning rate that training survives: ${formatInterval3(found.interval)} (geometric mean over ${found.bySeed.length} seeds, 95 % interval).`,
    ...(confirmation === undefined ? [] : [confirmationText(confirmation)]),
  ].join('\n');
}

function sideText(what: string, rate: number | undefined): string {
  return `${what} ${(rate === undefined ? '–' : format3(rate)).padEnd(8)}`;
}

function confirmationText({ below, above, seeds, holdBelow, failAbove }: Confirmation): string {
  const all = seeds.length;
  const verdict =
    holdBelow === all && failAbove === all
      ? 'Confirmed'
      : 'Not confirmed, so a single rate does not tell what holds from what fails';
  return `${verdict} on seeds ${seeds.join(', ')}: ${format3(below)} holds in ${holdBelow} of ${all}, ${format3(above)} fails in ${failAbove} of ${all}.`;
}
