/** @file Gradients of random smooth losses before and behind batch norm, against both forms of Theorem 4.1. */

import type { Laboratory } from '../../cells/laboratory.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { squareOf } from '../../math/power.ts';
import type { StepRecord } from '../../records/record.ts';
import { columnOf, project, standardise } from '../santurkar2018-theorems/statistics.ts';
import { caseRecords, type TheoremProtocol } from '../santurkar2018-theorems/theorem-study.ts';
import { drawUnits, gradientGraph, lossKinds } from '../santurkar2018-theorems/unit.ts';
import { measureNetwork, type NetworkProtocol } from './network.ts';

/** Random losses, and the units of a network besides. */
export interface LipschitzProtocol extends TheoremProtocol, NetworkProtocol {}

const definitions = {
  'printed-excess':
    '(‖∇_y L̂‖² − right side as printed, with 1/√m) / (gamma²/σ² ‖∇_z L‖²), one unit over m examples, float64; above 0 the printed bound fails',
  'equality-error': '|‖∇_y L̂‖² − right side with 1/m in place of 1/√m| / (gamma²/σ² ‖∇_z L‖²), float64',
  'jacobian-error': 'max |∇_y L̂ − (gamma/σ) P ∇_z L| / max |(gamma/σ) ∇_z L|, P along 1 and ŷ, float64',
  'printed-ratio': 'right side as printed, with 1/√m, over ‖∇_y L̂‖², float64',
  'corrected-ratio': 'right side with 1/m in place of 1/√m, over ‖∇_y L̂‖², float64',
} as const;

export interface UnitGradients {
  readonly y: Float64Array;
  readonly gamma: number;
  /** ∇_y L̂. */
  readonly d: Float64Array;
  /** ∇_z L, which "identical" losses make the theorem's ∇_y L. */
  readonly ghat: Float64Array;
}

/** Both sides of the theorem for one unit, in both forms. */
export function compare({ y, gamma, d, ghat }: UnitGradients): Readonly<Record<keyof typeof definitions, number>> {
  const m = y.length;
  const { sigma, yhat } = standardise(y);
  const gain = squareOf(gamma / sigma);
  const whole = innerProduct(ghat, ghat);
  const alongOne = squareOf(ghat.reduce((a, b) => a + b, 0)) / m;
  const right = (coefficient: number): number =>
    gain * (whole - alongOne - coefficient * squareOf(innerProduct(ghat, yhat)));
  const [printed, corrected] = [right(1 / Math.sqrt(m)), right(1 / m)];
  const left = innerProduct(d, d);
  const expected = project(ghat, yhat);
  const error = Math.max(...d.map((value, i) => Math.abs(value - (gamma / sigma) * (expected[i] as number))));
  return {
    'printed-excess': (left - printed) / (gain * whole),
    'equality-error': Math.abs(left - corrected) / (gain * whole),
    'jacobian-error': error / (Math.abs(gamma / sigma) * Math.max(...ghat.map(Math.abs))),
    'printed-ratio': printed / left,
    'corrected-ratio': corrected / left,
  };
}

export async function measure(
  laboratory: Laboratory,
  protocol: LipschitzProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { units, sizes } = protocol;
  const settings = lossKinds.flatMap((kind) => sizes.map((examples) => ({ kind, examples })));
  const records: StepRecord[] = [];
  for (const [index, { kind, examples }] of settings.entries()) {
    const drawn = drawUnits({ units, examples }, (what) => ({
      seed,
      step: index,
      name: `santurkar2018/theorem-4-1 ${what}`,
    }));
    const { y, gamma, beta, loss } = drawn;
    const graph = gradientGraph(examples, units, kind);
    const { d, ghat } = await laboratory.run(graph, { y, 'norm/gamma': gamma, 'norm/beta': beta, ...loss });
    for (let unit = 0; unit < units; unit++) {
      const of = (matrix: Float64Array | undefined): Float64Array => columnOf(matrix, unit, units);
      const sides = compare({ y: of(y), gamma: gamma[unit] as number, d: of(d), ghat: of(ghat) });
      records.push(...caseRecords(sides, definitions, { step: unit, layer: `${kind} loss`, at: examples }));
    }
    await laboratory.progress(index + 1, settings.length + 1);
  }
  records.push(...(await measureNetwork(laboratory, protocol, seed)));
  await laboratory.progress(settings.length + 1, settings.length + 1);
  return records;
}
