/** @file Curvature along the gradient of the weight, at the X that makes it largest, against Theorem C.1. */

import { grad, hvp } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { euclideanNorm, innerProduct } from '../../math/inner-product.ts';
import { power, squareOf, wholePower } from '../../math/power.ts';
import { ops } from '../../ops/index.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawUniform } from '../draws.ts';
import { layerFeeds, layerGraph, rankOne } from '../santurkar2018-theorems/layer.ts';
import { columnOf, fromColumns, standardise } from '../santurkar2018-theorems/statistics.ts';
import { caseRecords, measureSettings, type TheoremProtocol } from '../santurkar2018-theorems/theorem-study.ts';
import {
  drawUnits,
  type Feeds,
  feedsOf,
  type LossKind,
  normalise,
  smoothLosses,
} from '../santurkar2018-theorems/unit.ts';
import { maximumOverBall } from './ball.ts';

const relative = 'relative to λ⁴ max(‖Ĥ‖_F ‖d‖², gamma²/σ² ‖H‖_F ‖ĝ‖², gamma²/σ² |κ|), y held, float64';

type Quantity = 'condition' | 'printed-excess' | 'orthogonal-excess' | 'attained-error' | 'separation';

const definitions: Readonly<Record<Quantity, string>> = {
  condition: '(ĝᵀHĝ − dᵀHd) / (‖H‖_F (‖ĝ‖² + ‖d‖²)), float64; from 0 on the side condition holds',
  'printed-excess': `(max_X d_Wᵀ Ĥ_W d_W − gamma²/σ² (max_X g_Wᵀ H_W g_W − λ⁴ κ)), each maximum over all ‖X‖ ≤ λ, ${relative}; above 0 the printed bound fails`,
  'orthogonal-excess': `the same with both sides at one X with X Xᵀ = λ² I in place of the maxima, ${relative}`,
  'attained-error': `difference between each maximum as computed and as measured at the X that attains it, the larger of the two, ${relative}`,
  separation: 'κ/(‖ĝ‖‖d‖²/(√m |gamma|)), κ = ⟨ĝ, ŷ⟩‖d‖²/(m gamma), float64',
};

/** d and ĝ, and the products of Ĥ and H with a fed `direction`: each [m, units]. */
function productGraph(examples: number, units: number, kind: LossKind): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const y = g.input('y', [examples, units], { kind: 'data' });
  const direction = g.input('direction', [examples, units], { kind: 'data' });
  const z = normalise(g, 'batch', y);
  const loss = smoothLosses(g, z, kind);
  const [d, ghat] = grad(g, loss, [y, z]);
  const [hhat] = hvp(g, loss, [y], [direction]);
  const [h] = hvp(g, loss, [z], [direction]);
  return g.finish('theorem-c-1', { d, ghat, hhat, h });
}

export interface UnitHessians {
  readonly y: Float64Array;
  readonly gamma: number;
  readonly d: Float64Array;
  readonly ghat: Float64Array;
  /** With respect to y and to z, [m, m]. */
  readonly hhat: Float64Array;
  readonly h: Float64Array;
  readonly lambda: number;
}

/** Curvatures along the weight's gradient, with batch norm and without. */
export interface Curvatures {
  readonly withNorm: number;
  readonly without: number;
}

/** The theorem's sides for one unit, from computed maxima and measured curvatures at the X that attain them. */
export function compare(
  unit: UnitHessians,
  { maxima, attained, orthogonal }: Readonly<Record<'maxima' | 'attained' | 'orthogonal', Curvatures>>,
): Readonly<Record<Quantity, number>> {
  const { y, gamma, d, ghat, hhat, h, lambda } = unit;
  const m = y.length;
  const { sigma, yhat } = standardise(y);
  const gain = squareOf(gamma / sigma);
  const [squareD, squareG] = [innerProduct(d, d), innerProduct(ghat, ghat)];
  const kappa = (innerProduct(ghat, yhat) * squareD) / (m * gamma);
  const size = Math.max(euclideanNorm(hhat) * squareD, gain * euclideanNorm(h) * squareG, gain * Math.abs(kappa));
  const scale = wholePower(lambda, 4) * size;
  const excess = ({ withNorm, without }: Curvatures): number =>
    (withNorm - gain * (without - wholePower(lambda, 4) * kappa)) / scale;
  return {
    condition: (quadratic(h, ghat) - quadratic(h, d)) / (euclideanNorm(h) * (squareG + squareD)),
    'printed-excess': excess(maxima),
    'orthogonal-excess': excess(orthogonal),
    'attained-error':
      Math.max(Math.abs(maxima.withNorm - attained.withNorm), gain * Math.abs(maxima.without - attained.without)) /
      scale,
    separation: (kappa * Math.sqrt(m) * Math.abs(gamma)) / (Math.sqrt(squareG) * squareD),
  };
}

function quadratic(matrix: Float64Array, v: Float64Array): number {
  const n = v.length;
  return v.reduce((sum, value, i) => sum + value * innerProduct(matrix.subarray(i * n, (i + 1) * n), v), 0);
}

