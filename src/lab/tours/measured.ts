/** @file What an expectation is about, read off what an arm has said of its steps. */

import type { History, Line, Place } from '../history.ts';
import type { InstrumentName } from '../instrument-names.ts';
import type { Expectation, ExpectedQuantity } from './tour.ts';

/** @returns undefined where it was not measured at that step. */
export function measuredOf(history: History, quantity: ExpectedQuantity, step: number): number | undefined {
  return readings[quantity](history, step);
}

/**
 * Whether an expectation holds; undefined where it was not measured. A loss that was no number at the step or before counts as above
 * every value.
 */
export function holds(history: History, { quantity, step, is, value }: Expectation): boolean | undefined {
  const losses = history.line('loss');
  const lost = losses.y.findIndex((loss) => !Number.isFinite(loss));
  if (quantity === 'loss' && lost >= 0 && (losses.x[lost] ?? Infinity) <= step) return is === 'above';
  const found = measuredOf(history, quantity, step);
  if (found === undefined) return undefined;
  return is === 'above' ? found > value : found < value;
}

/** What measures each quantity; loss and accuracy of the mini-batch are always there. */
export const measuredBy: Readonly<Partial<Record<ExpectedQuantity, InstrumentName>>> = {
  'test-loss': 'accuracy',
  'test-accuracy': 'accuracy',
  'gradient-ratio': 'gradients',
  'relative-update': 'gradients',
  'landscape-width': 'landscape',
  smoothness: 'landscape',
  'covariate-shift': 'shift',
  'covariate-shift-cosine': 'shift',
};

type Reading = (history: History, step: number) => number | undefined;

const readings: Readonly<Record<ExpectedQuantity, Reading>> = {
  loss: (history, step) => at(history.line('loss'), step),
  accuracy: (history, step) => at(history.line('accuracy'), step),
  'test-loss': (history, step) => at(history.line('test-loss'), step),
  'test-accuracy': (history, step) => at(history.line('test-accuracy'), step),
  'gradient-ratio': (history, step) => {
    const weights = hiddenWeights(history);
    return ratio(history, 'parameter-gradient-norm', weights[1], 'parameter-gradient-norm', weights.at(-1), step);
  },
  'relative-update': (history, step) => {
    const [, second] = hiddenWeights(history);
    return ratio(history, 'parameter-update-norm', second, 'parameter-norm', second, step);
  },
  'landscape-width': (history, step) => {
    const along = history.places('ray-loss').filter(({ at: multiple = 0 }) => multiple > 0);
    const losses = along.flatMap((place) => at(history.line('ray-loss', place), step) ?? []);
    return losses.length === 0 ? undefined : Math.max(...losses) - Math.min(...losses);
  },
  smoothness: (history, step) => at(history.line('ray-beta', { at: 4 }), step),
  'covariate-shift': (history, step) => at(history.line('covariate-shift', secondLayer(history)), step),
  'covariate-shift-cosine': (history, step) => at(history.line('covariate-shift-cosine', secondLayer(history)), step),
};

function at({ x, y }: Line, step: number): number | undefined {
  return y[x.indexOf(step)];
}

/** The weights of hidden layers, from the input on. */
function hiddenWeights(history: History): readonly Place[] {
  const isHidden = ({ layer = '' }: Place): boolean => layer.endsWith('/weight') && !layer.startsWith('head/');
  return history.places('parameter-norm').filter(isHidden);
}

function secondLayer(history: History): Place {
  return history.places('covariate-shift')[0] ?? {};
}

function ratio(
  history: History,
  above: string,
  place: Place | undefined,
  below: string,
  other: Place | undefined,
  step: number,
): number | undefined {
  if (place === undefined || other === undefined) return undefined;
  const [x, y] = [at(history.line(above, place), step), at(history.line(below, other), step)];
  return x === undefined || y === undefined ? undefined : x / y;
}
