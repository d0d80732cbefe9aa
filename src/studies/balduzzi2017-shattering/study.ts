/**
 * @file Balduzzi et al. 2017: the gradients of plain ReLU networks at neighbouring inputs become white noise with depth,
 * those with skip connections far less so. Known from the abstract: exponential decay for plain networks, sublinear with
 * skip connections, despite careful initialisation and batch norm. The grid of 256 inputs and the width of 200 are the paper's;
 * from memory only: the reach of the grid, and the laws 1/2^L and 1/√L for a depth of L. The laws themselves are therefore
 * not judged, only that plain networks end as white noise and that skip connections keep more.
 *
 * Ours: biases are drawn like weights, since without any the derivative has two values only; batch norm takes its
 * statistics from the grid and holds them fixed, so that df/dx is the derivative of a function of one input.
 */

import { counted } from '../../counted.ts';
import { leastSquaresSlope, mean } from '../../math/statistics.ts';
import type { StepRecord } from '../../records/record.ts';
import type { PlotFigure } from '../figure.ts';
import { format3 } from '../number-text.ts';
import { intervalPart, resultOf } from '../parts.ts';
import type { PartResult } from '../result.ts';
import type { Grid } from '../grid.ts';
import { measuredStudy } from '../measured-study.ts';
import type { Study } from '../study.ts';
import { arms, measure, type ShatteringArm, type ShatteringProtocol } from './measure.ts';

const protocol: ShatteringProtocol = {
  seeds: 5,
  depths: [1, 2, 4, 10, 24, 50],
  units: 200,
  points: 256,
  reach: 2,
  traced: [1, 24, 50],
};

/**
 * `noise`: at the greatest depth a plain network's autocorrelation is below this; white noise of 256 points has ±0.06.
 * `kept`: how much more of it skip connections keep there, at least.
 */
const rule = { noise: 0.1, kept: 0.1 } as const;

const armNames = Object.keys(arms) as readonly ShatteringArm[];
const looks: Readonly<Record<ShatteringArm, { readonly arm: string; readonly label?: string }>> = {
  plain: { arm: 'standard', label: 'plain' },
  skip: { arm: 'skip' },
  'plain, batch norm': { arm: 'batch', label: 'plain' },
  'skip, batch norm': { arm: 'skip, batch norm' },
};
const shownArms = armNames.map((arm) => looks[arm].arm);

export const balduzzi2017Shattering: Study = measuredStudy({
  name: 'balduzzi2017/shattering',
  title: 'Shattered gradients',
  paper: 'balduzzi2017',
  where: 'Abstract; experiments on one input',
  claim:
    'The correlation between the gradients of neighbouring inputs decays to that of white noise with the depth of a plain ReLU network, and skip connections keep far more of it.',
  tags: ['exact', 'initialisation'],
  rule,
  code: import.meta.url,
  arms: armNames,
  protocol: (budget) => ({ ...protocol, seeds: budget === 'quick' ? protocol.seeds : 20 }),
  // The seeds of an arm share its graphs, and are one cell.
  replicates: () => 1,
  seconds: ({ seeds }) => 1 + 0.3 * seeds,
  measure: (laboratory, settings, { arm }) => measure(laboratory, settings, arm),
  decide: (grid, settings) => decide(settings, grid),
});

type RecordsOf = ReadonlyMap<ShatteringArm, readonly StepRecord[]>;

function recordsOf({ cells }: Grid<ShatteringArm>): RecordsOf {
  return new Map(cells.map(({ point, records }) => [point.arm, records.all]));
}

