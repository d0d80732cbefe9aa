/** @file Networks written on the spot: a function of a few layers, each with the norm and activation of the problem. */

import { add } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import { type HiddenLayer, hiddenLayer, type Model, type ModelSettings } from '../models/model.ts';
import { conv, dense, flatten, globalAveragePool, maxPool } from '../nn/layers.ts';
import type { Network } from '../nn/network.ts';

/** Hidden layers bring the norm and the activation of the problem, in the places that it says. */
export interface Layers {
  /** Everything about the network under construction, for what the layers below lack. */
  readonly network: Network;
  /** Hidden layer of a convolution: [N, C, H, W] → [N, channels, H/stride, W/stride]. */
  readonly conv: (name: string, x: Value, settings: HiddenConv) => Value;
  /** Hidden layer x W + b: [N, D] → [N, units]. */
  readonly dense: (name: string, x: Value, units: number, settings?: LinearMap & Residual) => Value;
  /** x W + b alone, with neither norm nor activation: what a network ends in. [N, D] → [N, units]. */
  readonly linear: (name: string, x: Value, units: number, settings?: LinearMap) => Value;
  /** The maximum of each 2 × 2 window, or of another square. */
  readonly maxPool: (x: Value, kernel?: number) => Value;
  /** [N, C, H, W] → the mean of each image's channel, [N, C]. */
  readonly globalAveragePool: (x: Value) => Value;
  /** [N, …] → [N, D]. */
  readonly flatten: (x: Value) => Value;
  readonly add: (x: Value, y: Value) => Value;
}

export interface LinearMap {
  /** Whether there is a bias, in hidden layers where the norm brings no shift; default yes. */
  readonly bias?: boolean;
}

export interface Residual {
  /** Added before the activation. */
  readonly residual?: Value;
}

export interface HiddenConv extends LinearMap, Residual {
  readonly channels: number;
  /** Taps per side; default 3. */
  readonly kernel?: number;
  /** Default 1. */
  readonly stride?: number;
}

/**
 * From layers to a network. Layers' names become those of parameters, and key their random streams.
 *
 * @example
 * const twoLayers: NetworkFunction = ({ dense, flatten, linear }) => (x) =>
 *   linear('head', dense('hidden', flatten(x), 20), 10);
 * const problem = classifier(twoLayers, { input: [1, 28, 28], classes: 10, norm: 'layer' });
 * console.log(problem.float);
 */
export type NetworkFunction = (layers: Layers) => (x: Value) => Value;

/** The layers of one network under construction; hidden ones are counted from 1. */
export function layersFor(network: Network, settings: ModelSettings): Layers {
  const { g } = network;
  const { initialiser, initialScale } = settings;
  // `normalised: 'last'` is refused for such networks: how many layers there are is known when they are built.
  const model: Pick<Model, 'hiddenLayers'> = { hiddenLayers: Number.POSITIVE_INFINITY };
  let index = 0;
  const hidden = (name: string, bias: boolean, residual: Value | undefined): HiddenLayer => {
    index += 1;
    return { index, name, bias: bias ? 'kept' : 'none', ...(residual && { residual }) };
  };
  return {
    network,
    conv: (name, x, { channels, kernel = 3, stride = 1, bias = true, residual }) =>
      hiddenLayer(network, model, settings, hidden(name, bias, residual), (own) =>
        conv(g, name, x, { channels, kernel, stride, initialiser, initialScale, ...own }),
      ),
    dense: (name, x, units, { bias = true, residual } = {}) =>
      hiddenLayer(network, model, settings, hidden(name, bias, residual), (own) =>
        dense(g, name, x, units, { initialiser, initialScale, ...own }),
      ),
    linear: (name, x, units, { bias = true } = {}) => dense(g, name, x, units, { initialiser, initialScale, bias }),
    maxPool: (x, kernel = 2) => maxPool(g, x, kernel),
    globalAveragePool: (x) => globalAveragePool(g, x),
    flatten: (x) => flatten(g, x),
    add: (x, y) => add(g, x, y),
  };
}
