/** @file What residual branches end in, and how they start: treatments with which residual networks train without norms. */

import { add, mul } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';

/**
 * - `plain`: x + branch(x).
 * - `skip-init`: x + α branch(x), with one learnt α per branch, which starts at 0 (de2020, section 5).
 * - `fixup`: the last weight of each branch and that of the head start at 0, the others in branches at L^(−1/(2m−2)) times
 *   what they would, for L branches of m layers; each branch has a learnt multiplier, which starts at 1; and one learnt number, which starts
 *   at 0, is added before each layer and each activation, in place of biases per channel (zhang2019fixup, section 3).
 */
export type BranchName = 'plain' | 'skip-init' | 'fixup';

/** Where a layer stands: before all branches, in one, at the end of one, or after all of them. */
export type BranchPlace = 'stem' | 'inner' | 'last' | 'head';

export interface Branch {
  /** As `--branch` lists it. */
  readonly title: string;
  /** Whether it stands in for norms, and goes with none. */
  readonly replacesNorms: boolean;
  /** Biases of hidden layers, per channel. */
  readonly bias: 'needed' | 'none';
  /** What the initial weights of a layer are multiplied by, in a network of so many branches. */
  readonly scale: (place: BranchPlace, branches: number) => number;
  /** What a layer is given in place of x; declares what it learns below `name`. */
  readonly before: (g: GraphBuilder, name: string, x: Value) => Value;
  /** What is made of a hidden layer's output y before the skip is added and before the activation. */
  readonly behind: (g: GraphBuilder, name: string, y: Value, place: BranchPlace) => Value;
}

const untouched = (_g: GraphBuilder, _name: string, x: Value): Value => x;

export const branches: Readonly<Record<BranchName, Branch>> = {
  plain: {
    title: 'plain',
    replacesNorms: false,
    bias: 'needed',
    scale: () => 1,
    before: untouched,
    behind: untouched,
  },
  'skip-init': {
    title: 'SkipInit',
    replacesNorms: false,
    bias: 'needed',
    scale: () => 1,
    before: untouched,
    behind: (g, name, y, place) => (place === 'last' ? mul(g, y, learnt(g, `${name}/multiplier`, 0)) : y),
  },
  fixup: {
    title: 'Fixup',
    replacesNorms: true,
    bias: 'none',
    scale: (place, count) => {
      if (place === 'last' || place === 'head') return 0;
      return place === 'inner' ? 1 / fixupRoot(count) : 1;
    },
    before: (g, name, x) => add(g, x, learnt(g, `${name}/input-shift`, 0)),
    behind: (g, name, y, place) => {
      const scaled = place === 'last' ? mul(g, y, learnt(g, `${name}/multiplier`, 1)) : y;
      return add(g, scaled, learnt(g, `${name}/shift`, 0));
    },
  },
};

/** L^(1/(2m−2)) for branches of m = 2 layers. */
function fixupRoot(count: number): number {
  return Math.sqrt(count);
}

/** One number for all channels and pixels. */
function learnt(g: GraphBuilder, name: string, value: number): Value {
  return g.input(name, [1], { kind: 'parameter', initial: { kind: 'constant', value }, owner: 'layer' });
}
