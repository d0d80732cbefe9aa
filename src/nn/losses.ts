/** @file What training minimises and what it is judged by. */

import { ShapeError } from '../errors.ts';
import { axesOf, mul, reduceMean, reduceSum, sub } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { formatType, sameShape, sizeAt } from '../graph/tensor-type.ts';

/** Throws unless there is one label per example: a single one would broadcast. */
function requireLabels(logits: Value, labels: Value): void {
  const batch = logits.shape.slice(0, 1);
  if (logits.shape.length !== 2 || labels.dtype !== 'int32' || !sameShape(labels.shape, batch)) {
    throw new ShapeError(
      `Logits must be [N,classes] and labels int32[N], got ${formatType(logits)} and ${formatType(labels)}`,
    );
  }
}

/**
 * Per example, the log-likelihood ln softmax(logits_n)[label_n] in nats, whose negative is the cross-entropy: [N].
 * @param logits - [N, classes]
 * @param labels - int32 [N]
 * @throws {ShapeError} unless there is one label per row of logits
 */
export function logLikelihoods(g: GraphBuilder, logits: Value, labels: Value): Value {
  requireLabels(logits, labels);
  const classes = sizeAt(logits.shape, 1);
  const target = g.emit('OneHot', [labels], { depth: classes, to: g.float });
  return reduceSum(g, mul(g, target, g.emit('LogSoftmax', [logits], { axis: 1 })), [1]);
}

/**
 * Mean cross-entropy −(1/N) Σ_n ln softmax(logits_n)[label_n], a scalar in nats.
 * @param logits - [N, classes]
 * @param labels - int32 [N]
 * @throws {ShapeError} unless there is one label per row of logits
 */
export function crossEntropy(g: GraphBuilder, logits: Value, labels: Value): Value {
  return g.emit('Neg', [reduceMean(g, logLikelihoods(g, logits, labels), [0])]);
}

/**
 * Per example, ½ ‖logits_n − onehot(label_n)‖²: [N].
 * @param logits - [N, classes]
 * @param labels - int32 [N]
 * @throws {ShapeError} unless there is one label per row of logits
 */
export function squares(g: GraphBuilder, logits: Value, labels: Value): Value {
  requireLabels(logits, labels);
  const error = sub(g, logits, g.emit('OneHot', [labels], { depth: sizeAt(logits.shape, 1), to: g.float }));
  return mul(g, reduceSum(g, mul(g, error, error), [1]), 0.5);
}

/**
 * Per example, 1 where the largest logit (the first, of equal ones) is that of the label, else 0: float [N].
 * @throws {ShapeError} unless there is one label per row of logits
 */
export function correct(g: GraphBuilder, logits: Value, labels: Value): Value {
  requireLabels(logits, labels);
  const predicted = g.emit('Cast', [g.emit('ArgMax', [logits], { axis: 1 })], { to: 'int32' });
  return g.emit('Cast', [g.emit('Equal', [predicted, labels])], { to: g.float });
}

/** The fraction of the batch that is classified correctly, a scalar. */
export function accuracy(g: GraphBuilder, logits: Value, labels: Value): Value {
  const hits = correct(g, logits, labels);
  return reduceMean(g, hits, axesOf(hits));
}
