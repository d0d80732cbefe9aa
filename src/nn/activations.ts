/** @file The non-linearities a network can be built with. All are monotone, so that max-pooling commutes with them. */

import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';

export type ActivationName = 'relu' | 'sigmoid' | 'tanh' | 'softplus' | 'identity';

export const activations: Readonly<Record<ActivationName, (g: GraphBuilder, x: Value) => Value>> = {
  relu: (g, x) => g.emit('Relu', [x]),
  sigmoid: (g, x) => g.emit('Sigmoid', [x]),
  tanh: (g, x) => g.emit('Tanh', [x]),
  softplus: (g, x) => g.emit('Softplus', [x]),
  identity: (_g, x) => x,
};
