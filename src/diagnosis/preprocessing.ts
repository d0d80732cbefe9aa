/** @file The counterfactual of the input: the same images by other scalings, and how many the network then gets right. */

import { type Scaling, scalingsFor } from '../data/scalings.ts';
import { mean } from '../math/statistics.ts';
import { differences, type Spread } from './groups.ts';
import type { Instruments } from './instruments.ts';
import { lossOf } from './restore.ts';

/** What a network makes of the images by one scaling, in evaluation mode. */
export interface TriedScaling {
  readonly scaling: Scaling;
  readonly accuracy: number;
  readonly loss: number;
}

export interface Preprocessing {
  /** Every scaling that was tried on the first batches, the best first. */
  readonly tried: readonly TriedScaling[];
  readonly best: Scaling;
  /** Accuracy under the best − accuracy under the given scaling, on all batches; 0 where the first told no difference. */
  readonly gain: Spread;
  /** Under the best scaling, on all batches where there is a gain. */
  readonly loss: number;
  readonly accuracy: number;
}

/** So many examples tell scalings apart whose accuracies differ by a few points; those that win are run on all. */
const [FIRST_EXAMPLES, WORTH_A_LOOK] = [192, 0.03] as const;

/**
 * Tries the usual scalings, and the given one, on images: undefined where the examples are no pixels, or the problem tells
 * no accuracy. The network must be one that can be evaluated.
 */
export async function tryScalings(instruments: Instruments): Promise<Preprocessing | undefined> {
  const { subject, batchSize, batches } = instruments;
  const usual = scalingsFor(subject.data);
  if (usual.length === 0) return undefined;
  const given = subject.scaling;
  const scalings = usual.some(({ name }) => name === given.name) ? usual : [given, ...usual];
  const count = Math.min(batches, Math.ceil(FIRST_EXAMPLES / batchSize));
  const tried: TriedScaling[] = [];
  for (const scaling of scalings) {
    const { loss, accuracy } = await instruments.evaluate(scaling, count);
    if (accuracy.length === 0) return undefined;
    tried.push({ scaling, accuracy: mean(accuracy), loss: lossOf({ loss, accuracy }) });
  }
  tried.sort((a, b) => b.accuracy - a.accuracy || a.loss - b.loss);
  const [first, own] = [tried[0], tried.find(({ scaling }) => scaling.name === given.name)] as readonly TriedScaling[];
  const { scaling: best, loss, accuracy } = first as TriedScaling;
  // What is as good as the best, to the few images that these are, needs no second look.
  if (accuracy - (own as TriedScaling).accuracy < WORTH_A_LOOK) {
    return { tried, best, gain: { value: 0, interval: undefined }, loss, accuracy };
  }
  const under = await instruments.evaluate(best);
  const gain = differences(under.accuracy, (await instruments.evaluate(given)).accuracy);
  return { tried, best, gain, loss: lossOf(under), accuracy: mean(under.accuracy) };
}
