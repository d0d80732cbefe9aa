/** @file Gradients with respect to the weight at the X that makes them largest, against the forms of Theorem 4.4. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { spectralNorm } from '../../math/cholesky.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { power, squareOf } from '../../math/power.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawUniform } from '../draws.ts';
import { outputOf } from '../../runtime/device.ts';
import { layerFeeds, layerGraph, rankOne } from '../santurkar2018-theorems/layer.ts';
import { columnOf, fromColumns, standardise } from '../santurkar2018-theorems/statistics.ts';
import { caseRecords, measureSettings, type TheoremProtocol } from '../santurkar2018-theorems/theorem-study.ts';
import {
  drawUnits,
  type Feeds,
  feedsOf,
  gradientGraph,
  type LossFeeds,
  type LossKind,
} from '../santurkar2018-theorems/unit.ts';

export interface MinimaxProtocol extends TheoremProtocol {
  /** Length n of the weight. */
  readonly inputs: number;
  /** Factors of the loss: its units. */
  readonly lossScales: readonly number[];
}

const relative = 'relative to gamma²/σ² λ² ‖∇_y L‖², maxima at the X of norm λ along the gradient, y held, float64';

const definitions = {
  'printed-excess': `(ĝ_j − gamma²/σ² (g_j² − m μ² − λ² ⟨∇_y L, ŷ⟩²)) ${relative}; above 0 the printed bound fails`,
  'length-excess': `(ĝ_j − gamma²/σ² (g_j − m μ² − λ² ⟨∇_y L, ŷ⟩²)) ${relative}: g_j² read as the squared length`,
  'consistent-error': `|ĝ_j − gamma²/σ² (g_j − λ² m μ² − λ² ⟨∇_y L, ŷ⟩²/m)| ${relative}`,
  'concrete-excess':
    '(‖∇_W L̂‖² − ‖X‖₂² gamma²/σ² (‖∇_z L‖² − m μ² − ⟨∇_z L, ŷ⟩²/m)) / (‖X‖₂² gamma²/σ² ‖∇_z L‖²) for a random X with y = X W, float64',
} as const;

interface Sides {
  readonly y: Float64Array;
  readonly gamma: number;
  /** ∇_z L at loss scale 1; losses scaled by c have c times this. */
  readonly ghat: Float64Array;
}

interface Terms {
  /** gamma²/σ². */
  readonly gain: number;
  readonly whole: number;
  /** m μ², μ the mean of the gradient. */
  readonly alongOne: number;
  /** ⟨∇L, ŷ⟩². */
  readonly alongYhat: number;
}

/** The terms of the right side, for a loss scaled by c. */
export function termsOf({ y, gamma, ghat }: Sides, c = 1): Terms {
  const { sigma, yhat } = standardise(y);
  const sum = ghat.reduce((a, b) => a + b, 0);
  return {
    gain: squareOf(gamma / sigma),
    whole: c * c * innerProduct(ghat, ghat),
    alongOne: (c * c * sum * sum) / y.length,
    alongYhat: squareOf(c * innerProduct(ghat, yhat)),
  };
}

/** The three forms, from the measured maxima ĝ_j and g_j of squared gradient norms with and without batch norm. */
export function compare(
  { gain, whole, alongOne, alongYhat }: Terms,
  { lambda, m, withNorm, without }: { lambda: number; m: number; withNorm: number; without: number },
): Readonly<Record<'printed-excess' | 'length-excess' | 'consistent-error', number>> {
  const square = lambda * lambda;
  const scale = gain * square * whole;
  const excess = (right: number): number => (withNorm - gain * right) / scale;
  return {
    'printed-excess': excess(without * without - alongOne - square * alongYhat),
    'length-excess': excess(without - alongOne - square * alongYhat),
    'consistent-error': Math.abs(excess(without - square * alongOne - (square * alongYhat) / m)),
  };
}

export async function measure(
  laboratory: Laboratory,
  protocol: MinimaxProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  return await measureSettings(protocol.sizes, laboratory, (setting, step) =>
    measureSetting(laboratory, protocol, setting, { seed, step }),
  );
}

