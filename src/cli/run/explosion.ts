/** @file Where activations or gradients explode: layer × step maps of their size, the first layer to go marked. */

import { stepsAxis } from '../../studies/trained-figures.ts';
import type { StepRecord } from '../../records/record.ts';
import type { CellMark, DotMark, PlotFigure } from '../../studies/figure.ts';
import { format3 } from '../../studies/number-text.ts';

/** So many times its size at the first measurement, and a layer has exploded. */
const EXPLOSION = 1e3;
/** Columns that a map shows at most; the last of them are never left out. */
const MOST_COLUMNS = 60;
const LAST_COLUMNS = 10;

interface Kind {
  readonly quantity: string;
  readonly id: string;
  readonly what: string;
  /** Of several that explode at one step, who comes first: signals go forwards, gradients backwards. */
  readonly isBackwards: boolean;
}

const kinds: readonly Kind[] = [
  { quantity: 'activation-std', id: 'activation-sizes', what: 'activations', isBackwards: false },
  { quantity: 'gradient-std', id: 'gradient-sizes', what: 'gradients', isBackwards: true },
];

/** A map for each kind that was measured at two steps or more, in two layers or more. */
export function explosionFigures(records: readonly StepRecord[]): readonly PlotFigure[] {
  return kinds.flatMap((kind) => {
    const own = records.filter(({ quantity, layer }) => quantity === kind.quantity && isShown(layer));
    const layers = [...new Set(own.flatMap(({ layer }) => layer ?? []))];
    const steps = [...new Set(own.map(({ step }) => step))];
    return layers.length < 2 || steps.length < 2 ? [] : [mapOf(kind, own, layers, steps)];
  });
}

/** Of a layer's parameters its weight stands for it. */
function isShown(layer: string | undefined): boolean {
  return layer !== undefined && !/\/(bias|gamma|beta)$/.test(layer);
}

function mapOf(
  kind: Kind,
  records: readonly StepRecord[],
  layers: readonly string[],
  steps: readonly number[],
): PlotFigure {
  const first = firstExplosion(kind, records, layers);
  const columns = new Set(thinned(steps));
  const shown = records.filter(({ step, value }) => columns.has(step) && value > 0 && Number.isFinite(value));
  const place = new Map(layers.map((layer, i) => [layer, i]));
  const rowOf = ({ layer }: StepRecord): number => place.get(layer ?? '') ?? Number.NaN;
  const cells: CellMark = {
    mark: 'cell',
    x: shown.map(({ step }) => step),
    y: shown.map(rowOf),
    values: shown.map(({ value }) => value),
    colour: { label: 'standard deviation', unit: '', scale: 'log' },
  };
  const marked: DotMark[] =
    first === undefined ? [] : [{ mark: 'dot', arm: 'first to explode', x: [first.step], y: [rowOf(first)] }];
  return {
    id: kind.id,
    title: `Size of ${kind.what}, layer by layer`,
    caption:
      `Standard deviation of each layer’s ${kind.what} over training, from the input at the top to the output at the bottom. ` +
      (first === undefined
        ? `None grows to ${EXPLOSION} times what it was at step ${steps[0]}.`
        : `The first to be ${EXPLOSION} times what it was at step ${steps[0]} (or first, where that was 0), or not finite, is ${first.layer} at step ${first.step} (${format3(first.value)}).`),
    x: stepsAxis,
    y: { label: '', unit: '', scale: 'linear', categories: layers.map((layer) => layer.replace(/\/weight$/, '')) },
    marks: [cells, ...marked],
  };
}

/** The earliest record that is not finite, or so many times what its layer began with: of one that began at 0, its first size above that. */
function firstExplosion(
  { isBackwards }: Pick<Kind, 'isBackwards'>,
  records: readonly StepRecord[],
  layers: readonly string[],
): StepRecord | undefined {
  const starts = new Map<string, number>();
  for (const { layer = '', value } of records) if (value > 0 && !starts.has(layer)) starts.set(layer, value);
  const exploded = records.filter(
    ({ layer = '', value }) => !Number.isFinite(value) || value > EXPLOSION * (starts.get(layer) ?? Number.NaN),
  );
  const step = Math.min(...exploded.map((record) => record.step));
  const order = isBackwards ? layers.toReversed() : layers;
  return exploded
    .filter((record) => record.step === step)
    .toSorted((a, b) => order.indexOf(a.layer ?? '') - order.indexOf(b.layer ?? ''))[0];
}

function thinned(steps: readonly number[]): readonly number[] {
  if (steps.length <= MOST_COLUMNS) return steps;
  const early = steps.slice(0, -LAST_COLUMNS);
  const every = Math.ceil(early.length / (MOST_COLUMNS - LAST_COLUMNS));
  return [...early.filter((_, i) => i % every === 0), ...steps.slice(-LAST_COLUMNS)];
}
