/**
 * @file Miyato et al. 2018: one power iteration per step finds a weight's largest singular value, and a network of weights
 * divided by theirs, with ReLU between, is 1-Lipschitz. Of a convolution the norm is that of the kernel seen as a matrix
 * [K, C·9], which is not the norm of the map: on images with zero padding the map's may be up to 3 times as large.
 */

import { counted } from '../../counted.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure } from '../figure.ts';
import { measuredStudy } from '../measured-study.ts';
import { casesPart, resultOf } from '../parts.ts';
import type { PartResult } from '../result.ts';
import type { Study } from '../study.ts';
import { format3 } from '../number-text.ts';
import { measure, type SpectralProtocol } from './measure.ts';

const quick: SpectralProtocol = {
  seeds: 3,
  weights: 10,
  iterations: 100,
  inputs: 5,
  widths: [37, 29],
  points: 200,
  walkSteps: 30,
};

const rule = {
  /** Relative error of sigma after 100 iterations. */
  sigmaTolerance: 1e-3,
  /** How far above 1 a slope may lie: what the iterations have left of sigma. */
  slopeTolerance: 1e-6,
} as const;

export const miyato2018SpectralNorm: Study = measuredStudy({
  name: 'miyato2018/spectral-norm',
  title: 'Spectral normalisation as a Lipschitz control',
  paper: 'miyato2018',
  where: 'Section 2.1 and Algorithm 1',
  claim:
    'Dividing each weight by its largest singular value, found by one power iteration per step, keeps a ReLU network 1-Lipschitz.',
  tags: ['exact', 'lipschitz', 'spectral'],
  rule,
  code: import.meta.url,
  arms: ['spectral'],
  protocol: (budget) =>
    budget === 'quick' ? quick : { ...quick, seeds: 5, weights: 50, points: 1000, walkSteps: 100 },
  seconds: () => 2,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ records }, protocol) => {
    const slopes = [...records.values('slope-of-pairs'), ...records.values('slope-at-points')];
    const parts: readonly PartResult[] = [
      casesPart(
        {
          name: 'a',
          claim: `After ${counted(protocol.iterations, 'step')} the power iteration has found the largest singular value.`,
          effect: '|sigma − sigma_max| / sigma_max, dense and convolution weights of Gaussian entries',
          tolerance: rule.sigmaTolerance,
        },
        records.values('sigma-error'),
      ),
      casesPart(
        {
          name: 'b',
          claim: 'No slope of the network exceeds 1.',
          effect: 'slope − 1, between pairs of points and at points, walks up the gradient included',
          tolerance: rule.slopeTolerance,
          remarks: [`The steepest places found have slopes of ${slopes.map(format3).join(', ')}.`],
        },
        slopes.map((slope) => slope - 1),
      ),
    ];
    const [sigma, bound] = parts;
    const steepest = Math.max(...slopes);
    const gains = records.values('convolution-norm');
    const missed = records
      .values('sigma-error')
      .flatMap((error, i) => (error <= rule.sigmaTolerance ? [] : [records.values('singular-ratio')[i] as number]));
    return resultOf(parts, {
      outcome:
        `after ${counted(protocol.iterations, 'step')} the power iteration has found the largest singular value of ` +
        `${(sigma?.cases?.count ?? 0) - (sigma?.cases?.failures ?? 0)} of ${sigma?.cases?.count ?? 0} weights to ` +
        `${rule.sigmaTolerance}, and the steepest slope of a network is ${format3(steepest)}, ` +
        `${bound?.verdict === 'reproduced' ? 'within' : 'beyond'} the bound of 1`,
      figures: [convergenceFigure(records.all, protocol)],
      notes: [
        ...(missed.length === 0
          ? []
          : [
              `The iteration converges the more slowly the nearer the second singular value is to the first, and the less of the leading vector its start holds: where it missed, their ratio was ${missed.map(format3).join(', ')}. It goes on while a network trains, and misses on the side of a weight that is left too large.`,
            ]),
        `A convolution is divided by the norm of its kernel seen as a matrix, not by its own: the normalised kernels here still gain ${format3(Math.min(...gains))} to ${format3(Math.max(...gains))} on 6 × 6 images, so that a convolutional network is 1-Lipschitz only up to that factor per layer.`,
      ],
    });
  },
});

/** The error left of each weight, against how near its second singular value is to its first. */
function convergenceFigure(records: readonly StepRecord[], { iterations }: SpectralProtocol): PlotFigure {
  const points = (layer: string): readonly { readonly ratio: number; readonly error: number }[] => {
    const of = (quantity: string) => records.filter((record) => record.quantity === quantity && record.layer === layer);
    const errors = of('sigma-error');
    return of('singular-ratio')
      .map(({ value }, i) => ({ ratio: value, error: Math.max(errors[i]?.value ?? Number.NaN, 1e-16) }))
      .toSorted((a, b) => a.ratio - b.ratio);
  };
  return {
    id: 'miyato2018-spectral-norm-convergence',
    title: 'How near the power iteration comes',
    caption: `Relative error of sigma after ${iterations} iterations, against the ratio of the two largest singular values of each Gaussian weight: the nearer they are, the slower. Errors below 1e-16 are drawn there.`,
    x: { label: 'second over first singular value', unit: '', scale: 'linear' },
    y: { label: 'relative error of sigma', unit: '', scale: 'log' },
    marks: [
      { mark: 'rule', kind: 'theory', label: 'asked: 0.001', value: rule.sigmaTolerance },
      ...(['dense', 'convolution'] as const).map((layer) => ({
        mark: 'dot' as const,
        arm: layer,
        seed: 0,
        x: points(layer).map(({ ratio }) => ratio),
        y: points(layer).map(({ error }) => error),
      })),
    ],
  };
}
