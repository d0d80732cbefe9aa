/**
 * @file Bjorck et al. 2018: products of M random Gaussian matrices, as the weights of a linear network at its
 * start, have singular values that spread with M. Each factor has entries N(0, 1/N) and so keeps the mean squared norm;
 * the largest singular value nears √((M + 1)^(M + 1)/M^M) for large N, while ever more of them pile up at 0.
 * Sizes and numbers of draws were read off the published histogram.
 */

import { need } from '../../errors.ts';
import { wholePower } from '../../math/power.ts';
import type { StepRecord } from '../../records/record.ts';
import { mean } from '../../math/statistics.ts';
import type { PlotFigure, Table } from '../figure.ts';
import type { Grid } from '../grid.ts';
import { measuredStudy } from '../measured-study.ts';
import { format3 } from '../number-text.ts';
import { casesPart, resultOf } from '../parts.ts';
import type { Study } from '../study.ts';
import { bins, binWidth, measure, type ProductsProtocol, threshold } from './measure.ts';
import { fractionBelow, medianValue, spectrumEdge } from './theory.ts';

const protocol: ProductsProtocol = { seeds: 3, rows: 1000, factors: [1, 3, 5], sweepRows: 300, sweepFactors: 8 };

/** Of the limit for large N. At 1000 rows the edge fluctuates by N^(−2/3), one per cent, and the mean square by a few per mille. */
const rule = { largest: 0.04, meanSquare: 0.02 } as const;

export const bjorck2018RandomProducts: Study = measuredStudy({
  name: 'bjorck2018/random-products',
  title: 'Singular values of products of random matrices',
  paper: 'bjorck2018',
  where: 'Random initialisation; histogram of singular values',
  claim:
    'Products of M random Gaussian matrices have a largest singular value that grows with M as the law of Fuss and Catalan says, and ever more singular values near zero.',
  tags: ['exact', 'initialisation'],
  rule,
  code: import.meta.url,
  arms: ['standard'],
  protocol: (budget) => ({ ...protocol, seeds: budget === 'quick' ? protocol.seeds : 10 }),
  seconds: ({ rows }) => 5 * wholePower(rows / 1000, 3) + 1,
  measure: (laboratory, settings, { seed }) => measure(laboratory, settings, seed),
  decide: (grid, settings) => decide(settings, grid),
});

function decide(settings: ProductsProtocol, grid: Grid): ReturnType<typeof resultOf> {
  const { rows, factors } = settings;
  const values = (quantity: string, m: number, layer = `N = ${rows}`): readonly number[] =>
    grid.records.values(quantity, { at: m, layer });
  const draws = grid.perCell;
  const perFactor = (text: (m: number) => string): readonly string[] => [`${factors.map(text).join('; ')}.`];
  const range = (list: readonly number[]): string => `${format3(Math.min(...list))} to ${format3(Math.max(...list))}`;
  const parts = [
    casesPart(
      {
        name: 'a',
        claim: 'The largest singular value is √((M + 1)^(M + 1)/M^M).',
        effect: `relative deviation from it, M in {${factors.join(', ')}}, N = ${rows}, each draw`,
        tolerance: rule.largest,
        remarks: perFactor((m) => `M = ${m}: ${range(values('largest', m))}, theory ${format3(spectrumEdge(m))}`),
      },
      factors.flatMap((m) => values('largest', m).map((value) => Math.abs(value / spectrumEdge(m) - 1))),
    ),
    casesPart(
      {
        name: 'b',
        claim: `The fraction of singular values below ${threshold} grows with M.`,
        effect: 'how many values the next M falls short of one more than the last, each draw',
        tolerance: 0,
        remarks: perFactor(
          (m) =>
            `M = ${m}: ${range(values('count-below', m).map((count) => count / rows))}, theory ${format3(fractionBelow(m, threshold))}`,
        ),
      },
      factors.slice(1).flatMap((m, i) => {
        const before = values('count-below', need(factors[i], 'a factor before'));
        return values('count-below', m).map(
          (count, draw) => 1 - (count - need(before[draw], `a count of draw ${draw}`)),
        );
      }),
    ),
    casesPart(
      {
        name: 'c',
        claim: 'The mean squared singular value stays 1.',
        effect: 'deviation from 1, each M and draw',
        tolerance: rule.meanSquare,
        remarks: perFactor((m) => `M = ${m}: ${range(values('mean-square', m))}`),
      },
      factors.flatMap((m) => values('mean-square', m).map((value) => Math.abs(value - 1))),
    ),
  ];
  const [first = 1, last = 1] = [factors[0], factors.at(-1)];
  const ratio = (m: number): number => mean(ratios(draws, rows, m));
  return resultOf(parts, {
    outcome: `from M = ${first} to ${last} the largest singular value goes from ${format3(mean(values('largest', first)))} to ${format3(mean(values('largest', last)))} (theory ${format3(spectrumEdge(first))} to ${format3(spectrumEdge(last))}), and the largest over the median from ${format3(ratio(first))} to ${format3(ratio(last))}`,
    notes: [
      'Write-up 003 takes these products for an explosion. They are none: the average squared norm stays 1 for every M. What grows is the conditioning, the largest singular value over the median one.',
      'Singular values are square roots of eigenvalues of the Gram matrix, whose condition is the square of that of the product: below about 1e-7 they are rounding. No judged number depends on those.',
    ],
    figures: [spectrumFigure(settings, draws), ratioFigure(settings, draws)],
    tables: [medianTable(settings, draws)],
  });
}

