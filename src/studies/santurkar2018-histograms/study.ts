/** @file Santurkar et al. 2018, section 3.3, Figures 1(c) and 6: how layers are distributed that other norms of a batch normalise. */

import { average } from '../../math/statistics.ts';
import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import { type Histogram, histogramsOf } from '../../records/histogram.ts';
import type { Records } from '../../records/records.ts';
import type { Grid } from '../grid.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { pairingsPart, resultOf } from '../parts.ts';
import type { Budget, Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { layersFor, type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';
import { distanceToGaussian, moves } from './distribution.ts';
import { checkTrained } from '../protocol-checks.ts';
import { movesFigure, ridgelineFigure } from './figures.ts';

interface Protocol extends VggProtocol {
  readonly learningRate: number;
  /** Steps between histograms. */
  readonly every: number;
  /** Hidden layers that are judged, counted from 1. */
  readonly layers: readonly number[];
}

const arms = {
  standard: 'none',
  batch: 'batch',
  l1: 'batch-l1',
  l2: 'batch-l2',
  linf: 'batch-linf',
} as const satisfies Record<string, NormName>;
type Arm = keyof typeof arms;

const judged = ['l1', 'l2', 'linf'] as const satisfies readonly Arm[];
const titles = { standard: 'standard', batch: 'batch', l1: 'l1', l2: 'l2', linf: 'l∞' } as const satisfies Record<
  Arm,
  string
>;

const rule = {
  /** Of the difference of distances to a Gaussian, each from 0 to 1. */
  gaussianMargin: 0,
  /** Of the ln of the ratio of how far distributions move. */
  driftMargin: 0,
} as const;

/** The layers of the paper's figures are 3 and 11 of 16. */
const protocolAt = (budget: Budget): Protocol => ({
  ...vggProtocols[budget],
  learningRate: 0.1,
  every: budget === 'paper' ? 500 : 50,
  layers: layersFor(budget, { vgg11: [2, 6], vgg16: [3, 11] }),
});

export const santurkar2018Histograms: Study = trainedStudy({
  name: 'santurkar2018/histograms',
  title: 'Distributions of layers under other norms',
  paper: 'santurkar2018',
  where: 'section 3.3, Figures 1(c) and 6',
  claim:
    'Layers that the l1, l2 or l∞ norm of a batch normalises are less Gaussian than with batch normalisation, and their distributions move further in training than without normalisation.',
  tags: ['lp', 'covariate-shift', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch', 'l1', 'l2', 'linf'],
  protocol: protocolAt,
  check: checkTrained,
  train: (protocol, { arm, seed }) => ({
    ...vggTraining(protocol, { norm: arms[arm], rate: protocol.learningRate, seed }),
    probes: [heldProbe('activation-histograms', { every: protocol.every })],
  }),
  decide: (grid, { layers }) => {
    const distances = measured(grid, layers, (histograms) => histograms.map(distanceToGaussian));
    const drifts = measured(grid, layers, moves);
    const texts = (of: typeof drifts): string =>
      Object.entries(titles)
        .map(([arm, title]) => `${title} ${grid.seeds.map((seed) => format3(of(arm as Arm, seed))).join(', ')}`)
        .join('; ');
    const pairings = (effect: (arm: Arm, seed: number) => number) =>
      judged.map((arm) => ({
        name: titles[arm],
        effects: grid.seeds.map((seed) => ({ seed, value: effect(arm, seed) })),
      }));
    const parts = [
      pairingsPart(
        {
          name: 'a',
          claim: 'What layers hand to their activation is less Gaussian than with batch normalisation.',
          effect:
            'difference (l_p − batch norm) of the total-variation distance between the histogram of a layer and the Gaussian of its mean ' +
            'and variance, mean over layers and measurements',
          margin: rule.gaussianMargin,
          rule: 'above',
          remarks: [`Distance per seed: ${texts(distances)}.`],
        },
        pairings((arm, seed) => distances(arm, seed) - distances('batch', seed)),
      ),
      pairingsPart(
        {
          name: 'b',
          claim: 'It moves further from measurement to measurement than without normalisation.',
          effect:
            'ln of the ratio (l_p / standard) of the Wasserstein-1 distance between successive histograms of a layer, over the standard ' +
            'deviation of both, mean over layers and measurements',
          margin: rule.driftMargin,
          rule: 'above',
          remarks: [
            `Distance per seed: ${texts(drifts)}.`,
            'Paper: between networks with and without batch norm the difference is marginal (Fig. 1c, no number); not judged.',
          ],
        },
        pairings((arm, seed) => Math.log(drifts(arm, seed) / drifts('standard', seed))),
      ),
    ];
    const [gaussian = '', moved = ''] = parts.map(({ pairings: found }) =>
      found
        .map(({ name, interval }) => `${name} ${interval === undefined ? '–' : formatInterval3(interval)}`)
        .join(', '),
    );
    return resultOf(parts, {
      outcome:
        gaussian === '' || moved === ''
          ? 'an effect could not be measured in every seed'
          : `the distance to a Gaussian is larger than with batch norm by ${gaussian}; ln of the ratio of how far layers move is ${moved}`,
      notes: [
        'Histograms are of all channels of a layer together. Within one channel the norms differ by a scale alone, so that its shape is ' +
          'that of batch norm: what is less Gaussian is the mixture of channels whose scales differ.',
      ],
      figures: [
        ...layers.flatMap((layer) => ridgelineFigure(histogramsBy(grid, layer), layer)),
        ...layers.flatMap((layer) => movesFigure(histogramsBy(grid, layer), layer)),
        ...effectsFigure(parts, { id: 'histograms-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

/** Of an arm and seed the mean over layers and measurements; not a number where its training diverged. */
function measured(
  grid: Grid<Arm>,
  layers: readonly number[],
  of: (histograms: readonly Histogram[]) => readonly number[],
): (arm: Arm, seed: number) => number {
  const found = new Map(
    grid.cells.map(({ point: { arm, seed }, records }) => [
      `${arm} ${seed}`,
      records.of('diverged').length > 0
        ? Number.NaN
        : average(layers.flatMap((layer) => of(layerHistograms(records, layer)))),
    ]),
  );
  return (arm, seed) => found.get(`${arm} ${seed}`) ?? Number.NaN;
}

/** The histograms of a hidden layer, counted from 1 in the order in which layers were built. */
function layerHistograms(records: Records, layer: number): readonly Histogram[] {
  const names = [...new Set(records.of('activation-largest').map((record) => record.layer))];
  return histogramsOf(
    ['activation-largest', 'activation-count'].flatMap((quantity) =>
      records.of(quantity).filter((record) => record.layer === names[layer - 1]),
    ),
  );
}

/** Per arm and seed, arms in their order, by the names that figures write. */
function histogramsBy(grid: Grid<Arm>, layer: number) {
  return grid.cells.map(({ point: { arm, seed }, records }) => ({
    arm: titles[arm],
    seed,
    histograms: layerHistograms(records, layer),
  }));
}
