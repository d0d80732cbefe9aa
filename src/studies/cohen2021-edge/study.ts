/** @file Cohen et al. 2021: does gradient descent drive the sharpness to 2/rate and keep it there, with batch norm as without? */

import type { NormName } from '../../norms/index.ts';
import type { Records } from '../../records/records.ts';
import { cameApart, edgeBand, edgeRule, levelAtEdge, scaledBy } from '../edge.ts';
import { levelsText, residualNote, sharpnessFigure } from '../edge-figures.ts';
import { checkEdge, type EdgeProtocol, edgeProbe, edgeProblem, edgeProtocol, edgeTraining } from '../edge-training.ts';
import type { BySeed } from '../grid.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { pairingsPart, resultOf } from '../parts.ts';
import { checkRates } from '../protocol-checks.ts';
import type { PartResult } from '../result.ts';
import type { Budget, Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';

interface Protocol extends EdgeProtocol {
  readonly learningRates: readonly number[];
  /** Rate times steps, the same for every rate: as long for gradient flow, whatever its steps. */
  readonly time: number;
}

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;
type Arm = keyof typeof arms;
const titles = { standard: 'without norms', batch: 'with batch norm' } as const satisfies Record<Arm, string>;

const rule = {
  ...edgeRule,
  /** Sharpness with batch norm over that without, either way. */
  ratio: 1.2,
} as const;

const standard: Protocol = { ...edgeProtocol, learningRates: [0.025, 0.03, 0.04], time: 50 };

const protocols: Readonly<Record<Budget, Protocol>> = {
  quick: standard,
  standard,
  // The network and the number of images of the published code.
  paper: { ...standard, units: 200, examples: 5000, time: 200, seeds: 10 },
};

const stepsAt = ({ time }: Protocol, rate: number): number => Math.max(1, Math.round(time / rate));

/** Of a training: the median of λ·rate/2 from its arrival at the edge on; NaN where it never arrives, or comes apart. */
const levelOf = (records: Records, rate: number): number =>
  cameApart(records)
    ? Number.NaN
    : levelAtEdge(scaledBy(records.series('data-sharpness', 'step'), rate / 2), rule.arrival);

/** λ·rate/2 at the start of a training. */
const startOf = ({
  point,
  records,
}: {
  readonly point: { readonly rate: number };
  readonly records: Records;
}): number => scaledBy(records.series('data-sharpness', 'step'), point.rate / 2).y[0] ?? Number.NaN;

/** Where an arm begins beyond the edge it is not driven up to it, and has arrived at its first step. */
function beyondText(arm: Arm, starts: readonly number[]): readonly string[] {
  if (starts.length === 0 || !starts.every((start) => start > rule.high)) return [];
  return [
    `Every training ${titles[arm]} begins beyond the edge, at λ·rate/2 = ${format3(Math.min(...starts))} to ${format3(Math.max(...starts))}: it ` +
      'comes to it from above, counts as arrived from its first step, and what it is thrown down to before it returns is in its median.',
  ];
}

export const cohen2021Edge: Study = trainedStudy({
  name: 'cohen2021/edge',
  title: 'Gradient descent at the edge of stability',
  paper: 'cohen2021',
  where: 'sections 3.1 and 3.2, and the appendix on batch norm',
  claim:
    'Full-batch gradient descent drives the largest eigenvalue of the Hessian to 2/rate and keeps it there, with batch normalisation as without.',
  tags: ['curvature', 'edge', 'cifar10'],
  dataset: 'cifar10-16',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch'],
  protocol: (budget) => protocols[budget],
  check: (protocol) => {
    checkEdge(protocol);
    checkRates(protocol);
  },
  vary: ({ learningRates }) => ({ rate: learningRates }),
  train: (protocol, { arm, rate, seed }) => ({
    problem: edgeProblem(protocol, { norm: arms[arm], placement: 'after', weightsAlone: false }),
    training: edgeTraining(protocol, { steps: stepsAt(protocol, rate), seed, learningRate: rate }),
    probes: [edgeProbe(protocol)],
  }),
  decide: (grid, { learningRates }) => {
    const { middle, reach } = edgeBand(rule);
    const levels = (arm: Arm, rate: number): BySeed =>
      grid.where({ arm, rate }).bySeed((records) => levelOf(records, rate));
    const logsAt = (rate: number, effect: (seed: number) => number): { name: string; effects: BySeed } => ({
      name: `rate ${rate}`,
      effects: grid.seeds.map((seed) => ({ seed, value: effect(seed) })),
    });
    const level = (arm: Arm, rate: number, seed: number): number =>
      levelOf(grid.cell({ arm, rate, seed }).records, rate);
    const stays = (name: string, arm: Arm): PartResult =>
      pairingsPart(
        {
          name,
          claim: `The sharpness stays at 2/rate ${titles[arm]}, at each of ${learningRates.length} rates.`,
          effect:
            `ln of m over ${format3(middle)}, m the median of λ·rate/2 from its first value of ${rule.arrival} on, λ the largest eigenvalue of the ` +
            `Hessian of the whole loss: within the margin where m lies in [${rule.low}, ${rule.high}]`,
          margin: reach,
          rule: 'within',
          remarks: [
            `Medians per seed: ${learningRates.map((rate) => levelsText(rate, levels(arm, rate))).join('; ')}.`,
          ],
        },
        learningRates.map((rate) => logsAt(rate, (seed) => Math.log(level(arm, rate, seed) / middle))),
      );
    const parts = [
      stays('a', 'standard'),
      stays('b', 'batch'),
      pairingsPart(
        {
          name: 'c',
          claim: 'At the same rate the sharpness at the edge is the same with and without batch norm.',
          effect: 'ln of the ratio (batch norm / standard) of the medians of parts a and b',
          margin: Math.log(rule.ratio),
          rule: 'within',
          remarks: ['An interval that merely contains 0 says nothing: the whole of it must lie within the margin.'],
        },
        learningRates.map((rate) =>
          logsAt(rate, (seed) => Math.log(level('batch', rate, seed) / level('standard', rate, seed))),
        ),
      ),
    ];
    const ratios = parts[2]?.pairings.flatMap(({ name, interval }) =>
      interval === undefined ? [] : [`${formatInterval3(interval)} at ${name}`],
    );
    return resultOf(parts, {
      outcome:
        ratios === undefined || ratios.length === 0
          ? 'a training did not arrive at the edge, or diverged'
          : `ln of the ratio of sharpness at the edge, with batch norm over without, is ${ratios.join(', ')} (margin ±${format3(Math.log(rule.ratio))})`,
      notes: [
        'Santurkar et al. 2018, Figure 4(c), compare the smoothness of networks with and without batch norm along their trajectories ' +
          '(santurkar2018/landscape). Where parts a to c hold, the smoothness at the end of a step is set by the rate in both, and such a ' +
          'comparison at one rate says little about batch norm.',
        ...(['standard', 'batch'] as const).flatMap((arm) => beyondText(arm, grid.where({ arm }).cells.map(startOf))),
        residualNote(grid.records),
        'The network is the one of the published code in small: batch norm follows the activation there.',
      ],
      figures: [
        sharpnessFigure(grid, {
          id: 'edge-sharpness',
          rateOf: ({ rate }) => rate,
          panelOf: ({ rate }) => `rate ${rate}`,
        }),
        ...effectsFigure(parts, { id: 'edge-effects', title: 'Effects per seed' }),
      ],
    });
  },
});
