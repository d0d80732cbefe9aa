/** @file What training minimises and what it is judged by. */

import { axesOf, mul, reduceMean, reduceSum } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';

/**
 * Mean cross-entropy −(1/N) Σ_n ln softmax(logits_n)[label_n], a scalar in nats.
 * @param logits - [N, classes]
 * @param labels - int32 [N]
 */
export function crossEntropy(g: GraphBuilder, logits: Value, labels: Value): Value {
  const classes = sizeAt(logits.shape, 1);
  const target = g.emit('OneHot', [labels], { depth: classes, to: g.float });
  const logLikelihood = reduceSum(g, mul(g, target, g.emit('LogSoftmax', [logits], { axis: 1 })), [1]);
  return g.emit('Neg', [reduceMean(g, logLikelihood, [0])]);
}

/** Per example, 1 where the largest logit is that of the label, else 0: float [N]. */
export function correct(g: GraphBuilder, logits: Value, labels: Value): Value {
  const predicted = g.emit('Cast', [g.emit('ArgMax', [logits], { axis: 1 })], { to: 'int32' });
  return g.emit('Cast', [g.emit('Equal', [predicted, labels])], { to: g.float });
}

/** The fraction of the batch that is classified correctly, a scalar. */
export function accuracy(g: GraphBuilder, logits: Value, labels: Value): Value {
  const hits = correct(g, logits, labels);
  return reduceMean(g, hits, axesOf(hits));
}
