/** @file Normalisations of a file: batch norms as normscope's own, which are trained; others composed. */

import { add, alongChannels, div, mul, reduceMean, reshape, sub } from '../../graph/arithmetic.ts';
import type { Value } from '../../graph/graph.ts';
import { elementCount, sizeAt } from '../../graph/tensor-type.ts';
import { batch } from '../../norms/batch.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import type { ChannelAffine, ChannelStatistics, Fixed } from '../fixed.ts';
import { normFrom, putBackName } from '../norm-changes.ts';
import { axisIn, other, type PlacedNorm, refusal, type Rule, type Rules, type Site } from '../site.ts';

const norm = (build: Rule['build']): Rule => ({ part: 'norm', build });

function vector(site: Site, i: number, what: string): () => Float32Array {
  return () => {
    const fixed = site.fixed(i);
    if (fixed !== undefined) return Float32Array.from(fixed.data);
    throw refusal(site, `its ${what} must be known`);
  };
}

/** ONNX keeps `momentum` of the running statistics; here momentum is the weight of the new ones, as in PyTorch. */
function batchNormalization(site: Site): Value {
  const { attributes, layer, normAs } = site;
  const x = site.value(0);
  if (normAs === 'nothing') return x;
  if (normAs !== 'norm') return learntAffine(site, x, normAs);
  const epsilon = attributes.float('epsilon', 1e-5);
  const momentum = 1 - attributes.float('momentum', 0.9);
  const vectors = {
    gamma: vector(site, 1, 'scale'),
    beta: vector(site, 2, 'shift'),
    runningMean: vector(site, 3, 'running mean'),
    runningVariance: vector(site, 4, 'running variance'),
  };
  return placeNorm(site, x, { name: layer, epsilon, momentum, isPutBack: false }, vectors);
}

type Vectors = Readonly<Record<'gamma' | 'beta' | 'runningMean' | 'runningVariance', () => Float32Array>>;

/** normscope's own batch norm, whose vectors start from the numbers given. */
function placeNorm(site: Site, x: Value, norm: Omit<PlacedNorm, 'channels'>, vectors: Vectors): Value {
  const { name, epsilon, momentum } = norm;
  const y = batch.build(site.network, name, x, { ...defaultNormSettings, epsilon, momentum });
  const given = Object.entries(vectors).map(([key, data]) => {
    const stored = `${name}/${key}`;
    return [stored, site.given(stored, data)] as const;
  });
  site.g.startFrom(new Map(given));
  site.noteNorm({ ...norm, channels: sizeAt(x.shape, 1) });
  return y;
}

/**
 * A batch norm behind a layer whose exporter had multiplied it away, as {@link normFrom} makes it. The bias that it takes
 * away is taken off the running mean.
 */
export function normPutBack(
  site: Site,
  y: Value,
  statistics: ChannelStatistics,
  bias: ArrayLike<number> | undefined,
): Value {
  const { epsilon, momentum, ...vectors } = normFrom(statistics);
  const placed = { name: putBackName(site.layer), epsilon, momentum, isPutBack: true };
  return placeNorm(site, y, placed, {
    gamma: () => vectors.gamma,
    beta: () => vectors.beta,
    runningMean: () => vectors.runningMean.map((value, k) => value - (bias?.[k] ?? 0)),
    runningVariance: () => vectors.runningVariance,
  });
}

function learntAffine(site: Site, x: Value, { scale, shift }: ChannelAffine): Value {
  const { g } = site;
  const wide = (role: string, data: Float64Array): Value =>
    alongChannels(
      g,
      site.parameter(role, [data.length], () => Float32Array.from(data)),
      x.shape.length,
    );
  return add(g, mul(g, x, wide('scale', scale)), wide('shift', shift));
}

/** (x − mean)/√(variance + epsilon) over some axes, biased. */
function standardised({ g }: Site, x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = sub(g, x, reduceMean(g, x, axes, true));
  return div(g, centred, g.emit('Sqrt', [add(g, reduceMean(g, mul(g, centred, centred), axes, true), epsilon)]));
}

function learnt(site: Site, i: number, role: string): Value {
  const fixed: Fixed | undefined = site.fixed(i);
  return fixed === undefined ? site.value(i) : site.parameter(role, fixed.shape, () => Float32Array.from(fixed.data));
}

