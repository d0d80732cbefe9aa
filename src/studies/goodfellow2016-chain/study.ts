/**
 * @file Goodfellow, Bengio and Courville 2016, section 8.7.1, why layers should be normalised: a gradient step on all
 * weights of y = w_l … w_1 x at once changes y by x Π (wᵢ − εgᵢ) − y, of which the gradient predicts the first order in ε.
 */

import { counted } from '../../counted.ts';
import { power } from '../../math/power.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3 } from '../number-text.ts';
import { casesPart, intervalPart, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import type { Study } from '../study.ts';
import { type ChainProtocol, measure } from './measure.ts';

const protocol: ChainProtocol = {
  seeds: 3,
  chains: 10,
  deepest: 10,
  learningRate: 0.1,
  least: 1,
  greatest: 2,
  examples: 7,
  epsilons: [0, 1e-5],
};

/**
 * Fixed beforehand. Powers from values at up to 12 steps lose a factor of 2e4 of float64's 1e-16, and the values vary by
 * 2¹⁰ over them: 1e-8 is wide. Higher orders exceed the first where the logarithm of their ratio is above 0.
 */
const rule = { tolerance: 1e-8, excessMargin: 0 } as const;

interface SeedRecords {
  readonly seed: number;
  readonly records: readonly StepRecord[];
}

export const goodfellow2016Chain: Study = measuredStudy({
  name: 'goodfellow2016/chain',
  title: 'A step on all layers at once',
  paper: 'goodfellow2016',
  where: 'Section 8.7.1',
  claim:
    'A gradient step on all weights of a linear chain changes its output by terms of every order up to its depth, of which the second outgrows the first exponentially with depth where weights exceed 1, unless the layers below the last are normalised.',
  tags: ['exact', 'optimisation'],
  rule,
  code: import.meta.url,
  arms: ['standard and batch'],
  protocol: () => protocol,
  seconds: () => 2,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: decide,
});

const normalised = [
  {
    name: 'e',
    quantity: 'gradient-error',
    claim: 'Where each layer below the last is normalised over a batch, none of their weights has a gradient.',
    effect: '|wᵢ gᵢ| / Σ |cotangent · output|, largest over layers below the last, epsilon = 0',
  },
  {
    name: 'f',
    quantity: 'step-error',
    claim: 'A step on all weights then changes the output by its first order alone.',
    effect: 'relative error of the output after the step, epsilon = 0',
  },
  {
    name: 'g',
    quantity: 'scale-error',
    claim: 'The output depends on the weights below the last by the sign of their product alone.',
    effect: 'relative error of the output after those weights take random factors of either sign, epsilon = 0',
  },
] as const;

function decide(grid: Grid, settings: ChainProtocol): StudyResult {
  const { tolerance } = rule;
  const { deepest, learningRate, least, greatest, epsilons } = settings;
  const { records } = grid;
  const excess = grid.bySeed((ofSeed) => ofSeed.value('excess'));
  const parts = [
    casesPart(
      {
        name: 'a',
        claim:
          'Along the step the output has orders 1 to l and no more, and order k is the sum over all sets of k layers that take their gradients in place of their weights.',
        effect: `largest error of an order / largest order, 2 to ${deepest} layers, weights of either sign`,
        tolerance,
      },
      records.values('order-error'),
    ),
    casesPart(
      {
        name: 'b',
        claim: 'Where weights exceed 1, each further layer multiplies second order over first by its weight or more.',
        effect: `shortfall of that factor, weights from ${least} to ${greatest}`,
        tolerance,
      },
      records.values('growth'),
    ),
    intervalPart(
      {
        name: 'c',
        claim: `With learning rate ${learningRate} and ${counted(deepest, 'layer')} an order above the first exceeds it.`,
        effect: `log₁₀ of the largest such order / the first, mean over chains, weights from ${least} to ${greatest}`,
        margin: rule.excessMargin,
        rule: 'above',
      },
      excess,
    ),
    casesPart(
      {
        name: 'd',
        claim:
          'Order k is at most C(l,k) (δ/l)ᵏ of the output, δ the share of the first: a step whose first order is small against the output has no large higher ones.',
        effect: 'largest excess over that bound, as a share of it, weights of either sign',
        tolerance,
      },
      records.values('bound-excess'),
    ),
    ...normalised.map(({ name, quantity, claim, effect }) => {
      const remarks = epsilons
        .filter((epsilon) => epsilon > 0)
        .map(
          (epsilon) =>
            `With epsilon = ${epsilon} it is off by ${format3(Math.max(...records.values(quantity, { at: epsilon })))} at most.`,
        );
      return casesPart({ name, claim, effect, tolerance, remarks }, records.values(quantity, { at: 0 }));
    }),
  ];
  const measured = power(10, parts[2]?.pairings[0]?.interval?.mean ?? Number.NaN);
  const failing = parts.filter(({ verdict }) => verdict !== 'reproduced').map(({ name }) => `(${name})`);
  const outcome =
    failing.length === 0
      ? `with ${counted(deepest, 'layer')} and learning rate ${learningRate} an order above the first is ${format3(measured)} times it, and with normalised layers there is none above the first`
      : `${failing.join(', ')} ${failing.length === 1 ? 'does' : 'do'} not hold`;
  const notes = [
    'The gradient is of the output itself, as in the book. Every order has the factor x; a write-up prints its second-order term without it.',
    'By (d) higher orders take over only where the first is larger than the output itself: a step whose first order is a tenth of the output has a second of at most a two-hundredth. It is a fixed learning rate that meets ever larger gradients in deeper chains.',
    'The sign of the product of the weights below the last still counts: where a step takes one of them through zero, the output of a normalised chain flips.',
  ];
  return resultOf(parts, { outcome, notes, figures: [ordersFigure(seedRecords(grid), settings)] });
}

function seedRecords({ cells }: Grid): readonly SeedRecords[] {
  return cells.map(({ point, records }) => ({ seed: point.seed, records: records.all }));
}

const orderArms = [
  { k: 1, arm: 'standard', label: 'order 1' },
  { k: 2, arm: 'order 2', label: '' },
  { k: 3, arm: 'order 3', label: '' },
  { k: 4, arm: 'order 4', label: '' },
] as const;

function ordersFigure(seeds: readonly SeedRecords[], { learningRate, least, greatest }: ChainProtocol): PlotFigure {
  const curve = (records: readonly StepRecord[], layer: string, k: number) => {
    const found = records.filter(
      (record) => record.quantity === 'order' && record.layer === layer && record.step === k,
    );
    return { x: found.map(({ at }) => at ?? Number.NaN), y: found.map(({ value }) => power(10, value)) };
  };
  const curves = seeds.flatMap(({ seed, records }) => [
    ...orderArms.map(({ k, arm, label }) => ({
      mark: 'line' as const,
      arm,
      label,
      seed,
      ...curve(records, 'plain', k),
    })),
    { mark: 'line' as const, arm: 'batch', label: 'order 1, the only one', seed, ...curve(records, 'normalised', 1) },
  ]);
  return {
    id: 'goodfellow2016-chain-orders',
    title: 'How much each order of a step changes the output',
    caption: `One step of learning rate ${learningRate} on all weights, uniform from ${least} to ${greatest}: size of the orders as shares of the output, geometric mean over chains. Without normalisation all of them grow exponentially with depth and the higher ones overtake the first; with normalised layers there is only a first, which does not depend on depth.`,
    x: { label: 'layers', unit: '', scale: 'linear' },
    y: { label: 'share of the output', unit: '', scale: 'log' },
    marks: curves.filter(({ x }) => x.length > 0),
  };
}
