/** @file The curvature of a run's loss: how sharp it was over training, beside what the rate can bear, and the spectrum of its Hessian. */

import type { TrainingSettings } from '../../train/training-settings.ts';
import { stepsAxis } from '../../studies/trained-figures.ts';
import { grouped } from './grouped.ts';
import type { StepRecord } from '../../records/record.ts';
import { edgeOfStability } from '../../studies/edge.ts';
import type { LineMark, PlotFigure } from '../../studies/figure.ts';
import { thinned } from '../../studies/thinned.ts';
import { createSchedule } from '../../train/schedule.ts';

/** What is drawn over steps, by the name that its definition is found under. */
const curves = ['sharpness', 'followed-sharpness', 'data-sharpness', 'eigenvalue', 'batch-sharpness'] as const;

/** What ends the names of spectra, of the whole Hessian or of a layer's block, in either mode. */
const SPECTRUM = 'spectral-density';
/** What is drawn of a density: within this of its largest value. */
const FLOOR = 1e-6;

/** Points that a curve has at most. */
const CURVE_POINTS = 400;

/** Whether records of a quantity are drawn as a spectrum: hundreds of places, which no table should list. */
export function isSpectrum({ quantity }: Pick<StepRecord, 'quantity'>): boolean {
  return quantity.endsWith(SPECTRUM);
}

/** Curvature over steps, where it was measured twice or more, and a spectrum for the whole network and each layer that has one. */
export function curvatureFigures(
  records: readonly StepRecord[],
  training: TrainingSettings,
  arm: string,
): readonly PlotFigure[] {
  const spectra = grouped(records.filter(isSpectrum), ({ quantity, layer }) => `${quantity} ${layer ?? ''}`);
  return [
    ...sharpnessFigure(records, training),
    ...[...spectra.values()].flatMap((own) => spectrumFigure(own, { arm, seed: training.seed })),
  ];
}

/** NaN of none; of any number of them, which arguments of a call cannot be. */
function largestOf(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), values[0] ?? Number.NaN);
}

/** Each curve has a colour of its own: they are of one network. */
function sharpnessFigure(records: readonly StepRecord[], training: TrainingSettings): readonly PlotFigure[] {
  const { seed } = training;
  const lines = curves.flatMap((curve): LineMark[] => {
    const own = thinned(
      records.filter(
        ({ quantity, at, value }) => quantity === curve && (at ?? 1) === 1 && value > 0 && Number.isFinite(value),
      ),
      CURVE_POINTS,
    );
    const arm = curve === 'eigenvalue' ? 'eigenvalue 1' : curve.replaceAll('-', ' ');
    if (own.length < 2) return [];
    return [{ mark: 'line', arm, seed, x: own.map(({ step }) => step), y: own.map(({ value }) => value) }];
  });
  if (lines.length === 0) return [];
  const edge = edgeLine(training, records, largestOf(lines.flatMap(({ y }) => y)));
  return [
    {
      id: 'curvature',
      title: 'Curvature over training',
      caption:
        'Of the loss at the weights before a step, with batch statistics in training mode; what is not positive is left out. ' +
        (edge === undefined
          ? 'No line says what the rate can bear: steps are not those of stochastic gradient descent.'
          : `A step along an eigenvector overshoots beyond the edge of stability, ${edge.formula}: descent on all examples comes to have its ` +
            'largest eigenvalue there (cohen2021), on mini-batches its curvature along the gradient (andreyev2024).'),
      x: stepsAxis,
      y: { label: 'curvature', unit: '', scale: 'log' },
      marks: [...(edge?.line ?? []), ...lines],
    },
  ];
}

/** What the rate of each step can bear, as long as it is within ten times the largest curvature: a rate that falls to 0 bears anything. */
function edgeLine(
  { learningRate, schedule: settings, optimiser, steps }: TrainingSettings,
  records: readonly StepRecord[],
  largest: number,
): { readonly formula: string; readonly line: readonly LineMark[] } | undefined {
  if (optimiser.kind !== 'sgd') return undefined;
  const { momentum: m, nesterov } = optimiser;
  const formula = m === 0 ? '2/rate' : `2 (1 + ${m})/${nesterov ? `((1 + 2 · ${m}) rate)` : 'rate'}`;
  const schedule = createSchedule(settings, steps);
  const edges = records
    .filter(({ quantity }) => quantity === 'loss')
    .map(({ step, value }) => {
      const edge = edgeOfStability(learningRate * schedule.multiple(step), optimiser);
      schedule.observe(value);
      return { step, edge };
    });
  const shown = thinned(edges, CURVE_POINTS).filter(({ edge }) => edge <= 10 * largest);
  const [x, y] = [shown.map(({ step }) => step), shown.map(({ edge }) => edge)];
  return { formula, line: x.length < 2 ? [] : [{ mark: 'line', arm: 'theory', label: 'edge of stability', x, y }] };
}

/** The density at the first, the middle and the last measurement that came to numbers; none where there is no such. */
function spectrumFigure(
  records: readonly [StepRecord, ...StepRecord[]],
  of: Pick<LineMark, 'arm' | 'seed'>,
): readonly PlotFigure[] {
  const [about] = records;
  const known = records.filter(({ value }) => Number.isFinite(value));
  const bySteps = [...grouped(known, ({ step }) => `${step}`).values()];
  if (bySteps.length === 0) return [];
  const last = bySteps.length - 1;
  const floor = FLOOR * largestOf(known.map(({ value }) => value));
  const where = about.layer === undefined ? '' : `, block of ${about.layer}`;
  const statistics = about.mode === 'eval' ? ', with running statistics' : '';
  return [
    {
      id: `${about.quantity}${about.layer === undefined ? '' : `-${about.layer}`}`,
      title: `Spectrum of the Hessian${where}${statistics}`,
      caption:
        'How the eigenvalues are distributed, by stochastic Lanczos quadrature: single bumps far out are single eigenvalues. ' +
        'What is below a millionth of the largest density is drawn there.',
      x: { label: 'eigenvalue', unit: '', scale: 'linear' },
      y: { label: 'density', unit: '', scale: 'log' },
      marks: bySteps
        .filter((_, i) => i === 0 || i === last >> 1 || i === last)
        .map(
          (own): LineMark => ({
            mark: 'line',
            ...of,
            panel: `step ${own[0].step}`,
            x: own.map(({ at }) => at ?? Number.NaN),
            y: own.map(({ value }) => Math.max(value, floor)),
          }),
        ),
    },
  ];
}
