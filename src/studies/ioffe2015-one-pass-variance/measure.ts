/** @file One layer in float32, its variance computed in one pass and centred, beside the same inputs in float64. */

import { vjp } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need } from '../../errors.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import type { FloatType } from '../../graph/tensor-type.ts';
import { power, squareOf } from '../../math/power.ts';
import { relativeError } from '../../math/relative-error.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import type { JsonObject } from '../../records/canonical-json.ts';
import type { StepRecord } from '../../records/record.ts';
import { drawNormal, drawUniform } from '../draws.ts';
import { outputOf } from '../../runtime/device.ts';
import { centredBound, onePassBound, roundoff } from './theory.ts';

export interface OnePassProtocol extends JsonObject {
  readonly seeds: number;
  /** m. */
  readonly examples: number;
  /** Each a sample of its own. */
  readonly channels: number;
  /** Decimal logarithms of |mean|/σ. */
  readonly exponents: readonly number[];
  readonly epsilon: number;
}

/** The one-pass form, and two centred ones: by hand, and composed of primitive operations. */
export type Form = 'batch-one-pass' | 'batch' | 'batch-composed';
const forms: readonly Form[] = ['batch-one-pass', 'batch', 'batch-composed'];

const bounds: Readonly<Record<Form, (m: number, r: number, u: number) => number>> = {
  'batch-one-pass': onePassBound,
  batch: centredBound,
  'batch-composed': centredBound,
};

const definitions = {
  'variance-error':
    'root mean square over channels of (variance of the layer in float32 − variance) / variance, the latter in float64 of the same rounded inputs',
  'bound-share':
    'largest |relative error| over channels, as a share of the bound that any order of summation keeps, float32',
  'double-share':
    'largest |one-pass variance − centred variance| / variance over channels, as a share of the sum of their bounds, float64',
  negative: 'share of channels whose variance in float32 is below zero',
  'not-finite': 'share of channels whose output in float32 is not finite',
  'output-error':
    'median over channels of max |y in float32 − y in float64| / max |y in float64|, infinite where y is not finite',
  'gradient-error': 'the same of the gradient with respect to x, for one random cotangent',
} as const;

type Quantity = keyof typeof definitions;

/** y, its gradient dx for a fed cotangent, and the variance that it was normalised with. */
function layerGraph(form: Form, float: FloatType, { examples, channels, epsilon }: OnePassProtocol): Graph {
  const g = new GraphBuilder(ops, float);
  const x = g.input('x', [examples, channels], { kind: 'data' });
  const cotangent = g.input('cotangent', [examples, channels], { kind: 'data' });
  const network = newNetwork(g, 'frozen');
  const y = norms[form].build(network, 'norm', x, { ...defaultNormSettings, epsilon, gamma: false, beta: false });
  const [dx] = vjp(g, [y], [cotangent], [x]);
  return g.finish(form, { y, dx, variance: need(network.quantities.get('norm/variance'), `a variance of ${form}`) });
}

export async function measure(
  laboratory: Laboratory,
  protocol: OnePassProtocol,
  seed: number,
): Promise<readonly StepRecord[]> {
  const { examples, channels, exponents } = protocol;
  const graphs = (float: FloatType) => forms.map((form) => ({ form, graph: layerGraph(form, float, protocol) }));
  const [single, double] = [graphs('float32'), graphs('float64')];
  const records: StepRecord[] = [];
  for (const [step, exponent] of exponents.entries()) {
    const key = (what: string) => ({ seed, step, name: `ioffe2015/one-pass-variance ${what}` });
    // What float32 cannot hold is rounded before anything is compared.
    const x = Float32Array.from(drawNormal(examples * channels, key('x')), (value) => value + power(10, exponent));
    const cotangent = Float32Array.from(drawUniform(examples * channels, key('cotangent')));
    const add = (quantity: Quantity, value: number, layer: string): void => {
      const definition = definitions[quantity];
      records.push({ step, quantity, value, layer, at: power(10, exponent), definition, mode: 'frozen' });
    };
    const exact = statisticsOf(Float64Array.from(x), channels);
    const wide = { x: Float64Array.from(x), cotangent: Float64Array.from(cotangent) };
    const outputs = new Map<Form, Readonly<Record<string, Float64Array>>>();
    for (const { form, graph } of double) outputs.set(form, await laboratory.run(graph, wide));
    const truth = need(outputs.get('batch'), 'outputs of batch');
    const once = need(outputs.get('batch-one-pass')?.['variance'], 'a variance in one pass');
    const centred = need(truth['variance'], 'a centred variance');
    const apart = exact.map(({ ratio, variance }, c) => {
      const bound = onePassBound(examples, ratio, roundoff.float64) + centredBound(examples, ratio, roundoff.float64);
      return Math.abs(need(once[c], `a channel ${c}`) - need(centred[c], `a channel ${c}`)) / variance / bound;
    });
    add('double-share', Math.max(...apart), 'float64');

    for (const { form, graph } of single) {
      const found = await laboratory.run(graph, { x, cotangent });
      const variances = [...outputOf(found, 'variance')];
      const errors = exact.map(({ variance }, c) => Math.abs(need(variances[c], `a channel ${c}`) / variance - 1));
      const bound = (ratio: number): number => bounds[form](examples, ratio, roundoff.float32);
      const columns = (name: string): readonly number[] =>
        exact.map((_, c) =>
          relativeError(column(outputOf(found, name), c, channels), column(outputOf(truth, name), c, channels)),
        );
      add('variance-error', Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / channels), form);
      add(
        'bound-share',
        Math.max(...exact.map(({ ratio }, c) => need(errors[c], `a channel ${c}`) / bound(ratio))),
        form,
      );
      add('negative', variances.filter((variance) => variance < 0).length / channels, form);
      add('not-finite', columns('y').filter((error) => !Number.isFinite(error)).length / channels, form);
      add('output-error', middle(columns('y')), form);
      add('gradient-error', middle(columns('dx')), form);
    }
    await laboratory.progress(step + 1, exponents.length);
  }
  return records;
}

/** Each channel's biased variance and mean/σ, centred before squaring. */
function statisticsOf(
  x: Float64Array,
  channels: number,
): readonly { readonly variance: number; readonly ratio: number }[] {
  return Array.from({ length: channels }, (_, c) => {
    const values = column(x, c, channels);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + squareOf(value - mean), 0) / values.length;
    return { variance, ratio: mean / Math.sqrt(variance) };
  });
}

function column(data: Float64Array, c: number, channels: number): readonly number[] {
  return Array.from({ length: data.length / channels }, (_, row) => data[row * channels + c] as number);
}

/** The upper of the middle values: unlike a mean of two, it may be infinite. */
function middle(values: readonly number[]): number {
  return need(values.toSorted((a, b) => a - b)[values.length >> 1], 'a middle value');
}
