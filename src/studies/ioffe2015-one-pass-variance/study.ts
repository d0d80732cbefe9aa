/**
 * @file The variance of Ioffe and Szegedy 2015, Algorithm 1, is centred; write-ups and kernels often have mean(x²) − mean².
 * In exact arithmetic they are one number. In float32 the second is a small difference of two large numbers.
 */

import { SettingError } from '../../errors.ts';
import { power, squareOf } from '../../math/power.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure, Table } from '../figure.ts';
import { format3 } from '../number-text.ts';
import { casesPart, intervalPart, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import type { Grid } from '../grid.ts';
import { measuredStudy } from '../measured-study.ts';
import type { Study } from '../study.ts';
import { type Form, measure, type OnePassProtocol } from './measure.ts';
import { roundoff } from './theory.ts';

const protocol: OnePassProtocol = {
  seeds: 3,
  examples: 64,
  channels: 50,
  exponents: Array.from({ length: 25 }, (_, i) => i / 4),
  epsilon: 1e-5,
};

/**
 * Fixed beforehand. Bounds of rounding have no tolerance of their own: an error is at most 1 times its bound. The exponent
 * is fitted where u (mean/σ)² runs from 6e-6, well above rounding itself, to 6; steps of a binary order scatter it.
 */
const rule = {
  boundShare: 1,
  exponent: 2,
  exponentMargin: 0.1,
  fitFrom: 10,
  fitTo: 1e4,
  comparedAt: 1000,
  lossMargin: 2,
};

interface SeedRecords {
  readonly seed: number;
  readonly records: readonly StepRecord[];
}

export const ioffe2015OnePassVariance: Study = measuredStudy({
  name: 'ioffe2015/one-pass-variance',
  title: 'Variance in one pass',
  paper: 'ioffe2015',
  where: 'Algorithm 1, and the mean of squares less the squared mean',
  claim:
    'In float32 the mean of squares less the squared mean loses relative accuracy in proportion to (mean/σ)², the centred variance of Algorithm 1 does not.',
  tags: ['exact', 'rounding'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: () => protocol,
  check: ({ exponents }) => checkExponents(exponents),
  seconds: () => 1,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: decide,
});

/** @throws {SettingError} where the rule would have nothing to judge. */
function checkExponents(exponents: readonly number[]): void {
  const fitted = exponents.filter((exponent) => isFitted(power(10, exponent)));
  if (fitted.length >= 2 && exponents.some((exponent) => isNear(power(10, exponent), rule.comparedAt))) return;
  throw new SettingError(
    `exponents must hold ${Math.log10(rule.comparedAt)}, and two or more from ${Math.log10(rule.fitFrom)} to ` +
      `${Math.log10(rule.fitTo)}, got ${exponents.join(',')}; try 1,2,3,4`,
  );
}

/** Ratios are powers of ten, equal but for their last digits. */
function isNear(a: number, b: number): boolean {
  return Math.abs(a / b - 1) < 1e-9;
}

function isFitted(ratio: number): boolean {
  return (ratio > rule.fitFrom && ratio < rule.fitTo) || isNear(ratio, rule.fitFrom) || isNear(ratio, rule.fitTo);
}

function decide({ cells }: Grid, settings: OnePassProtocol): StudyResult {
  const seeds = cells.map(({ point, records }) => ({ seed: point.seed, records: records.all }));
  const all = (quantity: string, layers: readonly string[]): readonly number[] =>
    seeds.flatMap(({ records }) =>
      records.flatMap((record) =>
        record.quantity === quantity && layers.includes(record.layer ?? '') ? [record.value] : [],
      ),
    );
  const slopes = seeds.map(({ seed, records }) => ({ seed, value: growth(records, 'batch-one-pass') - rule.exponent }));
  const losses = seeds.map(({ seed, records }) => {
    const error = (form: Form): number => errorAt(records, form, rule.comparedAt);
    return { seed, value: Math.log10(error('batch-one-pass') / error('batch')) };
  });
  const tolerance = rule.boundShare;
  const parts = [
    casesPart(
      {
        name: 'a',
        claim: 'In float64 both are one number, to within what rounding can do.',
        effect: '|one-pass − centred| / variance, as a share of the sum of their bounds; largest over channels',
        tolerance,
      },
      all('double-share', ['float64']),
    ),
    casesPart(
      {
        name: 'b',
        claim: 'In float32 the relative error of the one-pass form is at most (3m + 6) u (1 + (mean/σ)²), u = 2⁻²⁴.',
        effect: 'relative error as a share of this bound; largest over channels',
        tolerance,
      },
      all('bound-share', ['batch-one-pass']),
    ),
    intervalPart(
      {
        name: 'c',
        claim: 'It grows in proportion to (mean/σ)².',
        effect: `slope of log error against log mean/σ from ${rule.fitFrom} to ${rule.fitTo}, less ${rule.exponent}`,
        margin: rule.exponentMargin,
        rule: 'within',
      },
      slopes,
    ),
    casesPart(
      {
        name: 'd',
        claim: 'The centred form has u² where the other has u: (m + 4) u + ((m + 1) u)² (1 + (mean/σ)²).',
        effect: 'relative error of either centred form as a share of this bound; largest over channels',
        tolerance,
      },
      all('bound-share', ['batch', 'batch-composed']),
    ),
    intervalPart(
      {
        name: 'e',
        claim: `At mean/σ = ${rule.comparedAt} the one-pass form is over a hundred times less accurate than the centred one.`,
        effect: 'log₁₀ of the ratio of their errors',
        margin: rule.lossMargin,
        rule: 'above',
      },
      losses,
    ),
  ];
  const [fitted, lost] = [parts[2], parts[4]].map((part) => part?.pairings[0]?.interval?.mean ?? Number.NaN);
  const outcome = `the error of the one-pass variance grows as (mean/σ) to the power ${format3(rule.exponent + (fitted ?? Number.NaN))}, and at mean/σ = ${rule.comparedAt} it is 10^${format3(lost ?? Number.NaN)} times that of the centred one`;
  const negative = seeds.flatMap(({ records }) =>
    records.flatMap(({ quantity, value, at, layer }) =>
      quantity === 'negative' && layer === 'batch-one-pass' && value > 0 && at !== undefined ? [at] : [],
    ),
  );
  const notes = [
    negative.length === 0
      ? 'The one-pass variance was never negative.'
      : `The one-pass variance turns negative from mean/σ = ${format3(Math.min(...negative))} on, where u (mean/σ)² = ${format3(roundoff.float32 * squareOf(Math.min(...negative)))}; below −epsilon its root is not a number, and so is the output.`,
    'As edges of a graph the two forms differ: in one pass dσ²/dxᵢ = 2xᵢ/m and dσ²/dμ = −2μ, centred 2(xᵢ − μ)/m and 0; the totals agree.',
  ];
  const figures = [varianceFigure(seeds), effectFigure(seeds)];
  return resultOf(parts, { outcome, notes, figures, tables: [lostTable(seeds, settings)] });
}

function points(
  records: readonly StepRecord[],
  quantity: string,
  form: Form,
): { readonly x: number[]; readonly y: number[] } {
  const found = records.filter((record) => record.quantity === quantity && record.layer === form);
  return { x: found.map(({ at }) => at ?? Number.NaN), y: found.map(({ value }) => value) };
}

function errorAt(records: readonly StepRecord[], form: Form, ratio: number): number {
  const { x, y } = points(records, 'variance-error', form);
  return y[x.findIndex((at) => isNear(at, ratio))] ?? Number.NaN;
}

/** Least-squares slope of log error against log ratio, over the range that the rule names. */
function growth(records: readonly StepRecord[], form: Form): number {
  const { x, y } = points(records, 'variance-error', form);
  const inside = x
    .map((at, i) => ({ x: Math.log(at), y: Math.log(y[i] ?? Number.NaN), at }))
    .filter(({ at }) => isFitted(at));
  const centre = (of: 'x' | 'y'): number => inside.reduce((sum, point) => sum + point[of], 0) / inside.length;
  const [middleX, middleY] = [centre('x'), centre('y')];
  const covariance = inside.reduce((sum, point) => sum + (point.x - middleX) * (point.y - middleY), 0);
  return covariance / inside.reduce((sum, point) => sum + squareOf(point.x - middleX), 0);
}

const ratioAxis = { label: '|mean| / σ', unit: '', scale: 'log' } as const;
const shown = [
  { arm: 'one pass', form: 'batch-one-pass', label: '' },
  { arm: 'batch', form: 'batch', label: 'centred' },
] as const;

function varianceFigure(seeds: readonly SeedRecords[]): PlotFigure {
  const x = points(seeds[0]?.records ?? [], 'variance-error', 'batch').x;
  return {
    id: 'ioffe2015-one-pass-variance-error',
    title: 'Relative error of the variance in float32',
    caption:
      'Root mean square over channels, against float64 on the same rounded inputs: the one-pass form loses digits with the square of mean/σ and has none left where its error reaches 1; u = 2⁻²⁴.',
    x: ratioAxis,
    y: { label: 'relative error', unit: '', scale: 'log' },
    marks: [
      ...seeds.flatMap(({ seed, records }) =>
        shown.map(({ arm, form, label }) => ({
          mark: 'line' as const,
          arm,
          label,
          seed,
          ...points(records, 'variance-error', form),
        })),
      ),
      {
        mark: 'line',
        arm: 'theory',
        label: 'u (mean/σ)²',
        seed: 0,
        x,
        y: x.map((ratio) => roundoff.float32 * squareOf(ratio)),
      },
    ],
  };
}

function effectFigure(seeds: readonly SeedRecords[]): PlotFigure {
  const effects = [
    { quantity: 'output-error', label: 'output' },
    { quantity: 'gradient-error', label: 'input gradient' },
  ];
  return {
    id: 'ioffe2015-one-pass-variance-effect',
    title: 'What that does to output and gradient',
    caption:
      'Relative error of the layer’s output and of its input gradient in float32, median over channels, against float64 on the same rounded inputs; arrows mark where the median channel is not finite. The first colour has the variance in one pass, batch norm the centred one.',
    x: ratioAxis,
    y: { label: 'relative error', unit: '', scale: 'log' },
    marks: seeds.flatMap(({ seed, records }) =>
      shown.flatMap(({ arm, form }) =>
        effects.map(({ quantity, label }) => ({
          mark: 'line' as const,
          arm,
          label: arm === 'batch' ? `centred, ${label}` : label,
          seed,
          ...points(records, quantity, form),
        })),
      ),
    ),
  };
}

/** Shares of channels, averaged over seeds, at whole powers of ten. */
function lostTable(seeds: readonly SeedRecords[], { exponents }: OnePassProtocol): Table {
  const share = (quantity: string, i: number): number =>
    seeds.reduce((sum, { records }) => sum + (points(records, quantity, 'batch-one-pass').y[i] ?? Number.NaN), 0) /
    seeds.length;
  return {
    title: 'The one-pass variance in float32',
    caption: 'Shares of channels, over all seeds.',
    columns: ['|mean| / σ', 'variance below 0', 'output not finite'],
    rows: exponents.flatMap((exponent, i) =>
      Number.isInteger(exponent)
        ? [[power(10, exponent), share('negative', i), share('not-finite', i)].map((value) => format3(value))]
        : [],
    ),
  };
}