async function measureSetting(
  laboratory: Laboratory,
  { units, inputs, lossScales }: MinimaxProtocol,
  { kind, examples }: { readonly kind: LossKind; readonly examples: number },
  place: { readonly seed: number; readonly step: number },
): Promise<readonly StepRecord[]> {
  const key = (what: string) => ({ ...place, name: `santurkar2018/theorem-4-4 ${what}` });
  const sizes = { units, examples, inputs };
  const { y, gamma, beta, loss } = drawUnits(sizes, key);
  const own: Feeds = { 'norm/gamma': gamma, 'norm/beta': beta, ...loss };
  const each = <T>(of: (unit: number) => T): readonly T[] => Array.from({ length: units }, (_, unit) => of(unit));
  const column = (matrix: Float64Array | undefined, unit: number): Float64Array => columnOf(matrix, unit, units);
  const w = drawNormal(units * inputs, key('w'));
  const directions = drawNormal(units * inputs, key('directions'));
  const randomX = drawNormal(units * examples * inputs, key('x'));
  const lambdas = drawUniform(units, key('lambdas')).map((exponent) => power(10, exponent));
  const gradients = gradientGraph(examples, units, kind);
  const [batch, plain] = [layerGraph('batch', kind, sizes), layerGraph('none', kind, sizes)];
  const slopes = async (graph: typeof batch, layer: Feeds, c: number): Promise<Float64Array> => {
    const { slope } = await laboratory.run(graph, feedsOf(graph, { ...own, ...scaledLoss(loss, c), ...layer }));
    return need(slope, 'an output slope');
  };

  const { d, ghat } = await laboratory.run(gradients, { ...own, y });
  const z = fromColumns(
    each((unit) => standardise(column(y, unit)).yhat.map((v) => (gamma[unit] as number) * v + (beta[unit] as number))),
  );
  // ‖Xᵀ d‖ is largest, λ ‖d‖, for X = λ d vᵀ/‖d‖ with any v of length 1.
  const along = (matrix: Float64Array | undefined): readonly Float64Array[] =>
    each((unit) => {
      const v = directions.slice(unit * inputs, (unit + 1) * inputs);
      return rankOne(column(matrix, unit), v, lambdas[unit] as number);
    });
  const withNorm = layerFeeds(along(d), w, y, sizes);
  const without = layerFeeds(along(ghat), w, z, sizes);
  const records: StepRecord[] = [];
  for (const c of lossScales) {
    const [left, right] = [await slopes(batch, withNorm, c), await slopes(plain, without, c)];
    for (const unit of each((u) => u)) {
      const terms = termsOf({ y: column(y, unit), gamma: gamma[unit] as number, ghat: column(ghat, unit) }, c);
      const maxima = { withNorm: left[unit] as number, without: right[unit] as number };
      const forms = compare(terms, { ...maxima, lambda: lambdas[unit] as number, m: examples });
      records.push(...caseRecords(forms, definitions, { step: unit, layer: `${kind} loss, m = ${examples}`, at: c }));
    }
  }

  const xs = each((unit) => randomX.slice(unit * examples * inputs, (unit + 1) * examples * inputs));
  const free = await laboratory.run(batch, feedsOf(batch, { ...own, ...layerFeeds(xs, w, undefined, sizes) }));
  const behind = await laboratory.run(gradients, { ...own, y: outputOf(free, 'y') });
  for (const [unit, x] of xs.entries()) {
    const ownGamma = gamma[unit] as number;
    const terms = termsOf({ y: column(free['y'], unit), gamma: ownGamma, ghat: column(behind['ghat'], unit) });
    const { gain, whole, alongOne, alongYhat } = terms;
    const square = squareOf(spectralNorm(x, examples));
    const excess = (free['slope']?.[unit] as number) - square * gain * (whole - alongOne - alongYhat / examples);
    const value = { 'concrete-excess': excess / (square * gain * whole) };
    records.push(...caseRecords(value, definitions, { step: unit, layer: `${kind} loss, m = ${examples}`, at: 1 }));
  }
  return records;
}

/** The feeds of c times the loss. */
function scaledLoss(loss: LossFeeds, c: number): LossFeeds {
  const scaled = (data: Float64Array): Float64Array => data.map((value) => c * value);
  return { ...loss, slope: scaled(loss.slope), curvature: scaled(loss.curvature) };
}
