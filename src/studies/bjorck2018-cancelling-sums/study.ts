/** @file Bjorck et al. 2018, Table 1: do the terms of a kernel's gradient share a sign without norms, and cancel with them? */

import { need } from '../../errors.ts';
import { medianOf } from '../../probes/cancelling-sums.ts';
import { heldProbe } from '../../probes/index.ts';
import type { Records } from '../../records/records.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import {
  armsText,
  besideText,
  initialiserText,
  judgedOf,
  ofArm,
  STAGE_LAYERS,
  type StartArm,
  startArms,
  type StartProtocol,
  startProtocols,
  startStudy,
  startTraining,
} from '../resnet-start.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';

interface Protocol extends StartProtocol {
  readonly layers: readonly number[];
}

const rule = {
  mostWithout: 5,
  leastWith: 20,
  ratioMargin: Math.log(5) as number,
} as const;

/** Median over the layers of each layer's median over its entries. */
const ratioOf = (records: Records): number =>
  medianOf(Float64Array.from(records.values('cancelling-ratio', { step: 0 })));

export const bjorck2018CancellingSums: Study = trainedStudy({
  ...startStudy,
  name: 'bjorck2018/cancelling-sums',
  title: 'Cancelling terms of a gradient',
  where: 'Table 1',
  claim:
    'Before training, the terms that images and pixels add to the gradient of a kernel share their sign without norms, and cancel by two orders of magnitude with batch normalisation.',
  tags: ['explosion', 'initialisation', 'cifar10', 'resnet'],
  rule,
  protocol: (budget): Protocol => ({ ...startProtocols[budget], layers: STAGE_LAYERS }),
  train: (protocol, point) => ({
    ...startTraining(protocol, point),
    probes: [heldProbe('cancelling-sums', { layers: protocol.layers })],
  }),
  decide: (grid, protocol) => {
    const judged = judgedOf(grid, protocol);
    const logs = (arm: StartArm) => ofArm(judged, arm, (records) => Math.log(ratioOf(records)));
    const [without, withNorm] = [logs('standard'), logs('batch')];
    const batch = new Map(withNorm.map(({ seed, value }) => [seed, value]));
    const about = 'Σ|d| / |Σd|, d the terms of an entry of a kernel’s gradient (median over entries, then layers)';
    const parts = [
      intervalPart(
        {
          name: 'a',
          claim: `Without norms the terms share their sign: ${about} is below ${rule.mostWithout}.`,
          effect: `ln(${rule.mostWithout} / ratio), without norms`,
          margin: 0,
          rule: 'above',
          remarks: [
            `Ratios per seed: ${armsText(judged, ratioOf)}. Paper: 1.7, 2.6 and 2.1 without, 252, 113 and 40.7 with batch norm, in layers 18, 54 and 90 ` +
              '(from memory of its Table 1; the full text was not at hand).',
            ...besideText(grid, protocol, ratioOf),
          ],
        },
        without.map(({ seed, value }) => ({ seed, value: Math.log(rule.mostWithout) - value })),
      ),
      intervalPart(
        {
          name: 'b',
          claim: `With batch normalisation they cancel: the ratio is above ${rule.leastWith}.`,
          effect: `ln(ratio / ${rule.leastWith}), with batch norm`,
          margin: 0,
          rule: 'above',
        },
        withNorm.map(({ seed, value }) => ({ seed, value: value - Math.log(rule.leastWith) })),
      ),
      intervalPart(
        {
          name: 'c',
          claim: 'They cancel five times as well with batch normalisation as without.',
          effect: 'ln of the ratio (batch norm / standard) of the two',
          margin: rule.ratioMargin,
          rule: 'above',
        },
        without.map(({ seed, value }) => ({ seed, value: (batch.get(seed) ?? Number.NaN) - value })),
      ),
    ];
    const interval = parts[2]?.pairings[0]?.interval;
    const layers = [...new Set(judged.records.of('cancelling-ratio').map(({ layer }) => need(layer, 'a layer')))];
    return resultOf(parts, {
      outcome:
        interval === undefined
          ? 'sums could not be measured in every seed'
          : `terms cancel e^${formatInterval3(interval)} times as well with batch norm as without (${initialiserText(protocol)}; margin ln 5 = ${format3(rule.ratioMargin)})`,
      notes: [
        'The ratio grows as the root of batch times pixels where the terms are independent: it is of batches of 128.',
      ],
      tables: [
        {
          title: 'Sums of magnitudes, and what is left',
          caption: `Per layer, medians over the entries of its kernel and over seeds; ${initialiserText(protocol)}.`,
          columns: ['layer', 'arm', 'a = Σ|d|', 'b = |Σd|', 'a / b'],
          rows: layers.flatMap((layer) =>
            (Object.keys(startArms) as StartArm[]).map((arm) => {
              const of = (quantity: string): number =>
                medianOf(Float64Array.from(judged.where({ arm }).records.values(quantity, { layer, step: 0 })));
              return [layer, arm, of('sum-of-magnitudes'), of('magnitude-of-sum'), of('cancelling-ratio')];
            }),
          ),
        },
      ],
      figures: effectsFigure(parts, { id: 'cancelling-sums-effects', title: 'Effects per seed' }),
    });
  },
});
