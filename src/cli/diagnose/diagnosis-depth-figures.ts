/** @file Figures of a diagnosis over the layers of its network: running statistics, sizes, gradients, dead units, by depth. */

import type { Finding } from '../../diagnosis/finding.ts';
import {
  constantChannelsOf,
  deadGammasOf,
  deadUnits,
  epsilonShareOf,
  poisonedChannels,
} from '../../diagnosis/layer-counts.ts';
import type { Measured, MeasuredNorm } from '../../diagnosis/measure.ts';
import { levelBeyond } from '../../diagnosis/rules/rule.ts';
import { type RuleName, thresholds } from '../../diagnosis/thresholds.ts';
import type { Axis, PlotFigure } from '../../studies/figure.ts';
import { layerFigure, type LayerFigureAbout, type LayerNumber, type Standing } from './diagnosis-layer-figure.ts';

/** The layers of a network by name, in the order in which they are counted; what is of no layer comes last. */
export function layerOrder({ layers, weights }: Measured): readonly string[] {
  return [...new Set([...layers.map(({ about }) => about.name), ...weights.map(({ about }) => about.layer)])];
}

interface DepthFigure {
  readonly id: string;
  readonly title: string | ((measured: Measured) => string);
  readonly caption: string;
  readonly axis: Axis;
  /** The first has the thresholds. */
  readonly rules: readonly [RuleName, ...RuleName[]];
  /** Whether findings say which layers are marked, of a number that is of all layers together; default the thresholds do. */
  readonly isMarkedByFinding?: boolean;
  readonly numbers: (measured: Measured) => readonly LayerNumber[];
}

const onLog = (label: string, unit = ''): Axis => ({ label, unit, scale: 'log' });
const share = (label: string): Axis => ({ label, unit: '%', scale: 'linear' });

const INTERVALS =
  'Bars are 95 % intervals over groups of batches; a group is small, and may lie to one side of all batches where the number is near 0.';

const ofNorms =
  (of: (norm: MeasuredNorm) => Omit<LayerNumber, 'layer'>): DepthFigure['numbers'] =>
  ({ norms }) =>
    norms.map((norm) => ({ layer: norm.place.layer, ...of(norm) }));

const percent = (count: number, of: number): number => (100 * count) / of;

export type DepthFigureName =
  | 'distance'
  | 'ratio'
  | 'poisoned'
  | 'wander'
  | 'epsilon'
  | 'constant'
  | 'gammas'
  | 'dead'
  | 'saturated'
  | 'spread'
  | 'gradients'
  | 'zeroGradients';

