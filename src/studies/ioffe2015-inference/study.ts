/**
 * @file Ioffe and Szegedy 2015, Algorithm 2: the statistics of inference. All mini-batches of a small population are
 * enumerated, so that expectations are exact: over ordered batches with replacement, which is what independent draws
 * are, and over batches without, as an epoch has them.
 *
 * With replacement E[σ_B²] = (m−1)/m · V, V = Σ(x − mean)²/n. Without, two members of a batch have the covariance
 * −V/(n−1), so that the mean of a batch has variance V/m · (n−m)/(n−1) and E[σ_B²] = V − that = (m−1)/m · V n/(n−1).
 */

import { power } from '../../math/power.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure } from '../figure.ts';
import type { Records } from '../../records/records.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3 } from '../number-text.ts';
import { casesPart, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import type { Study } from '../study.ts';
import { type InferenceProtocol, measure } from './measure.ts';

const protocol: InferenceProtocol = {
  populations: 50,
  populationSize: 8,
  batchSize: 3,
  epsilons: [0, 1e-5, 0.1],
  momentum: 0.1,
  batches: 300,
};

/** Fixed beforehand: means of some hundred variances in float64 are off by 1e-14; 1e-8 is wide. */
const rule = { tolerance: 1e-8 } as const;

const claims = [
  {
    name: 'a',
    quantity: 'mean-error',
    claim: 'The mean over mini-batches of their means is the mean of the population.',
    effect: '|E[mean of a batch] − mean| / standard deviation, with and without replacement',
  },
  {
    name: 'b',
    quantity: 'independent-error',
    claim:
      'Over batches of independent draws, m/(m−1) times the mean of their variances is the variance of the population, Σ(x − mean)²/n.',
    effect: '|m/(m−1) E[σ_B²] / variance − 1| over all nᵐ batches',
  },
  {
    name: 'c',
    quantity: 'distinct-error',
    claim: 'Over batches without replacement it is Σ(x − mean)²/(n−1), larger by n/(n−1).',
    effect: '|m/(m−1) E[σ_B²] / variance − 1| over all n!/(m! (n−m)!) batches',
  },
  {
    name: 'd',
    quantity: 'uncorrected-error',
    claim: 'Without the factor m/(m−1) the variance comes out short: (m−1)/m of what it should be.',
    effect: '|E[σ_B²] / variance − (m−1)/m|, with and without replacement',
  },
  {
    name: 'e',
    quantity: 'running-error',
    claim: 'A training step with momentum 1 keeps m/(m−1) times the biased variance of its batch.',
    effect: 'relative error of the running variance, largest over all batches',
  },
  {
    name: 'f',
    quantity: 'affine-error',
    claim: 'In evaluation the layer is the affine map γ/√(Var + ε) x + (β − γ E/√(Var + ε)).',
    effect: 'relative error of the output, one case per epsilon, all populations at once',
  },
  {
    name: 'g',
    quantity: 'factor-error',
    claim:
      'With the whole population as batch, (y − β)√(σ² + ε) in training is (y − β)√(σ² n/(n−1) + ε) in evaluation: outputs differ by √(n/(n−1)) where epsilon = 0.',
    effect: 'relative error of that equality, one case per epsilon, all populations at once',
  },
] as const;

export const ioffe2015Inference: Study = measuredStudy({
  name: 'ioffe2015/inference',
  title: 'Statistics of inference',
  paper: 'ioffe2015',
  where: 'Algorithm 2',
  claim:
    'The mean over mini-batches of m/(m−1) times their variance is an unbiased estimate of the variance of the population, and inference with it is an affine map.',
  tags: ['exact', 'inference'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: () => protocol,
  seconds: () => 1,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ records }, settings) => decide(records, settings),
});

function decide(records: Records, settings: InferenceProtocol): StudyResult {
  const { tolerance } = rule;
  const parts = claims.map(({ name, quantity, claim, effect }) =>
    casesPart({ name, claim, effect, tolerance }, records.values(quantity)),
  );
  const { populationSize: n, batchSize: m, momentum } = settings;
  const failing = parts.filter(({ verdict }) => verdict !== 'reproduced').map(({ name }) => `(${name})`);
  const largest = format3(Math.max(...parts.map(({ cases }) => cases?.largest ?? Number.NaN)));
  const outcome =
    failing.length === 0
      ? `over every batch of ${m} from ${n} the corrected variance is unbiased, and inference is affine (largest relative error ${largest})`
      : `${failing.join(', ')} ${failing.length === 1 ? 'does' : 'do'} not hold`;
  const notes = [
    `What it is unbiased for depends on the sampling: Σ(x − mean)²/n for independent draws, Σ(x − mean)²/(n−1) within an epoch; the two differ by the factor ${format3(n / (n - 1))} here, and by 1 + 1/n for a data set.`,
    `The m/(m−1) is of variances: with epsilon = 0 outputs in training and evaluation differ by its root, ${format3(Math.sqrt(n / (n - 1)))} for a batch of ${n}.`,
    `Frameworks keep a momentum average instead, (1 − α) of the old and α of the new. After t batches it still holds (1 − α)ᵗ of its start, and then it scatters as much as a plain mean over (2 − α)/α = ${format3((2 - momentum) / momentum)} batches, however long one trains.`,
  ];
  return resultOf(parts, { outcome, notes, figures: [averagesFigure(records.all, settings)] });
}

/** Algorithm 2's plain mean of batch variances against the momentum average of the frameworks. */
function averagesFigure(
  records: readonly StepRecord[],
  { momentum, populations, batchSize }: InferenceProtocol,
): PlotFigure {
  const only = (quantity: string): number =>
    records.find((record) => record.quantity === quantity)?.value ?? Number.NaN;
  const [spread, start] = [only('batch-spread'), only('start-error')];
  const curve = (quantity: string) => {
    const found = records.filter((record) => record.quantity === quantity);
    return { mark: 'line' as const, seed: 0, x: found.map(({ step }) => step), y: found.map(({ value }) => value) };
  };
  const [plain, running] = [curve('average-error'), curve('momentum-error')];
  const kept = (t: number): number => power(1 - momentum, 2 * t);
  const limit = momentum / (2 - momentum);
  return {
    id: 'ioffe2015-inference-averages',
    title: 'A mean over batches, and a momentum average',
    caption: `Relative error of the variance kept for inference, root mean square over ${populations} populations, after t random batches of ${batchSize}: Algorithm 2’s mean falls without end, a momentum average first forgets its start and then scatters for ever; theory has τ, the relative spread of one batch’s unbiased variance, and b, that of the start, both by enumeration: the latter’s square is q b² + (1 − q) τ² α/(2 − α) with q = (1 − α)²ᵗ.`,
    x: { label: 'batches t', unit: '', scale: 'log' },
    y: { label: 'relative error of the variance', unit: '', scale: 'log' },
    marks: [
      { ...plain, arm: 'mean of batches' },
      { ...running, arm: `momentum ${momentum}` },
      { ...plain, arm: 'theory', label: 'τ/√t', y: plain.x.map((t) => Math.sqrt(spread / t)) },
      {
        ...running,
        arm: 'theory',
        label: 'b, then τ √(α/(2 − α))',
        y: running.x.map((t) => Math.sqrt(kept(t) * start + (1 - kept(t)) * spread * limit)),
      },
    ],
  };
}
