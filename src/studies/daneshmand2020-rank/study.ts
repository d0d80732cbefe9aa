/**
 * @file Daneshmand et al. 2020, Theorem 2: H ← BN((I + gamma W) H), batch norm without its mean, keeps a rank of the order
 * of √d, averaged over layers, where products of random matrices without it collapse to rank one. The soft rank
 * (trace M)²/‖M‖² of M = H Hᵀ/N is a lower bound of the rank.
 *
 * Differs from the authors' code: W is uniform of variance 1, as in the code of their Figure 2, not normal as in that of
 * Figure 3, whose drawing would take most of the time; the rank counts eigenvalues above 1e-9, where they average that with
 * a count above rounding; and fewer layers than 1e6 are run, of which the first are left out. From full rank the
 * k-th eigenvalue of M falls about as exp(−2 (k − 1) gamma² layers), the gap of the Lyapunov exponents, so that 1e-9 is
 * reached within some 1e5 layers at gamma = 0.01.
 */

import { counted } from '../../counted.ts';
import { squareOf, wholePower } from '../../math/power.ts';
import { leastSquaresSlope, mean } from '../../math/statistics.ts';
import type { StepRecord } from '../../records/record.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { PartResult } from '../result.ts';
import { measuredStudy } from '../measured-study.ts';
import type { Budget, Study } from '../study.ts';
import { chainFigure, depthFigure, rankTable, widthFigure } from './figures.ts';
import { measure, type RankProtocol } from './measure.ts';
import { averages, type PerNetwork, seriesOf } from './series.ts';

const quick: RankProtocol = {
  seeds: 3,
  widths: [8, 16, 32],
  gamma: 0.01,
  layers: 100_000,
  burnIn: 50_000,
  every: 1000,
  layersPerRun: 50,
  plainLayers: 1000,
};

const protocols: Readonly<Record<Budget, RankProtocol>> = {
  quick,
  standard: { ...quick, seeds: 5, widths: [8, 16, 32, 64], layers: 1_000_000, burnIn: 100_000, every: 10_000 },
  paper: {
    ...quick,
    seeds: 5,
    widths: [8, 16, 32, 64, 128, 256],
    layers: 1_000_000,
    burnIn: 100_000,
    every: 10_000,
  },
};

/** Least and greatest slope; what the soft rank without batch norm stays below, averaged from layer `from` on. */
const rule = { leastSlope: 0.45, greatestSlope: 0.75, collapsed: 1.5, from: 100 } as const;

export const daneshmand2020Rank: Study = measuredStudy({
  name: 'daneshmand2020/rank',
  title: 'Batch norm against rank collapse',
  paper: 'daneshmand2020',
  where: 'Theorem 2 and Figure 3a',
  claim:
    'Averaged over the layers, the rank of a batch-normalised random linear network is at least of the order of the square root of its width, where without batch norm it collapses to one.',
  tags: ['exact', 'initialisation'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: (budget) => protocols[budget],
  // The seeds of one width share its graphs, and are one cell.
  replicates: () => 1,
  vary: ({ widths }) => ({ width: widths }),
  seconds: ({ layers, seeds }, { width }) => 1 + layers * seeds * (7e-6 + 3e-11 * wholePower(width, 3)),
  measure: (laboratory, settings, { width }) => measure(laboratory, settings, width),
  decide: ({ records }, settings) => decide(settings, records.all),
});

function decide(settings: RankProtocol, records: readonly StepRecord[]): ReturnType<typeof resultOf> {
  const { seeds, widths, burnIn, layers } = settings;
  const series = seriesOf(records);
  const averaged = averages(settings, series, rule.from);
  const { rank, soft, collapsed } = averaged;
  const perSeed = (value: (seed: number) => number) =>
    Array.from({ length: seeds }, (_, seed) => ({ seed, value: value(seed) }));
  const perWidth = (value: PerNetwork): string =>
    `${widths
      .map(
        (width) =>
          `d = ${width}: ${perSeed((seed) => value(seed, width))
            .map((effect) => format3(effect.value))
            .join(', ')}`,
      )
      .join('; ')}.`;

  const middle = (rule.leastSlope + rule.greatestSlope) / 2;
  const parts: readonly PartResult[] = [
    intervalPart(
      {
        name: 'a',
        claim: `With batch norm the rank grows as the width to a power of ${rule.leastSlope} to ${rule.greatestSlope}.`,
        effect: `slope of ln rank over ln d, d in {${widths.join(', ')}}, less ${middle}; rank averaged over layers ${burnIn} to ${layers}`,
        margin: rule.greatestSlope - middle,
        rule: 'within',
        remarks: [
          `Rank per seed: ${perWidth(rank)}`,
          'Published, read off the figure, after 1e6 layers: 3.2 at d = 8 to 25 at d = 256.',
        ],
      },
      perSeed(
        (seed) =>
          leastSquaresSlope(
            widths.map(Math.log),
            widths.map((width) => Math.log(rank(seed, width))),
          ) - middle,
      ),
    ),
    intervalPart(
      {
        name: 'b',
        claim: 'With batch norm the rank is at least the square root of the width.',
        effect: 'least over d of log2(rank / √d), rank averaged as in part a',
        margin: 0,
        rule: 'above',
        remarks: [`Soft rank per seed, a lower bound of the rank, reported only: ${perWidth(soft)}`],
      },
      perSeed((seed) => Math.min(...widths.map((width) => Math.log2(rank(seed, width) / Math.sqrt(width))))),
    ),
    intervalPart(
      {
        name: 'c',
        claim: `Without batch norm the soft rank is below ${rule.collapsed} from layer ${rule.from} on.`,
        effect: `${rule.collapsed} less the largest over d of the soft rank of W_l … W_1, averaged over layers ${rule.from} to ${settings.plainLayers}`,
        margin: 0,
        rule: 'above',
        remarks: [`Soft rank per seed: ${perWidth(collapsed)}`],
      },
      perSeed((seed) => rule.collapsed - Math.max(...widths.map((width) => collapsed(seed, width)))),
    ),
  ];
  const interval = parts[0]?.pairings[0]?.interval;
  const slope =
    interval === undefined
      ? 'unknown'
      : formatInterval3({
          ...interval,
          mean: interval.mean + middle,
          lower: interval.lower + middle,
          upper: interval.upper + middle,
        });
  const widest = widths.at(-1) ?? 1;
  const meanOver = (value: PerNetwork): string =>
    format3(mean(perSeed((seed) => value(seed, widest)).map((effect) => effect.value)));
  return resultOf(parts, {
    outcome: `the rank with batch norm grows as the width to the power ${slope}; at d = ${widest} it is ${meanOver(rank)} (√d = ${format3(Math.sqrt(widest))}), and the soft rank without batch norm ${meanOver(collapsed)}`,
    notes: [
      `Layers are I + ${settings.gamma} W with batch norm that divides by the root mean square and takes off no mean, W uniform of variance 1; the published networks had normal W and 1e6 layers.`,
      `From full rank, the count of eigenvalues above 1e-9 needs some ${format3(Math.log(1e9) / (2 * squareOf(settings.gamma)))} layers to settle; the last figure shows how far ${counted(settings.layers, 'layer')} came.`,
    ],
    figures: [widthFigure(settings, averaged), depthFigure(settings, series), chainFigure(settings, series)],
    tables: [rankTable(settings, averaged)],
  });
}
