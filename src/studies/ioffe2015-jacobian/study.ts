/**
 * @file Ioffe and Szegedy 2015, section 3.3: the conjecture that batch normalisation leads layers to Jacobians whose
 * singular values are close to 1. The paper looks at ẑ = F(x̂) between two normalised vectors, and argues for a linear
 * F = J x̂ and Cov(x̂) = Cov(ẑ) = I that J Jᵀ = I. "Close to 1" is made a rule here: nine of ten values from 1/2 to 2.
 */

import { mean } from '../../math/statistics.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure, Table } from '../figure.ts';
import type { Records } from '../../records/records.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3 } from '../number-text.ts';
import { casesPart, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import type { Study } from '../study.ts';
import { bins, binWidth, type JacobianProtocol, measure, near, nonlinearities } from './measure.ts';
import { shareBelow } from './theory.ts';

const protocol: JacobianProtocol = {
  seeds: 3,
  width: 100,
  batches: [60, 240],
  coupledWidth: 6,
  coupledBatch: 40,
  idealWidth: 15,
  idealBatch: 40,
  idealCases: 5,
};

/** Fixed beforehand: at most one singular value in ten outside [1/2, 2]; identities to 1e-8 in float64. */
const rule = { least: near.least, greatest: near.greatest, outside: 0.1, tolerance: 1e-8 } as const;

export const ioffe2015Jacobian: Study = measuredStudy({
  name: 'ioffe2015/jacobian',
  title: 'Singular values of layer Jacobians',
  paper: 'ioffe2015',
  where: 'Section 3.3',
  claim: 'With batch normalisation the Jacobians of layers have singular values close to 1.',
  tags: ['exact', 'jacobian', 'initialisation'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: () => protocol,
  seconds: () => 3,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ records }, settings) => decide(records, settings),
});

function decide(records: Records, settings: JacobianProtocol): StudyResult {
  const { width, batches, coupledBatch, idealCases, seeds } = settings;
  const normed = nonlinearities.map((activation) => `${activation}, batch`);
  const own = normed.flatMap((layer) => records.values('outside-own', { layer }));
  const parts = [
    casesPart(
      {
        name: 'a',
        claim:
          'Where the layer is linear and both its normalised inputs and its normalised outputs are uncorrelated, all singular values are 1.',
        effect: 'max |Cov(ẑ) − I| and max |J Jᵀ − I|, statistics held, orthogonal weights of random lengths',
        tolerance: rule.tolerance,
        remarks: [
          `With weights as networks start out (${idealCases * seeds} cases), variances are 1 but correlations are not 0: ${percent(records.values('drawn-correlation'))} in the root mean square, and ${percent(records.values('drawn-outside'))} of the singular values leave [1/2, 2].`,
        ],
      },
      [...records.values('covariance-error'), ...records.values('ideal-error')],
    ),
    casesPart(
      {
        name: 'b',
        claim:
          'At initialisation nine of ten singular values of the Jacobian of one example’s output by its own input lie between 1/2 and 2.',
        effect: `share outside, ${nonlinearities.length} activations, width ${width}, batches of ${batches.join(' and ')}, ${seeds} seeds`,
        tolerance: rule.outside,
        remarks: normed.map((layer) => `${layer}: ${percent(records.values('outside-own', { layer }))} outside.`),
      },
      own,
    ),
    casesPart(
      {
        name: 'c',
        claim: 'So do nine of ten of the Jacobian of all outputs of a batch by all its inputs.',
        effect: `share outside, ${nonlinearities.length} activations, batch of ${coupledBatch}, ${seeds} seeds`,
        tolerance: rule.outside,
        remarks: [
          `Two in ${coupledBatch} are zero whatever the layer is: shift and scale of a unit over the batch.`,
          ...normed.map((layer) => `${layer}: ${percent(records.values('outside-batch', { layer }))} outside.`),
        ],
      },
      normed.flatMap((layer) => records.values('outside-batch', { layer })),
    ),
  ];
  const failures = parts[1]?.cases?.failures ?? 0;
  const outcome =
    failures === 0
      ? `in all ${own.length} layers at most one singular value in ten is outside [1/2, 2]`
      : `in ${failures} of ${own.length} layers more than one singular value in ten is outside [1/2, 2], ${percent(own)} on average`;
  const notes = [
    'The argument is right under its assumptions (a), but batch normalisation makes variances 1 and leaves correlations: those of random weights spread the singular values of a linear layer over the quarter circle from 0 to 2, as without a norm.',
    'What normalisation does set is the scale, whatever that of the weights: the mean square of the singular values is near 1 for a linear layer and near π/(π − 1) = 1.47 for ReLU, half of whose singular values are zero. Without a norm that of a sigmoid layer is at most 1/16 of that of its weights.',
    'Yang et al. 2019 disproved the conjecture at initialisation: in wide layers that mean square is more than 1 for every non-linearity, and the squared gradient of a deep network without skip connections grows by it with each layer.',
  ];
  return resultOf(parts, {
    outcome,
    notes,
    figures: nonlinearities.map((activation) => spectrumFigure(records.all, settings, activation)),
    tables: [spectra(records.all)],
  });
}

