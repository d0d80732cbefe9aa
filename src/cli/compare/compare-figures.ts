/** @file The figures of two cells beside each other: curves over steps, how far they are apart, and distributions. */

import { scaleOf } from '../../studies/axis-scale.ts';
import { stepsAxis } from '../../studies/trained-figures.ts';
import { countsOf, HISTOGRAM_BINS, isHistogramCount } from '../../records/histogram.ts';
import { type StepRecord, whereText } from '../../records/record.ts';
import type { Figure, LineMark, Mark } from '../../studies/figure.ts';
import { evenEdges } from '../../studies/histogram.ts';
import type { ComparedCells } from './compare-cells.ts';

/** Figures of a kind that a section can show and still be read. */
const MOST_FIGURES = 9;

/** What either side holds of one quantity, layer and place, in order. */
interface Laid {
  readonly title: string;
  readonly quantity: string;
  readonly isOfLayer: boolean;
  readonly a: readonly StepRecord[];
  readonly b: readonly StepRecord[];
}

/** What is measured once a step, of the whole network first: over all steps. */
export function curveFigures(pair: ComparedCells, number: number): readonly Figure[] {
  const curves = laid(pair, ({ at }) => at === undefined)
    .filter(({ a, b }) => new Set([...a, ...b].map(({ step }) => step)).size > 1)
    .toSorted((one, other) => Number(one.isOfLayer) - Number(other.isOfLayer));
  return curves.slice(0, MOST_FIGURES).map(({ title, quantity, a, b }, i) => {
    const marks = [line('A', a, 'step'), line('B', b, 'step')];
    return {
      id: `pair-${number}-curve-${i + 1}`,
      title,
      caption: 'Over the steps that each has.',
      x: stepsAxis,
      y: { label: quantity, unit: '', scale: scaleOf(marks.flatMap(({ y }) => y)) },
      marks,
    };
  });
}

/** The largest relative difference, over all steps. */
export function growthFigures({ records: { growth } }: ComparedCells, number: number): readonly Figure[] {
  const seen = growth.filter(({ relative }) => relative > 0 && Number.isFinite(relative));
  if (seen.length < 2) return [];
  return [
    {
      id: `pair-${number}-growth`,
      title: 'How far they are apart',
      caption:
        'The largest of |a − b| / max(|a|, |b|) over all that both have at a step; steps without a difference, and infinite ones, are left out.',
      x: stepsAxis,
      y: { label: 'largest relative difference', unit: '', scale: 'log' },
      marks: [
        { mark: 'line', arm: 'A and B', x: seen.map(({ step }) => step), y: seen.map(({ relative }) => relative) },
      ],
    },
  ];
}

/** What is measured at several places of an axis of its own, such as bins: at the last step that both have. What parts first of a layer is first. */
export function distributionFigures(pair: ComparedCells, number: number): readonly Figure[] {
  const isFirst = ({ quantity }: Laid): boolean => quantity === pair.records.firstLayer?.quantity;
  const found = laid(pair, ({ at }) => at !== undefined)
    .map((both) => ({ ...both, ...atLastStep(both) }))
    .filter(({ a, b }) => a.length > 1 && b.length > 1)
    .toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)));
  return found.slice(0, MOST_FIGURES).map(({ title, quantity, a, b, step }, i) => {
    const isHistogram = isHistogramCount(quantity);
    return {
      id: `pair-${number}-at-${i + 1}`,
      title: `${title}, step ${step}`,
      caption: 'At the last step that both have.',
      x: { label: isHistogram ? `${quantity.split('-')[0]} over its largest entry` : 'at', unit: '', scale: 'linear' },
      y: { label: quantity, unit: '', scale: 'linear' },
      marks: isHistogram ? [bins('A', a), bins('B', b)] : [line('A', a, 'at'), line('B', b, 'at')],
    };
  });
}

/** In the order in which the first of each was written, A's before those that only B has. */
function laid(pair: ComparedCells, isWanted: (record: StepRecord) => boolean): readonly Laid[] {
  const groups = new Map<
    string,
    { title: string; isOfLayer: boolean; quantity: string; a: StepRecord[]; b: StepRecord[] }
  >();
  for (const side of ['a', 'b'] as const) {
    for (const record of pair[side].records().filter(isWanted)) {
      const { at: _, ...rest } = record;
      const { quantity, layer } = record;
      const title = `${quantity} ${whereText(rest)}`.trimEnd();
      const group = groups.get(title) ?? { title, quantity, isOfLayer: layer !== undefined, a: [], b: [] };
      group[side].push(record);
      groups.set(title, group);
    }
  }
  return [...groups.values()];
}

/** The records of the last step at which both have some. */
function atLastStep({ a, b }: Laid): Pick<Laid, 'a' | 'b'> & { readonly step: number } {
  const others = new Set(b.map(({ step }) => step));
  const step = a.reduce((most, record) => (others.has(record.step) ? Math.max(most, record.step) : most), -1);
  const [ofA, ofB] = [a, b].map((records) => records.filter((record) => record.step === step));
  return { a: ofA ?? [], b: ofB ?? [], step };
}

function line(arm: string, records: readonly StepRecord[], over: 'step' | 'at'): LineMark {
  const sorted = records.toSorted((one, other) => (one[over] ?? 0) - (other[over] ?? 0));
  return { mark: 'line', arm, x: sorted.map((record) => record[over] ?? 0), y: sorted.map(({ value }) => value) };
}

/** Counts in the bins of the probe; those without a record hold none. */
function bins(arm: string, records: readonly StepRecord[]): Mark {
  return { mark: 'step', arm, edges: evenEdges(-1, 1, HISTOGRAM_BINS), counts: countsOf(records) };
}
