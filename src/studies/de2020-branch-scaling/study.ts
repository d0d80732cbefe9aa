/**
 * @file De and Smith 2020: batch normalisation on the residual branch shrinks it against the skip connection. A branch that
 * starts with a norm has the same variance at every block, while that of the skip grows by it each time.
 */

import { mean, leastSquaresSlope, studentInterval } from '../../math/statistics.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure } from '../figure.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { StudyResult } from '../result.ts';
import type { Study } from '../study.ts';
import { type BranchProtocol, measure, type NetworkName } from './measure.ts';

/** As many blocks as a ResNet-110 has. */
const protocol: BranchProtocol = {
  seeds: 5,
  blocks: 54,
  images: 16,
  channels: 32,
  size: 8,
  kernel: 3,
  resnetImages: 16,
  resnetSize: 16,
};

/** How far the slope of ln(ratio) against ln(block) may be from −1 with the norm, and from 0 without. */
const rule = { slope: 0.2 } as const;

type Arm = 'batch' | 'none';

export const de2020BranchScaling: Study = measuredStudy({
  name: 'de2020/branch-scaling',
  title: 'Residual branches shrink with depth under batch norm',
  paper: 'de2020',
  where: 'Residual networks at initialisation',
  claim:
    'At initialisation batch normalisation on the residual branch makes the variance of the branch over that of the skip connection fall as 1/l over the blocks l, which it does not without.',
  tags: ['exact', 'initialisation', 'residual'],
  rule,
  code: import.meta.url,
  arms: ['batch'],
  protocol: (budget) => ({ ...protocol, seeds: budget === 'quick' ? protocol.seeds : 10 }),
  seconds: () => 3,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: ({ perCell }, settings) => decide(settings, perCell),
});

/** Block numbers with var(branch)/var(skip) at each, of one seed. */
interface Ratios {
  readonly blocks: readonly number[];
  readonly ratios: readonly number[];
}

function ratiosOf(records: readonly StepRecord[], arm: Arm, network: NetworkName): Ratios {
  const variances = (part: string): ReadonlyMap<number, number> =>
    new Map(
      records.flatMap(({ quantity, layer, at, value }) =>
        quantity === `${arm}-${part}-variance` && layer === network && at !== undefined ? [[at, value]] : [],
      ),
    );
  const skips = variances('skip');
  const found = [...variances('branch')].map(([at, branch]) => [at, branch / (skips.get(at) ?? Number.NaN)] as const);
  return { blocks: found.map(([at]) => at), ratios: found.map(([, ratio]) => ratio) };
}

function decide(settings: BranchProtocol, seeds: readonly (readonly StepRecord[])[]): StudyResult {
  const slopes = (arm: Arm): readonly number[] =>
    seeds.map((records) => {
      const { blocks, ratios } = ratiosOf(records, arm, 'pre-activation');
      return leastSquaresSlope(blocks.map(Math.log), ratios.map(Math.log));
    });
  const judged = (name: string, arm: Arm, expected: number, claim: string): ReturnType<typeof intervalPart> => {
    const measured = slopes(arm);
    const last = seeds.map((records) => ratiosOf(records, arm, 'pre-activation').ratios.at(-1) ?? Number.NaN);
    return intervalPart(
      {
        name,
        claim,
        effect: `slope of ln(var branch / var skip) against ln l over blocks 1 to ${settings.blocks}, less ${expected}`,
        margin: rule.slope,
        rule: 'within',
        remarks: [
          `Slope ${formatInterval3(studentInterval(measured))}; at block ${settings.blocks} the ratio is ${format3(mean(last))}.`,
        ],
      },
      measured.map((value, seed) => ({ seed, value: value - expected })),
    );
  };
  const parts = [
    judged('a', 'batch', -1, 'With batch norm on the branch the ratio goes like 1/l.'),
    judged('b', 'none', 0, 'Without a norm it does not depend on l.'),
  ];
  const text = (arm: Arm): string => formatInterval3(studentInterval(slopes(arm)));
  return resultOf(parts, {
    outcome: `var(branch)/var(skip) goes like l to the power ${text('batch')} with batch norm, ${text('none')} without`,
    notes: [
      'The law is about pre-activation blocks with identity skips: norm, ReLU and convolution, twice. In the ResNet of he2016 a ReLU follows the sum and stages change width and resolution, which breaks it: shown, not judged.',
      'Variances are about the mean of each channel. The mean of ReLU, which the skip carries along, is no part of them.',
    ],
    figures: [
      ratioFigure('pre-activation', 'Branch over skip, pre-activation blocks', seeds),
      ratioFigure('resnet56', 'Branch over skip, the ResNet-56 for CIFAR', seeds),
    ],
  });
}

/**
 * What independent, unit-variance inputs to each norm make of it: ReLU has variance 1/2 − 1/(2π) and He's weights double
 * it, so that each branch adds v = 1 − 1/π to a skip that starts at 1: the ratio is v/(1 + v(l − 1)).
 */
function theory(block: number): number {
  const v = 1 - 1 / Math.PI;
  return v / (1 + v * (block - 1));
}

function ratioFigure(network: NetworkName, title: string, seeds: readonly (readonly StepRecord[])[]): PlotFigure {
  const lines = (['batch', 'none'] as const).flatMap((arm) =>
    seeds.map((records, seed) => {
      const { blocks, ratios } = ratiosOf(records, arm, network);
      return {
        mark: 'line' as const,
        arm: arm === 'batch' ? 'batch' : 'standard',
        seed,
        x: blocks,
        y: ratios,
      };
    }),
  );
  const x = lines[0]?.x ?? [];
  const law = {
    mark: 'line' as const,
    arm: 'theory',
    label: 'v/(1 + v(l − 1)), v = 1 − 1/π',
    seed: 0,
    x,
    y: x.map(theory),
  };
  const judged = network === 'pre-activation';
  return {
    id: `de2020-branch-scaling-${network}`,
    title,
    caption: judged
      ? 'Variance of the residual branch over that of the skip connection at the sum of block l, at initialisation, one line per seed; standard is without a norm.'
      : 'The same, not judged: here a ReLU follows the sum, and two transitions change width and resolution.',
    x: { label: 'block l', unit: '', scale: 'log' },
    y: { label: 'var(branch) / var(skip)', unit: '', scale: 'log' },
    marks: judged ? [...lines, law] : lines,
  };
}
