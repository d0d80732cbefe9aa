/**
 * @file Bjorck et al. 2018: the noise of a stochastic step grows with the learning rate,
 * E‖alpha ∇l − alpha ∇SGD‖² ≤ (alpha²/|B|) C with C = E_i‖∇l_i − ∇l‖². Examples drawn with replacement make it an
 * equality; without replacement the exact value is (N − |B|)/(N − 1) of the bound. ∇l is the gradient over all N examples and
 * ∇SGD that of the batch. The network has no batch norm: with it an example's gradient depends on its batch, and the bound
 * speaks of gradients ∇l_i of examples by themselves.
 */

import { power, squareOf } from '../../math/power.ts';
import type { PlotFigure } from '../figure.ts';
import type { Records } from '../../records/records.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3 } from '../number-text.ts';
import { casesPart, resultOf } from '../parts.ts';
import type { Study } from '../study.ts';
import { measure, type NoiseProtocol } from './measure.ts';
import { type Sampling, samplings } from './noise.ts';

const protocol: NoiseProtocol = {
  examples: 128,
  image: 6,
  width: 0.1,
  sizes: [1, 4, 16, 64],
  rate: 0.1,
  rates: [0.01, 0.1, 1],
  size: 16,
  draws: 4000,
  listed: 6,
};

/** `errors`: how many standard errors a drawn mean may lie off. `tolerance`: float64, some thousand additions. */
const rule = { errors: 3, tolerance: 1e-8 } as const;

export const bjorck2018SgdNoise: Study = measuredStudy({
  name: 'bjorck2018/sgd-noise',
  title: 'The noise of a stochastic gradient step',
  paper: 'bjorck2018',
  where: 'Inequality on the noise of SGD',
  claim:
    'The mean squared distance between a stochastic gradient step and the full one is at most alpha squared over the batch size times C, the mean squared distance of one gradient from the full gradient.',
  tags: ['exact', 'theorem'],
  rule,
  code: import.meta.url,
  arms: ['standard'],
  protocol: (budget) => ({ ...protocol, draws: budget === 'quick' ? protocol.draws : 50_000 }),
  seconds: ({ draws }) => 2 + draws / 4000,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ records }, settings) => decide(settings, records),
});

function decide(settings: NoiseProtocol, records: Records): ReturnType<typeof resultOf> {
  const { examples, rate, size } = settings;
  const [exampleNoise = Number.NaN] = records.values('example-noise');
  const points = (quantity: string, sampling: Sampling): readonly Point[] => {
    const { x, y } = records.series(quantity, 'at', { layer: sampling });
    return x.map((at, i) => ({
      at,
      value: y[i] ?? Number.NaN,
      error: records.value(`${quantity}-error`, { layer: sampling, at }),
    }));
  };
  const ratios = (sampling: Sampling): readonly Point[] =>
    points('noise-by-size', sampling).map(({ at, value, error }) => {
      const bound = (rate * rate * exampleNoise) / at;
      return { at, value: value / bound, error: error / bound };
    });
  const deviations = (sampling: Sampling): readonly number[] =>
    ratios(sampling).map(({ at, value, error }) => Math.abs(value - samplings[sampling].factor(examples, at)) / error);
  const slopes = [
    { name: 'alpha', expected: 2, ...logSlope(points('noise-by-rate', 'with replacement')) },
    { name: '|B|', expected: -1, ...logSlope(points('noise-by-size', 'with replacement')) },
  ];
  const drawn = `in standard errors of the mean over ${settings.draws} drawn batches, |B| in {${settings.sizes.join(', ')}}`;
  const parts = [
    casesPart(
      {
        name: 'a',
        claim: 'With replacement the bound is an equality.',
        effect: `deviation from 1 of the noise over (alpha²/|B|) C, ${drawn}`,
        tolerance: rule.errors,
        remarks: [ratioText(ratios('with replacement'))],
      },
      deviations('with replacement'),
    ),
    casesPart(
      {
        name: 'b',
        claim: 'Without replacement the noise is (N − |B|)/(N − 1) of the bound.',
        effect: `deviation from (N − |B|)/(N − 1), N = ${examples}, of the noise over (alpha²/|B|) C, ${drawn}`,
        tolerance: rule.errors,
        remarks: [ratioText(ratios('without replacement'))],
      },
      deviations('without replacement'),
    ),
    casesPart(
      {
        name: 'c',
        claim: 'The noise grows as the square of alpha and falls as 1/|B|.',
        effect: `deviation of the log–log slopes from 2 (alpha, at |B| = ${size}) and −1 (|B|), in standard errors`,
        tolerance: rule.errors,
        remarks: slopes.map(({ name, value, error }) => `Slope in ${name}: ${format3(value)} ± ${format3(error)}.`),
      },
      slopes.map(({ value, expected, error }) => Math.abs(value - expected) / error),
    ),
    casesPart(
      {
        name: 'd',
        claim: 'Over all batches that there are, both values are exact.',
        effect: `relative error of the mean over every batch of 1 … ${settings.listed - 1} of ${settings.listed} examples, with and without replacement`,
        tolerance: rule.tolerance,
      },
      records.values('listing-error'),
    ),
    casesPart(
      {
        name: 'e',
        claim: 'The gradient of the mean loss is the mean of the gradients of the examples.',
        effect: `relative error over ${examples} examples, network without batch norm`,
        tolerance: rule.tolerance,
      },
      records.values('separability-error'),
    ),
  ];
  const [slope] = slopes;
  const bernoulli = Math.max(...records.values('bernoulli-ratio').map((ratio) => Math.abs(ratio - 1)));
  return resultOf(parts, {
    outcome: `with replacement the noise is ${ratioRange(ratios('with replacement'))} of the bound, without it (N − |B|)/(N − 1) of it to within the sampling error; it grows as alpha to the power ${format3(slope?.value ?? Number.NaN)}`,
    notes: [
      'Write-up 003 has the two gradients reversed: ∇l is the true gradient over all examples, ∇SGD the estimate from a mini-batch.',
      `The factor (N − |B|)/(|B| N), found in summaries, belongs to batches in which each example is included by itself with probability |B|/N and the centred gradients are summed; listed over all subsets it holds to ${bernoulli.toExponential(0)}.`,
      `Under batch norm in training mode the gradient of a batch is no mean over its examples, and the bound does not apply as it stands: for the same network with batch norm, the mean over two half batches differs from the full gradient by ${format3(records.values('coupling')[0] ?? Number.NaN)} of its largest entry.`,
    ],
    figures: [ratioFigure(settings, ratios)],
  });
}

