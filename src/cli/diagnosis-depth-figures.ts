/** @file Figures of a diagnosis over the layers of its network: running statistics, sizes, gradients, dead units, by depth. */

import { median } from '../math/statistics.ts';
import type { Finding } from '../diagnosis/finding.ts';
import { type Measured, type MeasuredNorm, numbersOf } from '../diagnosis/measure.ts';
import { type RuleName, thresholds } from '../diagnosis/thresholds.ts';
import type { Axis, PlotFigure } from '../studies/figure.ts';
import { layerFigure, type LayerFigureAbout, type LayerNumber, type Standing } from './diagnosis-layer-figure.ts';

/** The layers of a network by name, in the order in which they are counted; what is of no layer comes last. */
export function layerOrder({ layers, weights }: Measured): readonly string[] {
  return [...new Set([...layers.map(({ about }) => about.name), ...weights.map(({ about }) => about.layer)])];
}

/** Which layers a figure marks: those beyond thresholds, or those that findings name where a number is of all layers together. */
type Marking = 'by threshold' | 'by finding';

interface About {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly axis: Axis;
  readonly rules: readonly RuleName[];
  readonly marking?: Marking;
}

const onLog = (label: string, unit = ''): Axis => ({ label, unit, scale: 'log' });
const share = (label: string): Axis => ({ label, unit: '%', scale: 'linear' });

const INTERVALS =
  'Bars are 95 % intervals over groups of batches; a group is small, and may lie to one side of all batches where the number is near 0.';

/** Draws figures of one network over its layers. */
export class DepthFigures {
  readonly #measured: Measured;
  readonly #findings: readonly Finding[];
  readonly #order: readonly string[];

  constructor(measured: Measured, findings: readonly Finding[]) {
    this.#measured = measured;
    this.#findings = findings;
    this.#order = layerOrder(measured);
  }

