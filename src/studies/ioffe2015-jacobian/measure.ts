/** @file Jacobians of one layer between normalised vectors, ẑ = BN(activation(x̂) W), row by row from the graph. */

import { vjp } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { innerProduct } from '../../math/inner-product.ts';
import { singularValues } from '../../math/singular-values.ts';
import { type ActivationName, activations } from '../../nn/activations.ts';
import { dense } from '../../nn/layers.ts';
import { type Mode, newNetwork } from '../../nn/network.ts';
import { type NormName, norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { outputOf } from '../../runtime/device.ts';
import { initialState } from '../../train/initial-state.ts';
import { drawNormal, drawUniform } from '../draws.ts';
import { uncorrelatedInputs } from '../uncorrelated-inputs.ts';

export interface JacobianProtocol extends JsonObject {
  readonly seeds: number;
  /** Units of x̂ and ẑ where one example's output is differentiated by its own input. */
  readonly width: number;
  readonly batches: readonly number[];
  /** Sizes where the outputs of a whole batch are differentiated by all of its inputs. */
  readonly coupledWidth: number;
  readonly coupledBatch: number;
  /** Sizes, and number per seed, of the layers that keep the paper's assumptions. */
  readonly idealWidth: number;
  readonly idealBatch: number;
  readonly idealCases: number;
}

/** `identity` leaves the linear map alone. */
export const nonlinearities: readonly ActivationName[] = ['identity', 'relu', 'sigmoid', 'tanh'];

/** Close to 1: from a half to two. */
export const near = { least: 0.5, greatest: 2 } as const;

/** The last bin of the histogram goes on for ever. */
export const binWidth = 0.1;
export const bins = 40;

const spectrum =
  'singular values of the Jacobian of ẑ = norm(activation(x̂) W) by x̂, W from Glorot’s distribution, x̂ normal numbers normalised over the batch, epsilon = 0, batch statistics, float64';

const definitions = {
  'outside-own': `share outside [${near.least}, ${near.greatest}] of the ${spectrum}; output and input of one example`,
  'outside-batch': `share outside [${near.least}, ${near.greatest}] of the ${spectrum}; all outputs of a batch by all its inputs`,
  largest: `largest of the ${spectrum}; output and input of one example`,
  median: `middle one of the ${spectrum}; output and input of one example`,
  'mean-square': `mean square of the ${spectrum}; output and input of one example`,
  share: `share in the bin of width ${binWidth} of the ${spectrum}; output and input of one example`,
  'covariance-error': 'max |Cov(ẑ) − I|, x̂ with mean 0 and covariance I over the batch, float64',
  'ideal-error':
    'max |J Jᵀ − I|, J the Jacobian of ẑ = BN(x̂ W) by x̂ with the statistics of the batch held, x̂ white, columns of W orthogonal and of random lengths, float64',
  'drawn-correlation':
    'root mean square of the correlations between different ẑ, x̂ white, W from Glorot’s distribution',
  'drawn-outside': `share outside [${near.least}, ${near.greatest}] of the singular values of J, the same with W from Glorot’s distribution`,
} as const;

type Quantity = keyof typeof definitions;

interface LayerSettings {
  readonly activation: ActivationName;
  readonly norm: NormName;
  readonly mode: Mode;
  readonly batch: number;
  readonly inputs: number;
  readonly units: number;
  /** Whether x is normalised before it counts as x̂. */
  readonly normalised: boolean;
  /** How many examples, from the first, the Jacobian is of. */
  readonly examples: number;
}

interface Layer {
  readonly settings: LayerSettings;
  /** The gradient by x̂ of the first examples, for a fed cotangent of ẑ. */
  readonly backward: Graph;
  /** ẑ, and its statistics where it has them. */
  readonly forward: Graph;
}

function buildLayer(layer: LayerSettings): Layer {
  const { activation, norm, mode, batch, inputs, units, normalised, examples } = layer;
  const g = new GraphBuilder(ops, 'float64');
  const network = newNetwork(g, mode);
  const settings = { ...defaultNormSettings, epsilon: 0, gamma: false, beta: false };
  const x = g.input('x', [batch, inputs], { kind: 'data' });
  const cotangent = g.input('cotangent', [batch, units], { kind: 'data' });
  const from = normalised ? norms.batch.build(network, 'before', x, settings) : x;
  const activated = activations[activation](g, from);
  const linear = dense(g, 'layer', activated, units, { initialiser: 'glorot', bias: false });
  const z = norms[norm].build(network, 'norm', linear, settings);
  const [gradient] = vjp(g, [z], [cotangent], [from]);
  const first = Array.from({ length: examples * batch }, (_, at) => (at % batch === Math.floor(at / batch) ? 1 : 0));
  const chosen = g.emit('MatMul', [g.constant(first, [examples, batch]), gradient]);
  const statistics = [...network.quantities].filter(([name]) => name.startsWith('norm/'));
  return {
    settings: layer,
    backward: g.finish('backward', { gradient: chosen }),
    forward: g.finish('forward', { z, ...Object.fromEntries(statistics) }),
  };
}

type Feeds = Readonly<Record<string, Float64Array>>;

/**
 * The Jacobian of the outputs of the first examples by their inputs, [examples · units, examples · inputs]: one run per
 * row.
 */
async function jacobian(laboratory: Laboratory, { settings, backward }: Layer, feeds: Feeds) {
  const { batch, inputs, units, examples } = settings;
  const [rows, columns] = [examples * units, examples * inputs];
  const matrix = new Float64Array(rows * columns);
  // The gradient of a linear map does not depend on where it is taken.
  const used = new Set(backward.inputs.map(({ value }) => value.name));
  const taken = Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name)));
  for (let row = 0; row < rows; row++) {
    const cotangent = new Float64Array(batch * units).fill(1, row, row + 1);
    const { gradient } = await laboratory.run(backward, { ...taken, cotangent });
    matrix.set(need(gradient, 'an output gradient'), row * columns);
  }
  return { matrix, rows, columns };
}

