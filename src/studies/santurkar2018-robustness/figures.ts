/** @file Maps over initial scale and learning rate: how low the loss ends, and how often a network trains. */

import { median } from '../../math/statistics.ts';
import type { CellMark, PlotFigure } from '../figure.ts';
import type { Outcome } from './share.ts';

const axes: Pick<PlotFigure, 'x' | 'y'> = {
  x: { label: 'learning rate', unit: '', scale: 'log' },
  y: { label: 'initial scale', unit: '', scale: 'log' },
};

/** Final training loss, median over the seeds that do not diverge; a panel per arm. */
export function lossMap(outcomes: readonly Outcome[], titles: Readonly<Record<string, string>>): PlotFigure {
  return {
    id: 'robustness-loss',
    title: 'Final training loss over initial scale and learning rate',
    caption:
      'Mean of the last 20 batches, median over the seeds that do not diverge; where half of them or more do there is no cell. The initial weights are multiplied by the scale.',
    ...axes,
    marks: maps(outcomes, titles, { label: 'final training loss', unit: 'nats', scale: 'log' }, (own) => {
      const losses = own.map(({ loss }) => loss).filter(Number.isFinite);
      return 2 * losses.length > own.length ? median(losses) : Number.NaN;
    }),
  };
}

/** The share of seeds that train; a panel per arm. */
export function trainedMap(outcomes: readonly Outcome[], titles: Readonly<Record<string, string>>): PlotFigure {
  return {
    id: 'robustness-trained',
    title: 'Where networks train',
    caption:
      'Share of the seeds whose training gains over chance more than half of what the best one of the same arm and seed does.',
    ...axes,
    marks: maps(
      outcomes,
      titles,
      { label: 'share of seeds', unit: '', scale: 'linear' },
      (own) => own.filter(({ isTrained }) => isTrained).length / own.length,
    ),
  };
}

function maps(
  outcomes: readonly Outcome[],
  titles: Readonly<Record<string, string>>,
  colour: CellMark['colour'],
  valueOf: (own: readonly Outcome[]) => number,
): readonly CellMark[] {
  return Object.entries(titles).map(([arm, panel]): CellMark => {
    const places = new Map<string, Outcome[]>();
    for (const outcome of outcomes.filter((one) => one.arm === arm)) {
      const key = `${outcome.scale} ${outcome.rate}`;
      places.set(key, [...(places.get(key) ?? []), outcome]);
    }
    const cells = [...places.values()].flatMap((own) => {
      const value = valueOf(own);
      return own[0] !== undefined && Number.isFinite(value) ? [{ ...own[0], value }] : [];
    });
    return {
      mark: 'cell',
      panel,
      x: cells.map(({ rate }) => rate),
      y: cells.map(({ scale }) => scale),
      values: cells.map(({ value }) => value),
      colour,
    };
  });
}
