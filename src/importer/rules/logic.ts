/**
 * @file Comparisons, and choices by them. A truth value is a float here, 1 or 0, and its derivative is zero, so that a choice has
 * gradients to what it chooses from and none to what it is chosen by.
 */

import { add, mul, sub } from '../../graph/arithmetic.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { broadcastShapes, sameShape, type Shape } from '../../graph/tensor-type.ts';
import { other, type Rule, type Rules, type Site } from '../site.ts';

/** The largest float32, near enough: stands for infinities, which a mask of 0 would make NaN. */
const LARGEST = 3.4e38;

function widened(g: GraphBuilder, x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : g.emit('Expand', [x], { shape });
}

/** 1 where x > 0, else 0. */
export function positive(g: GraphBuilder, x: Value): Value {
  return g.emit('ReluGrad', [widened(g, g.constant(1), x.shape), x]);
}

function equal(g: GraphBuilder, x: Value, y: Value): Value {
  return g.emit('Cast', [g.emit('Equal', [x, y])], { to: g.float });
}

/** 1 where x is not 0, else 0: what a number is as a truth value. */
export function truth(g: GraphBuilder, x: Value): Value {
  return sub(g, 1, equal(g, x, g.constant(0)));
}

const compared = (build: (g: GraphBuilder, x: Value, y: Value) => Value): Rule =>
  other((site) => build(site.g, site.value(0), site.value(1)));

/** x where the condition is 1, y where it is 0: c ⊙ x + (1 − c) ⊙ y, by an op whose derivative is that of a choice. */
function where(site: Site): Value {
  const { g } = site;
  const condition = site.value(0);
  const [x, y] = [branch(site, 1), branch(site, 2)];
  const shape = [x, y].reduce((made, value) => broadcastShapes(made, value.shape), condition.shape);
  const mask = widened(g, condition, shape);
  return add(
    g,
    g.emit('ReluGrad', [widened(g, x, shape), mask]),
    g.emit('ReluGrad', [widened(g, y, shape), sub(g, 1, mask)]),
  );
}

function branch(site: Site, i: number): Value {
  const fixed = site.fixed(i);
  if (fixed === undefined) return site.value(i);
  const finite = Array.from(fixed.data, (value) => Math.min(LARGEST, Math.max(-LARGEST, value)));
  return site.g.constant(finite, fixed.shape);
}

/** −1, 0 or 1; straight through in between, as networks of signs are trained: the derivative is that of x cut to [−1, 1]. */
function sign({ g }: Site, x: Value): Value {
  const signs = sub(g, positive(g, x), positive(g, g.emit('Neg', [x])));
  const cut = g.emit('Clip', [x], { min: -1, max: 1 });
  return add(g, cut, g.emit('StopGradient', [sub(g, signs, cut)]));
}

export const logic: Rules = {
  Equal: compared(equal),
  Greater: compared((g, x, y) => positive(g, sub(g, x, y))),
  Less: compared((g, x, y) => positive(g, sub(g, y, x))),
  GreaterOrEqual: compared((g, x, y) => sub(g, 1, positive(g, sub(g, y, x)))),
  LessOrEqual: compared((g, x, y) => sub(g, 1, positive(g, sub(g, x, y)))),
  Not: other((site) => sub(site.g, 1, site.value(0))),
  And: compared((g, x, y) => mul(g, x, y)),
  Or: compared((g, x, y) => sub(g, add(g, x, y), mul(g, x, y))),
  Xor: compared((g, x, y) => sub(g, 1, equal(g, x, y))),
  Where: other(where),
  Sign: { part: 'activation', build: (site) => sign(site, site.value(0)) },
};
