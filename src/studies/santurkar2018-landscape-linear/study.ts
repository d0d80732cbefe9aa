/** @file Santurkar et al. 2018, Figure 10: the loss of deep linear networks along the direction of a training step. */

import type { NormName } from '../../norms/index.ts';
import { heldProbe } from '../../probes/index.ts';
import type { Records } from '../../records/records.ts';
import { type DeepLinearProtocol, deepLinearProtocol, deepLinearStudy, lastLayers } from '../deep-linear-training.ts';
import { labNote } from '../definition-lab.ts';
import type { LineMark, PlotFigure } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { format3, formatInterval3 } from '../number-text.ts';
import { pairingsPart, resultOf } from '../parts.ts';
import type { PartResult } from '../result.ts';
import type { Budget, Study } from '../study.ts';
import { effectsFigure, stepsAxis } from '../trained-figures.ts';
import { type RayMedians, rayMedians } from './rays.ts';

interface Protocol extends DeepLinearProtocol {
  /** Steps between probes. */
  readonly every: number;
  readonly multiples: readonly number[];
}

const arms = { standard: 'none', batch: 'batch' } as const satisfies Record<string, NormName>;
type RayGrid = Grid<keyof typeof arms, { readonly last: typeof lastLayers }>;

const rule = {
  /** Of each effect, a log ratio of medians. */
  margin: Math.log(1.5) as number,
  /** The window begins here, and ends at the last probe that both arms have reached. */
  from: 100,
} as const;

const protocolAt = (budget: Budget): Protocol => ({
  ...deepLinearProtocol,
  learningRate: 1e-6,
  steps: budget === 'paper' ? 10_000 : 2000,
  every: 20,
  multiples: [0.01, 0.1, 1, 10, 30],
});

const effects: readonly {
  readonly name: string;
  readonly of: keyof RayMedians;
  readonly claim: string;
  readonly text: string;
  readonly published: string;
}[] = [
  {
    name: 'a',
    of: 'range',
    claim: 'Batch normalisation makes the loss vary less along the direction of a training step.',
    text: 'max L − min L',
    published: 'standard peaks of 1e15 and 1e7, batch norm at most 1e5 (read off Fig. 10a)',
  },
  {
    name: 'b',
    of: 'change',
    claim: 'Batch normalisation makes the gradient change less along the direction of a training step.',
    text: 'max ‖g(x) − g(x − s·g)‖',
    published: 'standard up to 1e16, batch norm about 2e6 (read off Fig. 10b)',
  },
  {
    name: 'c',
    of: 'beta',
    claim: 'Batch normalisation lowers the effective smoothness constant along the direction of a training step.',
    text: 'max ‖g(x) − g(x − s·g)‖ / (s‖g‖)',
    published: 'standard falls from 1e15, both end at 2e6 = 2/eta (read off Fig. 10c)',
  },
];

export const santurkar2018LandscapeLinear: Study = deepLinearStudy({
  name: 'santurkar2018/landscape-linear',
  title: 'The loss landscape of deep linear networks',
  paper: 'santurkar2018',
  where: 'Figure 10',
  claim:
    'In a deep linear network batch normalisation makes the loss change less, and its gradient more predictable, along the direction of a training step.',
  tags: ['landscape', 'smoothness', 'deep-linear'],
  leastBudget: 'standard',
  rule,
  arms: ['standard', 'batch'],
  protocol: protocolAt,
  vary: () => ({ last: lastLayers }),
  train: ({ every, multiples }, { arm, last }) => ({
    norm: arms[arm],
    normaliseLast: last === 'last layer normalised',
    probes: [heldProbe('landscape', { every, multiples })],
  }),
  decide: (grid, { learningRate, multiples }) => {
    const pairings = lastLayers.map((last) => ({ name: last, seeds: mediansOf(grid.where({ last })) }));
    const along = `s from ${format3(Math.min(...multiples))} to ${format3(Math.max(...multiples))} × learning rate`;
    const parts = effects.map(({ name, of, claim, text, published }) =>
      pairingsPart(
        {
          name,
          claim,
          effect: `ln of the ratio (standard / batch norm) of the median over probes from step ${rule.from} on of ${text}, ${along}`,
          margin: rule.margin,
          rule: 'above',
          remarks: [
            ...pairings.map(({ name: pairing, seeds }) => {
              const each = (arm: 'standard' | 'batch'): string =>
                seeds.map((seed) => format3(seed[arm][of])).join(', ');
              return `${pairing}, medians per seed: standard ${each('standard')}; batch norm ${each('batch')}.`;
            }),
            `Paper: ${published}.`,
          ],
        },
        pairings.map(({ name: pairing, seeds }) => ({
          name: pairing,
          effects: seeds.map(({ seed, standard, batch }) => ({ seed, value: Math.log(standard[of] / batch[of]) })),
        })),
      ),
    );
    return resultOf(parts, {
      outcome: `ln of the ratios without over with batch norm (margin ${format3(rule.margin)}): ${parts.map(intervalsText).join('; ')}`,
      notes: [labNote('santurkar2018/landscape-linear')],
      figures: [
        betaFigure(grid, learningRate),
        ...effectsFigure(parts, { id: 'landscape-linear-effects', title: 'Effects per seed' }),
      ],
    });
  },
});

function mediansOf(grid: RayGrid): readonly {
  readonly seed: number;
  readonly standard: RayMedians;
  readonly batch: RayMedians;
}[] {
  return grid.seeds.map((seed) => {
    const [standard, batch] = [grid.cell({ arm: 'standard', seed }), grid.cell({ arm: 'batch', seed })];
    const last = Math.min(...[standard, batch].map(({ records }) => lastProbe(records)));
    const isIn = (step: number): boolean => step >= rule.from && step <= last;
    return { seed, standard: rayMedians(standard.records, isIn), batch: rayMedians(batch.records, isIn) };
  });
}

function lastProbe(records: Records): number {
  return records.of('ray-beta').at(-1)?.step ?? Number.NaN;
}

function intervalsText({ name, pairings }: PartResult): string {
  const what = effects.find((effect) => effect.name === name)?.text ?? name;
  return `${what} ${pairings.map(({ interval }) => (interval ? formatInterval3(interval) : '–')).join(' and ')}`;
}

function betaFigure(grid: RayGrid, learningRate: number): PlotFigure {
  return {
    id: 'landscape-linear-beta',
    title: `Effective smoothness of deep linear networks, learning rate ${learningRate}`,
    caption: 'Largest ‖g(x) − g(x − s·g)‖/(s‖g‖) over the step sizes; thin lines are seeds, thick ones their median.',
    x: stepsAxis,
    y: { label: 'effective beta', unit: '', scale: 'log' },
    marks: [
      { mark: 'rule', kind: 'theory', label: '2/eta', value: 2 / learningRate },
      ...grid.cells.map(({ point: { arm, seed, last }, records }): LineMark => {
        const largest = new Map<number, number>();
        for (const { step, value } of records.of('ray-beta')) {
          if (Number.isFinite(value)) largest.set(step, Math.max(largest.get(step) ?? 0, value));
        }
        return { mark: 'line', arm, seed, panel: last, x: [...largest.keys()], y: [...largest.values()] };
      }),
    ],
  };
}
