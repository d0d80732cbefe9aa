/** @file Distances from a start W0 to an optimum W* and to the optima k W* that batch norm adds, and what k leaves alike. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { squareOf } from '../../math/power.ts';
import { relativeError } from '../../math/relative-error.ts';
import { ops } from '../../ops/index.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal } from '../draws.ts';
import { columnOf, fromColumns, standardise } from '../santurkar2018-theorems/statistics.ts';
import { caseRecords, type TheoremProtocol } from '../santurkar2018-theorems/theorem-study.ts';
import { normalise } from '../santurkar2018-theorems/unit.ts';

export interface OptimaProtocol extends TheoremProtocol {
  /** Lengths n of the weight. */
  readonly lengths: readonly number[];
}

const definitions = {
  'printed-excess':
    '(‖W0 − k W*‖² − (‖W0 − W*‖² − (‖W*‖² − ⟨W*, W0⟩)²/‖W*‖²)) / ‖W0 − W*‖², k = ⟨W*, W0⟩/‖W*‖² > 0, float64; above 0 the lemma fails',
  'nearest-excess': '(‖W0 − k W*‖² − the least ‖W0 − a W*‖² over a = k/2, 0.9 k, 1.1 k, 2 k) / ‖W0 − W*‖², float64',
  'activation-error':
    'max |BN(X k W*) − X W*| / max |X W*| with gamma = σ and beta = mean of X W*, epsilon = 0, float64',
  'mirrored-error': 'the same for −k in place of k, with gamma = −σ',
  'distance-ratio': '‖W0 − k W*‖²/‖W0 − W*‖², float64',
} as const;

/** `y` = X W and `out` = BN(X W), [m, units]. */
function layerGraph(examples: number, units: number, length: number): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const x = g.input('x', [examples, length], { kind: 'data' });
  const w = g.input('w', [length, units], { kind: 'data' });
  const y = g.emit('MatMul', [x, w]);
  return g.finish('lemma-4-5', { y, out: normalise(g, 'batch', y) });
}

/** k = ⟨W*, W0⟩/‖W*‖², and the lemma's numbers. */
export function compare(
  start: Float64Array,
  optimum: Float64Array,
): { readonly k: number } & Readonly<Record<'printed-excess' | 'nearest-excess' | 'distance-ratio', number>> {
  const [along, square] = [innerProduct(optimum, start), innerProduct(optimum, optimum)];
  const k = along / square;
  const distance = (a: number): number => {
    const apart = start.map((value, i) => value - a * (optimum[i] as number));
    return innerProduct(apart, apart);
  };
  const [plain, normalised] = [distance(1), distance(k)];
  const others = [k / 2, 0.9 * k, 1.1 * k, 2 * k].map(distance);
  return {
    k,
    'printed-excess': (normalised - (plain - squareOf(square - along) / square)) / plain,
    'nearest-excess': (normalised - Math.min(...others)) / plain,
    'distance-ratio': normalised / plain,
  };
}

export async function measure(
  laboratory: Laboratory,
  { units, sizes, lengths }: OptimaProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const settings = sizes.flatMap((examples) => lengths.map((length) => ({ examples, length })));
  const records: StepRecord[] = [];
  for (const [index, { examples, length }] of settings.entries()) {
    const key = (what: string) => ({ seed, step: index, name: `santurkar2018/lemma-4-5 ${what}` });
    const x = drawNormal(examples * length, key('x'));
    const [optima, drawn] = [drawNormal(length * units, key('optima')), drawNormal(length * units, key('starts'))];
    const cases = Array.from({ length: units }, (_, unit) => {
      const [optimum, start] = [columnOf(optima, unit, units), columnOf(drawn, unit, units)];
      // The lemma is about starts with ⟨W0, W*⟩ > 0.
      const sign = Math.sign(innerProduct(optimum, start));
      const sides = compare(
        start.map((value) => sign * value),
        optimum,
      );
      return { optimum, ...sides };
    });
    const graph = layerGraph(examples, units, length);
    const plain = await laboratory.run(graph, {
      x,
      w: optima,
      'norm/gamma': new Float64Array(units).fill(1),
      'norm/beta': new Float64Array(units),
    });
    const own = Array.from({ length: units }, (_, unit) => standardise(columnOf(plain['y'], unit, units)));
    const scaled = (sign: number) =>
      laboratory.run(graph, {
        x,
        w: fromColumns(cases.map(({ optimum, k }) => optimum.map((value) => sign * k * value))),
        'norm/gamma': Float64Array.from(own, ({ sigma }) => sign * sigma),
        'norm/beta': Float64Array.from(own, ({ mean }) => mean),
      });
    const [kept, mirrored] = [await scaled(1), await scaled(-1)];
    for (const [unit, { optimum: _, k: __, ...sides }] of cases.entries()) {
      const error = (out: Float64Array | undefined): number =>
        relativeError(columnOf(out, unit, units), columnOf(plain['y'], unit, units));
      const errors = { 'activation-error': error(kept['out']), 'mirrored-error': error(mirrored['out']) };
      const place = { step: unit, layer: `m = ${examples}`, at: length };
      records.push(...caseRecords({ ...sides, ...errors }, definitions, place));
    }
    await laboratory.progress(index + 1, settings.length);
  }
  return records;
}
