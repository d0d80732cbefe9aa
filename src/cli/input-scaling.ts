/** @file How pixels become what a network is fed: as asked for, or the scaling under which it is right most often. */

import { scalingsFor } from '../data/scalings.ts';
import type { Instruments } from '../diagnosis/instruments.ts';
import { type Preprocessing, tryScalings } from '../diagnosis/preprocessing.ts';
import { lossOf } from '../diagnosis/restore.ts';
import type { State } from '../diagnosis/subject.ts';
import { SettingError, unknownName } from '../errors.ts';

export interface Fed {
  /** Fed by the scaling that was found. */
  readonly instruments: Instruments;
  /** What it is, for people. */
  readonly words: string;
}

/**
 * @param asked - `auto`, the name of a scaling, or undefined for the one that the instruments have
 * @throws {SettingError} for a name that there is not, or `auto` where there is nothing to try
 */
export async function fedAs(instruments: Instruments, state: State, asked: string | undefined): Promise<Fed> {
  const { data, scaling } = instruments.subject;
  if (asked === undefined) return { instruments, words: scaling.formula };
  const known = scalingsFor(data);
  if (asked !== 'auto') {
    const named = known.find(({ name }) => name === asked);
    if (named === undefined) throw unknownName('scaling', asked, ['auto', ...known.map(({ name }) => name)]);
    return { instruments: instruments.with(named), words: named.formula };
  }
  await instruments.write(state);
  const found = await tryScalings(instruments);
  if (found === undefined)
    throw new SettingError('--preprocess auto needs pixels and labels, got other numbers; scale them yourself');
  if (!Number.isFinite(found.loss)) return byTrainingMode(instruments, found);
  return {
    instruments: instruments.with(found.best),
    words: `${found.best.formula} (the best of ${found.tried.length})`,
  };
}

/** Of a network that gives no numbers in evaluation mode, with its batches' statistics. */
async function byTrainingMode(instruments: Instruments, { tried, best }: Preprocessing): Promise<Fed> {
  let least = { scaling: best, loss: Number.POSITIVE_INFINITY };
  for (const { scaling } of tried) {
    const loss = lossOf(await instruments.with(scaling).lossesAt(instruments.batchSize));
    if (loss < least.loss) least = { scaling, loss };
  }
  return {
    instruments: instruments.with(least.scaling),
    words: `${least.scaling.formula} (the best of ${tried.length}, by batch statistics)`,
  };
}
