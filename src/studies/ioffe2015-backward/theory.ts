/** @file The backward equations as Ioffe and Szegedy print them (section 3), in plain loops. */

import { squareOf, wholePower } from '../../math/power.ts';

/** One random case: x and dl/dy are [N, C, pixels], gamma is [C]. */
export interface LayerCase {
  readonly examples: number;
  readonly channels: number;
  readonly pixels: number;
  readonly x: Float64Array;
  readonly dy: Float64Array;
  readonly gamma: Float64Array;
  readonly epsilon: number;
}

/** Gradients of l: of x̂ and x like x, the others [C]. */
export interface Gradients {
  readonly dxhat: Float64Array;
  readonly dvariance: Float64Array;
  readonly dmean: Float64Array;
  readonly dx: Float64Array;
  readonly dgamma: Float64Array;
  readonly dbeta: Float64Array;
}

/** What one channel holds: where its m values lie, and their biased statistics. */
export interface Channel {
  readonly at: readonly number[];
  readonly mean: number;
  readonly variance: number;
}

export function channelsOf({ examples, channels, pixels, x }: LayerCase): readonly Channel[] {
  return Array.from({ length: channels }, (_, c) => {
    const at = Array.from(
      { length: examples * pixels },
      (_value, i) => (Math.floor(i / pixels) * channels + c) * pixels + (i % pixels),
    );
    const mean = sum(at, (i) => value(x, i)) / at.length;
    const variance = sum(at, (i) => squareOf(value(x, i) - mean)) / at.length;
    return { at, mean, variance };
  });
}

/**
 * The six equations: dl/dx̂ᵢ = dl/dyᵢ γ; dl/dσ² = Σ dl/dx̂ᵢ (xᵢ − μ) (−1/2) (σ² + ε)^(−3/2);
 * dl/dμ = Σ dl/dx̂ᵢ (−1/√(σ² + ε)) + dl/dσ² Σ −2 (xᵢ − μ) / m;
 * dl/dxᵢ = dl/dx̂ᵢ / √(σ² + ε) + dl/dσ² 2 (xᵢ − μ) / m + dl/dμ / m; dl/dγ = Σ dl/dyᵢ x̂ᵢ; dl/dβ = Σ dl/dyᵢ.
 */
export function publishedGradients(layer: LayerCase): Gradients {
  const { x, dy, gamma, epsilon, channels } = layer;
  const dxhat = new Float64Array(x.length);
  const dx = new Float64Array(x.length);
  const [dvariance, dmean, dgamma, dbeta] = [0, 1, 2, 3].map(() => new Float64Array(channels)) as Vectors;
  channelsOf(layer).forEach(({ at, mean, variance }, c) => {
    const m = at.length;
    const root = Math.sqrt(variance + epsilon);
    for (const i of at) dxhat[i] = value(dy, i) * value(gamma, c);
    const ofVariance = sum(at, (i) => (value(dxhat, i) * (value(x, i) - mean) * -0.5) / wholePower(root, 3));
    const ofMean =
      sum(at, (i) => -value(dxhat, i) / root) + (ofVariance * sum(at, (i) => -2 * (value(x, i) - mean))) / m;
    for (const i of at) dx[i] = value(dxhat, i) / root + (ofVariance * 2 * (value(x, i) - mean)) / m + ofMean / m;
    dvariance[c] = ofVariance;
    dmean[c] = ofMean;
    dgamma[c] = sum(at, (i) => (value(dy, i) * (value(x, i) - mean)) / root);
    dbeta[c] = sum(at, (i) => value(dy, i));
  });
  return { dxhat, dvariance, dmean, dx, dgamma, dbeta };
}

type Vectors = [Float64Array, Float64Array, Float64Array, Float64Array];

/**
 * dl/dμ and dl/dσ² as a write-up prints them: with dl/dxᵢ where the paper has dl/dx̂ᵢ, and without the second term of
 * dl/dμ, which is zero. Both vanish for epsilon = 0, the first always, since Σ dl/dxᵢ = 0 and Σ x̂ᵢ dl/dxᵢ = 0.
 */
export function misprintedGradients(layer: LayerCase, dx: Float64Array): Pick<Gradients, 'dmean' | 'dvariance'> {
  const channels = channelsOf(layer);
  const root = ({ variance }: Channel): number => Math.sqrt(variance + layer.epsilon);
  return {
    dmean: Float64Array.from(channels, (channel) => sum(channel.at, (i) => -value(dx, i) / root(channel))),
    dvariance: Float64Array.from(channels, (channel) =>
      sum(channel.at, (i) => (value(dx, i) * (value(layer.x, i) - channel.mean) * -0.5) / wholePower(root(channel), 3)),
    ),
  };
}

/** Sums over a channel that say which directions of x leave the output as it is. */
export interface GradientSums {
  /** |Σ dl/dxᵢ| / Σ |dl/dxᵢ|: the loss does not change where all x grow by the same. */
  readonly shift: number;
  /** |Σ x̂ᵢ dl/dxᵢ − γ/√(σ² + ε) · dl/dγ · ε/(σ² + ε)| / Σ |x̂ᵢ dl/dxᵢ|: nor, but for epsilon, with the scale of x. */
  readonly scale: number;
  /** Σ x̂ᵢ dl/dxᵢ / (γ/√(σ² + ε) · dl/dγ), which should be ε/(σ² + ε). */
  readonly share: number;
  /** ε/σ². */
  readonly epsilonOverVariance: number;
}

/**
 * With s = 1/√(σ² + ε): dl/dxᵢ = γ s (dl/dyᵢ − dl/dβ / m − x̂ᵢ dl/dγ / m). Its sum vanishes; its sum weighted by x̂ᵢ is
 * γ s dl/dγ (1 − Σ x̂ᵢ² / m), and Σ x̂ᵢ² / m = σ²/(σ² + ε).
 */
export function gradientSums(layer: LayerCase, dx: ArrayLike<number>, dgamma: Float64Array): readonly GradientSums[] {
  const { x, gamma, epsilon } = layer;
  return channelsOf(layer).map(({ at, mean, variance }, c) => {
    const root = Math.sqrt(variance + epsilon);
    const radial = (i: number): number => ((value(x, i) - mean) / root) * value(dx, i);
    const unit = (value(gamma, c) / root) * value(dgamma, c);
    const weighted = sum(at, radial);
    return {
      shift: Math.abs(sum(at, (i) => value(dx, i))) / sum(at, (i) => Math.abs(value(dx, i))),
      scale: Math.abs(weighted - (unit * epsilon) / (variance + epsilon)) / sum(at, (i) => Math.abs(radial(i))),
      share: weighted / unit,
      epsilonOverVariance: epsilon / variance,
    };
  });
}

function value(data: ArrayLike<number>, i: number): number {
  return data[i] as number;
}

function sum(at: readonly number[], term: (i: number) => number): number {
  return at.reduce((total, i) => total + term(i), 0);
}
