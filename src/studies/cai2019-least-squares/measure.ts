/**
 * @file Gradient descent on least squares, full batch, with batch norm and without, at many learning rates at once: each
 * rate is a unit of its own, and units share nothing but the inputs.
 */

import { grad } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { axesOf, mul, reduceMean, reduceSum, sub } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { newNetwork } from '../../nn/network.ts';
import { type NormName, norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { sgd } from '../../train/optimiser.ts';
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

/**
 * One step of gradient descent on ½ E(y − ŷ)² for each unit, ŷ = BN(x w) with a learnt gamma, or x w. Gives `loss`, one
 * per unit; `learningRate` is one per unit.
 */
export function stepGraph(norm: NormName, protocol: LeastSquaresProtocol): Graph {
  const { inputs, examples, gammaRate } = protocol;
  const units = protocol.learningRates.length;
  const g = new GraphBuilder(ops, 'float64');
  const x = g.input('x', [examples, inputs], { kind: 'data' });
  const y = g.input('y', [examples, 1], { kind: 'data' });
  const learningRate = g.input('learningRate', [units], { kind: 'data' });
  const w = g.input('w', [inputs, units], { kind: 'parameter', initial: { kind: 'constant', value: 0 }, decay: false });
  const settings = { ...defaultNormSettings, epsilon: 0, beta: false };
  const fitted = norms[norm].build(newNetwork(g, 'frozen'), 'norm', g.emit('MatMul', [x, w]), settings);
  const error = sub(g, y, fitted);
  const loss = mul(g, reduceMean(g, mul(g, error, error), [0]), 0.5);
  const parameters = g.inputs.flatMap(({ value, role }) => (role.kind === 'parameter' ? [value] : []));
  const gradients = grad(g, reduceSum(g, loss, axesOf(loss)), parameters);
  const updates = parameters.flatMap((parameter, i) => {
    const rate = parameter === w ? learningRate : g.constant(gammaRate);
    const plain = { momentum: 0, weightDecay: 0, nesterov: false };
    return sgd(g, rate, [parameter], gradients.slice(i, i + 1), plain);
  });
  return g.finish(norm, { loss }, updates);
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
  const device = laboratory.openDevice('reference');
  for (const [armIndex, arm] of arms.entries()) {
    const graph = stepGraph(arm, protocol);
    await device.load(graph, 'state');
    const units = learningRates.length;
    const w = Float64Array.from({ length: inputs * units }, (_, at) => start[Math.floor(at / units)] as number);
    const gamma = new Float64Array(units).fill(1);
    await device.write(
      new Map(
        arm === 'batch'
          ? [
              ['w', w],
              ['norm/gamma', gamma],
            ]
          : [['w', w]],
      ),
    );
    const feeds = { x, y, learningRate: Float64Array.from(learningRates) };
    const converged = learningRates.map(() => Number.POSITIVE_INFINITY);
    let first: readonly number[] = [];
    for (let step = 0; step <= steps; step++) {
      const losses = Array.from((await device.run(graph.name, feeds))['loss'] ?? [], Number);
      if (step === 0) first = losses;
      for (const [i, at] of learningRates.entries()) {
        const residual = (losses[i] ?? Number.NaN) / (first[i] ?? Number.NaN);
        if (residual <= CONVERGED) converged[i] = Math.min(step, converged[i] as number);
        if (shown.has(step)) records.push(record('residual', step, residual, { layer: arm, at }));
      }
      if (step % 200 === 0) await laboratory.progress(armIndex * steps + step, arms.length * steps);
    }
    const ended = (await device.read(['w'])).get('w')?.data as Float64Array;
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
