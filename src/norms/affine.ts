/** @file The learnt scale and shift per channel that most norms end with. */

import { add, alongChannels, mul } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { type Shape, sizeAt } from '../graph/tensor-type.ts';
import type { Network } from '../nn/network.ts';
import type { NormSettings, Shift } from './norm.ts';

/** A parameter of one number per channel or unit, or of the shape given. */
export function parameter({ g }: Network, name: string, shape: Shape, value: number): Value {
  return g.input(name, shape, { kind: 'parameter', initial: { kind: 'constant', value }, owner: 'norm' });
}

/** gamma of a norm: starts at 1, or where it is drawn. */
export function gammaParameter(
  { g }: Network,
  shape: Shape,
  { drawnGamma = false }: Pick<NormSettings, 'drawnGamma'>,
): Value {
  const initial = drawnGamma
    ? ({ kind: 'interval', low: 0, high: 1 } as const)
    : ({ kind: 'constant', value: 1 } as const);
  return g.input('gamma', shape, { kind: 'parameter', initial, owner: 'norm' });
}

/** State of a norm, starting at one value. */
export function state({ g }: Network, name: string, shape: Shape, value: number): Value {
  return g.input(name, shape, { kind: 'state', initial: { kind: 'constant', value }, owner: 'norm' });
}

/** The shift of a norm that ends in gamma and beta: where beta is switched off, a bias in the place of it. */
export function betaOrBias({ beta }: Pick<NormSettings, 'beta'>): Shift {
  return beta ? 'norm' : 'behind';
}

/** gamma · y + beta per channel of y, [N, C, …]; what is switched off is left out. */
export function affine(
  network: Network,
  y: Value,
  settings: Pick<NormSettings, 'gamma' | 'beta' | 'drawnGamma'>,
): Value {
  const { g } = network;
  const shape = [sizeAt(y.shape, 1)];
  const wide = (vector: Value): Value => alongChannels(g, vector, y.shape.length);
  const scaled = settings.gamma ? mul(g, y, wide(gammaParameter(network, shape, settings))) : y;
  return settings.beta ? add(g, scaled, wide(parameter(network, 'beta', shape, 0))) : scaled;
}
