/** @file The scales of a figure: over all of its marks, so that its panels share them. */
import type { Axis, Mark, PlotFigure, RuleMark } from '../../studies/figure.ts';
import { type Scale, categoryScale, makeScale, withTicks } from '../svg/scale.ts';
import { cellBounds } from './cell.ts';
import { reachedValues } from './rules.ts';
import { leastShown } from './step.ts';

/** Makes a scale for a range of pixels. */
type ScaleMaker = (range: readonly [number, number]) => Scale;

/**
 * The horizontal scale: from the first point to the last, with air around dots.
 * The vertical one: rounded outwards to ticks, unless it is filled with cells or rows of outlines.
 * @param nameRoom - the widest line of a name on the vertical axis, px
 */
export function scalesOf(figure: PlotFigure, nameRoom: number): { readonly x: ScaleMaker; readonly y: ScaleMaker } {
  const has = (kind: Mark['mark']): boolean => figure.marks.some(({ mark }) => mark === kind);
  const roundings = {
    x: has('dot') && !has('cell') ? 'outwards' : 'none',
    y: has('cell') || has('ridge') ? 'none' : 'outwards',
  } as const;
  const maker = (axis: 'x' | 'y'): ScaleMaker => {
    const { scale, categories } = figure[axis];
    if (categories !== undefined) {
      return ([start, end]) =>
        axis === 'x' ? categoryScale(categories, [start, end]) : categoryScale(categories, [end, start], nameRoom);
    }
    const values = extremesAlong(figure, axis);
    const least = axis === 'y' && scale === 'log' ? leastShown(figure.marks) : [];
    const shown = [...values, ...least, ...reachedValues(rulesOf(figure.marks), axis, scale, values)];
    const centres = centresOf(figure.marks, axis);
    return (range) => {
      const made = makeScale(scale, shown, range, roundings[axis]);
      return centres.length === 0 ? made : withTicks(made, centres);
    };
  };
  return { x: maker('x'), y: maker('y') };
}

export function rulesOf(marks: readonly Mark[]): readonly RuleMark[] {
  return marks.filter((mark) => mark.mark === 'rule');
}

/** Whether there is a value that can be drawn. */
export function hasValues(figure: PlotFigure): boolean {
  return figure.marks.some((mark) => valuesOf(mark, 'y', figure.y).some(Number.isFinite));
}

/** Of all values along an axis those that decide its scale: the least, the largest, and the least that a log axis shows. */
function extremesAlong(figure: PlotFigure, axis: 'x' | 'y'): readonly number[] {
  let [low, high, positive] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const mark of figure.marks) {
    for (const value of valuesOf(mark, axis, figure[axis])) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
      if (value > 0) positive = Math.min(positive, value);
    }
  }
  return [low, high, positive].filter(Number.isFinite);
}

function valuesOf(mark: Mark, along: 'x' | 'y', axis: Axis): readonly number[] {
  switch (mark.mark) {
    case 'line':
      return mark[along];
    case 'band':
      return along === 'x' ? mark.x : [...mark.low, ...mark.high];
    case 'dot':
      return mark.interval?.along === along
        ? [...mark[along], ...mark.interval.low, ...mark.interval.high]
        : mark[along];
    case 'step':
      return along === 'x' ? mark.edges : [0, ...mark.counts];
    case 'ridge':
      return along === 'x' ? mark.edges : [mark.base, ...mark.heights.map((height) => mark.base + height)];
    case 'cell':
      return [...cellBounds(mark[along], axis).values()].flat();
    case 'rule':
      return [];
  }
}

/** Cells are ticked at their places, unless these are more than a reader wants to know. */
const MOST_CENTRES = 14;

function centresOf(marks: readonly Mark[], axis: 'x' | 'y'): readonly number[] {
  const places = new Set(marks.flatMap((mark) => (mark.mark === 'cell' ? mark[axis].filter(Number.isFinite) : [])));
  return places.size > MOST_CENTRES ? [] : [...places].sort((a, b) => a - b);
}