export async function measure(
  laboratory: Laboratory,
  protocol: TheoremProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  return await measureSettings(protocol.sizes, laboratory, (setting, step) =>
    measureSetting(laboratory, protocol, setting, { seed, step }),
  );
}

async function measureSetting(
  laboratory: Laboratory,
  { units }: TheoremProtocol,
  { kind, examples }: { readonly kind: LossKind; readonly examples: number },
  place: { readonly seed: number; readonly step: number },
): Promise<readonly StepRecord[]> {
  const key = (what: string) => ({ ...place, name: `santurkar2018/theorem-c-1 ${what}` });
  // As many inputs as examples, so that X Xᵀ = λ² I is possible.
  const sizes = { units, examples, inputs: examples };
  const { y, gamma, beta, loss } = drawUnits(sizes, key);
  const own: Feeds = { 'norm/gamma': gamma, 'norm/beta': beta, ...loss };
  const w = drawNormal(units * examples, key('w'));
  const directions = drawNormal(units * examples, key('directions'));
  const lambdas = drawUniform(units, key('lambdas')).map((exponent) => power(10, exponent));
  const all = await hessians(laboratory, productGraph(examples, units, kind), { ...own, y }, { gamma, lambdas });
  const z = fromColumns(
    all.map((unit, i) => standardise(unit.y).yhat.map((value) => unit.gamma * value + (beta[i] as number))),
  );
  const [batch, plain] = [layerGraph('batch', kind, sizes), layerGraph('none', kind, sizes)];
  const along = (i: number): Float64Array => directions.slice(i * examples, (i + 1) * examples);
  const curvatures = async (
    withNorm: readonly Float64Array[],
    without: readonly Float64Array[],
  ): Promise<readonly Curvatures[]> => {
    const left = await laboratory.run(batch, feedsOf(batch, { ...own, ...layerFeeds(withNorm, w, y, sizes) }));
    const right = await laboratory.run(plain, feedsOf(plain, { ...own, ...layerFeeds(without, w, z, sizes) }));
    return all.map((_, i) => ({
      withNorm: left['curvature']?.[i] as number,
      without: right['curvature']?.[i] as number,
    }));
  };
  const maxima = all.map(({ hhat, h, d, ghat, lambda }) => ({
    withNorm: maximumOverBall(hhat, d, lambda),
    without: maximumOverBall(h, ghat, lambda),
  }));
  // X = λ u vᵀ/(‖u‖‖v‖) has X Xᵀ d = u for every u of the sphere.
  const attained = await curvatures(
    maxima.map(({ withNorm }, i) => rankOne(withNorm.at, along(i), all[i]?.lambda as number)),
    maxima.map(({ without }, i) => rankOne(without.at, along(i), all[i]?.lambda as number)),
  );
  const mirrors = all.map(({ lambda }, i) => reflection(along(i), lambda));
  const orthogonal = await curvatures(mirrors, mirrors);
  return all.flatMap((unit, i) => {
    const computed = { withNorm: maxima[i]?.withNorm.bound as number, without: maxima[i]?.without.bound as number };
    const sides = compare(unit, {
      maxima: computed,
      attained: attained[i] as Curvatures,
      orthogonal: orthogonal[i] as Curvatures,
    });
    return caseRecords(sides, definitions, { step: i, layer: `${kind} loss`, at: examples });
  });
}

/** All units' gradients and Hessians, a column at a time. */
async function hessians(
  laboratory: Laboratory,
  graph: Graph,
  feeds: Feeds & { readonly y: Float64Array },
  { gamma, lambdas }: { readonly gamma: Float64Array; readonly lambdas: Float64Array },
): Promise<readonly UnitHessians[]> {
  const units = gamma.length;
  const m = feeds.y.length / units;
  const runs: Readonly<Record<string, Float64Array>>[] = [];
  for (let column = 0; column < m; column++) {
    const direction = Float64Array.from({ length: m * units }, (_, i) => (Math.floor(i / units) === column ? 1 : 0));
    runs.push(await laboratory.run(graph, { ...feeds, direction }));
  }
  return Array.from({ length: units }, (_, unit) => {
    const of = (data: Float64Array | undefined): Float64Array => columnOf(data, unit, units);
    const matrix = (name: string): Float64Array => Float64Array.from(runs.flatMap((run) => [...of(run[name])]));
    return {
      y: of(feeds.y),
      gamma: gamma[unit] as number,
      d: of(runs[0]?.['d']),
      ghat: of(runs[0]?.['ghat']),
      hhat: matrix('hhat'),
      h: matrix('h'),
      lambda: lambdas[unit] as number,
    };
  });
}

/** λ (I − 2vvᵀ/‖v‖²). */
function reflection(v: Float64Array, lambda: number): Float64Array {
  const n = v.length;
  const mirrored = rankOne(v, v, -2 * lambda);
  return mirrored.map((value, i) => value + (i % (n + 1) === 0 ? lambda : 0));
}
