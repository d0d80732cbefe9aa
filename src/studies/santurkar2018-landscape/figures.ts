/** @file The paper's three panels from this run's numbers, at each learning rate, and the effects with their intervals. */

import type { Figure, LineMark, PlotFigure, RuleMark } from '../figure.ts';
import { format3 } from '../number-text.ts';
import type { PartResult } from '../result.ts';
import { effectsFigure, stepsAxis } from '../trained-figures.ts';
import { RUNNING_BATCHES } from '../training-curves.ts';
import type { RateGroup } from './groups.ts';
import { type LandscapeProtocol, rule } from './protocol.ts';
import type { CellSeries } from './series.ts';

const arms = ['standard', 'batch'] as const;

export function figures(
  groups: readonly RateGroup[],
  parts: readonly PartResult[],
  protocol: LandscapeProtocol,
): readonly Figure[] {
  const judgedFirst = groups.toSorted(
    (a, b) => Number(b.rate === rule.judgedRate) - Number(a.rate === rule.judgedRate),
  );
  const [judged, ...others] = judgedFirst.map((group) => panels(group, protocol));
  const effects = effectsFigure(parts, {
    id: 'landscape-effects',
    title: `Effects at learning rate ${rule.judgedRate}`,
  });
  return [...(judged ?? []), ...effects, ...others.flat(), ...judgedFirst.map(trainingFigure)];
}

function panels(group: RateGroup, protocol: LandscapeProtocol): readonly Figure[] {
  const { rate } = group;
  const isPaper = rate === rule.judgedRate;
  const published = (label: string, value: number) => ({
    mark: 'rule' as const,
    kind: 'published' as const,
    label,
    value,
  });
  const range = protocol.multiples.filter((multiple) => multiple >= rule.leastMultiple);
  const along = `s from ${format3(Math.min(...range) * rate)} to ${format3(Math.max(...range) * rate)}`;
  return [
    bands(group, {
      id: `landscape-loss-lr${rate}`,
      title: `Loss along the step, learning rate ${rate}`,
      caption: `Smallest to largest loss at x − s·g, ${along}, on the step's own batch; one band per seed.`,
      label: 'loss (nats)',
      of: ({ lossLow, lossHigh }) => [lossLow, lossHigh],
      rules: isPaper ? [published('paper: standard up to 10', 10), published('paper: batch norm up to 2.5', 2.5)] : [],
    }),
    bands(group, {
      id: `landscape-gradient-lr${rate}`,
      title: `Gradient change along the step, learning rate ${rate}`,
      caption: `Smallest to largest ‖g(x) − g(x − s·g)‖, ${along}; one band per seed.`,
      label: 'gradient change',
      of: ({ changeLow, changeHigh }) => [changeLow, changeHigh],
      rules: isPaper
        ? [published('paper: standard spikes to 250', 250), published('paper: batch norm up to 40', 40)]
        : [],
    }),
    {
      id: `landscape-beta-lr${rate}`,
      title: `Effective smoothness, learning rate ${rate}`,
      caption: `Largest ‖g(x) − g(x − s·g)‖/(s‖g‖), ${along}; thin lines are seeds, thick ones their median.`,
      x: stepsAxis,
      y: { label: 'effective beta', unit: '', scale: 'log' },
      marks: [
        { mark: 'rule', kind: 'theory', label: '2/eta', value: 2 / rate },
        ...(isPaper ? [published('paper: standard spikes to 45', 45)] : []),
        ...curves(group, ({ points }) => ({ x: points.map(({ step }) => step), y: points.map(({ beta }) => beta) })),
      ],
    },
  ];
}

function bands(
  group: RateGroup,
  about: {
    readonly id: string;
    readonly title: string;
    readonly caption: string;
    readonly label: string;
    readonly of: (point: CellSeries['points'][number]) => readonly [number, number];
    readonly rules: readonly RuleMark[];
  },
): PlotFigure {
  const { id, title, caption, label, of, rules } = about;
  return {
    id,
    title,
    caption,
    x: stepsAxis,
    y: { label, unit: '', scale: 'log' },
    marks: [
      ...rules,
      ...group.seeds.flatMap((pair) =>
        arms.map((arm) => {
          const { points } = pair[arm];
          const ranges = points.map(of);
          return {
            mark: 'band' as const,
            arm,
            seed: pair.seed,
            x: points.map(({ step }) => step),
            low: ranges.map(([low]) => low),
            high: ranges.map(([, high]) => high),
          };
        }),
      ),
    ],
  };
}

function curves(
  group: RateGroup,
  of: (series: CellSeries) => { readonly x: readonly number[]; readonly y: readonly number[] },
): readonly LineMark[] {
  return group.seeds.flatMap((pair) => arms.map((arm) => ({ mark: 'line', arm, seed: pair.seed, ...of(pair[arm]) })));
}

function trainingFigure(group: RateGroup): PlotFigure {
  return {
    id: `training-lr${group.rate}`,
    title: `Training accuracy, learning rate ${group.rate}`,
    caption: `Running mean over the last ${RUNNING_BATCHES} batches. The comparison begins where the standard arm is 10 points above chance.`,
    x: stepsAxis,
    y: { label: 'training accuracy', unit: '', scale: 'linear' },
    marks: curves(group, ({ runningAccuracy }) => {
      const x = runningAccuracy.map((_, step) => step).filter((step) => step % 5 === 0);
      return { x, y: x.map((step) => runningAccuracy[step] ?? Number.NaN) };
    }),
  };
}
