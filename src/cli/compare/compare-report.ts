/** @file A comparison as a report: each pair of cells a section, with their curves laid over each other. */

import { counted } from '../../counted.ts';
import { formatNumber } from '../../report/format.ts';
import { renderReport } from '../../report/report.ts';
import type { TrainingSection } from '../../studies/document.ts';
import type { Table } from '../../studies/figure.ts';
import type { ComparedCells, Comparison } from './compare-cells.ts';
import { type Parting, placeOf } from './compare-records.ts';
import { askedDifferences } from './compare-config.ts';
import { curveFigures, distributionFigures, growthFigures } from './compare-figures.ts';
import { definitionsOf } from '../reproduce/study-section.ts';

/** So many pairs of cells a page can show and still be read. */
const MOST_PAIRS = 8;

/** One page, of the pairs that part, or where none does, of those that are the same. @param command - what repeats it */
export function comparisonReport({ a, b, cells, onlyA, onlyB }: Comparison, command: string): string {
  const parted = cells.filter(({ records }) => records.first !== undefined);
  const shown = (parted.length > 0 ? parted : cells).slice(0, MOST_PAIRS);
  return renderReport({
    title: 'Two runs beside each other',
    created: new Date().toISOString(),
    manifest: [
      ['A', a],
      ['B', b],
      ['cells', `${counted(cells.length, 'cell')} in both, of which ${parted.length} part; ${shown.length} shown`],
      ['only in A', onlyA.join('; ') || 'none'],
      ['only in B', onlyB.join('; ') || 'none'],
    ],
    sections: shown.map((pair, i) => pairSection(pair, i + 1, command)),
    writeUps: [],
  });
}

function pairSection(pair: ComparedCells, number: number, command: string): TrainingSection {
  return {
    kind: 'training',
    eyebrow: 'A beside B',
    title: pair.name,
    sentence: sentenceOf(pair),
    figures: [...curveFigures(pair, number), ...growthFigures(pair, number), ...distributionFigures(pair, number)],
    tables: [...askedTables(pair), ...endTables(pair)],
    settings: [],
    definitions: definitionsOf(pair.a.records()),
    command,
    wallSeconds: undefined,
  };
}

function sentenceOf({ records: { first, firstLayer, both } }: ComparedCells): string {
  if (first === undefined) return `All ${counted(both, 'number')} that both have are the same, bit for bit.`;
  const place = (parting: Parting): string => `at step ${parting.step}, in ${placeOf(parting)}`;
  const layer = firstLayer === undefined || firstLayer === first ? '' : ` In a layer they part ${place(firstLayer)}.`;
  return `They part ${place(first)}, by ${formatNumber(first.relative)} of its size.${layer}`;
}

function askedTables({ a, b }: ComparedCells): readonly Table[] {
  const rows = askedDifferences(a, b).map((one) => [one.key, one.a ?? 'none', one.b ?? 'none']);
  if (rows.length === 0) return [];
  const caption = 'What fixes the numbers of the two cells and differs; in all else they are asked the same.';
  return [{ title: 'What they are asked', caption, columns: ['key', 'A', 'B'], rows }];
}

function endTables({ ends }: ComparedCells): readonly Table[] {
  const rows = ends.map(({ quantity, a = Number.NaN, b = Number.NaN }) => [quantity, a, b]);
  if (rows.length === 0) return [];
  return [{ title: 'At the end', caption: 'The last number of each.', columns: ['quantity', 'A', 'B'], rows }];
}
