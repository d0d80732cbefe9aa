/** @file What the landscape probe records: along a ray, and of the ray, by which definitions. */

import type { StatisticsMode } from '../records/record.ts';
import { isStepsOwn, POPULATION_BATCHES } from './landscape-readings.ts';
import type { Quantity } from './probe.ts';
import { batchNames, type RayBatch, rayName, rayQuantities, type Statistics, statisticsNames } from './ray.ts';
import { weightQuantities } from './weight-products.ts';

const about =
  'on the mini-batch of the training step, with its batch statistics and running statistics left alone; ' +
  'g is the gradient of the mean loss with respect to all parameters at x';

/** How the loss is read along a ray that is the step's, by the setting. */
const statisticsTexts: Readonly<Record<Statistics, string>> = {
  batch: 'with its batch statistics at every point',
  running: 'in evaluation mode, with the running statistics of before the step',
  frozen: 'with its batch statistics at x held fixed along the ray, as constants',
  recomputed:
    `with population statistics computed again at every point (the mean over ${POPULATION_BATCHES} further batches of their means and ` +
    'unbiased variances), as constants',
};

const batchTexts: Readonly<Record<RayBatch, string>> = {
  same: 'on the mini-batch of the training step',
  fresh: 'on a batch that is drawn independently of that of the training step',
};

const modes: Readonly<Record<Statistics, StatisticsMode>> = {
  batch: 'train',
  running: 'eval',
  frozen: 'frozen',
  recomputed: 'eval',
};

const readings = statisticsNames
  .flatMap((statistics) => batchNames.map((batch) => ({ statistics, batch })))
  .filter((reading) => !isStepsOwn(reading));

function readingText({ statistics, batch }: (typeof readings)[number]): string {
  return (
    `${batchTexts[batch]}, ${statisticsTexts[statistics]}, running statistics left alone; the ray is x − s·g, g the gradient of the ` +
    "step's mean loss with batch statistics with respect to all parameters at x; g(x), g(s) and Δg are gradients of the " +
    'loss as it is read'
  );
}

export const quantities: Readonly<Record<string, Quantity>> = {
  ...rayQuantities('ray', `${about}; the ray is x − s·g`),
  ...rayQuantities('random-ray', `${about}; the ray is x − s·d, d Gaussian with ‖d‖ = ‖g‖`),
  'gradient-norm': { definition: `‖g‖₂, ${about}`, unit: '', mode: 'train' },
  ...weightQuantities,
  ...Object.assign(
    {},
    ...readings.map((reading) =>
      rayQuantities(rayName(reading.statistics, reading.batch), readingText(reading), modes[reading.statistics]),
    ),
  ),
};
