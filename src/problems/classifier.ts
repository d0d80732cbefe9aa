/** @file Classification by cross-entropy: images or vectors in, one of several classes out. */

import { SettingError, unknownName } from '../errors.ts';
import { reduceMean } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { ModelName } from '../models/index.ts';
import { accuracy, correct, crossEntropy, logLikelihoods, squares } from '../nn/losses.ts';
import { newNetwork } from '../nn/network.ts';
import { ops } from '../ops/index.ts';
import type { NetworkFunction } from './network-function.ts';
import { type NetworkSettings, resolveNetwork } from './network-settings.ts';
import type { Problem } from './problem.ts';

export type ClassifierLoss = 'cross-entropy' | 'squares';

const losses: Readonly<Record<ClassifierLoss, Loss>> = {
  'cross-entropy': {
    title: 'mean cross-entropy',
    each: (g, logits, labels) => g.emit('Neg', [logLikelihoods(g, logits, labels)]),
    mean: crossEntropy,
  },
  squares: {
    title: 'mean of ½ ‖logits − one-hot label‖²',
    each: squares,
    mean: (g, logits, labels) => reduceMean(g, squares(g, logits, labels), [0]),
  },
};

/** What a classifier can minimise: per example, and the mean over a mini-batch. */
interface Loss {
  readonly title: string;
  readonly each: (g: GraphBuilder, logits: Value, labels: Value) => Value;
  readonly mean: (g: GraphBuilder, logits: Value, labels: Value) => Value;
}

const quantitiesOf = ({ title }: Loss): Problem['quantities'] => ({
  loss: {
    batch: `${title} of the mini-batch before the update, without weight decay, batch statistics`,
    whole: `${title} over the whole test set, running statistics`,
  },
  accuracy: {
    batch: 'fraction of the mini-batch classified correctly before the update, batch statistics',
    whole: 'fraction of the whole test set classified correctly, running statistics',
  },
});

export interface ClassifierSettings extends NetworkSettings {
  /** Default 10. */
  readonly classes?: number;
  /** Default cross-entropy. */
  readonly loss?: ClassifierLoss;
}

/**
 * Minimises the mean cross-entropy −(1/N) Σ ln softmax(logits_n)[label_n], in nats, or the mean squared distance
 * (1/2N) Σ ‖logits_n − onehot(label_n)‖². Fed `x` [N, …input] and `labels`,
 * int32 [N]; its steps give `accuracy` too, and its evaluations average `loss` and `accuracy`.
 * @param network - a model of the registry, or a function that ends in logits [N, classes]
 * @throws {SettingError} for settings that make no network.
 *
 * @example
 * const published = classifier('resnet20', { input: [3, 32, 32], norm: 'group' });
 * const own = classifier(({ conv, linear, globalAveragePool }) => (x) =>
 *   linear('head', globalAveragePool(conv('conv1', x, { channels: 16, stride: 2 })), 10), { input: [3, 32, 32] });
 * console.log(published.about.network, own.build({ mode: 'eval', batchSize: 5 }).prediction.shape);
 */
export function classifier(
  network: ModelName | NetworkFunction,
  { classes = 10, loss = 'cross-entropy', ...settings }: ClassifierSettings,
): Problem {
  if (!Number.isInteger(classes) || classes < 2) throw new SettingError(`Classes must be 2 or more, got ${classes}`);
  if (!Object.hasOwn(losses, loss)) throw unknownName('loss', loss, Object.keys(losses));
  const { float, input, build, about } = resolveNetwork('classifier', network, settings, classes);
  return {
    // What is as usual goes unnamed: cells made before there was a choice stay found.
    about: loss === 'cross-entropy' ? about : { ...about, loss },
    float,
    quantities: quantitiesOf(losses[loss]),
    build: ({ mode, batchSize, view }) => {
      const g = new GraphBuilder(ops, float, view);
      const built = newNetwork(g, mode);
      const x = g.input('x', [batchSize, ...input], { kind: 'data' });
      const labels = g.input('labels', [batchSize], { kind: 'data' }, 'int32');
      const logits = build(built, x);
      return {
        g,
        network: built,
        prediction: logits,
        loss: g.inScope('loss', () => losses[loss].mean(g, logits, labels)),
        outputs: { accuracy: g.inScope('accuracy', () => accuracy(g, logits, labels)) },
        examples: () => ({
          loss: losses[loss].each(g, logits, labels),
          accuracy: correct(g, logits, labels),
        }),
      };
    },
  };
}
