/** @file Layers with batch norm beside the linear layers they amount to, and gradient descent on a direction. */

import { grad } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { axesOf, mul, reduceMean, sub } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { euclideanNorm, innerProduct } from '../../math/inner-product.ts';
import { squareOf } from '../../math/power.ts';
import { relativeError } from '../../math/relative-error.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawStream, drawUniform } from '../draws.ts';
import { columns, type LayerSizes, normedLayer } from '../normed-layer.ts';
import { outputOf } from '../../runtime/device.ts';
import { geometric, uncorrelatedInputs } from '../uncorrelated-inputs.ts';
import { adaptiveStep, bestLength, effectiveWeight, leastSquares, secondMoments } from './theory.ts';

export interface LengthDirectionProtocol extends JsonObject, LayerSizes {
  readonly cases: number;
  /** Least-squares problems, and iterations of gradient descent on each. */
  readonly problems: number;
  readonly steps: number;
  /** L/μ of their S. */
  readonly condition: number;
}

const definitions = {
  'centred-error': 'max |BN(x w) − x w̃| / max |x w̃|, x of mean 0, S = E[x xᵀ] over the batch, float64',
  'covariance-error':
    'max |BN(x w) − (x − E x) w̃| / max |(x − E x) w̃|, S = the covariance of x over the batch, float64',
  'moment-error': 'the same with S = E[x xᵀ] of the x that is not centred',
  orthogonality: 'max over units of |⟨w, ∂L/∂w⟩| / (‖w‖ ‖∂L/∂w‖), L the cross-entropy, float64',
  'weight-norm-output-error': 'max |BN(x w) − WN(x w)| / max |WN(x w)|, x whitened, float64',
  'weight-norm-weight-error': 'the same of the gradients with respect to w',
  'weight-norm-gamma-error': 'the same of the gradients with respect to gamma',
  'weight-norm-input-error': 'the same of the gradients with respect to x',
  'rayleigh-error': 'relative error of ½ E t² − (uᵀw)²/(2 wᵀSw) as the loss at gamma = uᵀw/(wᵀSw)^{1/2}, float64',
  'length-error': '|∂L/∂gamma| / (E t²)^{1/2} at that gamma',
  'rayleigh-gradient-error': 'max |∂L/∂w − its closed form| / max |its closed form|, at that gamma',
  suboptimality: '(L − min L)(w_t) over that of t = 0, gamma the best one for w_t, float64',
} as const;

/** ½ E(t − BN(x w))² for one unit, with its gradients. */
function leastSquaresGraph(examples: number, inputs: number): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const [x, w, t] = [
    g.input('x', [examples, inputs], { kind: 'data' }),
    g.input('w', [inputs, 1], { kind: 'data' }),
    g.input('t', [examples, 1], { kind: 'data' }),
  ];
  const settings = { ...defaultNormSettings, epsilon: 0, beta: false };
  const y = norms.batch.build(newNetwork(g, 'frozen'), 'norm', g.emit('MatMul', [x, w]), settings);
  const error = sub(g, t, y);
  const loss = mul(g, reduceMean(g, mul(g, error, error), axesOf(error)), 0.5);
  const gamma = need(g.inputs.find(({ role }) => role.kind === 'parameter')?.value, 'a gamma');
  const [dw, dgamma] = grad(g, loss, [w, gamma]);
  return g.finish('least squares', { loss, dw, dgamma });
}

export async function measure(
  laboratory: Laboratory,
  protocol: LengthDirectionProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  return [...(await layers(laboratory, protocol, seed)), ...(await descents(laboratory, protocol, seed))];
}

function record(step: number, quantity: keyof typeof definitions, value: number): StepRecord {
  return { step, quantity, value, definition: definitions[quantity], mode: 'frozen' };
}

