/** @file Hessian products of random smooth losses before and behind batch norm, against both forms of Theorem 4.2. */

import { grad, hvp } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { euclideanNorm, innerProduct } from '../../math/inner-product.ts';
import { squareOf } from '../../math/power.ts';
import { ops } from '../../ops/index.ts';
import type { StepRecord } from '../../records/record.ts';
import { columnOf, standardise } from '../santurkar2018-theorems/statistics.ts';
import { caseRecords, type TheoremProtocol } from '../santurkar2018-theorems/theorem-study.ts';
import { drawUnits, type LossKind, lossKinds, normalise, smoothLosses } from '../santurkar2018-theorems/unit.ts';

const definitions = {
  'first-excess':
    '(dᵀĤd − right side) / scale, right side gamma²/σ² dᵀHd − gamma/(mσ²) ⟨ĝ, ŷ⟩‖d‖², scale gamma²/σ² ‖d‖‖Hd‖ + |gamma|/(√m σ²) ‖ĝ‖‖d‖², float64; above 0 the bound fails',
  'second-excess':
    '(dᵀĤd − right side) / scale, right side gamma²/σ² (ĝᵀHĝ − ⟨ĝ, ŷ⟩‖d‖²/(m gamma)), scale as before plus gamma²/σ² ‖ĝ‖‖Hĝ‖, float64; above 0 the bound fails',
  condition: '(ĝᵀHĝ − dᵀHd) / (‖ĝ‖‖Hĝ‖ + ‖d‖‖Hd‖), float64; from 0 on the side condition holds',
  growth: '‖d‖/‖ĝ‖, float64',
  alignment: 'gamma ⟨ĝ, ŷ⟩ / (|gamma| √m ‖ĝ‖), float64; above 0 the last term of the right side is a decrease',
} as const;

/** d = ∇_y L̂ and ĝ = ∇_z L with Ĥ d, H d and H ĝ, of all units: each [m, units]. */
function hessianGraph(examples: number, units: number, kind: LossKind): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const y = g.input('y', [examples, units], { kind: 'data' });
  const z = normalise(g, 'batch', y);
  const loss = smoothLosses(g, z, kind);
  const [d, ghat] = grad(g, loss, [y, z]);
  const [hhatD] = hvp(g, loss, [y], [d]);
  const [hD] = hvp(g, loss, [z], [d]);
  const [hGhat] = hvp(g, loss, [z], [ghat]);
  return g.finish('theorem-4-2', { d, ghat, hhatD, hD, hGhat });
}

export interface UnitCurvature {
  readonly y: Float64Array;
  readonly gamma: number;
  readonly d: Float64Array;
  readonly ghat: Float64Array;
  readonly hhatD: Float64Array;
  readonly hD: Float64Array;
  readonly hGhat: Float64Array;
}

/** Both sides of both forms of the theorem, and its side condition, for one unit. */
export function compare(unit: UnitCurvature): Readonly<Record<keyof typeof definitions, number>> {
  const { y, gamma, d, ghat, hhatD, hD, hGhat } = unit;
  const m = y.length;
  const { sigma, yhat } = standardise(y);
  const gain = squareOf(gamma / sigma);
  const [normD, normG] = [euclideanNorm(d), euclideanNorm(ghat)];
  const along = innerProduct(ghat, yhat);
  const left = innerProduct(d, hhatD);
  const [dHd, gHg] = [innerProduct(d, hD), innerProduct(ghat, hGhat)];
  const last = (gamma / (m * squareOf(sigma))) * along * squareOf(normD);
  const [sizeD, sizeG] = [normD * euclideanNorm(hD), normG * euclideanNorm(hGhat)];
  const scale = gain * sizeD + (Math.abs(gamma) / (Math.sqrt(m) * squareOf(sigma))) * normG * squareOf(normD);
  return {
    'first-excess': (left - (gain * dHd - last)) / scale,
    'second-excess': (left - (gain * gHg - last)) / (scale + gain * sizeG),
    condition: (gHg - dHd) / (sizeG + sizeD),
    growth: normD / normG,
    alignment: (Math.sign(gamma) * along) / (Math.sqrt(m) * normG),
  };
}

export async function measure(
  laboratory: Laboratory,
  { units, sizes }: TheoremProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const settings = lossKinds.flatMap((kind) => sizes.map((examples) => ({ kind, examples })));
  const records: StepRecord[] = [];
  for (const [index, { kind, examples }] of settings.entries()) {
    const key = (what: string) => ({ seed, step: index, name: `santurkar2018/theorem-4-2 ${what}` });
    const { y, gamma, beta, loss } = drawUnits({ units, examples }, key);
    const graph = hessianGraph(examples, units, kind);
    const values = await laboratory.run(graph, { y, 'norm/gamma': gamma, 'norm/beta': beta, ...loss });
    for (let unit = 0; unit < units; unit++) {
      const of = (name: string): Float64Array => columnOf(values[name], unit, units);
      const sides = compare({
        y: columnOf(y, unit, units),
        gamma: gamma[unit] as number,
        d: of('d'),
        ghat: of('ghat'),
        hhatD: of('hhatD'),
        hD: of('hD'),
        hGhat: of('hGhat'),
      });
      records.push(...caseRecords(sides, definitions, { step: unit, layer: `${kind} loss`, at: examples }));
    }
    await laboratory.progress(index + 1, settings.length);
  }
  return records;
}
