/** @file Whether the user's batch is too small for its statistics to be those of the data. */

import { average } from '../../math/statistics.ts';
import type { Finding } from '../finding.ts';
import type { Measured } from '../measure.ts';
import { beyond, short } from './rule.ts';

/** The norm whose batch means wander most. */
export function smallBatch({ norms, batchSize }: Measured): readonly Finding[] {
  const worst = norms.toSorted((a, b) => b.wander.value - a.wander.value)[0];
  if (worst === undefined) return [];
  const { place, wander } = worst;
  return beyond('small-batch', wander.value, {
    layer: place.layer,
    interval: wander.interval,
    text: `at batches of ${batchSize} the means that ${place.layer} normalises by move by ${short(wander.value)} standard deviations from batch to batch: the same image is another input each time`,
    repair: `use batches of ${enough(batchSize, wander.value)} or more, statistics over several devices or steps, or group norm; or train with the running statistics frozen`,
  });
}

/** Training mode is worse than evaluation: what the other examples of a batch are matters more than the image. */
export function batchNoise({ norms, gap, batchSize, frozen, evaluation }: Measured): readonly Finding[] {
  if (norms.length === 0 || gap.interval === undefined) return [];
  const { lower, upper } = gap.interval;
  return beyond('batch-noise', -upper, {
    interval: { ...gap.interval, mean: -gap.interval.mean, lower: -upper, upper: -lower },
    text: `at batches of ${batchSize} the loss by batch statistics is ${short(average(frozen.loss))}, by running statistics ${short(average(evaluation.loss))}: training sees another network than the one that is deployed, as what a batch's other examples are decides more than the image`,
    repair: `use batches of ${4 * batchSize} or more, group norm, or train with the running statistics frozen`,
  });
}

/** The finding with what larger batches would do. @param losses - loss by batch statistics, by batch size */
export function withLargerBatch(
  findings: readonly Finding[],
  { batchSize, frozen }: Measured,
  larger: { readonly batchSize: number; readonly loss: number } | undefined,
): readonly Finding[] {
  if (larger === undefined) return findings;
  const before = average(frozen.loss);
  return findings.map((finding) =>
    finding.rule === 'small-batch' || finding.rule === 'batch-noise'
      ? {
          ...finding,
          counterfactual: {
            run: `batches of ${larger.batchSize} instead of ${batchSize}`,
            result: `loss by batch statistics ${short(larger.loss)} instead of ${short(before)}`,
            helps: larger.loss < before,
          },
        }
      : finding,
  );
}

/** The batch, by doubling, from which on nothing is told: means wander by one over the root of its size. */
function enough(batchSize: number, wander: number): number {
  let size = 2 * batchSize;
  while (wander * Math.sqrt(batchSize / size) > 0.15) size *= 2;
  return size;
}
