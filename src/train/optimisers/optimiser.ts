/** @file What an optimiser is: from gradients to updates of parameters and of its own state. */

import { mul } from '../../graph/arithmetic.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Role, Update, Value } from '../../graph/graph.ts';

/** A parameter on its way: where it is, which way is up, and how large a step it takes. */
export interface Moving {
  readonly parameter: Value;
  readonly gradient: Value;
  /** The learning rate, a scalar, or one number per element. */
  readonly rate: Value;
  /** 1 where it moves and 0 where it stays, where the gradient is 0 as well; absent where all of it moves. */
  readonly mask?: Value | undefined;
}

/** A tensor where its parameter moves, and 0 where that stays. */
export function masked(g: GraphBuilder, tensor: Value, mask: Value | undefined): Value {
  return mask === undefined ? tensor : mul(g, tensor, mask);
}

/** The updates of all parameters and of the optimiser's own state, in the order in which they are best computed. */
export type Optimiser<Settings> = (g: GraphBuilder, moving: readonly Moving[], settings: Settings) => readonly Update[];

/** A stored tensor of the optimiser's own, called after a parameter, or after nothing. */
export function optimiserState(g: GraphBuilder, name: string, shape: Value['shape'], initial = 0): Value {
  const role: Role = { kind: 'state', initial: { kind: 'constant', value: initial }, owner: 'optimiser' };
  return g.input(name, shape, role);
}