function decide(settings: ShatteringProtocol, grid: Grid<ShatteringArm>): ReturnType<typeof resultOf> {
  const { seeds, depths } = settings;
  const deepest = Math.max(...depths);
  const at = (arm: ShatteringArm, seed: number, depth: number): number =>
    grid.cell({ arm }).records.value('autocorrelation', { place: { depth, seed } });
  const perSeed = (value: (seed: number) => number) =>
    Array.from({ length: seeds }, (_, seed) => ({ seed, value: value(seed) }));
  const average = (arm: ShatteringArm, depth: number): number =>
    mean(perSeed((seed) => at(arm, seed, depth)).map(({ value }) => value));
  const course = (arm: ShatteringArm): string =>
    `Mean autocorrelation, ${arm}: ${depths.map((depth) => `${format3(average(arm, depth))} at depth ${depth}`).join(', ')}.`;
  const slope = (arm: ShatteringArm, seed: number): number =>
    leastSquaresSlope(
      depths,
      depths.map((depth) => logAbove(at(arm, seed, depth), settings.points)),
    );

  const shatters = (
    [falls, noise]: readonly [string, string],
    arm: ShatteringArm,
    words: string,
  ): readonly PartResult[] => [
    intervalPart(
      {
        name: falls,
        claim: `The autocorrelation falls with the depth of plain networks ${words}.`,
        effect: `minus the slope per layer of ln(autocorrelation at lag one), depths ${depths.join(', ')}, values below the noise 1/√${settings.points} raised to it`,
        margin: 0,
        rule: 'above',
        remarks: [course(arm)],
      },
      perSeed((seed) => -slope(arm, seed)),
    ),
    intervalPart(
      {
        name: noise,
        claim: `At depth ${deepest} the gradients of plain networks ${words} are white noise.`,
        effect: `${rule.noise} less the autocorrelation at lag one, depth ${deepest}`,
        margin: 0,
        rule: 'above',
      },
      perSeed((seed) => rule.noise - at(arm, seed, deepest)),
    ),
  ];
  const keeps = (name: string, arm: ShatteringArm, plain: ShatteringArm, words: string): PartResult =>
    intervalPart(
      {
        name,
        claim: `At depth ${deepest} skip connections keep more autocorrelation ${words}.`,
        effect: `autocorrelation at lag one with skip connections less that without, same parameters, depth ${deepest}`,
        margin: rule.kept,
        rule: 'above',
        remarks: [
          course(arm),
          `Reported, not judged: ln(autocorrelation) over ln(depth) has a mean slope of ${format3(mean(perSeed((seed) => powerSlope(seed, arm)).map(({ value }) => value)))}.`,
        ],
      },
      perSeed((seed) => at(arm, seed, deepest) - at(plain, seed, deepest)),
    );
  const powerSlope = (seed: number, arm: ShatteringArm): number =>
    leastSquaresSlope(
      depths.map(Math.log),
      depths.map((depth) => logAbove(at(arm, seed, depth), settings.points)),
    );

  const parts = [
    ...shatters(['a', 'b'], 'plain', 'without norm'),
    keeps('c', 'skip', 'plain', 'without norm'),
    ...shatters(['d', 'e'], 'plain, batch norm', 'with batch norm'),
    keeps('f', 'skip, batch norm', 'plain, batch norm', 'with batch norm'),
  ];
  return resultOf(parts, {
    outcome: `at depth ${deepest} the autocorrelation of neighbouring gradients is ${armNames.map((arm) => `${format3(average(arm, deepest))} (${arm})`).join(', ')}`,
    notes: [
      `Plain networks of ${counted(deepest, 'layer')} keep an autocorrelation of ${format3(average('plain', deepest))} without batch norm, and ${format3(average('plain, batch norm', deepest))} with it. Layers of ReLU draw inputs together, whose units then switch together; batch norm takes off what they share and so keeps them apart, and at the first layer it takes off the biases, so that all units switch in the middle of the grid.`,
      'The published laws of decay and part of the protocol are known from memory and second hand: the exponents are reported, not judged.',
      'Batch norm takes its statistics from the whole grid and holds them fixed under the derivative; gradients of a training step would pass through the statistics as well.',
    ],
    figures: [
      depthFigure(settings, at),
      ...settings.traced.map((depth) => traceFigure(depth, 'batch', recordsOf(grid))),
      ...settings.traced.slice(-1).map((depth) => traceFigure(depth, 'none', recordsOf(grid))),
    ],
  });
}

/** ln of an autocorrelation, which noise may take to 0 and below: no lower than the noise of n points. */
function logAbove(value: number, points: number): number {
  return Math.log(Math.max(value, 1 / Math.sqrt(points)));
}

function depthFigure(
  { seeds, depths, points }: ShatteringProtocol,
  at: (arm: ShatteringArm, seed: number, depth: number) => number,
): PlotFigure {
  return {
    id: 'balduzzi2017-shattering-depth',
    title: 'Autocorrelation of the gradient against depth',
    caption: `df/dx at ${points} inputs and the same at the next input, at initialisation, one thin line per seed: 1 is a smooth course, 0 white noise.`,
    x: { label: 'hidden layers', unit: '', scale: 'log' },
    y: { label: 'autocorrelation at lag one', unit: '', scale: 'linear' },
    arms: shownArms,
    marks: [
      { mark: 'rule', kind: 'theory', label: 'white noise', value: 0 },
      ...armNames.flatMap((arm) =>
        Array.from({ length: seeds }, (_, seed) => ({
          mark: 'line' as const,
          ...looks[arm],
          seed,
          x: depths,
          y: depths.map((depth) => at(arm, seed, depth)),
        })),
      ),
    ],
  };
}

/** How many inputs of a trace are drawn: more would be merged on paper, and white noise with them. */
const drawn = 48;

function traceFigure(depth: number, norm: 'none' | 'batch', records: RecordsOf): PlotFigure {
  const shown = norm === 'none' ? 'without norm' : 'with batch norm';
  return {
    id: `balduzzi2017-shattering-trace-${depth}-${norm}`,
    title: `The gradient along the grid, depth ${depth}, ${shown}`,
    caption: `df/dx at the ${drawn} inputs in the middle of the grid, seed 0, centred and divided by its standard deviation over all inputs.`,
    x: { label: 'input x', unit: '', scale: 'linear' },
    y: { label: 'df/dx', unit: 'std', scale: 'linear' },
    arms: shownArms,
    marks: armNames.flatMap((arm) => {
      if (arms[arm].norm !== norm) return [];
      const trace =
        records
          .get(arm)
          ?.filter((r) => r.quantity === 'gradient' && r.place?.['depth'] === depth && r.place['seed'] === 0) ?? [];
      const first = Math.max(0, Math.floor((trace.length - drawn) / 2));
      const middle = trace.slice(first, first + drawn);
      const [x, y] = [middle.map(({ at = Number.NaN }) => at), middle.map(({ value }) => value)];
      return x.length === 0 ? [] : [{ mark: 'line', ...looks[arm], seed: 0, x, y }];
    }),
  };
}
