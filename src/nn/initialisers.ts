/** @file How weights start out: distributions from fan-in and fan-out. Biases start at zero. */

import type { Distribution } from '../graph/graph.ts';

export type InitialiserName = 'glorot' | 'he' | 'small-gaussian';

/**
 * - `glorot`: uniform in ±√(6 / (fanIn + fanOut)) (glorot2010, eq. 16).
 * - `he`: normal with standard deviation √(2 / fanIn) (he2015, eq. 10).
 * - `small-gaussian`: normal with standard deviation 0.1, whatever the fans (ioffe2015, section 4.1, gives no number).
 *
 * Fans count inputs and outputs per unit: channels times taps for convolutions.
 */
export const initialisers: Readonly<Record<InitialiserName, (fanIn: number, fanOut: number) => Distribution>> = {
  glorot: (fanIn, fanOut) => ({ kind: 'uniform', limit: Math.sqrt(6 / (fanIn + fanOut)) }),
  'small-gaussian': () => ({ kind: 'normal', std: 0.1 }),
  he: (fanIn) => ({ kind: 'normal', std: Math.sqrt(2 / fanIn) }),
};

/** How the weights of a layer start out: by an initialiser, times a factor. */
export interface InitialWeights {
  readonly initialiser: InitialiserName;
  /** Multiplies every weight that is drawn; default 1. With 0 none is drawn. */
  readonly initialScale?: number | undefined;
}

/** The distribution of one layer's weights. */
export function initialWeights(
  { initialiser, initialScale = 1 }: InitialWeights,
  fanIn: number,
  fanOut: number,
): Distribution {
  if (initialScale === 0) return { kind: 'constant', value: 0 };
  const initial = initialisers[initialiser](fanIn, fanOut);
  if (initial.kind === 'uniform') return { kind: 'uniform', limit: initialScale * initial.limit };
  if (initial.kind === 'normal') return { kind: 'normal', std: initialScale * initial.std };
  return { kind: 'constant', value: initialScale * initial.value };
}
