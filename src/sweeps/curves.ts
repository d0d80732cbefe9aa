/** @file Curves of a sweep: loss and accuracy over an axis of numbers, and over steps where settings are told by a name. */

import { capitalised } from '../capitalised.ts';
import { Records } from '../records/records.ts';
import type { BandMark, DotMark, LineMark, PlotFigure } from '../studies/figure.ts';
import { stepsAxis } from '../studies/trained-figures.ts';
import { curveOf } from '../studies/training-curves.ts';
import {
  bestPlaced,
  drawnAxis,
  isNumeric,
  MOST_LINES,
  type Placed,
  placeOn,
  restText,
  type Roles,
  rolesOfCurves,
  variedAxes,
} from './axes.ts';
import { isLost, type Measure, measures } from './measures.ts';
import { LEAST_FOR_INTERVAL, type SeedMean, type SettingResult } from './results.ts';
import type { SweepAxis } from './plan.ts';

/** A figure per measure over the first axis of numbers, with a line per name of another; none where there is none. */
export function curveFigures(axes: readonly SweepAxis[], results: readonly SettingResult[]): readonly PlotFigure[] {
  const roles = rolesOfCurves(axes);
  return roles === undefined ? [] : measures.map((measure) => curvesOf(roles, results, measure));
}

function curvesOf(roles: Roles, results: readonly SettingResult[], measure: Measure): PlotFigure {
  const { x, other } = roles;
  const { axis, id, definition, lost } = measure;
  const lines = new Map<string, Placed[]>();
  for (const one of bestPlaced(roles, results, measure)) {
    const key = JSON.stringify([one.panel, one.other]);
    lines.set(key, [...(lines.get(key) ?? []), one]);
  }
  return {
    id: `sweep-curve-${id}`,
    title: `${capitalised(axis.label)} over ${x.name}`,
    caption:
      `${definition} Mean over the seeds that did not diverge, with its 95 % interval (Student's t) where these are ` +
      `${LEAST_FOR_INTERVAL} or more, no further than values can lie. Where half of the seeds that finished or more diverged, an ` +
      `arrow stands at the ${lost.edge} edge; where none has finished there is a gap.${restText(roles, measure)}`,
    x: drawnAxis(x),
    y: axis,
    ...(other !== undefined && { arms: other.values }),
    marks: [...lines.values()].flatMap((line) => marksOf(line, x, measure)),
  };
}

function marksOf(
  line: readonly Placed[],
  axis: SweepAxis,
  measure: Measure,
): readonly (BandMark | LineMark | DotMark)[] {
  const points = line
    .map(({ x: value, result }) => ({
      at: placeOn(axis, value),
      isLost: isLost(result),
      seeds: isLost(result) ? undefined : measure.of(result),
    }))
    .toSorted((a, b) => a.at - b.at);
  const [first] = line;
  const about = {
    arm: first?.other === '' ? 'mean over seeds' : (first?.other ?? ''),
    ...(first?.panel !== undefined && { panel: first.panel }),
  };
  const x = points.map(({ at }) => at);
  const valuesBy = (value: (seeds: SeedMean) => number | undefined): readonly number[] =>
    points.map(({ seeds }) => (seeds === undefined ? Number.NaN : (value(seeds) ?? Number.NaN)));
  const [least, most] = measure.range;
  const lost = points.filter((point) => point.isLost);
  return [
    {
      mark: 'band',
      ...about,
      x,
      low: valuesBy(({ interval }) => interval && Math.max(least, interval.lower)),
      high: valuesBy(({ interval }) => interval && Math.min(most, interval.upper)),
    },
    { mark: 'line', ...about, x, y: valuesBy(({ mean }) => mean) },
    // One each: neighbours of one mark would share an arrow. A dot at infinity is the arrow alone.
    ...lost.map(({ at }): DotMark => ({ mark: 'dot', ...about, x: [at], y: [measure.lost.value] })),
  ];
}

/** Loss over steps, a thin line per seed; only where one axis varies, and that is of names. */
export function trainingFigures(axes: readonly SweepAxis[], results: readonly SettingResult[]): readonly PlotFigure[] {
  const [axis, ...others] = variedAxes(axes);
  const isOfNames = axis !== undefined && others.length === 0 && !isNumeric(axis);
  const hasOneSetting = axis === undefined;
  if (!isOfNames && !hasOneSetting) return [];
  const lossOf = ({ loss }: SettingResult): number => loss?.mean ?? Number.MAX_VALUE;
  const best = results.toSorted((a, b) => lossOf(a) - lossOf(b)).slice(0, MOST_LINES);
  const shown = results.filter((result) => results.length <= MOST_LINES || best.includes(result));
  const marks = shown.flatMap(({ setting, cells }) =>
    cells.flatMap(({ seed, finished }): readonly LineMark[] => {
      if (finished === undefined) return [];
      const { runningLoss } = curveOf(new Records(finished.records()));
      const arm = axis === undefined ? 'all seeds' : (setting[axis.name] ?? '');
      return [{ mark: 'line', arm, seed, x: runningLoss.map((_, step) => step), y: runningLoss }];
    }),
  );
  if (marks.length === 0) return [];
  return [
    {
      id: 'sweep-training-loss',
      title: axis === undefined ? 'Training loss' : `Training loss by ${axis.name}`,
      caption:
        'Cross-entropy, running mean over 20 mini-batches; a thin line per seed under their median, which ends where the first of them does.' +
        (shown.length < results.length
          ? ` The ${shown.length} settings of ${results.length} with the lowest final loss.`
          : ''),
      x: stepsAxis,
      y: { label: 'cross-entropy', unit: 'nats', scale: 'log' },
      marks,
    },
  ];
}
