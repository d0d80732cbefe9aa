/**
 * @file The control that tells smoothness from the edge of stability: beta and directional curvature kappa at single step
 * sizes, never their maximum, each times eta/2. A value near 1 is what the step size imposes on any network.
 */

import { median, studentInterval } from '../../math/statistics.ts';
import type { Table } from '../figure.ts';
import { formatInterval3 } from '../number-text.ts';
import type { PartResult } from '../result.ts';
import type { RateGroup } from './groups.ts';
import { rule } from './protocol.ts';
import type { ProbePoint } from './series.ts';
import type { Comparison } from './window.ts';

type Arm = 'standard' | 'batch';
const arms: readonly Arm[] = ['standard', 'batch'];
const multiples = [1, 0.01] as const;

/**
 * Median over seeds of the median over the window, of one arm at one rate, what is not a number left out; NaN where
 * nothing is left.
 */
export function windowMedian({ seeds, failure }: RateGroup, arm: Arm, of: (point: ProbePoint) => number): number {
  if (failure !== undefined) return Number.NaN;
  return medianOfFinite(seeds.map(({ window }) => windowValue(window, arm, of)));
}

function windowValue(window: Comparison | string, arm: Arm, of: (point: ProbePoint) => number): number {
  return typeof window === 'string' ? Number.NaN : medianOfFinite(window[arm].map(of));
}

function medianOfFinite(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? Number.NaN : median(finite);
}

function times(group: RateGroup, arm: Arm, quantity: string, multiple: number): number {
  return (windowMedian(group, arm, (point) => point.at(quantity, multiple)) * group.rate) / 2;
}

export function controlTable(groups: readonly RateGroup[]): Table {
  return {
    title: 'Control: smoothness, or the edge of stability?',
    caption:
      'beta = ‖Δg‖/(s‖g‖) and kappa = ⟨Δg, g⟩/(s‖g‖²), each times eta/2: the median over seeds of the median over the ' +
      'window. kappa·eta/2 near 1 at s = eta/100 is the edge of stability, where the step size sets the curvature ' +
      '(cohen2021; for mini-batches andreyev2024). Two unrelated gradients of equal norm give beta·eta/2 = 0.71 at s = eta.',
    columns: [
      'learning rate eta',
      'arm',
      'beta·eta/2 at eta',
      'kappa·eta/2 at eta',
      'beta·eta/2 at eta/100',
      'kappa·eta/2 at eta/100',
    ],
    rows: groups.flatMap((group) =>
      arms.map((arm) => [
        group.rate,
        arm === 'batch' ? 'batch norm' : 'standard',
        ...multiples.flatMap((multiple) => [
          times(group, arm, 'ray-beta', multiple),
          times(group, arm, 'ray-curvature', multiple),
        ]),
      ]),
    ),
  };
}

export function controlNotes(groups: readonly RateGroup[], parts: readonly PartResult[]): readonly string[] {
  return [...edgeNote(groups, parts), ...smallRateNote(groups)];
}

function edgeNote(groups: readonly RateGroup[], parts: readonly PartResult[]): readonly string[] {
  const [low, high] = rule.edgeOfStability;
  const atEdge = groups.filter((group) =>
    arms.every((arm) => {
      const value = times(group, arm, 'ray-curvature', 0.01);
      return value >= low && value <= high;
    }),
  );
  if (atEdge.length < 2) return [];
  const interval = parts.find(({ name }) => name === 'c')?.pairings[0]?.interval;
  const inSpikes = interval !== undefined && interval.lower > rule.betaMargin;
  const rates = atEdge.map(({ rate }) => rate).join(', ');
  return [
    `beta is set by the step size (edge of stability): kappa·eta/2 at s = eta/100 lies in [${low}, ${high}] in both arms ` +
      `at learning rates ${rates}${inSpikes ? '; in spikes only' : ''}.`,
  ];
}

/** Whether the sign of the smoothness difference turns round between the judged rate and a small one. */
function smallRateNote(groups: readonly RateGroup[]): readonly string[] {
  const intervals = [rule.judgedRate, rule.smallRate].map((rate) => {
    const group = groups.find((candidate) => candidate.rate === rate);
    if (group === undefined || group.failure !== undefined || group.seeds.length < 2) return undefined;
    const effects = group.seeds.map(({ window }) => {
      const beta = (arm: Arm): number => windowValue(window, arm, (point) => point.at('ray-beta', 1));
      return Math.log(beta('standard') / beta('batch'));
    });
    return effects.every(Number.isFinite) ? studentInterval(effects) : undefined;
  });
  const [judged, small] = intervals;
  if (judged === undefined || small === undefined) return [];
  const measured =
    `ln of the ratio (standard / batch norm) of beta at s = eta: ${formatInterval3(judged)} at learning rate ` +
    `${rule.judgedRate}, ${formatInterval3(small)} at ${rule.smallRate}`;
  const opposite = (judged.lower > 0 && small.upper < 0) || (judged.upper < 0 && small.lower > 0);
  return [opposite ? `The claim does not hold at small step sizes: ${measured}.` : `Small-rate control: ${measured}.`];
}
