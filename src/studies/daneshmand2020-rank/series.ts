/** @file The records of each network in order of depth, and their averages over layers. */

import { mean } from '../../math/statistics.ts';
import { placeText, type StepRecord } from '../../records/record.ts';
import { networkPlace, type RankProtocol } from './measure.ts';

/** Records of one quantity, for one width and network. */
export type SeriesOf = (
  quantity: 'rank' | 'soft-rank',
  width: number,
  network: Parameters<typeof networkPlace>,
) => readonly StepRecord[];

export type PerNetwork = (seed: number, width: number) => number;

export interface Averages {
  /** Of the layers I + gamma W with batch norm, after the first ones. */
  readonly rank: PerNetwork;
  readonly soft: PerNetwork;
  /** The soft rank of W_l … W_1 without norm. */
  readonly collapsed: PerNetwork;
}

export function seriesOf(records: readonly StepRecord[]): SeriesOf {
  const byNetwork = new Map<string, StepRecord[]>();
  for (const record of records) {
    const key = `${record.quantity}, ${record.at}, ${placeText(record.place)}`;
    byNetwork.set(key, [...(byNetwork.get(key) ?? []), record]);
  }
  return (quantity, width, network) =>
    byNetwork.get(`${quantity}, ${width}, ${placeText(networkPlace(...network))}`) ?? [];
}

/** @param from - the first layer that counts without norm */
export function averages({ burnIn }: RankProtocol, series: SeriesOf, from: number): Averages {
  const average = (records: readonly StepRecord[], first: number): number =>
    mean(records.flatMap(({ step, value }) => (step >= first ? [value] : [])));
  return {
    rank: (seed, width) => average(series('rank', width, ['batch', 'residual', seed]), burnIn),
    soft: (seed, width) => average(series('soft-rank', width, ['batch', 'residual', seed]), burnIn),
    collapsed: (seed, width) => average(series('soft-rank', width, ['standard', 'plain', seed]), from),
  };
}