export async function measure(
  laboratory: Laboratory,
  protocol: JacobianProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { width, batches, coupledWidth, coupledBatch } = protocol;
  const records: StepRecord[] = [];
  const add = (quantity: Quantity, value: number, layer: string, at?: number, step = 0): void => {
    const definition = definitions[quantity];
    records.push({ step, quantity, value, layer, ...(at !== undefined && { at }), definition, mode: 'frozen' });
  };
  await idealised(laboratory, protocol, seed, add);
  const settings = nonlinearities.flatMap((activation) => [
    ...batches.map((batch) => ({ activation, norm: 'batch' as const, batch, size: width, examples: 1 })),
    // Without a norm examples do not meet, and one batch says it all.
    ...batches.slice(0, 1).map((batch) => ({ activation, norm: 'none' as const, batch, size: width, examples: 1 })),
    { activation, norm: 'batch' as const, batch: coupledBatch, size: coupledWidth, examples: coupledBatch },
  ]);
  for (const [done, { activation, norm, batch, size, examples }] of settings.entries()) {
    const common = { mode: 'frozen', normalised: true } as const;
    const layer = buildLayer({ ...common, activation, norm, batch, inputs: size, units: size, examples });
    const weights = Object.fromEntries(initialState(layer.backward, seed)) as Feeds;
    const x = drawNormal(batch * size, { seed, name: `ioffe2015/jacobian x ${batch} ${size}` });
    const { matrix, rows, columns } = await jacobian(laboratory, layer, { ...weights, x });
    const values = await singularValues(matrix, rows, columns);
    const name = `${activation}, ${norm}`;
    if (examples > 1) add('outside-batch', outside(values), name, batch);
    else {
      add('outside-own', outside(values), name, batch);
      add('largest', need(values.at(-1), 'a largest value'), name, batch);
      add('median', need(values[values.length >> 1], 'a middle value'), name, batch);
      add('mean-square', innerProduct(values, values) / values.length, name, batch);
      if (batch === batches[0])
        histogram(values).forEach((share, bin) => add('share', share, name, bin * binWidth, bin));
    }
    await laboratory.progress(done + 1, settings.length);
  }
  return records;
}

