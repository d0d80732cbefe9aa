/** @file Bjorck et al. 2018, Figure 6: does a deep network without norms say the same of every image, before any training? */

import { heldProbe } from '../../probes/index.ts';
import type { Records } from '../../records/records.ts';
import type { CellMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import {
  armsText,
  besideText,
  initialiserText,
  judgedOf,
  type StartArm,
  type StartProtocol,
  startProtocols,
  startStudy,
  startTraining,
  type StartVary,
} from '../resnet-start.ts';
import type { Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';

interface Protocol extends StartProtocol {
  /** Whose gradients are drawn. */
  readonly examples: number;
}

const rule = { shareMargin: 0.3 } as const;

const modalShare = (records: Records): number => records.value('modal-share', { step: 0 });

export const bjorck2018ClassGradients: Study = trainedStudy({
  ...startStudy,
  name: 'bjorck2018/class-gradients',
  title: 'One class for all images',
  where: 'Figure 6',
  claim:
    'Before training, a deep residual network without norms says one class of nearly all images, whose logit takes the gradient of them all; with batch normalisation none dominates.',
  tags: ['explosion', 'initialisation', 'cifar10', 'resnet'],
  rule,
  protocol: (budget): Protocol => ({ ...startProtocols[budget], examples: 32 }),
  train: (protocol, point) => ({
    ...startTraining(protocol, point),
    probes: [heldProbe('logit-gradients', { examples: protocol.examples })],
  }),
  decide: (grid, protocol) => {
    const judged = judgedOf(grid, protocol);
    const part = intervalPart(
      {
        name: 'a',
        claim: 'Without norms one class is said of more images, by 30 % of them or more.',
        effect:
          'difference (standard − batch norm) of the share of a batch whose most likely class is the one most often so',
        margin: rule.shareMargin,
        rule: 'above',
        remarks: [
          `Shares per seed: ${armsText(judged, modalShare)}. Paper: about 0.9 without, 0.3 to 0.4 with batch norm (read off Fig. 6).`,
          ...besideText(grid, protocol, modalShare),
        ],
      },
      judged.differences('standard', 'batch', modalShare),
    );
    const interval = part.pairings[0]?.interval;
    return resultOf([part], {
      outcome:
        interval === undefined
          ? 'predictions could not be measured in every seed'
          : `the share of the commonest prediction is larger without norms by ${formatInterval3(interval)} (${initialiserText(protocol)}; margin ${rule.shareMargin})`,
      figures: [
        gradientsFigure(judged),
        ...effectsFigure([part], { id: 'class-gradients-effects', title: 'Effect per seed' }),
      ],
    });
  },
});

/** Of the first seed: images from left to right, classes from the top down. */
function gradientsFigure(grid: Grid<StartArm, StartVary>): PlotFigure {
  const [seed] = grid.seeds;
  const cells = grid.cells.filter(({ point }) => point.seed === seed);
  return {
    id: 'class-gradients',
    title: 'Gradients of the logits, before training',
    caption: `softmax(logits) − label of single images, seed ${seed}: positive where a class is said of an image that is none of it.`,
    x: { label: 'image', unit: '', scale: 'linear' },
    y: { label: 'class', unit: '', scale: 'linear' },
    marks: cells.map(({ point: { arm }, records }): CellMark => {
      const all = records.of('logit-gradient', { step: 0 });
      return {
        mark: 'cell',
        panel: arm,
        x: all.map(({ place }) => Number(place?.['example'])),
        y: all.map(({ place }) => Number(place?.['label'])),
        values: all.map(({ value }) => value),
        colour: { label: 'gradient', unit: '', scale: 'linear' },
      };
    }),
  };
}
