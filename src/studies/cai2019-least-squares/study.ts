/**
 * @file Cai, Li and Shen 2019: gradient descent on least squares, min E(y − xᵀu)²/2 with H = E[x xᵀ], once as it is and
 * once with batch norm, ŷ = gamma xᵀw/(wᵀHw)^{1/2}. The population is a finite set of inputs, so that the whole batch is
 * the population and the real graph of batch norm is the recursion of the paper; y = xᵀu without noise, so that the least
 * residual is 0. H is diagonal with eigenvalues from 1 to κ, ‖u‖ = ‖w_0‖ = 1 at random, gamma begins at 1.
 */

import type { Asked } from '../../records/records.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3 } from '../number-text.ts';
import { casesPart, casesText, resultOf } from '../parts.ts';
import type { Budget, Study } from '../study.ts';
import { geometric } from '../uncorrelated-inputs.ts';
import { leastSquaresFigures } from './figures.ts';
import { CONVERGED, type LeastSquaresProtocol, measure } from './measure.ts';
import { stabilityLimit } from './theory.ts';

const common = { seeds: 3, gammaRate: 0.5, inputs: 50, examples: 64, condition: 1000 } as const;

/** A run's length grows with the learning rate: a large first step leaves a long weight, on which later steps turn little. */
const protocols: Readonly<Record<Budget, LeastSquaresProtocol>> = {
  quick: { ...common, steps: 5_000, learningRates: [0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10] },
  standard: { ...common, steps: 50_000, learningRates: [0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100] },
  paper: { ...common, steps: 500_000, learningRates: [0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000] },
};

/** Fixed beforehand: what counts as converged, as diverged, and how far beyond 2/λ_max rates must reach. */
const rule = { residual: CONVERGED, growth: 1000, decades: 3 } as const;

export const cai2019LeastSquares: Study = measuredStudy({
  name: 'cai2019/least-squares',
  title: 'Least squares with batch norm at any learning rate',
  paper: 'cai2019',
  where: 'Convergence for arbitrary learning rates on ordinary least squares',
  claim:
    'Gradient descent on least squares with batch normalisation converges at learning rates of the weight three decades and more beyond 2/λ_max, where plain gradient descent diverges.',
  tags: ['exact', 'training', 'learning-rate'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: (budget) => ({ ...protocols[budget], seeds: common.seeds }),
  seconds: // Two arms, about 150 microseconds a step.
    ({ steps }) => Math.max(0.5, steps * 3e-4),
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ perCell, records }, settings) => {
    const { steps, learningRates, condition, inputs } = settings;
    const ends = (layer: string, asked: Asked = {}): readonly number[] =>
      records.values('residual', { step: steps, layer, ...asked });
    const limit = stabilityLimit(geometric(1, condition, inputs));
    const beyond = learningRates.filter((rate) => rate > limit);
    const decades = Math.log10(Math.max(...learningRates) / limit);
    const converging = casesPart(
      {
        name: 'a',
        claim: 'With batch normalisation every run ends finite and below a thousandth of its initial residual.',
        effect: `residual after ${steps} iterations over the initial one, per learning rate and seed`,
        tolerance: rule.residual,
        remarks: [
          `Learning rates reach ${format3(decades)} decades beyond 2/λ_max = ${format3(limit)}; the rule asks for ${rule.decades}.`,
        ],
      },
      ends('batch'),
    );
    const parts = [
      // Rates that reach less far cannot show the claim, only refute it.
      converging.verdict === 'reproduced' && decades < rule.decades
        ? { ...converging, verdict: 'inconclusive' as const }
        : converging,
      casesPart(
        {
          name: 'b',
          claim: 'Plain gradient descent diverges at every one of these rates beyond 2/λ_max.',
          effect: `initial residual over that after ${steps} iterations, 0 where that is not finite`,
          tolerance: 1 / rule.growth,
        },
        beyond.flatMap((rate) => ends('none', { at: rate }).map((value) => (Number.isFinite(value) ? 1 / value : 0))),
      ),
    ];
    const [effective] = [records.values('effective-condition')];
    const outcome = converging.cases === undefined ? '' : casesText(converging.cases, rule.residual);
    return resultOf(parts, {
      outcome: `with batch norm, up to ${format3(decades)} decades beyond 2/λ_max, ${outcome}`,
      notes: [
        `The condition number of H is ${condition}; with batch norm the direction of the weight meets κ* = ${effective.map(format3).join(', ')} (one per seed), which is never above it.`,
        'Iterations to converge grow in proportion to a large learning rate: the first step makes the weight as long as the rate is large, and a long weight turns little. How many decades a budget covers is a matter of its iterations.',
        'Scaling the inputs moves 2/λ_max and leaves the run with batch norm as it is; here λ runs from 1 to κ, and weights begin at length 1.',
      ],
      figures: leastSquaresFigures(perCell, settings, limit),
      tables: [
        {
          title: 'Iterations to a thousandth of the initial residual',
          caption: `Largest over the seeds; a dash where a run never gets there in ${steps} iterations. ‖w‖ begins at 1.`,
          columns: ['learning rate', 'over 2/λ_max', 'batch norm', 'plain', '‖w‖ at the end, batch norm'],
          rows: learningRates.map((rate) => [
            rate,
            Number(format3(rate / limit)),
            ...['batch', 'none'].map((arm) =>
              finiteOrNaN(Math.max(...records.values('steps-to-converge', { layer: arm, at: rate }))),
            ),
            Number(format3(Math.max(...records.values('weight-norm', { layer: 'batch', at: rate })))),
          ]),
        },
      ],
    });
  },
});

function finiteOrNaN(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}