  /** D: how far running means are from those of the data. */
  distance(): PlotFigure | undefined {
    return this.#ofNorms(
      {
        id: 'running-means',
        title: 'Running means against those of the data',
        caption: `Median over channels of |running mean − mean of the data|, in standard deviations of the data. ${INTERVALS}`,
        axis: onLog('distance', 'standard deviations'),
        rules: ['stale-mean', 'stale-variance'],
      },
      ({ staleness, distance }) => ({ value: staleness.distance, interval: distance.interval }),
    );
  }

  /** R: how far running variances are from those of the data. */
  ratio(): PlotFigure | undefined {
    return this.#ofNorms(
      {
        id: 'running-variances',
        title: 'Running variances against those of the data',
        caption: `Median over channels of |log₂(running variance ÷ variance of the data)|: 1 is a factor of 2 either way. ${INTERVALS}`,
        axis: onLog('factor, as a power of 2'),
        rules: ['stale-variance', 'stale-mean'],
      },
      ({ staleness, ratio }) => ({ value: staleness.ratio, interval: ratio.interval }),
    );
  }

  /** Channels that no network can compute with. */
  poisoned(): PlotFigure | undefined {
    return this.#ofNorms(
      {
        id: 'poisoned',
        title: 'Channels whose running statistics are no numbers',
        caption:
          'Share of a layer’s channels whose running mean is not finite, or whose running variance is not finite or negative.',
        axis: share('share of channels'),
        rules: ['poisoned-statistics'],
      },
      ({ running: { mean, variance }, place: { channels } }) => {
        const isNumber = (c: number): boolean =>
          Number.isFinite(mean[c]) && Number.isFinite(variance[c]) && (variance[c] as number) >= 0;
        return { value: percentOf(channels, (c) => !isNumber(c)) };
      },
    );
  }

  /** Whether statistics hang on who else is in the batch. */
  wander(): PlotFigure | undefined {
    const { batchSize } = this.#measured;
    return this.#ofNorms(
      {
        id: 'wandering-means',
        title: `How far batch means move, at batches of ${batchSize}`,
        caption: `Standard deviation over batches of the batch’s mean, in standard deviations of the data, median over channels. ${INTERVALS}`,
        axis: onLog('movement', 'standard deviations'),
        rules: ['small-batch'],
      },
      ({ wander }) => ({ value: wander.value, interval: wander.interval }),
    );
  }

  epsilon(): PlotFigure | undefined {
    return this.#ofNorms(
      {
        id: 'epsilon',
        title: 'Epsilon beside the variances that it is added to',
        caption: 'Epsilon ÷ median over live channels of the variance of the data.',
        axis: onLog('epsilon ÷ variance'),
        rules: ['epsilon-share'],
      },
      ({ place, population }) => {
        const live = [...population.variance].filter((variance) => variance > 0);
        return { value: live.length === 0 ? Number.NaN : place.epsilon / median(live) };
      },
    );
  }

  constant(): PlotFigure | undefined {
    return this.#ofNorms(
      {
        id: 'constant-channels',
        title: 'Channels that are constant before their norm',
        caption: 'Share of a layer’s channels whose variance over the data is below 10 epsilon.',
        axis: share('share of channels'),
        rules: ['constant-channel'],
      },
      ({ place: { channels, epsilon }, population }) => ({
        value: percentOf(channels, (c) => (population.variance[c] as number) < 10 * epsilon),
      }),
    );
  }

  /** Gammas beside those of the whole network. */
  gammas(): PlotFigure | undefined {
    const { norms, state } = this.#measured;
    const sizes = new Map(
      norms.flatMap(({ place: { layer, gamma } }) =>
        gamma === undefined ? [] : [[layer, Array.from(numbersOf(state, gamma), Math.abs)] as const],
      ),
    );
    const all = [...sizes.values()].flat();
    if (all.length === 0 || !all.every(Number.isFinite)) return undefined;
    const usual = median(all);
    const numbers = [...sizes].map(([layer, own]) => {
      const least = 0.01 * Math.max(median(own), usual);
      return { layer, value: percentOf(own.length, (c) => (own[c] as number) < least) };
    });
    return this.#figure(
      {
        id: 'dead-gammas',
        title: 'Gammas that switch their channel off',
        caption: 'Share of a layer’s gammas below 1 % of the median gamma, of the layer’s or of the network’s.',
        axis: share('share of gammas'),
        rules: ['dead-gamma'],
      },
      numbers,
    );
  }

  dead(): PlotFigure | undefined {
    return this.#figure(
      {
        id: 'dead-units',
        title: 'Units that are 0 on every example',
        caption: 'Share of the units of each layer that ends in a ReLU.',
        axis: share('share of units'),
        rules: ['dead-relu'],
      },
      this.#measured.layers.flatMap(({ about: { name }, active }) =>
        active === undefined ? [] : [{ layer: name, value: percentOf(active.length, (i) => active[i] === 0) }],
      ),
    );
  }

  saturated(): PlotFigure | undefined {
    return this.#figure(
      {
        id: 'saturated',
        title: 'What saturates a tanh',
        caption: 'Share of values beyond ±9.5 before each tanh.',
        axis: share('share of values'),
        rules: ['saturated-tanh'],
      },
      this.#measured.layers.flatMap(({ about: { name }, saturated }) =>
        saturated === undefined ? [] : [{ layer: name, value: 100 * saturated }],
      ),
    );
  }

  /** Size by depth. */
  spread(): PlotFigure | undefined {
    return this.#figure(
      {
        id: 'sizes',
        title: 'Size of what layers compute, before their norms',
        caption:
          'Standard deviation of all that a layer’s linear map gives; bars are 95 % intervals over groups of batches.',
        axis: onLog('standard deviation'),
        rules: ['activation-growth', 'bare-depth'],
        marking: 'by finding',
      },
      this.#measured.layers.map(({ about: { name }, spread: { value, interval } }) => ({
        layer: name,
        value,
        interval,
      })),
    );
  }

  /** ‖gradient‖/‖weight‖ by depth. */
  gradients(): PlotFigure | undefined {
    return this.#figure(
      {
        id: 'gradients',
        title: 'Gradients beside their weights',
        caption:
          '‖gradient‖ ÷ ‖weight‖ of each weight, by batch statistics: how far a learning rate of 1 would move it, by its own length; bars are 95 % intervals over groups of batches.',
        axis: onLog('‖gradient‖ ÷ ‖weight‖'),
        rules: ['gradient-spread', 'gradient-ratio', 'vanishing-gradient', 'update-ratio'],
        marking: 'by finding',
      },
      this.#measured.weights
        .filter(({ length }) => length > 0)
        .map(({ about: { layer }, length, gradient: { value, interval } }) => ({
          layer,
          value: value / length,
          interval: interval && { lower: interval.lower / length, upper: interval.upper / length },
        })),
    );
  }

  zeroGradients(): PlotFigure | undefined {
    return this.#figure(
      {
        id: 'zero-gradients',
        title: 'Gradients that are exactly 0',
        caption: 'Share of a weight’s entries whose gradient is 0 on a batch, mean over batches.',
        axis: share('share of entries'),
        rules: ['zero-gradients'],
      },
      this.#measured.weights.map(({ about: { layer }, reached }) => ({ layer, value: 100 * (1 - reached) })),
    );
  }

  #ofNorms(about: About, of: (norm: MeasuredNorm) => Omit<LayerNumber, 'layer'>): PlotFigure | undefined {
    return this.#figure(
      about,
      this.#measured.norms.map((norm) => ({ layer: norm.place.layer, ...of(norm) })),
    );
  }

  #figure(
    { rules, marking = 'by threshold', ...about }: About,
    numbers: readonly LayerNumber[],
  ): PlotFigure | undefined {
    if (numbers.length === 0) return undefined;
    const factor = about.axis.unit === '%' ? 100 : 1;
    const named = new Map<string, Standing>(
      this.#findings
        .toReversed()
        .flatMap(({ rule, layer, level, echoOf }) =>
          layer !== undefined && rules.some((one) => one === rule)
            ? [[layer, echoOf === undefined ? level : 'echo'] as const]
            : [],
        ),
    );
    const standing = (layer: string, value: number): Standing => {
      if (marking === 'by finding') return named.get(layer) ?? 'within';
      const beyond = standingBeyond(rules[0], value / factor);
      return beyond !== 'within' && named.get(layer) === 'echo' ? 'echo' : beyond;
    };
    // A share is a bar from 0.
    const drawn = factor === 1 ? numbers : numbers.map((one) => ({ ...one, interval: { lower: 0, upper: one.value } }));
    return layerFigure({ ...about, standing, ...limitsOf(rules[0], marking, factor) }, drawn, this.#order);
  }
}

function limitsOf(rule: RuleName | undefined, marking: Marking, factor: number): Pick<LayerFigureAbout, 'limits'> {
  if (marking === 'by finding' || rule === undefined) return {};
  const { note, problem } = thresholds[rule];
  return { limits: { note: note && note * factor, problem: problem && problem * factor } };
}

function standingBeyond(rule: RuleName | undefined, number: number): Standing {
  if (rule === undefined) return 'within';
  const { note, problem } = thresholds[rule];
  if (problem !== undefined && !(number <= problem)) return 'problem';
  return note !== undefined && !(number <= note) ? 'note' : 'within';
}

function percentOf(count: number, holds: (i: number) => boolean): number {
  let held = 0;
  for (let i = 0; i < count; i++) held += holds(i) ? 1 : 0;
  return (100 * held) / count;
}
