import { add, axesOf, div, dot, mul, reduceSum } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { Mode } from '../nn/network.ts';
import type { Norm } from './norm.ts';
import { asMatrix, fanIn } from './weights.ts';

/** Power iterations before the weight is used; PyTorch, too, begins with 15. */
const iterations: Readonly<Record<Mode, number>> = { first: 15, train: 1, frozen: 1, eval: 0 };

/** Keeps the direction of a zero vector finite. */
const TINY = 1e-12;

/**
 * Spectral normalisation (miyato2018, Algorithm 1): the weight over its largest singular value, sigma = uᵀWv, W being
 * [units, fan-in]. u and v are state: a power iteration v ← Wᵀu/‖·‖, u ← Wv/‖·‖ precedes each use in training, and both
 * are held constant by differentiation. Of a convolution it is the norm of the kernel seen as a matrix.
 */
export const spectral: Norm = {
  title: 'spectral normalisation',
  formula: 'y = x · W / sigma, sigma = uᵀWv by one power iteration per step from the u and v of the step before',
  paper: 'miyato2018',
  invariances: ['weightScale'],
  pools: undefined,
  leastPooled: 1,
  shift: () => 'linear',
  holdsConstant: 'u and v',
  build: (_network, _name, x) => x,
  weight: ({ g, mode, updates, divisors }, name, normed) =>
    g.inScope(name, () => {
      const { value: w, outputAxis } = normed;
      const matrix = asMatrix(g, normed);
      const role = { kind: 'state', initial: { kind: 'normal', std: 1 }, owner: 'norm' } as const;
      const stored = {
        u: g.input('u', [sizeAt(w.shape, outputAxis)], role),
        v: g.input('v', [fanIn(normed)], role),
      };
      const { u, v } = iterate(g, matrix, stored, iterations[mode]);
      if (mode === 'train' || mode === 'first') {
        updates.push({ state: stored.u, next: u }, { state: stored.v, next: v });
      }
      const sigma = dot(g, timesVector(g, matrix, v), u);
      divisors.set(name, {
        value: sigma,
        what: 'sigma, the largest singular value of the weight',
        repair: 'take a smaller learning rate or weight decay',
      });
      return { weight: div(g, w, sigma) };
    }),
};

interface SingularVectors {
  readonly u: Value;
  readonly v: Value;
}

function iterate(g: GraphBuilder, matrix: Value, start: SingularVectors, times: number): SingularVectors {
  const constant = g.emit('StopGradient', [matrix]);
  const transposed = g.emit('Transpose', [constant], { perm: [1, 0] });
  let { u, v } = start;
  for (let i = 0; i < times; i++) {
    v = direction(g, timesVector(g, transposed, u));
    u = direction(g, timesVector(g, constant, v));
  }
  return { u, v };
}

/** M x for M [rows, columns] and x [columns]. */
function timesVector(g: GraphBuilder, matrix: Value, x: Value): Value {
  return reduceSum(g, mul(g, matrix, x), [1]);
}

function direction(g: GraphBuilder, x: Value): Value {
  const length = g.emit('Sqrt', [reduceSum(g, mul(g, x, x), axesOf(x))]);
  return div(g, x, add(g, length, TINY));
}