interface Point {
  readonly at: number;
  readonly value: number;
  /** Standard error of the value. */
  readonly error: number;
}

/** Least squares of ln value over ln at; the error follows from those of the values, by ln's derivative. */
function logSlope(points: readonly Point[]): { readonly value: number; readonly error: number } {
  const x = points.map(({ at }) => Math.log(at));
  const centre = x.reduce((a, b) => a + b, 0) / x.length;
  const spread = x.reduce((sum, value) => sum + squareOf(value - centre), 0);
  const weights = x.map((value) => (value - centre) / spread);
  const sum = (term: (point: Point) => number): number =>
    points.reduce((total, point, i) => total + (weights[i] ?? 0) * term(point), 0);
  const variance = points.reduce(
    (total, { value, error }, i) => total + squareOf(((weights[i] ?? 0) * error) / value),
    0,
  );
  return { value: sum(({ value }) => Math.log(value)), error: Math.sqrt(variance) };
}

function ratioText(points: readonly Point[]): string {
  return `${points.map(({ at, value, error }) => `|B| = ${at}: ${format3(value)} ± ${format3(error)}`).join('; ')}.`;
}

function ratioRange(points: readonly Point[]): string {
  const values = points.map(({ value }) => value);
  return `${format3(Math.min(...values))} to ${format3(Math.max(...values))}`;
}

function ratioFigure(
  { examples, sizes, draws }: NoiseProtocol,
  ratios: (sampling: Sampling) => readonly Point[],
): PlotFigure {
  const measured = (sampling: Sampling) => ({
    mark: 'line' as const,
    arm: sampling,
    seed: 0,
    x: ratios(sampling).map(({ at }) => at),
    y: ratios(sampling).map(({ value }) => value),
  });
  const fine = Array.from(
    { length: 41 },
    (_, i) => Math.min(...sizes) * power(Math.max(...sizes) / Math.min(...sizes), i / 40),
  );
  return {
    id: 'bjorck2018-sgd-noise-ratio',
    title: 'Noise of a mini-batch step over its bound',
    caption: `The mean of ‖alpha ∇l − alpha ∇SGD‖² over ${draws} drawn batches, divided by (alpha²/|B|) C: 1 with replacement, less without, since a batch then cannot repeat an example.`,
    x: { label: 'batch size |B|', unit: '', scale: 'log' },
    y: { label: 'noise / bound', unit: '', scale: 'linear' },
    marks: [
      { mark: 'rule', kind: 'theory', label: '1', value: 1 },
      measured('with replacement'),
      measured('without replacement'),
      {
        mark: 'line',
        arm: 'theory',
        label: '(N − |B|)/(N − 1)',
        seed: 0,
        x: fine,
        y: fine.map((b) => samplings['without replacement'].factor(examples, b)),
      },
    ],
  };
}