function outside(values: Float64Array): number {
  return values.filter((value) => value < near.least || value > near.greatest).length / values.length;
}

function histogram(values: Float64Array): Float64Array {
  const shares = new Float64Array(bins);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor(value / binWidth));
    shares[bin] = need(shares[bin], 'a bin for each value') + 1 / values.length;
  }
  return shares;
}

/**
 * The paper's argument under its own assumptions: a linear map between vectors of covariance I. White inputs and weights
 * whose columns are orthogonal make the normalised outputs white, and J Jᵀ = Cov(ẑ) = I. One input more than outputs.
 */
async function idealised(
  laboratory: Laboratory,
  { idealWidth: units, idealBatch: batch, idealCases }: JacobianProtocol,
  seed: number,
  add: (quantity: Quantity, value: number, layer: string, at?: number, step?: number) => void,
): Promise<void> {
  const inputs = units + 1;
  const layer = {
    activation: 'identity',
    norm: 'batch',
    batch,
    inputs,
    units,
    normalised: false,
    examples: 1,
  } as const;
  const [trained, held] = [buildLayer({ ...layer, mode: 'frozen' }), buildLayer({ ...layer, mode: 'eval' })];
  for (let step = 0; step < idealCases; step++) {
    const key = (what: string) => ({ seed, step, name: `ioffe2015/jacobian ideal ${what}` });
    const x = uncorrelatedInputs(batch, new Array<number>(inputs).fill(1), key('x'));
    const lengths = drawUniform(units, key('lengths'), 0.1, 10);
    const orthogonal = uncorrelatedInputs(inputs, [...lengths], key('weight'));
    const limit = Math.sqrt(6 / (inputs + units));
    const drawn = drawUniform(inputs * units, key('drawn'), -limit, limit);
    const found = async (weight: Float64Array) => {
      const feeds = { x, 'layer/weight': weight };
      const outputs = await laboratory.run(trained.forward, feeds);
      const statistics = {
        'norm/runningMean': outputOf(outputs, 'norm/mean'),
        'norm/runningVariance': outputOf(outputs, 'norm/variance'),
      };
      const { matrix } = await jacobian(laboratory, held, { ...feeds, ...statistics });
      const covariance = gram(transpose(outputOf(outputs, 'z'), units), units).map((sum) => sum / batch);
      return { matrix, covariance };
    };
    const ideal = await found(orthogonal);
    add('covariance-error', fromIdentity(ideal.covariance, units), 'identity, batch', batch, step);
    add('ideal-error', fromIdentity(gram(ideal.matrix, units), units), 'identity, batch', batch, step);
    const usual = await found(drawn);
    const between = usual.covariance.filter((_, i) => i % (units + 1) !== 0);
    const values = await singularValues(usual.matrix, units, inputs);
    add(
      'drawn-correlation',
      Math.sqrt(innerProduct(between, between) / between.length),
      'identity, batch',
      batch,
      step,
    );
    add('drawn-outside', outside(values), 'identity, batch', batch, step);
  }
}

/** [rows, columns] → [columns, rows]. */
function transpose(matrix: Float64Array, columns: number): Float64Array {
  const rows = matrix.length / columns;
  return matrix.map((_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)] as number);
}

/** A Aᵀ for A of this many rows. */
function gram(matrix: Float64Array, rows: number): Float64Array {
  const columns = matrix.length / rows;
  const row = (i: number): Float64Array => matrix.subarray(i * columns, (i + 1) * columns);
  return Float64Array.from({ length: rows * rows }, (_, at) =>
    innerProduct(row(Math.floor(at / rows)), row(at % rows)),
  );
}

/** Largest distance from the identity of a square matrix. */
function fromIdentity(matrix: Float64Array, rows: number): number {
  return matrix.reduce((largest, value, at) => Math.max(largest, Math.abs(value - (at % (rows + 1) === 0 ? 1 : 0))), 0);
}
