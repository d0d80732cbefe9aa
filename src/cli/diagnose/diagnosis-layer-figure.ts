/** @file A number of each layer as a figure: a dot per layer, beside the thresholds of the rule that is asked of it. */

import { printable, shown } from '../../onnx/shown.ts';
import { formatNumber } from '../../report/format.ts';
import { textWidth } from '../../report/svg/text.ts';
import type { Axis, DotMark, PlotFigure, RuleMark } from '../../studies/figure.ts';

export interface LayerNumber {
  /** By the file's own name. */
  readonly layer: string;
  readonly value: number;
  readonly interval?: { readonly lower: number; readonly upper: number } | undefined;
}

/** What a layer's number comes to. */
export type Standing = 'within' | 'problem' | 'note' | 'echo';

export interface LayerFigureAbout {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  /** Of the numbers. */
  readonly axis: Axis;
  /** Where rules begin to speak, in units of the axis. */
  readonly limits?: { readonly note: number | undefined; readonly problem: number | undefined };
  readonly standing: (layer: string, value: number) => Standing;
}

/** Of more layers than this names leave no room; they are counted from the input. */
const MOST_NAMED = 14;
/** Of a name on an axis of the smallest figure, px. */
const NAME_WIDTH = 92;

/** In the order of their colours, the same in every figure. */
const standings: readonly Standing[] = ['within', 'problem', 'note', 'echo'];

/**
 * Few layers stand by name from the top down, many by number from left to right. Numbers that are not finite are named in
 * the caption, as are layers beyond the thresholds.
 * @param order - the names of all layers of the network, by which they are counted
 */
export function layerFigure(
  about: LayerFigureAbout,
  numbers: readonly LayerNumber[],
  order: readonly string[],
): PlotFigure {
  const { id, title, axis, standing } = about;
  const isNamed = numbers.length <= MOST_NAMED;
  const names = axisNames(numbers, order);
  const count = (layer: string): number => order.indexOf(layer) + 1;
  // Without thresholds there is nothing to be within.
  const isMarked = numbers.some(({ layer, value }) => standing(layer, value) !== 'within');
  const armOf = (level: Standing): string =>
    level !== 'within' || about.limits !== undefined ? level : isMarked ? 'other layers' : 'each layer';
  const marks = standings.flatMap((level): DotMark[] => {
    const at = numbers.flatMap((number, i) =>
      Number.isFinite(number.value) && standing(number.layer, number.value) === level
        ? [{ ...number, place: isNamed ? i : count(number.layer) }]
        : [],
    );
    if (at.length === 0) return [];
    const [places, values] = [at.map(({ place }) => place), at.map(({ value }) => value)];
    const interval = {
      along: isNamed ? 'x' : 'y',
      low: at.map(({ value, interval: known }) => known?.lower ?? value),
      high: at.map(({ value, interval: known }) => known?.upper ?? value),
    } as const;
    const [x, y] = isNamed ? [values, places] : [places, values];
    return [{ mark: 'dot', arm: armOf(level), x, y, interval }];
  });
  const layers: Axis = isNamed
    ? { label: 'layer, from the input down', unit: '', scale: 'linear', categories: names }
    : { label: 'layer, counted from the input', unit: '', scale: 'linear' };
  return {
    id,
    title,
    caption: [about.caption, ...remarks(numbers, about)].join(' '),
    x: isNamed ? axis : layers,
    y: isNamed ? layers : axis,
    arms: standings.map(armOf),
    marks: [...limitsOf(about, isNamed ? 'x' : 'y'), ...marks],
  };
}

function limitsOf({ limits, axis: { unit } }: LayerFigureAbout, axis: 'x' | 'y'): readonly RuleMark[] {
  const words = { note: 'published', problem: 'theory' } as const;
  return (['note', 'problem'] as const).flatMap((level): RuleMark[] => {
    const value = limits?.[level];
    // A rule that speaks of the first of a thing has no line to draw.
    if (value === undefined || value === 0) return [];
    const label = `${level} ${formatNumber(value)}${unit === '%' ? ' %' : ''}`;
    return [{ mark: 'rule', kind: words[level], axis, value, label }];
  });
}

/** So many names a caption can hold. */
const MOST_LISTED = 4;

function remarks(numbers: readonly LayerNumber[], { standing }: LayerFigureAbout): readonly string[] {
  const listed = (what: string, layers: readonly string[]): readonly string[] => {
    if (layers.length === 0) return [];
    const more = layers.length > MOST_LISTED ? ` and ${layers.length - MOST_LISTED} more` : '';
    return [`${what}: ${layers.slice(0, MOST_LISTED).map(shown).join(', ')}${more}.`];
  };
  const of = (level: Standing): readonly string[] =>
    numbers.flatMap(({ layer, value }) => (Number.isFinite(value) && standing(layer, value) === level ? [layer] : []));
  return [
    ...listed('Problem', of('problem')),
    ...listed('Worth knowing', of('note')),
    ...listed('Echo of another finding', of('echo')),
    ...listed(
      'Not finite, and not drawn',
      numbers.flatMap(({ layer, value }) => (Number.isFinite(value) ? [] : [layer])),
    ),
  ];
}

/** Names that fit on one line; where one has to be cut, all bear the number by which the table has them. */
function axisNames(numbers: readonly LayerNumber[], order: readonly string[]): readonly string[] {
  const whole = numbers.map(({ layer }) => printable(layer));
  if (whole.every((name) => textWidth(name) <= NAME_WIDTH)) return whole;
  return numbers.map(({ layer }) => fitted(layer, `${order.indexOf(layer) + 1} `));
}

/** A name that fits beside an axis, on one line. @param before - what stands before it */
export function fitted(layer: string, before = ''): string {
  const name = shown(layer);
  if (textWidth(before + name) <= NAME_WIDTH) return before + name;
  // Names of modules differ in their ends.
  let end = Array.from(name);
  while (end.length > 1 && textWidth(`${before}…${end.join('')}`) > NAME_WIDTH) end = end.slice(1);
  return `${before}…${end.join('')}`;
}