/** Largest over median, of each draw that has both. */
function ratios(draws: readonly (readonly StepRecord[])[], n: number, m: number): readonly number[] {
  return draws.flatMap((records) => {
    const value = (quantity: string): number | undefined =>
      records.find((r) => r.quantity === quantity && r.at === m && r.layer === `N = ${n}`)?.value;
    const [largest, middle] = [value('largest'), value('median')];
    return largest === undefined || middle === undefined ? [] : [largest / middle];
  });
}

function spectrumFigure({ rows, factors }: ProductsProtocol, draws: readonly (readonly StepRecord[])[]): PlotFigure {
  const edges = Array.from({ length: bins + 1 }, (_, bin) => bin * binWidth);
  const measured = factors.map((m) => ({
    mark: 'step' as const,
    arm: `M = ${m}, edge ${format3(spectrumEdge(m))}`,
    edges,
    counts: Array.from({ length: bins }, (_, bin) =>
      draws
        .flat()
        .filter((r) => r.quantity === 'count' && r.layer === `M = ${m}` && r.at === bin)
        .reduce((sum, r) => sum + r.value, 0),
    ),
  }));
  const expected = factors.map((m) => {
    const below = edges.map((edge) => fractionBelow(m, edge));
    return {
      mark: 'step' as const,
      arm: 'theory',
      edges,
      counts: below
        .slice(1)
        .map((fraction, bin) => draws.length * rows * (fraction - need(below[bin], `an edge ${bin}`))),
    };
  });
  return {
    id: 'bjorck2018-random-products-spectrum',
    title: 'Singular values of products of M Gaussian matrices',
    caption: `${draws.length} products of ${rows} rows each, in bins of ${binWidth}, over what the law of Fuss and Catalan predicts: with M the spectrum reaches further up, and ever more of it lies at 0.`,
    x: { label: 'singular value', unit: '', scale: 'linear' },
    y: { label: 'count', unit: '', scale: 'linear' },
    marks: [...measured, ...expected],
  };
}

function ratioFigure(
  { rows, factors, sweepRows, sweepFactors }: ProductsProtocol,
  draws: readonly (readonly StepRecord[])[],
): PlotFigure {
  const sweep = Array.from({ length: sweepFactors }, (_, i) => i + 1);
  const curve = (n: number, counts: readonly number[]) =>
    draws.map((records, seed) => ({
      mark: 'line' as const,
      arm: `N = ${n}`,
      seed,
      x: counts,
      y: counts.flatMap((m) => ratios([records], n, m)),
    }));
  return {
    id: 'bjorck2018-random-products-ratio',
    title: 'Largest over median singular value',
    caption:
      'How ill conditioned a product of M Gaussian matrices is, one line per draw, beside the limit for large N.',
    x: { label: 'factors M', unit: '', scale: 'linear' },
    y: { label: 'largest / median', unit: '', scale: 'log' },
    marks: [
      ...curve(sweepRows, sweep),
      ...curve(rows, factors),
      {
        mark: 'line',
        arm: 'theory',
        label: 'Fuss–Catalan',
        seed: 0,
        x: sweep,
        y: sweep.map((m) => spectrumEdge(m) / medianValue(m)),
      },
    ],
  };
}

function medianTable({ rows, factors }: ProductsProtocol, draws: readonly (readonly StepRecord[])[]): Table {
  return {
    title: 'Spectrum of a product',
    caption: `Means over ${draws.length} draws at N = ${rows}, and the limit for large N.`,
    columns: ['M', 'largest / median', 'theory', 'largest, theory'],
    rows: factors.map((m) => [m, mean(ratios(draws, rows, m)), spectrumEdge(m) / medianValue(m), spectrumEdge(m)]),
  };
}
