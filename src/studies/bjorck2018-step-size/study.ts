/** @file Bjorck et al. 2018, Figure 3: how far can a step go along the gradient before the loss is larger than before it? */

import type { Records } from '../../records/records.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import {
  alongStep,
  armsText,
  besideSizes,
  initialiserText,
  judgedOf,
  type StartArm,
  type SteppedProtocol,
  startProtocols,
  startStudy,
  startTraining,
  type StartVary,
  ratioOfSizes,
  sizesOf,
} from '../resnet-start.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { averageOver, batchesOf, explodes, explodesAt, EXPLOSION, isFlat, usableStep } from './relative-losses.ts';

interface Protocol extends SteppedProtocol {
  /** Mini-batches between those that are looked at, of which the first is one. */
  readonly every: number;
}

const rule = {
  /** Half an order of magnitude; the figure reads two. */
  usableMargin: 0.5,
  explosion: EXPLOSION,
} as const;

export const bjorck2018StepSize: Study = trainedStudy({
  ...startStudy,
  name: 'bjorck2018/step-size',
  title: 'Relative loss against step size',
  where: 'Figure 3',
  claim:
    'With batch normalisation the first steps of a deep residual network can be larger by orders of magnitude before they increase the loss, and no step of the sizes shown makes it explode.',
  tags: ['learning-rate', 'landscape', 'cifar10', 'resnet'],
  rule,
  protocol: (budget): Protocol => ({
    ...startProtocols[budget],
    ...besideSizes,
    // Batch norm is measured on it too.
    besideLargest: 0.2,
    batchSize: 32,
    steps: 7,
    every: 3,
    smallest: 1e-5,
    largest: 0.2,
    sizes: 20,
  }),
  train: (protocol, point) => ({
    ...startTraining(protocol, point),
    probes: [alongStep(protocol, point, protocol.every)],
  }),
  decide: (grid, protocol) => {
    const judged = judgedOf(grid, protocol);
    const usable = (records: Records): number =>
      averageOver(records, (losses) => Math.log10(usableStep(losses, protocol)));
    const exploding = (records: Records): number =>
      averageOver(records, (losses) => Math.log10(explodesAt(losses, protocol)));
    const survivors = judged.where({ arm: 'batch' }).cells.filter(({ records }) => !batchesOf(records).some(explodes));
    const parts = [
      intervalPart(
        {
          name: 'a',
          claim: 'Steps that do not increase the loss are longer with batch normalisation.',
          effect:
            'log10 of the ratio (batch norm / standard) of the smallest step size behind the least loss at which the loss is larger than before ' +
            `the step, or not finite; ${protocol.largest} where there is none; mean over mini-batches 1, 4 and 7`,
          margin: rule.usableMargin,
          rule: 'above',
          remarks: [
            `log10 of that size per seed: ${armsText(judged, usable)}. Paper: 0.06 to more than 0.2 with batch norm, about 8e-4 without (read off Fig. 3).`,
            ...eachBatch(judged, protocol),
            ...besideFirst(grid, protocol),
          ],
        },
        judged.differences('batch', 'standard', usable),
      ),
      intervalPart(
        {
          name: 'b',
          claim: `Without norms a step of ${protocol.largest} or less makes the loss explode.`,
          effect: `log10 of ${protocol.largest} over the smallest size at which the loss is 1,000 times that before the step, or not finite; below 0 where there is none`,
          margin: 0,
          rule: 'above',
          remarks: [`Paper: 2.7e-3 to 7e-3 for a loss of 10^6 times (read off Fig. 3).`],
        },
        judged.where({ arm: 'standard' }).bySeed((records) => Math.log10(protocol.largest) - exploding(records)),
      ),
      intervalPart(
        {
          name: 'c',
          claim: `With batch normalisation no step of up to ${protocol.largest} does.`,
          effect: `log10 of the smallest such size over ${protocol.largest}; above 0 where there is none`,
          margin: 0,
          rule: 'above',
          remarks: [`No step does in ${survivors.length} of ${judged.seeds.length} seeds.`],
        },
        judged.where({ arm: 'batch' }).bySeed((records) => exploding(records) - Math.log10(protocol.largest)),
      ),
    ];
    const interval = parts[0]?.pairings[0]?.interval;
    return resultOf(parts, {
      outcome:
        interval === undefined
          ? 'step sizes could not be measured in every seed'
          : `steps can be 10^${formatInterval3(interval)} times as long with batch norm before they increase the loss (${initialiserText(protocol)}; margin ${format3(rule.usableMargin)})`,
      figures: [
        relativeFigure(judged, protocol),
        ...effectsFigure(parts, { id: 'step-size-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

/** Of initialisers that are not judged the first mini-batch alone: by He's, no network without norms survives the step between two. */
function besideFirst(grid: Grid<StartArm, StartVary>, protocol: Protocol): readonly string[] {
  return protocol.initialisers.slice(1).map((initialiser) => {
    const sizes = sizesOf(protocol, initialiser);
    const own = grid.where({ initialiser });
    const of = (measured: typeof usableStep) =>
      armsText(own, (records) => Math.log10(measured(batchesOf(records)[0] ?? [], sizes)));
    return (
      `With initialiser ${initialiser}, mini-batch 1, of sizes ${format3(ratioOfSizes(sizes))} times apart: log10 of the smallest that increases the ` +
      `loss ${of(usableStep)}; of the smallest that makes it explode ${of(explodesAt)}. Not judged.`
    );
  });
}

/** The mean over mini-batches mixes networks that train with ones that have collapsed: what each of them says. */
function eachBatch(judged: Grid<StartArm, StartVary>, protocol: Protocol): readonly string[] {
  const { every, largest } = protocol;
  const count = batchesOf(judged.cells[0]?.records ?? judged.records).length;
  const texts = Array.from({ length: count }, (_, i) => {
    const of = (records: Records): number => Math.log10(usableStep(batchesOf(records)[i] ?? [], protocol));
    return `Mini-batch ${i * every + 1}: ${armsText(judged, of)}.`;
  });
  const plain = judged.where({ arm: 'standard' }).cells.flatMap(({ records }) => batchesOf(records));
  const flat = plain.filter(isFlat).length;
  if (flat === 0) return texts;
  return [
    ...texts,
    `Without norms ${flat} of ${plain.length} mini-batches find a network whose loss answers to no step size by a quarter: it has collapsed, ` +
      `and the size beyond which the loss is larger says nothing of it, though it may count as ${largest}.`,
  ];
}

function relativeFigure(grid: Grid<StartArm, StartVary>, { learningRate, every }: Protocol): PlotFigure {
  return {
    id: 'step-size',
    title: 'Loss behind a step, relative to that before it',
    caption:
      'On the step’s own mini-batch, along its gradient; a line per seed. A line ends where the loss is no longer finite.',
    x: { label: 'step size', unit: '', scale: 'log' },
    y: { label: 'relative loss', unit: '', scale: 'log' },
    marks: grid.cells.flatMap(({ point: { arm, seed }, records }) =>
      batchesOf(records).map((losses, i): LineMark => {
        const finite = losses.filter(({ relative }) => Number.isFinite(relative) && relative > 0);
        return {
          mark: 'line',
          arm,
          seed,
          panel: `mini-batch ${i * every + 1}`,
          x: finite.map(({ multiple }) => multiple * learningRate),
          y: finite.map(({ relative }) => Math.min(relative, 1e12)),
        };
      }),
    ),
  };
}
