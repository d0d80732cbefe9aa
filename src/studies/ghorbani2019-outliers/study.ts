/** @file Ghorbani, Krishnan and Xiao 2019: does batch norm take away the isolated large eigenvalues of the Hessian? */

import { average, median } from '../../math/statistics.ts';
import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import type { Records } from '../../records/records.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { formatInterval3, valuesText } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { Budget, Study } from '../study.ts';
import { accuracyFigure, effectsFigure } from '../trained-figures.ts';
import { trainedStudy } from '../trained-study.ts';
import { curveOf, valuesFrom } from '../training-curves.ts';
import { checkTrained } from '../protocol-checks.ts';
import { type VggProtocol, vggProtocols, vggTraining } from '../vgg-training.ts';

interface Protocol extends VggProtocol {
  readonly learningRate: number;
  /** Steps between measurements; the first that counts is the second, after so many steps. */
  readonly every: number;
  readonly eigenvalues: number;
  readonly products: number;
}

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;
type Arm = keyof typeof arms;

const rule = { ratioMargin: 0 } as const;

/** The trainings of santurkar2018/faster and its family. */
const protocolAt = (budget: Budget): Protocol => ({
  ...vggProtocols[budget],
  learningRate: 0.1,
  every: budget === 'paper' ? 1000 : 100,
  eigenvalues: 10,
  products: 60,
});

export const ghorbani2019Outliers: Study = trainedStudy({
  name: 'ghorbani2019/outliers',
  title: 'Outliers of the Hessian’s spectrum',
  paper: 'ghorbani2019',
  where: 'Figures 1 and 9',
  claim:
    'Without norms a few eigenvalues of the Hessian stand far out from the others, and less so with batch normalisation.',
  tags: ['sharpness', 'curvature', 'cifar10', 'vgg'],
  dataset: 'cifar10',
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch'],
  protocol: protocolAt,
  check: checkTrained,
  train: (protocol, { arm, seed }) => {
    const { every, eigenvalues: count, products, learningRate, steps } = protocol;
    const beside = heldProbe('curvature', { every: Math.max(1, steps - every), count, products, mode: 'eval' });
    return {
      ...vggTraining(protocol, { norm: arms[arm], rate: learningRate, seed }),
      // Running statistics make another function: that of the untrained network, and of the last measurement.
      probes: [heldProbe('curvature', { every, count, products }), ...(arm === 'batch' ? [beside] : [])],
    };
  },
  decide: (grid, protocol) => {
    const { every, eigenvalues } = protocol;
    const curves = grid.cells.map(({ point, records }) => ({ ...point, curve: curveOf(records) }));
    const isolation = (records: Records): number => isolationOf(records, every);
    const texts = (arm: Arm, value: (records: Records) => number): string =>
      valuesText(grid.where({ arm }).bySeed(value));
    const part = intervalPart(
      {
        name: 'a',
        claim: 'The largest eigenvalue stands out further without norms.',
        effect: `difference (standard − batch norm) of ln(λ₁/λ_${eigenvalues}), mean over measurements from step ${every} on`,
        margin: rule.ratioMargin,
        rule: 'above',
        remarks: [
          `Mean of ln(λ₁/λ_${eigenvalues}) per seed: standard ${texts('standard', isolation)}; batch norm ${texts('batch', isolation)}.`,
          'Paper: figures of spectra, without a number.',
        ],
      },
      grid.differences('standard', 'batch', isolation),
    );
    const interval = part.pairings[0]?.interval;
    const share = (records: Records): number => average(valuesFrom(records, 'top-eigenspace-share', every));
    const found = Math.min(...grid.records.values('eigenvalues-found'));
    const withRunning = (records: Records): number =>
      Math.log(records.values('eval-eigenvalue-ratio').at(-1) ?? Number.NaN);
    return resultOf([part], {
      outcome:
        interval === undefined
          ? 'a training ended before its eigenvalues could be measured, or has too few positive ones'
          : `ln(λ₁/λ_${eigenvalues}) is larger without norms by ${formatInterval3(interval)}`,
      notes: [
        `Share of the gradient's square in the space of the ${eigenvalues} largest, mean per seed: standard ${texts('standard', share)}; batch norm ${texts('batch', share)}. Not judged.`,
        `With running statistics, which is not the function that is trained, ln(λ₁/λ_${eigenvalues}) of batch norm at the last measurement is, per seed, ${texts('batch', withRunning)}: Ghorbani et al. see outliers come back so. Not judged.`,
        `Eigenvalues are those of the mini-batch of the step, in training mode; the paper's are of the whole data set. Of the ${eigenvalues} largest, ${found} or more were found to 1 % at every measurement.`,
      ],
      figures: [
        spectrumFigure(grid, protocol),
        accuracyFigure(curves, {
          id: 'outliers-accuracy',
          title: 'Training accuracy',
          caption: 'The same weights to begin with, the same batches.',
        }),
        ...effectsFigure([part], { id: 'outliers-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

/** Mean of ln(λ₁/λ_k) from a step on; not a number where one is. */
function isolationOf(records: Records, from: number): number {
  return average(
    valuesFrom(records, 'eigenvalue-ratio', from).map((ratio) => (ratio > 0 ? Math.log(ratio) : Number.NaN)),
  );
}

/** λ_i/λ_k over i: the median over measurements, a line per seed. */
function spectrumFigure(grid: Grid<Arm, Readonly<Record<never, never>>>, { every, eigenvalues }: Protocol): PlotFigure {
  const places = Array.from({ length: eigenvalues }, (_, i) => i + 1);
  return {
    id: 'outliers-spectrum',
    title: 'How far the largest eigenvalues stand out',
    caption: `λ_i over λ_${eigenvalues} of the Hessian of the step’s loss in training mode, median over measurements from step ${every} on; a line per seed.`,
    x: { label: 'eigenvalue, from the largest', unit: '', scale: 'linear' },
    y: { label: `λ_i / λ_${eigenvalues}`, unit: '', scale: 'log' },
    marks: grid.cells.map(({ point: { arm, seed }, records }): LineMark => {
      const at = (place: number): readonly number[] =>
        records.of('eigenvalue').flatMap((one) => (one.at === place && one.step >= every ? [one.value] : []));
      const last = at(eigenvalues);
      const ratios = places.map((place) => {
        const own = at(place).map((value, i) => value / (last[i] ?? Number.NaN));
        return own.length === 0 ? Number.NaN : median(own);
      });
      return { mark: 'line', arm, seed, x: places, y: ratios };
    }),
  };
}
