/** @file The network of the lab whose depth is a setting: hidden layers of one width, as many as one likes. */

import { scaled } from '../models/model.ts';
import type { InitialiserName } from '../nn/initialisers.ts';
import { dense } from '../nn/layers.ts';
import type { NetworkFunction } from '../problems/network-function.ts';

export interface DeepMlpSettings {
  /** How many hidden layers. */
  readonly depth: number;
  /** Multiplies the 100 units of each. */
  readonly width: number;
  /** How the head starts; hidden layers start as the problem's settings say. */
  readonly initialiser: InitialiserName;
  readonly classes: number;
}

/**
 * `dense1` … `dense<depth>`, each of 100 · width units with the norm and activation of the problem, then a linear `head`.
 * The head has no norm and leaves `initialScale` aside: with batch norm (and epsilon 0) networks that differ in it alone
 * are then the same function at the start.
 */
export function deepMlp({ depth, width, initialiser, classes }: DeepMlpSettings): NetworkFunction {
  const units = scaled(100, width);
  return (layers) => (images) => {
    let x = layers.flatten(images);
    for (let i = 1; i <= depth; i++) x = layers.dense(`dense${i}`, x, units);
    return dense(layers.network.g, 'head', x, classes, { initialiser, bias: true });
  };
}
