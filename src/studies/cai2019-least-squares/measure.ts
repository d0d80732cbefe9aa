/**
 * @file Gradient descent on least squares, full batch, with batch norm and without, at many learning rates at once: each
 * rate is a unit of its own, and units share nothing but the inputs.
 */

import type { Laboratory } from '../../cells/laboratory.ts';
import { type NormName, norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import type { NetworkFunction } from '../../problems/network-function.ts';
import { type Problem, withoutRunningStatistics } from '../../problems/problem.ts';
import { regression } from '../../problems/regression.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { outputOf } from '../../runtime/device.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import type { SessionSettings } from '../../train/session-settings.ts';
import { drawNormal } from '../draws.ts';
import { geometric, uncorrelatedInputs } from '../uncorrelated-inputs.ts';
import { effectiveCondition } from './theory.ts';

export interface LeastSquaresProtocol extends JsonObject {
  /** How many seeds: solution, start and inputs of their own. */
  readonly seeds: number;
  /** Iterations of each run. */
  readonly steps: number;
  /** Of the weight. */
  readonly learningRates: readonly number[];
  /** Of gamma. */
  readonly gammaRate: number;
  /** d. */
  readonly inputs: number;
  readonly examples: number;
  /** κ: eigenvalues of H are geometric from 1 to κ. */
  readonly condition: number;
}

/** The residual below which a run counts as converged, for the steps that it takes. */
export const CONVERGED = 1e-3;

const definitions = {
  residual: '½ E(y − ŷ)² over that of step 0, whole data set, batch statistics, float64; the least possible is 0',
  'steps-to-converge': `the first step at which the residual is at most ${CONVERGED}; infinite where it never is`,
  'weight-norm': '‖w‖ after the last step',
  'effective-condition': 'κ*, the largest over the smallest non-zero eigenvalue of H − H u uᵀ H / (uᵀ H u)',
} as const;

export const arms: readonly ('batch' | 'none')[] = ['batch', 'none'];

/** The problem ½ E(y − ŷ)² for each unit, ŷ = BN(x w) with a learnt gamma, or x w, on the statistics of the whole batch. */
export function leastSquares(norm: NormName, { inputs, learningRates }: LeastSquaresProtocol): Problem {
  const units = learningRates.length;
  const fit: NetworkFunction = ({ network }) => {
    const { g } = network;
    return (x) => {
      const initial = { kind: 'constant', value: 0 } as const;
      const w = g.input('w', [inputs, units], { kind: 'parameter', initial, owner: 'layer' });
      const settings = { ...defaultNormSettings, epsilon: 0, beta: false };
      return norms[norm].build(network, 'norm', g.emit('MatMul', [x, w]), settings);
    };
  };
  return withoutRunningStatistics(
    regression(fit, { norm, input: [inputs], outputs: units, targets: 1, float: 'float64' }),
  );
}

/** Plain gradient descent with one rate per unit for the weight, and one for gamma. */
export function descentOf(
  norm: NormName,
  { learningRates, gammaRate, examples }: LeastSquaresProtocol,
): SessionSettings {
  const multiples = { w: learningRates, ...(norm === 'none' ? {} : { 'norm/gamma': gammaRate }) };
  return { batchSize: examples, optimiser: { ...sgd(), multiples }, learningRate: 1 };
}

export async function measure(
  laboratory: Laboratory,
  protocol: LeastSquaresProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { learningRates, steps, inputs, examples, condition } = protocol;
  const key = (what: string) => ({ seed, name: `cai2019/least-squares ${what}` });
  const eigenvalues = geometric(1, condition, inputs);
  const x = uncorrelatedInputs(examples, eigenvalues, key('x'));
  const solution = unit(drawNormal(inputs, key('solution')));
  const start = unit(drawNormal(inputs, key('start')));
  const y = Float64Array.from({ length: examples }, (_, n) =>
    solution.reduce((sum, value, i) => sum + value * (x[n * inputs + i] as number), 0),
  );
  const record = (quantity: keyof typeof definitions, step: number, value: number, rest: Partial<StepRecord>) =>
    ({ step, quantity, value, definition: definitions[quantity], mode: 'frozen', ...rest }) as const;
  const records: StepRecord[] = [record('effective-condition', 0, effectiveCondition(eigenvalues, solution), {})];
  const shown = shownSteps(steps);
  for (const [armIndex, arm] of arms.entries()) {
    const session = await laboratory.openSession(leastSquares(arm, protocol), descentOf(arm, protocol));
    const units = learningRates.length;
    const w = Float64Array.from({ length: inputs * units }, (_, at) => start[Math.floor(at / units)] as number);
    await session.write(new Map([['w', w]]));
    const converged = learningRates.map(() => Number.POSITIVE_INFINITY);
    let first: readonly number[] | undefined;
    for await (const { step, outputs } of session.steps({ feeds: () => ({ x, y }), until: steps + 1 })) {
      const losses = Array.from(outputOf(outputs, 'losses'), Number);
      first ??= losses;
      for (const [i, at] of learningRates.entries()) {
        const residual = (losses[i] as number) / (first[i] as number);
        if (residual <= CONVERGED) converged[i] = Math.min(step, converged[i] as number);
        if (shown.has(step)) records.push(record('residual', step, residual, { layer: arm, at }));
      }
      if (step % 200 === 0) await laboratory.progress(armIndex * steps + step, arms.length * steps);
    }
    const ended = (await session.read(['w'])).get('w')?.data as Float64Array;
    await session.close();
    for (const [i, at] of learningRates.entries()) {
      const norm = Math.hypot(...ended.filter((_, place) => place % units === i));
      records.push(record('steps-to-converge', steps, converged[i] as number, { layer: arm, at }));
      records.push(record('weight-norm', steps, norm, { layer: arm, at }));
    }
  }
  return records;
}

function unit(vector: Float64Array): Float64Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

/** 0, the last, and about 24 a decade between: what a figure with a logarithmic axis needs. */
function shownSteps(steps: number): ReadonlySet<number> {
  const between = geometric(1, steps, Math.max(2, Math.ceil(24 * Math.log10(Math.max(steps, 10)))));
  return new Set([0, ...between.map(Math.round), steps]);
}
