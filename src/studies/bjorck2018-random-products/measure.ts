/** @file Singular values of products of Gaussian matrices: square roots of the eigenvalues of the product's Gram matrix. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { mean, median } from '../../math/statistics.ts';
import { symmetricEigenvalues } from '../../math/symmetric-eigenvalues.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal } from '../draws.ts';

export interface ProductsProtocol extends JsonObject {
  readonly seeds: number;
  /** N of the products that are judged, and how many factors M they have. */
  readonly rows: number;
  readonly factors: readonly number[];
  /** N and the largest M of the sweep over the number of factors. */
  readonly sweepRows: number;
  readonly sweepFactors: number;
}

/** Singular values below this are counted as lost. */
export const threshold = 0.05;

/** Where the bins of the histogram begin; the last goes on for ever. */
export const binWidth = 0.05;
export const bins = 80;

const spectrum =
  'singular values of a product of M matrices [N, N] with entries of variance 1/N, from the eigenvalues of its Gram matrix, float64';

const definitions = {
  largest: `largest of the ${spectrum}`,
  median: `median of the ${spectrum}`,
  'mean-square': `mean square of the ${spectrum}`,
  'count-below': `how many are below ${threshold} of the ${spectrum}`,
  count: `how many fall into the bin of width ${binWidth} of the ${spectrum}`,
} as const;

/** The product so far, times one more factor. */
function productGraph(rows: number): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const factor = g.input('factor', [rows, rows], { kind: 'data' });
  const product = g.input('product', [rows, rows], { kind: 'data' });
  return g.finish('product', { next: g.emit('MatMul', [factor, product]) });
}

function gramGraph(rows: number): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const product = g.input('product', [rows, rows], { kind: 'data' });
  const transposed = g.emit('Transpose', [product], { perm: [1, 0] });
  return g.finish('gram', { gram: g.emit('MatMul', [product, transposed]) });
}

export async function measure(
  laboratory: Laboratory,
  { rows, factors, sweepRows, sweepFactors }: ProductsProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const all = factors.length + sweepFactors;
  const records: StepRecord[] = [];
  let done = 0;
  const spectra = async (n: number, counts: readonly number[], note: (m: number, s: Float64Array) => void) => {
    const [product, gram] = [productGraph(n), gramGraph(n)];
    let current = drawFactor(n, seed, 1);
    for (let m = 1; m <= Math.max(...counts); m++) {
      if (m > 1)
        current = output(await laboratory.run(product, { factor: drawFactor(n, seed, m), product: current }), 'next');
      if (!counts.includes(m)) continue;
      const matrix = output(await laboratory.run(gram, { product: current }), 'gram');
      const squares = await symmetricEigenvalues(matrix, n, () => laboratory.progress(done, all));
      // The least ones are zero to within rounding, on either side of it.
      note(
        m,
        squares.map((square) => Math.sqrt(Math.max(0, square))),
      );
      await laboratory.progress(++done, all);
    }
  };
  const add = (n: number, m: number, quantity: keyof typeof definitions, value: number, layer = `N = ${n}`, at = m) => {
    records.push({ step: 0, quantity, value, layer, at, definition: definitions[quantity], mode: 'frozen' });
  };
  const summarise = (n: number, m: number, s: Float64Array): void => {
    add(n, m, 'largest', Math.max(...s));
    add(n, m, 'median', median(s));
  };

  await spectra(rows, factors, (m, s) => {
    summarise(rows, m, s);
    add(rows, m, 'mean-square', mean(s.map((value) => value * value)));
    add(rows, m, 'count-below', s.filter((value) => value < threshold).length);
    const counts = new Float64Array(bins);
    for (const value of s) {
      const bin = Math.min(bins - 1, Math.floor(value / binWidth));
      counts[bin] = need(counts[bin], 'a bin for each value') + 1;
    }
    counts.forEach((count, bin) => add(rows, m, 'count', count, `M = ${m}`, bin));
  });
  const sweep = Array.from({ length: sweepFactors }, (_, i) => i + 1);
  await spectra(sweepRows, sweep, (m, s) => summarise(sweepRows, m, s));
  return records;
}

function drawFactor(n: number, seed: number, m: number): Float64Array {
  return drawNormal(n * n, { seed, step: m, name: `bjorck2018/random-products factor ${n}` }, 1 / Math.sqrt(n));
}

function output(outputs: Readonly<Record<string, Float64Array>>, name: string): Float64Array {
  const values = outputs[name];
  if (values === undefined) throw new RangeError(`The graph must return '${name}'`);
  return values;
}