function instanceNormalization(site: Site): Value {
  const { g } = site;
  const x = site.value(0);
  const rank = x.shape.length;
  const axes = x.shape.flatMap((_, axis) => (axis > 1 ? [axis] : []));
  const y = standardised(site, x, axes, site.attributes.float('epsilon', 1e-5));
  return add(
    g,
    mul(g, y, alongChannels(g, learnt(site, 1, 'gamma'), rank)),
    alongChannels(g, learnt(site, 2, 'beta'), rank),
  );
}

function layerNormalization(site: Site): Value {
  const { g } = site;
  const x = site.value(0);
  const rank = x.shape.length;
  const from = axisIn(site.attributes.int('axis', -1), rank);
  const axes = x.shape.flatMap((_, axis) => (axis >= from ? [axis] : []));
  const y = mul(g, standardised(site, x, axes, site.attributes.float('epsilon', 1e-5)), learnt(site, 1, 'gamma'));
  return site.has(2) ? add(g, y, learnt(site, 2, 'beta')) : y;
}

/** Channels in equal groups, each standardised over its channels and all pixels; gamma and beta per group up to opset 20, per channel since. */
function groupNormalization(site: Site): Value {
  const { g } = site;
  const x = site.value(0);
  const [n = 1, c = 1, ...space] = x.shape;
  const groups = site.attributes.int('num_groups', 1);
  const grouped = reshape(g, x, [n, groups, c / groups, ...space]);
  const axes = grouped.shape.flatMap((_, axis) => (axis > 1 ? [axis] : []));
  const y = standardised(site, grouped, axes, site.attributes.float('epsilon', 1e-5));
  const [gamma, beta] = [learnt(site, 1, 'gamma'), learnt(site, 2, 'beta')];
  const isPerGroup = elementCount(gamma.shape) === groups && groups !== c;
  const scaled = (value: Value, by: Value, shift: Value): Value =>
    add(g, mul(g, value, alongChannels(g, by, value.shape.length)), alongChannels(g, shift, value.shape.length));
  return isPerGroup ? reshape(g, scaled(y, gamma, beta), x.shape) : scaled(reshape(g, y, x.shape), gamma, beta);
}

/** x / (bias + alpha/size · Σ x²)^beta, the sum over `size` neighbouring channels: a product with a band of ones. */
function localResponse(site: Site): Value {
  const { g, attributes } = site;
  const x = site.value(0);
  const [size, channels] = [attributes.int('size', 1), sizeAt(x.shape, 1)];
  const before = Math.floor((size - 1) / 2);
  const band = Array.from({ length: channels * channels }, (_, i) => {
    const from = (i % channels) - Math.floor(i / channels);
    return from >= -before && from <= size - 1 - before ? 1 : 0;
  });
  const perm = [1, 0, ...x.shape.slice(2).map((_, axis) => axis + 2)];
  const first = g.emit('Transpose', [mul(g, x, x)], { perm });
  const columns = elementCount(x.shape) / channels;
  const sums = g.emit('MatMul', [g.constant(band, [channels, channels]), reshape(g, first, [channels, columns])]);
  const back = g.emit('Transpose', [reshape(g, sums, first.shape)], { perm });
  const base = add(g, mul(g, back, attributes.float('alpha', 1e-4) / size), attributes.float('bias', 1));
  return div(g, x, g.emit('Exp', [mul(g, g.emit('Log', [base]), attributes.float('beta', 0.75))]));
}

/** What ONNX adds to the deviation of MeanVarianceNormalization is 1e-9, next to nothing. */
const VARIANCE_EPSILON = 1e-18;

export const normRules: Rules = {
  LRN: other(localResponse),
  BatchNormalization: norm(batchNormalization),
  InstanceNormalization: norm(instanceNormalization),
  LayerNormalization: norm(layerNormalization),
  GroupNormalization: norm(groupNormalization),
  MeanVarianceNormalization: other((site) =>
    standardised(site, site.value(0), site.attributes.ints('axes') ?? [0, 2, 3], VARIANCE_EPSILON),
  ),
};
