/** @file Sums, means and maxima over axes, and what is made of them. */

import { div, mul, reduceMean, reduceSum, sub } from '../../graph/arithmetic.ts';
import type { Value } from '../../graph/graph.ts';
import { axisIn, other, refusal, type Rule, type Rules, type Site, wholeNumbers } from '../site.ts';

/** Axes by attribute, or by an operand since opset 13 (sum) and 18 (the others); none means all, unless the node says none. */
function axesOf(site: Site, rank: number): readonly number[] {
  const given = site.attributes.ints('axes') ?? wholeNumbers(site, 1, 'axes');
  if (given !== undefined && given.length > 0) return given.map((axis) => axisIn(axis, rank)).toSorted((a, b) => a - b);
  if (site.attributes.int('noop_with_empty_axes', 0) !== 0) return [];
  return Array.from({ length: rank }, (_, axis) => axis);
}

type Reduction = (site: Site, x: Value, axes: readonly number[], keepdims: boolean) => Value;

const reduced = (reduction: Reduction): Rule =>
  other((site) => {
    const x = site.value(0);
    return reduction(site, x, axesOf(site, x.shape.length), site.attributes.int('keepdims', 1) !== 0);
  });

const max: Reduction = ({ g }, x, axes, keepdims) =>
  axes.length === 0 ? x : g.emit('ReduceMax', [x], { axes, keepdims });
const sum: Reduction = ({ g }, x, axes, keepdims) => reduceSum(g, x, axes, keepdims);
const mean: Reduction = ({ g }, x, axes, keepdims) => reduceMean(g, x, axes, keepdims);
const squares: Reduction = ({ g }, x, axes, keepdims) => reduceSum(g, mul(g, x, x), axes, keepdims);

/** Along one axis; below opset 13 along that and all behind it, as one. */
function logSoftmax(site: Site): Value {
  const x = site.value(0);
  const rank = x.shape.length;
  const at = axisIn(site.attributes.int('axis', -1), rank);
  if (at !== rank - 1 && !x.shape.slice(at + 1).every((size) => size === 1)) {
    return alongAxis(site, x, at);
  }
  return site.g.emit('LogSoftmax', [x], { axis: at });
}

function alongAxis({ g }: Site, x: Value, axis: number): Value {
  const shifted = sub(g, x, g.emit('StopGradient', [g.emit('ReduceMax', [x], { axes: [axis], keepdims: true })]));
  return sub(g, shifted, g.emit('Log', [reduceSum(g, g.emit('Exp', [shifted]), [axis], true)]));
}

const globally = (reduction: Reduction): Rule =>
  other((site) => {
    const x = site.value(0);
    const axes = x.shape.flatMap((_, axis) => (axis > 1 ? [axis] : []));
    return reduction(site, x, axes, true);
  });

export const reductions: Rules = {
  ReduceSum: reduced(sum),
  ReduceMean: reduced(mean),
  ReduceMax: reduced(max),
  ReduceMin: reduced((site, x, axes, keepdims) =>
    site.g.emit('Neg', [max(site, site.g.emit('Neg', [x]), axes, keepdims)]),
  ),
  ReduceSumSquare: reduced(squares),
  ReduceL1: reduced((site, x, axes, keepdims) => sum(site, site.g.emit('Abs', [x]), axes, keepdims)),
  ReduceL2: reduced((site, x, axes, keepdims) => site.g.emit('Sqrt', [squares(site, x, axes, keepdims)])),
  ReduceLogSum: reduced((site, x, axes, keepdims) => site.g.emit('Log', [sum(site, x, axes, keepdims)])),
  ReduceLogSumExp: reduced((site, x, axes, keepdims) => {
    const { g } = site;
    const top = g.emit('StopGradient', [max(site, x, axes, true)]);
    const total = g.emit('Log', [reduceSum(g, g.emit('Exp', [sub(g, x, top)]), axes, true)]);
    const y = g.emit('Add', [total, top]);
    return keepdims ? y : reduceSum(g, y, axes, false);
  }),
  GlobalAveragePool: globally(mean),
  GlobalMaxPool: globally(max),
  LogSoftmax: other(logSoftmax),
  Softmax: other((site) => site.g.emit('Exp', [logSoftmax(site)])),
  LpNormalization: other((site) => {
    if (site.attributes.int('p', 2) !== 2) throw refusal(site, 'only p = 2 is known');
    const x = site.value(0);
    const axis = axisIn(site.attributes.int('axis', -1), x.shape.length);
    return div(site.g, x, site.g.emit('Sqrt', [squares(site, x, [axis], true)]));
  }),
};