function percent(shares: readonly number[]): string {
  return shares.length === 0 ? 'none' : `${format3(100 * mean(shares))} %`;
}

const layerNames: Readonly<Record<string, string>> = {
  identity: 'a linear layer',
  relu: 'a layer with ReLU',
  sigmoid: 'a layer with sigmoid',
  tanh: 'a layer with tanh',
};

function spectrumFigure(
  records: readonly StepRecord[],
  { width, batches, seeds }: JacobianProtocol,
  activation: string,
): PlotFigure {
  const edges = Array.from({ length: bins + 1 }, (_, bin) => bin * binWidth);
  const shares = (norm: string): readonly number[] =>
    Array.from({ length: bins }, (_, bin) =>
      records.reduce(
        (sum, { quantity, layer, step, value }) =>
          quantity === 'share' && layer === `${activation}, ${norm}` && step === bin ? sum + value / seeds : sum,
        0,
      ),
    );
  const law = edges.slice(1).map((edge) => shareBelow(edge) - shareBelow(edge - binWidth));
  return {
    id: `ioffe2015-jacobian-${activation}`,
    title: `Singular values of the Jacobian of ${layerNames[activation] ?? activation}`,
    caption: `Share of singular values per bin, over ${seeds} seeds, of one example’s output by its own input at initialisation: width ${width}, batch of ${batches[0] ?? 0}, Glorot’s weights, inputs normalised; the last bin holds all that is larger.`,
    x: { label: 'singular value', unit: '', scale: 'linear' },
    y: { label: 'share', unit: '', scale: 'linear' },
    marks: [
      { mark: 'step', arm: 'standard', edges, counts: shares('none') },
      { mark: 'step', arm: 'batch', edges, counts: shares('batch') },
      ...(activation === 'identity'
        ? [{ mark: 'step' as const, arm: 'theory', label: 'quarter circle', edges, counts: law }]
        : []),
    ],
  };
}

function spectra(records: readonly StepRecord[]): Table {
  const average = (quantity: string, layer: string, batch: number): string => {
    const found = records.flatMap((record) =>
      record.quantity === quantity && record.layer === layer && record.at === batch ? [record.value] : [],
    );
    return found.length === 0 ? '' : format3(mean(found));
  };
  const settings = new Map(
    records.flatMap(({ quantity, layer = '', at = 0 }) =>
      quantity === 'outside-own' ? [[`${layer} ${at}`, { layer, at }] as const] : [],
    ),
  );
  return {
    title: 'Singular values by layer',
    caption: 'Of one example’s output by its own input, means over seeds.',
    columns: ['activation', 'norm', 'batch', 'share outside [1/2, 2]', 'mean square', 'median', 'largest'],
    rows: [...settings.values()].map(({ layer, at }) => [
      ...layer.split(', '),
      at,
      average('outside-own', layer, at),
      average('mean-square', layer, at),
      average('median', layer, at),
      average('largest', layer, at),
    ]),
  };
}
