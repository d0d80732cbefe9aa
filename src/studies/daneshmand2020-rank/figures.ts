/** @file What the study of rank shows: rank against width, against depth, and layer by layer. */

import { mean } from '../../math/statistics.ts';
import type { StepRecord } from '../../records/record.ts';
import type { LineMark, PlotFigure, Table } from '../figure.ts';
import type { RankProtocol } from './measure.ts';
import type { Averages, PerNetwork, SeriesOf } from './series.ts';

export function widthFigure({ seeds, widths }: RankProtocol, { rank, soft, collapsed }: Averages): PlotFigure {
  const curves = (arm: string, label: string, value: PerNetwork) =>
    Array.from({ length: seeds }, (_, seed) => ({
      mark: 'line' as const,
      arm,
      label,
      seed,
      x: widths,
      y: widths.map((width) => value(seed, width)),
    }));
  return {
    id: 'daneshmand2020-rank-width',
    title: 'Rank against width',
    caption:
      'Averages over the layers after the first ones, one thin line per seed, beside the root of the width; 1 is a network that has collapsed to one direction.',
    x: { label: 'width d', unit: '', scale: 'log' },
    y: { label: 'rank', unit: '', scale: 'log' },
    marks: [
      ...curves('batch', 'rank', rank),
      ...curves('batch norm, soft rank', '', soft),
      ...curves('standard', 'soft rank', collapsed),
      { mark: 'line', arm: 'theory', label: '√d', seed: 0, x: widths, y: widths.map(Math.sqrt) },
    ],
  };
}

export function depthFigure({ seeds, widths }: RankProtocol, series: SeriesOf): PlotFigure {
  const widest = widths.at(-1) ?? 1;
  return {
    id: 'daneshmand2020-rank-depth',
    title: 'Soft rank of products of random matrices against depth',
    caption: `Layers W alone, d = ${widest}, with batch norm and without, one thin line per seed; 1 is a single direction.`,
    x: { label: 'layer', unit: '', scale: 'log' },
    y: { label: 'soft rank', unit: '', scale: 'linear' },
    marks: [
      { mark: 'rule', kind: 'theory', label: 'collapsed', value: 1 },
      ...(['standard', 'batch'] as const).flatMap((arm) =>
        Array.from({ length: seeds }, (_, seed) => curve(arm, seed, series('soft-rank', widest, [arm, 'plain', seed]))),
      ),
    ],
  };
}

export function chainFigure({ seeds, widths, gamma, burnIn }: RankProtocol, series: SeriesOf): PlotFigure {
  const shown = [...new Set([widths[0], widths[Math.floor(widths.length / 2)], widths.at(-1)])];
  return {
    id: 'daneshmand2020-rank-layers',
    title: 'Rank with batch norm, layer by layer',
    caption: `Layers I + ${gamma} W from full rank on, one thin line per seed; averages begin at layer ${burnIn}.`,
    x: { label: 'layer', unit: '', scale: 'linear' },
    y: { label: 'rank', unit: '', scale: 'log' },
    marks: shown.flatMap((width = 1) =>
      Array.from({ length: seeds }, (_, seed) =>
        curve(`d = ${width}`, seed, series('rank', width, ['batch', 'residual', seed])),
      ),
    ),
  };
}

function curve(arm: string, seed: number, records: readonly StepRecord[]): LineMark {
  return { mark: 'line', arm, seed, x: records.map(({ step }) => step), y: records.map(({ value }) => value) };
}

export function rankTable({ seeds, widths }: RankProtocol, { rank, soft, collapsed }: Averages): Table {
  const overSeeds = (value: PerNetwork, width: number): number =>
    mean(Array.from({ length: seeds }, (_, seed) => value(seed, width)));
  return {
    title: 'Ranks by width',
    caption: `Averages over layers and ${seeds} seeds.`,
    columns: ['d', '√d', 'rank, batch norm', 'soft rank, batch norm', 'soft rank, no norm'],
    rows: widths.map((width) => [
      width,
      Math.sqrt(width),
      overSeeds(rank, width),
      overSeeds(soft, width),
      overSeeds(collapsed, width),
    ]),
  };
}
