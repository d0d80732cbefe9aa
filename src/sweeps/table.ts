/** @file A sweep in numbers: a row per setting, and what came out in a sentence. */

import { counted } from '../counted.ts';
import type { Table } from '../studies/figure.ts';
import { format3, formatInterval3 } from '../studies/number-text.ts';
import { isLost, LOSS_DEFINITION } from './measures.ts';
import { LEAST_FOR_INTERVAL, type SeedMean, type SettingResult, settingText } from './results.ts';
import type { SweepAxis } from './plan.ts';

export function settingTable(axes: readonly SweepAxis[], results: readonly SettingResult[]): Table {
  const hasIntervals = results.some(({ loss, accuracy }) => (loss?.interval ?? accuracy?.interval) !== undefined);
  const interval = (text: string): readonly string[] => (hasIntervals ? [text] : []);
  return {
    title: 'What each setting came to',
    caption:
      `Final training loss: ${LOSS_DEFINITION}. Test accuracy: of the whole test set, after the last step. Means over the seeds ` +
      `that finished and did not diverge, with 95 % intervals (Student's t) where these are ${LEAST_FOR_INTERVAL} or more. A training ` +
      'diverged where its loss was not finite, or above 1000 × max(1, that of its first step).',
    columns: [
      ...axes.map(({ name }) => name),
      'final training loss',
      ...interval('95 % interval'),
      'test accuracy',
      ...interval('95 % interval'),
      'finished',
      'diverged',
    ],
    rows: results.map(({ setting, loss, accuracy, asked, finished, diverged }) => [
      ...axes.map(({ name }) => setting[name] ?? ''),
      loss?.mean ?? Number.NaN,
      ...interval(endsText(loss)),
      accuracy?.mean ?? Number.NaN,
      ...interval(endsText(accuracy)),
      `${finished} of ${asked}`,
      diverged,
    ]),
  };
}

/** "12 of 16 trainings have finished, 3 of which diverged. The highest test accuracy is that of lr 0.1, norm batch: …" */
export function outcomeText(axes: readonly SweepAxis[], results: readonly SettingResult[]): string {
  const sumOf = (count: (result: SettingResult) => number): number =>
    results.reduce((sum, result) => sum + count(result), 0);
  const asked = sumOf((result) => result.asked);
  const finished = sumOf((result) => result.finished);
  const diverged = sumOf((result) => result.diverged);
  const all = finished === asked ? `All ${counted(asked, 'training')}` : `${finished} of ${counted(asked, 'training')}`;
  const lost = diverged === 0 ? 'none of them diverged' : `${diverged} of them diverged`;
  const best = bestSetting(results);
  return [`${all} finished, ${lost}.`, ...(best === undefined ? [] : [bestText(axes, best)])].join(' ');
}

/** That with the highest test accuracy among those that did not lose half of their seeds. */
function bestSetting(results: readonly SettingResult[]): SettingResult | undefined {
  const usable = results.filter((result) => result.accuracy !== undefined && !isLost(result));
  return usable.toSorted((a, b) => (b.accuracy?.mean ?? 0) - (a.accuracy?.mean ?? 0))[0];
}

function bestText(axes: readonly SweepAxis[], { setting, accuracy }: SettingResult): string {
  const where = axes.length === 0 ? '' : ` is that of ${settingText(axes, setting)}:`;
  return `The highest test accuracy${where === '' ? ' is' : where} ${percentText(accuracy)}.`;
}

/** "97.3 % [96.8, 97.8]"; a dash where there is none. */
export function percentText(accuracy: SeedMean | undefined): string {
  if (accuracy === undefined) return '–';
  const { mean, interval } = accuracy;
  if (interval === undefined) return `${format3(100 * mean)} %`;
  const { lower, upper } = interval;
  const [shown, ...ends] = formatInterval3({
    ...interval,
    mean: 100 * mean,
    lower: 100 * lower,
    upper: 100 * upper,
  }).split(' ');
  return [`${shown} %`, ...ends].join(' ');
}

function endsText(value: SeedMean | undefined): string {
  const { interval } = value ?? {};
  return interval === undefined ? '–' : `[${format3(interval.lower)}, ${format3(interval.upper)}]`;
}
