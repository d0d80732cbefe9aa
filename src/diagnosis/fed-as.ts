/** @file How pixels become what a network is fed: as asked for, or the scaling under which it is right most often. */

import type { Dataset } from '../data/dataset.ts';
import { examplesOf } from '../data/examples.ts';
import { type Rescaling, rescaling, type Scaling, scalingsFor, standardScaling } from '../data/scalings.ts';
import { Instruments } from './instruments.ts';
import { type Preprocessing, tryScalings } from './preprocessing.ts';
import { lossOf } from './restore.ts';
import type { State } from './subject.ts';
import { SettingError, unknownName } from '../errors.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { Problem } from '../problems/problem.ts';
import type { Device } from '../runtime/device.ts';

export interface Fed {
  /** Fed by the scaling that was found. */
  readonly instruments: Instruments;
  readonly state: State;
  /** What it is, for people. */
  readonly words: string;
}

/**
 * @param asked - `auto`, the name of a scaling, or undefined for the one that the instruments have
 * @throws {SettingError} for a name that there is not, or `auto` where there is nothing to try
 */
export async function fedAs(instruments: Instruments, state: State, asked: string | undefined): Promise<Fed> {
  const { data, scaling } = instruments.subject;
  if (asked === undefined) return { instruments, state, words: scaling.formula };
  const known = scalingsFor(data);
  if (asked !== 'auto') {
    const named = known.find(({ name }) => name === asked);
    if (named === undefined) throw unknownName('scaling', asked, ['auto', ...known.map(({ name }) => name)]);
    return { instruments: instruments.with(named), state, words: named.formula };
  }
  await instruments.write(state);
  const found = await tryScalings(instruments);
  if (found === undefined)
    throw new SettingError('--preprocess auto needs pixels and labels, got other numbers; scale them yourself');
  if (!Number.isFinite(found.loss)) return byTrainingMode(instruments, state, found);
  return {
    instruments: instruments.with(found.best),
    state,
    words: `${found.best.formula} (the best of ${found.tried.length})`,
  };
}

/** So many nats tell scalings apart where norms take most of their difference away again. */
const CLEARLY = 0.05;

/** Of a network that gives no numbers in evaluation mode, by its batches' statistics: the usual one unless another is clearly better. */
async function byTrainingMode(instruments: Instruments, state: State, { tried }: Preprocessing): Promise<Fed> {
  const lossUnder = async (scaling: Scaling): Promise<number> =>
    lossOf(await instruments.with(scaling).lossesAt(instruments.batchSize));
  const { scaling: usual } = instruments.subject;
  let best = { scaling: usual, loss: (await lossUnder(usual)) - CLEARLY };
  for (const { scaling } of tried) {
    const loss = await lossUnder(scaling);
    if (loss < best.loss) best = { scaling, loss };
  }
  return {
    instruments: instruments.with(best.scaling),
    state,
    words: `${best.scaling.formula} (the best of ${tried.length}, by batch statistics)`,
  };
}

/** On so many examples it is seen how pixels are fed. */
const LOOK_AT = 64;

/**
 * What of images, as training standardises them, makes those that a file's network was trained on.
 * @param device - closed afterwards
 * @param preprocess - as {@link fedAs} is asked
 */
export async function fedToFile(
  device: Device,
  problem: Problem,
  dataset: Dataset,
  preprocess = 'auto',
): Promise<{ readonly scaling: Rescaling | undefined; readonly words: string }> {
  try {
    const [data, standard] = [examplesOf(dataset, dataset.test), standardScaling(dataset)];
    const subject = { name: problem.about.network, problem, data, scaling: standard };
    const instruments = new Instruments(device, subject, { batchSize: Math.min(LOOK_AT, data.count) });
    const { words, ...fed } = await fedAs(instruments, instruments.initial, preprocess);
    const { scaling } = fed.instruments.subject;
    return { scaling: scaling === standard ? undefined : rescaling(standard, scaling, sizeAt(data.shape, 0)), words };
  } finally {
    await device.close();
  }
}
