/** @file The same rays read by other measures, which carry no unit of the gradient or the loss. */

import type { Table } from '../figure.ts';
import { windowMedian } from './control.ts';
import type { RateGroup } from './groups.ts';
import type { ProbePoint } from './series.ts';

const variants: readonly { readonly label: string; readonly of: (point: ProbePoint) => number }[] = [
  { label: 'largest slope |ΔL|/(s‖g‖)', of: ({ slope }) => slope },
  { label: '‖Δg‖/‖g‖ at eta', of: (point) => point.at('ray-relative-change', 1) },
  { label: 'cos(g, g′) at eta', of: (point) => point.at('ray-cosine', 1) },
  { label: 'actual/predicted decrease at eta', of: (point) => point.at('ray-decrease-ratio', 1) },
];

const random: typeof variants = [
  { label: 'random direction: ‖Δg‖/‖g‖ at eta', of: (point) => point.at('random-ray-relative-change', 1) },
  { label: 'random direction: slope at eta', of: (point) => point.at('random-ray-lipschitz', 1) },
];

export function variantsTable(groups: readonly RateGroup[]): Table {
  const hasRandom = groups.some(({ seeds }) =>
    seeds.some(({ batch }) => Number.isFinite(batch.points[0]?.at('random-ray-beta', 1))),
  );
  const shown = hasRandom ? [...variants, ...random] : variants;
  return {
    title: 'Other measures of the same rays',
    caption:
      'Median over seeds of the median over the window. The slope is the Lipschitz constant of the loss along the ray, ' +
      'which is what the word names; the rest do not change when loss or gradient are rescaled. Reported, not judged.',
    columns: ['learning rate eta', 'arm', ...shown.map(({ label }) => label)],
    rows: groups.flatMap((group) =>
      (['standard', 'batch'] as const).map((arm) => [
        group.rate,
        arm === 'batch' ? 'batch norm' : 'standard',
        ...shown.map(({ of }) => windowMedian(group, arm, of)),
      ]),
    ),
  };
}
