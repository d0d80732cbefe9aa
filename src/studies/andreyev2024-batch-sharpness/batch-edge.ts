/** @file A study of mini-batches at the edge of stability: one without norms, as the paper has it, and one with batch norm. */

import { SettingError } from '../../errors.ts';
import { rankCorrelation } from '../../math/rank-correlation.ts';
import { leastSquaresSlope } from '../../math/statistics.ts';
import { heldProbe } from '../../probes/index.ts';
import { edgeBand, edgeRule } from '../edge.ts';
import { levelsText, residualNote, sharpnessFigure } from '../edge-figures.ts';
import {
  checkEdge,
  type EdgeNetwork,
  type EdgeProtocol,
  edgeProbe,
  edgeProblem,
  edgeProtocol,
  edgeTraining,
} from '../edge-training.ts';
import type { BySeed } from '../grid.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { pairingsPart, resultOf } from '../parts.ts';
import type { Budget, Study } from '../study.ts';
import { effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { batchSharpnessFigure } from './figures.ts';
import { lastHalf, type Levels, levelsOf, type Reading, readings } from './levels.ts';

interface Protocol extends EdgeProtocol {
  readonly learningRate: number;
  readonly steps: number;
  /** N, of each training. */
  readonly batchSizes: readonly number[];
  /** Steps between measurements of batch sharpness, each of the batch of its step. */
  readonly batchEvery: number;
  /** Steps over which they are averaged. */
  readonly stretch: number;
}

type Vary = { readonly batch: readonly number[] };

const rule = {
  ...edgeRule,
  /** Of 1 − λ·rate/2. */
  belowMargin: 0,
  /** Of a slope, and of a rank correlation. */
  risingMargin: 0,
} as const;

const quick: Protocol = {
  // Smaller weights than at small rates: even single batches must not throw it off at its first steps.
  ...edgeProtocol,
  every: 400,
  initialScale: 0.35,
  learningRate: 0.3,
  steps: 8000,
  batchSizes: [8, 16, 32, 64],
  batchEvery: 5,
  stretch: 200,
};

const protocols: Readonly<Record<Budget, Protocol>> = {
  quick,
  standard: quick,
  paper: { ...quick, units: 200, examples: 5000, learningRate: 0.02, steps: 100_000, seeds: 10 },
};

type Arm = 'standard' | 'batch';

const networks: Readonly<Record<Arm, EdgeNetwork>> = {
  standard: { norm: 'none', placement: 'before', weightsAlone: false },
  // The published code of the edge normalises after the activation (cohen2021).
  batch: { norm: 'batch', placement: 'after', weightsAlone: false },
};

/** What differs between studies of the family. */
export interface BatchEdge extends Pick<Study, 'name' | 'title' | 'claim'> {
  readonly arm: Arm;
  /** What differs from the protocol without norms. */
  readonly protocol?: Partial<Pick<Protocol, 'learningRate'>>;
  /** What is to be said of its network beside what holds for all. */
  readonly notes: readonly string[];
  /** What the ids of its figures begin with. */
  readonly figures: string;
}

export const batchEdgeStudy = ({ arm, protocol: own, notes, figures, ...about }: BatchEdge): Study =>
  trainedStudy<Protocol, Arm, Vary>({
    ...about,
    paper: 'andreyev2024',
    where: 'section 3',
    tags: ['curvature', 'edge', 'batch-size', 'cifar10'],
    dataset: 'cifar10-16',
    leastBudget: 'standard',
    rule,
    arms: [arm],
    protocol: (budget) => ({ ...protocols[budget], ...own }),
    check: checkProtocol,
    vary: ({ batchSizes }) => ({ batch: batchSizes }),
    train: (protocol, { batch, seed }) => ({
      problem: edgeProblem(protocol, networks[arm]),
      training: edgeTraining(protocol, {
        batchSize: batch,
        steps: protocol.steps,
        seed,
        learningRate: protocol.learningRate,
      }),
      probes: [edgeProbe(protocol), heldProbe('batch-sharpness', { every: protocol.batchEvery })],
    }),
    decide: (grid, protocol) => {
      const { batchSizes, learningRate, stretch } = protocol;
      const { middle, reach } = edgeBand(rule);
      const levels = new Map<string, Levels>(
        grid.cells.map(({ point: { batch, seed }, records }) => [
          `${batch} ${seed}`,
          levelsOf(records, { rate: learningRate, stretch, arrival: rule.arrival }),
        ]),
      );
      const level = (what: keyof Levels, batch: number, seed: number): number =>
        levels.get(`${batch} ${seed}`)?.[what] ?? Number.NaN;
      const bySeed = (value: (seed: number) => number): BySeed =>
        grid.seeds.map((seed) => ({ seed, value: value(seed) }));
      const perBatch = (value: (batch: number, seed: number) => number): { name: string; effects: BySeed }[] =>
        batchSizes.map((batch) => ({ name: `batches of ${batch}`, effects: bySeed((seed) => value(batch, seed)) }));
      const text = (value: (batch: number, seed: number) => number): string =>
        batchSizes
          .map((batch) =>
            levelsText(
              batch,
              bySeed((seed) => value(batch, seed)),
            ),
          )
          .join('; ');
      const levelText = (what: keyof Levels): string => text((batch, seed) => level(what, batch, seed));
      const lateText = (reading: Reading): string =>
        text((batch, seed) =>
          lastHalf(grid.cell({ arm, batch, seed }).records, { rate: learningRate, stretch, reading }),
        );
      const overBatches = (judged: (sizes: readonly number[], values: readonly number[]) => number): BySeed =>
        bySeed((seed) => {
          const values = batchSizes.map((batch) => level('largest', batch, seed));
          return values.every((value) => value > 0 && Number.isFinite(value)) ? judged(batchSizes, values) : Number.NaN;
        });
      const logs = (values: readonly number[]): number[] => values.map(Math.log);
      const during = 'from the step on at which batch sharpness × rate/2, as the mean of ratios, has arrived';
      const parts = [
        pairingsPart(
          {
            name: 'a',
            claim: 'Batch sharpness comes to 2/rate and stays there.',
            effect:
              `ln of m over ${format3(middle)}, m the median of batch sharpness × rate/2 from its first value of ${rule.arrival} on: within the margin where m ` +
              `lies in [${rule.low}, ${rule.high}]. Batch sharpness is gᵀHg/‖g‖², g and H gradient and Hessian of a batch’s loss, over the batches of ` +
              `${stretch} steps: the mean of the ratios, and the ratio of the means`,
            margin: reach,
            rule: 'within',
            remarks: [
              ...readings.map((reading) => `Medians by batch size, per seed, ${reading}: ${levelText(reading)}.`),
              ...readings.map(
                (reading) =>
                  `Over the last half of the steps, whether it came there or not, ${reading}: ${lateText(reading)}.`,
              ),
            ],
          },
          readings.flatMap((reading) =>
            perBatch((batch, seed) => Math.log(level(reading, batch, seed) / middle)).map(({ name, effects }) => ({
              name: `${reading}, ${name}`,
              effects,
            })),
          ),
        ),
        pairingsPart(
          {
            name: 'b',
            claim: 'The largest eigenvalue of the Hessian of the whole loss is then below 2/rate.',
            effect: `1 less the median of λ·rate/2 ${during}`,
            margin: rule.belowMargin,
            rule: 'above',
            remarks: [`Medians of λ·rate/2 by batch size, per seed: ${levelText('largest')}.`],
          },
          perBatch((batch, seed) => 1 - level('largest', batch, seed)),
        ),
        pairingsPart(
          {
            name: 'c',
            claim: 'It is the lower the smaller the batch.',
            effect: `of m, the median of λ·rate/2 ${during}, against the batch size: slope of the logarithms; Spearman’s rank correlation`,
            margin: rule.risingMargin,
            rule: 'above',
          },
          [
            {
              name: 'slope of ln m against ln N',
              effects: overBatches((sizes, values) => leastSquaresSlope(logs(sizes), logs(values))),
            },
            { name: 'rank correlation', effects: overBatches(rankCorrelation) },
          ],
        ),
      ];
      const slope = parts[2]?.pairings[0]?.interval;
      return resultOf(parts, {
        outcome:
          slope === undefined
            ? 'batch sharpness did not come to 2/rate in every training, or one diverged'
            : `λ at the edge of batch sharpness grows like the batch size to the power ${formatInterval3(slope)}`,
        notes: [
          'λ is of the loss on all examples that are trained on; batch sharpness is an expectation over batches, for which those of a stretch of ' +
            'steps stand.',
          ...notes,
          residualNote(grid.records),
        ],
        figures: [
          ...readings.map((reading) => batchSharpnessFigure(grid, protocol, reading, figures)),
          sharpnessFigure(grid, {
            id: `${figures}-largest`,
            rateOf: () => learningRate,
            panelOf: ({ batch }) => `batches of ${batch}`,
          }),
          ...effectsFigure(parts, { id: `${figures}-effects`, title: 'Effects per seed' }),
        ],
      });
    },
  });

function checkProtocol(protocol: Protocol): void {
  checkEdge(protocol);
  const { batchSizes, examples, stretch, batchEvery } = protocol;
  if (new Set(batchSizes).size !== batchSizes.length || batchSizes.length < 2) {
    throw new SettingError(`Two or more batch sizes must differ, got [${batchSizes.join(', ')}]; try 8,32`);
  }
  const large = batchSizes.find((size) => size > examples);
  if (large !== undefined) throw new SettingError(`A batch must fit the ${examples} examples, got ${large}`);
  if (stretch >= batchEvery) return;
  throw new SettingError(
    `Batch sharpness must be measured within each stretch, got every ${batchEvery} for stretches of ${stretch}`,
  );
}
