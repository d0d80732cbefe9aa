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

/** State of a norm, starting at one value. */
export function state({ g }: Network, name: string, shape: Shape, value: number): Value {
  return g.input(name, shape, { kind: 'state', initial: { kind: 'constant', value }, owner: 'norm' });
}

/** The shift of a norm that ends in gamma and beta: where beta is switched off, a bias in the place of it. */
export function betaOrBias({ beta }: Pick<NormSettings, 'beta'>): Shift {
  return beta ? 'norm' : 'behind';
}

/** gamma · y + beta per channel of y, [N, C, …]; what is switched off is left out. */
export function affine(network: Network, y: Value, settings: Pick<NormSettings, 'gamma' | 'beta'>): Value {
  const { g } = network;
  const shape = [sizeAt(y.shape, 1)];
  const wide = (name: 'gamma' | 'beta', value: number): Value =>
    alongChannels(g, parameter(network, name, shape, value), y.shape.length);
  const scaled = settings.gamma ? mul(g, y, wide('gamma', 1)) : y;
  return settings.beta ? add(g, scaled, wide('beta', 0)) : scaled;
}
