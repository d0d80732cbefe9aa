/** @file Maps of a sweep over two of its axes: final loss and test accuracy, a panel per value of a third. */

import { capitalised } from '../capitalised.ts';
import type { CellMark, PlotFigure } from '../studies/figure.ts';
import { bestPlaced, drawnAxis, placeOn, type Roles, restText, rolesOfMap } from './axes.ts';
import { isLost, type Measure, measures } from './measures.ts';
import type { SweepAxis } from './plan.ts';
import type { SettingResult } from './results.ts';

/** A map per measure; none where fewer than two axes vary. */
export function mapFigures(axes: readonly SweepAxis[], results: readonly SettingResult[]): readonly PlotFigure[] {
  const roles = rolesOfMap(axes);
  return roles === undefined ? [] : measures.map((measure) => mapOf(roles, results, measure));
}

function mapOf(roles: Roles, results: readonly SettingResult[], measure: Measure): PlotFigure {
  const { x, other = x } = roles;
  const placed = bestPlaced(roles, results, measure);
  const panels = [...new Set(placed.map(({ panel }) => panel))];
  const marks = panels.map((panel): CellMark => {
    const own = placed.filter((one) => one.panel === panel);
    return {
      mark: 'cell',
      ...(panel !== undefined && { panel }),
      x: own.map((one) => placeOn(x, one.x)),
      y: own.map((one) => placeOn(other, one.other)),
      values: own.map(({ result }) => (isLost(result) ? Number.NaN : (measure.of(result)?.mean ?? Number.NaN))),
      lost: own.map(({ result }) => (isLost(result) ? 'diverged' : undefined)),
      colour: measure.axis,
    };
  });
  const { label } = measure.axis;
  return {
    id: `sweep-map-${measure.id}`,
    title: `${capitalised(label)} over ${x.name} and ${other.name}`,
    caption:
      `${measure.definition} Mean over the seeds that did not diverge. Crossed out: half of those that finished or more diverged. ` +
      `A dash, or an empty cell: no seed has finished.${restText(roles, measure)}`,
    x: drawnAxis(x),
    y: drawnAxis(other),
    marks,
  };
}