async function layers(
  laboratory: Laboratory,
  protocol: LengthDirectionProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { cases, examples, inputs, units } = protocol;
  const batch = normedLayer('batch', protocol);
  const weight = normedLayer('weight', protocol);
  const records: StepRecord[] = [];
  for (let step = 0; step < cases; step++) {
    const key = (what: string) => ({ seed, step, name: `kohler2018/length-direction ${what}` });
    const raw = drawNormal(examples * inputs, key('x')).map((value, at) => value + 1 + (at % inputs));
    const centred = withoutMean(raw, inputs);
    const w = drawNormal(inputs * units, key('w'));
    const gamma = drawUniform(units, key('gamma'), 0.5, 2);
    const stream = drawStream(key('labels'));
    const labels = Int32Array.from({ length: examples }, () => stream.integer(units));
    const run = async (graph: Graph, x: Float64Array) => laboratory.run(graph, { x, w, labels, 'norm/gamma': gamma });
    const linear = (x: Float64Array, moments: readonly Float64Array[]): Float64Array =>
      product(
        x,
        inputs,
        columns(w, units).map((column, unit) => effectiveWeight(column, gamma[unit] as number, moments)),
      );
    const onCentred = await run(batch, centred);
    const onRaw = await run(batch, raw);
    const slopes = columns(outputOf(onCentred, 'dw'), units);
    const alignment = columns(w, units).map((column, unit) => {
      const slope = need(slopes[unit], `a slope of unit ${unit}`);
      return Math.abs(innerProduct(column, slope)) / (euclideanNorm(column) * euclideanNorm(slope));
    });
    records.push(
      record(
        step,
        'centred-error',
        relativeError(onCentred['y'], linear(centred, secondMoments(centred, inputs, false))),
      ),
      record(step, 'covariance-error', relativeError(onRaw['y'], linear(centred, secondMoments(raw, inputs, true)))),
      record(step, 'moment-error', relativeError(onRaw['y'], linear(centred, secondMoments(raw, inputs, false)))),
      record(step, 'orthogonality', Math.max(...alignment)),
    );
    const whitened = uncorrelatedInputs(
      examples,
      Array.from({ length: inputs }, () => 1),
      key('whitened'),
    );
    const [byBatch, byWeight] = [await run(batch, whitened), await run(weight, whitened)];
    const compared = { output: 'y', weight: 'dw', gamma: 'dgamma', input: 'dx' } as const;
    for (const [what, output] of Object.entries(compared) as [keyof typeof compared, string][]) {
      records.push(record(step, `weight-norm-${what}-error`, relativeError(byBatch[output], byWeight[output])));
    }
    await laboratory.progress(step + 1, cases + protocol.problems);
  }
  return records;
}

async function descents(
  laboratory: Laboratory,
  protocol: LengthDirectionProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { problems, steps, condition, examples, inputs, cases } = protocol;
  const graph = leastSquaresGraph(examples, inputs);
  const eigenvalues = geometric(1, condition, inputs);
  const records: StepRecord[] = [];
  for (let problem = 0; problem < problems; problem++) {
    const key = (what: string) => ({ seed, step: problem, name: `kohler2018/length-direction ${what}` });
    const x = uncorrelatedInputs(examples, eigenvalues, key('features'));
    const t = drawNormal(examples, key('targets'));
    const task = leastSquares(x, t, inputs);
    // S is diagonal: uᵀS⁻¹u is a sum.
    const explained = task.correlation.reduce((sum, value, i) => sum + squareOf(value) / (eigenvalues[i] as number), 0);
    const least = task.half - explained / 2;
    let w = drawNormal(inputs, key('direction'));
    let first = Number.NaN;
    for (let step = 0; step <= steps; step++) {
      const best = bestLength(task, w);
      const measured = await laboratory.run(graph, { x, t, w, 'norm/gamma': Float64Array.of(best.gamma) });
      const loss = need(measured['loss']?.[0], 'a loss');
      const dw = outputOf(measured, 'dw');
      if (step === 0) {
        first = loss - least;
        records.push(
          record(problem, 'rayleigh-error', relativeError([loss], [best.loss])),
          record(
            problem,
            'length-error',
            Math.abs(need(measured['dgamma']?.[0], 'a dgamma')) / Math.sqrt(2 * task.half),
          ),
          record(problem, 'rayleigh-gradient-error', relativeError(dw, best.gradient)),
        );
      }
      records.push({ ...record(step, 'suboptimality', (loss - least) / first), at: problem });
      const rate = adaptiveStep(task, w, condition);
      w = w.map((value, i) => value - rate * (dw[i] as number));
    }
    await laboratory.progress(cases + problem + 1, cases + problems);
  }
  return records;
}

function withoutMean(x: Float64Array, size: number): Float64Array {
  const count = x.length / size;
  const mean = new Float64Array(size);
  x.forEach((value, at) => (mean[at % size] = (mean[at % size] as number) + value / count));
  return x.map((value, at) => value - (mean[at % size] as number));
}

/** x [N, size] times columns, by rows. */
function product(x: Float64Array, size: number, weights: readonly Float64Array[]): Float64Array {
  return Float64Array.from({ length: (x.length / size) * weights.length }, (_, at) => {
    const row = Math.floor(at / weights.length) * size;
    return innerProduct(x.subarray(row, row + size), need(weights[at % weights.length], 'a column'));
  });
}
