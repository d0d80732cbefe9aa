/** @file Which axis of a sweep a figure draws along, and where the values of one stand. */

import type { Axis } from '../studies/figure.ts';
import { isLost, type Measure } from './measures.ts';
import type { SweepAxis } from './plan.ts';
import type { SettingResult } from './results.ts';

/** More panels than these, or more lines in one, cannot be told apart. */
const MOST_PANELS = 6;
export const MOST_LINES = 6;
/** Values further apart than this stand on a logarithmic axis. */
const WIDE = 8;

/** Which axes are what in a figure; of each that has no part, the best value is taken place by place. */
export interface Roles {
  readonly x: SweepAxis;
  readonly other: SweepAxis | undefined;
  readonly panel: SweepAxis | undefined;
  readonly rest: readonly SweepAxis[];
}

/** Whether all values are different numbers. */
export function isNumeric({ values }: SweepAxis): boolean {
  const numbers = values.map(numberOf);
  return numbers.every(Number.isFinite) && new Set(numbers).size === values.length;
}

/** Those along which something varies. */
export function variedAxes(axes: readonly SweepAxis[]): readonly SweepAxis[] {
  return axes.filter(({ values }) => values.length > 1);
}

/** Of a map: numbers along both axes where there are any. Undefined where fewer than two axes vary. */
export function rolesOfMap(axes: readonly SweepAxis[]): Roles | undefined {
  const varied = variedAxes(axes);
  const [x, other, ...rest] = [...varied.filter(isNumeric), ...varied.filter((axis) => !isNumeric(axis))];
  return x === undefined || other === undefined ? undefined : { x, other, ...panelOf(rest) };
}

/** Of curves: over numbers, with a line per name. Undefined where nothing is numeric, or a line would be a number. */
export function rolesOfCurves(axes: readonly SweepAxis[]): Roles | undefined {
  const varied = variedAxes(axes);
  const x = varied.find(isNumeric);
  const names = varied.filter((axis) => axis !== x && !isNumeric(axis));
  const other = names.find(({ values }) => values.length <= MOST_LINES);
  if (x === undefined || (other === undefined && varied.length > 1)) return undefined;
  return { x, other, ...panelOf(varied.filter((axis) => axis !== x && axis !== other)) };
}

function panelOf(left: readonly SweepAxis[]): Pick<Roles, 'panel' | 'rest'> {
  const panel = left.find(({ values }) => values.length <= MOST_PANELS);
  return { panel, rest: left.filter((axis) => axis !== panel) };
}

/** How an axis of a sweep is drawn: numbers at their places, names beside each other. */
export function drawnAxis(axis: SweepAxis): Axis {
  const { name, values } = axis;
  if (!isNumeric(axis)) return { label: name, unit: '', scale: 'linear', categories: values };
  const numbers = values.map(numberOf);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return { label: name, unit: '', scale: low > 0 && high / low > WIDE ? 'log' : 'linear' };
}

/** Where a value stands on its axis: at its number, or at its place among names. */
export function placeOn(axis: SweepAxis, value: string): number {
  return isNumeric(axis) ? numberOf(value) : axis.values.indexOf(value);
}

/** " Of momentum, the value with the lowest loss at each place."; empty where every axis has a part. */
export function restText({ rest }: Roles, { best }: Measure): string {
  return rest.length === 0
    ? ''
    : ` Of ${rest.map(({ name }) => name).join(' and ')}, the value with the ${best} at each place.`;
}

/** One place of a figure and the result that stands there. */
export interface Placed {
  readonly x: string;
  readonly other: string;
  readonly panel: string | undefined;
  readonly result: SettingResult;
}

/** A result per place: the best where axes have no part. */
export function bestPlaced(
  { x, other, panel }: Roles,
  results: readonly SettingResult[],
  { score }: Measure,
): readonly Placed[] {
  // What has no number, or lost most of its seeds, is worse than anything that has one.
  const scoreOf = (result: SettingResult): number => {
    const found = isLost(result) ? Number.NaN : score(result);
    return Number.isNaN(found) ? Number.NEGATIVE_INFINITY : found;
  };
  const places = new Map<string, Placed>();
  for (const result of results) {
    const valueOf = (axis: SweepAxis | undefined): string =>
      axis === undefined ? '' : (result.setting[axis.name] ?? '');
    const name = panel === undefined ? undefined : `${panel.name} ${valueOf(panel)}`;
    const placed = { x: valueOf(x), other: valueOf(other), panel: name, result };
    const key = JSON.stringify([placed.x, placed.other, name]);
    const known = places.get(key);
    if (known === undefined || scoreOf(result) > scoreOf(known.result)) places.set(key, placed);
  }
  return [...places.values()];
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