const depthFigures: Readonly<Record<DepthFigureName, DepthFigure>> = {
  distance: {
    id: 'running-means',
    title: 'Running means against those of the data',
    caption: `Median over channels of |running mean − mean of the data|, in standard deviations of the data. ${INTERVALS}`,
    axis: onLog('distance', 'standard deviations'),
    rules: ['stale-mean', 'stale-variance'],
    numbers: ofNorms(({ staleness, distance }) => ({ value: staleness.distance, interval: distance.interval })),
  },
  ratio: {
    id: 'running-variances',
    title: 'Running variances against those of the data',
    caption: `Median over channels of |log₂(running variance ÷ variance of the data)|: 1 is a factor of 2 either way. ${INTERVALS}`,
    axis: onLog('factor, as a power of 2'),
    rules: ['stale-variance', 'stale-mean'],
    numbers: ofNorms(({ staleness, ratio }) => ({ value: staleness.ratio, interval: ratio.interval })),
  },
  poisoned: {
    id: 'poisoned',
    title: 'Channels whose running statistics are no numbers',
    caption:
      'Share of a layer’s channels whose running mean is not finite, or whose running variance is not finite or negative.',
    axis: share('share of channels'),
    rules: ['poisoned-statistics'],
    numbers: ofNorms(({ running, place: { channels } }) => ({ value: percent(poisonedChannels(running), channels) })),
  },
  wander: {
    id: 'wandering-means',
    title: ({ batchSize }) => `How far batch means move, at batches of ${batchSize}`,
    caption: `Standard deviation over batches of the batch’s mean, in standard deviations of the data, median over channels. ${INTERVALS}`,
    axis: onLog('movement', 'standard deviations'),
    rules: ['small-batch'],
    numbers: ofNorms(({ wander: { value, interval } }) => ({ value, interval })),
  },
  epsilon: {
    id: 'epsilon',
    title: 'Epsilon beside the variances that it is added to',
    caption: 'Epsilon ÷ median over live channels of the variance of the data.',
    axis: onLog('epsilon ÷ variance'),
    rules: ['epsilon-share'],
    numbers: ofNorms((norm) => ({ value: epsilonShareOf(norm) })),
  },
  constant: {
    id: 'constant-channels',
    title: 'Channels that are constant before their norm',
    caption: 'Share of a layer’s channels whose variance over the data is below 10 epsilon.',
    axis: share('share of channels'),
    rules: ['constant-channel'],
    numbers: ofNorms((norm) => ({ value: percent(constantChannelsOf(norm), norm.place.channels) })),
  },
  gammas: {
    id: 'dead-gammas',
    title: 'Gammas that switch their channel off',
    caption: 'Share of a layer’s gammas below 1 % of the median gamma, of the layer’s or of the network’s.',
    axis: share('share of gammas'),
    rules: ['dead-gamma'],
    numbers: (measured) => {
      const dead = deadGammasOf(measured);
      return measured.norms.flatMap(({ place: { layer, channels } }) => {
        const count = dead.get(layer);
        return count === undefined ? [] : [{ layer, value: percent(count, channels) }];
      });
    },
  },
  dead: {
    id: 'dead-units',
    title: 'Units that are 0 on every example',
    caption: 'Share of the units of each layer that ends in a ReLU.',
    axis: share('share of units'),
    rules: ['dead-relu'],
    numbers: ({ layers }) =>
      layers.flatMap(({ about: { name }, active }) =>
        active === undefined ? [] : [{ layer: name, value: percent(deadUnits(active), active.length) }],
      ),
  },
  saturated: {
    id: 'saturated',
    title: 'What saturates a tanh',
    caption: 'Share of values beyond ±9.5 before each tanh.',
    axis: share('share of values'),
    rules: ['saturated-tanh'],
    numbers: ({ layers }) =>
      layers.flatMap(({ about: { name }, saturated }) =>
        saturated === undefined ? [] : [{ layer: name, value: 100 * saturated }],
      ),
  },
  spread: {
    id: 'sizes',
    title: 'Size of what layers compute, before their norms',
    caption:
      'Standard deviation of all that a layer’s linear map gives; bars are 95 % intervals over groups of batches.',
    axis: onLog('standard deviation'),
    rules: ['activation-growth', 'bare-depth'],
    isMarkedByFinding: true,
    numbers: ({ layers }) =>
      layers.map(({ about: { name }, spread: { value, interval } }) => ({ layer: name, value, interval })),
  },
  gradients: {
    id: 'gradients',
    title: 'Gradients beside their weights',
    caption:
      '‖gradient‖ ÷ ‖weight‖ of each weight, by batch statistics: how far a learning rate of 1 would move it, by its own length; bars are 95 % intervals over groups of batches.',
    axis: onLog('‖gradient‖ ÷ ‖weight‖'),
    rules: ['gradient-spread', 'gradient-ratio', 'vanishing-gradient', 'update-ratio'],
    isMarkedByFinding: true,
    numbers: ({ weights }) =>
      weights
        .filter(({ length }) => length > 0)
        .map(({ about: { layer }, length, gradient: { value, interval } }) => ({
          layer,
          value: value / length,
          interval: interval && { lower: interval.lower / length, upper: interval.upper / length },
        })),
  },
  zeroGradients: {
    id: 'zero-gradients',
    title: 'Gradients that are exactly 0',
    caption: 'Share of a weight’s entries whose gradient is 0 on a batch, mean over batches.',
    axis: share('share of entries'),
    rules: ['zero-gradients'],
    numbers: ({ weights }) => weights.map(({ about: { layer }, reached }) => ({ layer, value: 100 * (1 - reached) })),
  },
};

export function isDepthFigure(name: string): name is DepthFigureName {
  return Object.hasOwn(depthFigures, name);
}

/** Undefined where no layer has such a number. */
export function depthFigure(
  name: DepthFigureName,
  measured: Measured,
  findings: readonly Finding[],
): PlotFigure | undefined {
  const { rules, title, isMarkedByFinding = false, numbers: numbersOf, ...about } = depthFigures[name];
  const numbers = numbersOf(measured);
  if (numbers.length === 0) return undefined;
  const factor = about.axis.unit === '%' ? 100 : 1;
  const named = new Map<string, Standing>(
    findings
      .toReversed()
      .flatMap(({ rule, layer, level, echoOf }) =>
        layer !== undefined && rules.some((one) => one === rule)
          ? [[layer, echoOf === undefined ? level : 'echo'] as const]
          : [],
      ),
  );
  const standing = (layer: string, value: number): Standing => {
    if (isMarkedByFinding) return named.get(layer) ?? 'within';
    const level = levelBeyond(rules[0], value / factor);
    return level !== undefined && named.get(layer) === 'echo' ? 'echo' : (level ?? 'within');
  };
  // A share is a bar from 0.
  const drawn = factor === 1 ? numbers : numbers.map((one) => ({ ...one, interval: { lower: 0, upper: one.value } }));
  const whole = {
    ...about,
    title: typeof title === 'string' ? title : title(measured),
    standing,
    ...(isMarkedByFinding ? {} : limitsOf(rules[0], factor)),
  };
  return layerFigure(whole, drawn, layerOrder(measured));
}

function limitsOf(rule: RuleName, factor: number): Pick<LayerFigureAbout, 'limits'> {
  const { note, problem } = thresholds[rule];
  return { limits: { note: note && note * factor, problem: problem && problem * factor } };
}
