/** @file What a sweep came to, in lines of at most 80 characters. */

import { columns } from '../../report/plain-text.ts';
import { format3 } from '../../studies/number-text.ts';
import { variedAxes } from '../../sweeps/axes.ts';
import type { SweepAxis } from '../../sweeps/plan.ts';
import { type SettingResult, settingResults } from '../../sweeps/results.ts';
import { outcomeText, percentText } from '../../sweeps/table.ts';
import { cut, WIDTH, wrap } from '../lines.ts';
import type { SweepToShow } from './sweep-section.ts';

/** So many settings are listed; of others the report has a table. */
const MOST_LISTED = 40;
/** A value of an axis is cut to no fewer characters. */
const LEAST_VALUE = 3;

/** The outcome in a sentence, and a row per setting in the order of the plan; of very many, the most accurate. */
export function sweepText({ axes, cells }: Pick<SweepToShow, 'axes' | 'cells'>): string {
  const results = settingResults(axes, cells);
  const told = variedAxes(axes);
  const scoreOf = ({ accuracy }: SettingResult): number => accuracy?.mean ?? Number.NEGATIVE_INFINITY;
  const isLong = results.length > MOST_LISTED;
  const best = isLong ? results.toSorted((a, b) => scoreOf(b) - scoreOf(a)).slice(0, MOST_LISTED) : results;
  const rest = isLong
    ? [`The ${MOST_LISTED} with the highest test accuracy of ${results.length}; the report has all.`]
    : [];
  return [...wrap(outcomeText(told, results), WIDTH), '', table(told, best), ...rest].join('\n');
}

function table(axes: readonly SweepAxis[], results: readonly SettingResult[]): string {
  const numbers = [
    ['loss', 'test accuracy', 'finished', 'diverged'],
    ...results.map(({ loss, accuracy, finished, asked, diverged }) => [
      loss === undefined ? '–' : format3(loss.mean),
      percentText(accuracy),
      `${finished} of ${asked}`,
      String(diverged),
    ]),
  ];
  const values = [
    axes.map(({ name }) => name),
    ...results.map(({ setting }) => axes.map(({ name }) => setting[name] ?? '')),
  ];
  const room = WIDTH - widthOf(numbers) - (axes.length > 0 ? 2 : 0);
  const longest = widthOf(values) <= room ? WIDTH : Math.max(LEAST_VALUE, Math.floor((room + 2) / axes.length) - 2);
  return columns(values.map((row, i) => [...row.map((value) => cut(value, longest)), ...(numbers[i] ?? [])]));
}

/** Of the columns that rows make. */
function widthOf(rows: readonly (readonly string[])[]): number {
  return Math.max(
    ...columns(rows)
      .split('\n')
      .map((line) => line.length),
  );
}
