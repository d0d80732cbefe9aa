/** @file Rules on the running statistics of norms: poisoned, never updated, stale. */

import { power } from '../../math/power.ts';
import type { Finding } from '../finding.ts';
import { epsilonShareOf, poisonedChannels } from '../layer-counts.ts';
import { type Measured, type MeasuredNorm, runningOf } from '../measure.ts';
import type { NormPlace } from '../norm-places.ts';
import type { State } from '../subject.ts';
import { beyond, percent, short } from './rule.ts';

/** Running statistics that are no numbers. */
export function poisonedStatistics(state: State, norms: readonly NormPlace[]): readonly Finding[] {
  return norms.flatMap((place) => {
    const count = poisonedChannels(runningOf(state, place));
    return beyond('poisoned-statistics', count, {
      layer: place.layer,
      text: `${count} of ${place.channels} channels of ${place.layer} have running statistics that are no numbers: in evaluation mode the network gives NaN, while training looks healthy`,
      repair:
        'find the batch that held NaN or infinity and leave it out, then put statistics of clean batches in place of these; weights need no repair',
    });
  });
}

/** Running statistics as they were initialised, in all channels of a layer. */
export function neverUpdated({ norms }: Measured): readonly Finding[] {
  return norms.flatMap(({ place, running, population }) => {
    const untouched = share(place.channels, (c) => running.mean[c] === 0 && running.variance[c] === 1);
    // A layer whose inputs are standardised already may come out so; but never to the last bit of its population.
    const isRight = share(place.channels, (c) => Math.abs((population.variance[c] as number) - 1) < 1e-3) > 0.5;
    if (isRight) return [];
    return beyond('never-updated', untouched, {
      layer: place.layer,
      text: `the running statistics of ${place.layer} are 0 and 1, as initialised: nothing ever updated them, and evaluation normalises by numbers that have nothing to do with the data`,
      repair:
        'let training update them (model.train() in PyTorch, training=True in Keras, update ops in TensorFlow 1), or compute them over some batches before exporting',
    });
  });
}

/** Running statistics far from those of the data. */
export function staleStatistics({ norms }: Pick<Measured, 'norms'>): readonly Finding[] {
  return norms.flatMap((norm) => {
    // Poisoned ones have no distance from anything, and a rule of their own.
    if (!Number.isFinite(norm.staleness.distance) && !Number.isFinite(norm.staleness.ratio)) return [];
    const found = [...staleBy('stale-mean', norm), ...staleBy('stale-variance', norm)];
    const worst = found.find(({ level }) => level === 'problem') ?? found[0];
    return worst === undefined ? [] : [worst];
  });
}

function staleBy(rule: 'stale-mean' | 'stale-variance', norm: MeasuredNorm): readonly Finding[] {
  const { place, staleness, distance, ratio } = norm;
  const isMean = rule === 'stale-mean';
  const number = isMean ? staleness.distance : staleness.ratio;
  return beyond(rule, number, {
    layer: place.layer,
    interval: (isMean ? distance : ratio).interval,
    text: isMean
      ? `the running means of ${place.layer} are ${short(number)} standard deviations away from those of the data: evaluation shifts what the layer gives`
      : `the running variances of ${place.layer} are off by a factor of ${short(power(2, number))}: evaluation scales what the layer gives by ${short(power(2, number / 2))} or its inverse`,
    repair:
      'compute the running statistics anew over some batches with the weights as they are; a larger momentum of theirs, or no change of weights after the last update, keeps them so',
  });
}

/** epsilon beside the variances that it is added to. */
export function epsilonShare({ norms }: Measured): readonly Finding[] {
  return norms.flatMap((norm) => {
    const { place } = norm;
    const number = epsilonShareOf(norm);
    if (!Number.isFinite(number)) return [];
    return beyond('epsilon-share', number, {
      layer: place.layer,
      text: `epsilon is ${percent(number)} of the median variance of ${place.layer}: the norm scales its input to ${short(1 / Math.sqrt(1 + number))} deviations instead of 1, and the scale of the weights begins to matter`,
      repair: 'use a smaller epsilon, or scale the input or the weights of the layer up',
    });
  });
}

/** How much of the running statistics a step keeps. */
export function momentumConvention({ norms }: Measured): readonly Finding[] {
  return norms.flatMap((norm) => {
    const { layer, kept } = norm.place;
    if (!Number.isFinite(kept) || (kept >= 0.5 && kept < 1)) return [];
    // PyTorch writes 1 for momentum=None too, its plain average over batches: then statistics are as good as any.
    const isProblem = kept === 0 || (kept >= 1 && staleStatistics({ norms: [norm] }).length > 0);
    return [
      {
        rule: 'momentum-convention',
        level: isProblem ? ('problem' as const) : ('note' as const),
        layer,
        number: kept,
        what: 'share of the running statistics that a step keeps',
        threshold: isProblem ? (kept === 0 ? 0 : 1) : 0.5,
        text:
          kept >= 1
            ? `each step keeps all of the running statistics of ${layer}: training by what the file says never updates them`
            : `each step keeps ${percent(kept)} of the running statistics of ${layer}: they are those of the last ${kept === 0 ? 'batch alone' : 'few batches'}, as when a momentum of 0.9 is handed to PyTorch, which takes it for the share to replace`,
        repair:
          'write 0.9 in ONNX or Keras, where momentum is the share that is kept, and 0.1 in PyTorch, where it is the share that is replaced',
      },
    ];
  });
}

/** Biases before a norm, which takes them away again: one finding for all. */
export function redundantBiases({ norms }: Measured): readonly Finding[] {
  const names = norms.flatMap(({ place }) => place.redundant);
  return beyond('redundant-bias', names.length, {
    text: `${names.length} biases stand before a batch norm, which takes them away again: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}; they cost memory and their gradients are rounding`,
    repair: 'build these layers without a bias',
  });
}

function share(count: number, holds: (i: number) => boolean): number {
  let held = 0;
  for (let i = 0; i < count; i++) held += holds(i) ? 1 : 0;
  return held / count;
}
