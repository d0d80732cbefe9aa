/** @file Residual networks at their start, with the variance of branch and skip at every block. */

import { add, axesOf, mul, poolAxes, reduceMean, sub } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import type { FloatType } from '../../graph/tensor-type.ts';
import { models } from '../../models/index.ts';
import { defaultModelSettings } from '../../models/model.ts';
import { conv } from '../../nn/layers.ts';
import { newNetwork } from '../../nn/network.ts';
import { norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';

export interface BlockSizes {
  readonly blocks: number;
  readonly images: number;
  readonly channels: number;
  /** Height and width of an image. */
  readonly size: number;
  /** Taps per side of a convolution. */
  readonly kernel: number;
}

/** The sum at the end of a block. */
interface Sum {
  readonly branch: Value;
  readonly skip: Value;
}

/**
 * Pre-activation blocks x ← x + conv(ReLU(norm(conv(ReLU(norm(x)))))) with identity skips, as de2020 analyses them, on
 * images x with unit variance. Outputs `branch1`, `skip1`, … are variances at each sum.
 */
export function preActivationGraph(norm: 'batch' | 'none', sizes: BlockSizes, float: FloatType): Graph {
  const { blocks, images, channels, size, kernel } = sizes;
  const g = new GraphBuilder(ops, float);
  const network = newNetwork(g, 'frozen');
  let x = g.input('x', [images, channels, size, size], { kind: 'data' });
  const sums: Sum[] = [];
  for (let block = 1; block <= blocks; block++) {
    const skip = x;
    let branch = x;
    for (const name of [`block${block}/conv1`, `block${block}/conv2`]) {
      const normed = norms[norm].build(network, `${name}/norm`, branch, { ...defaultNormSettings, epsilon: 0 });
      const settings = { channels, kernel, stride: 1, initialiser: 'he', bias: false } as const;
      branch = conv(g, name, g.emit('Relu', [normed]), settings);
    }
    sums.push({ branch, skip });
    x = add(g, skip, branch);
  }
  return g.finish('pre-activation', variances(g, sums));
}

/** The blocks of the ResNet-56 for CIFAR, whose ReLU follows the sum, and whose stages change width and resolution. */
export function resnetGraph(norm: 'batch' | 'none', images: number, size: number): Graph {
  const g = new GraphBuilder(ops);
  const network = newNetwork(g, 'frozen');
  const x = g.input('x', [images, 3, size, size], { kind: 'data' });
  models.resnet56.build(network, x, { ...defaultModelSettings, norm, initialiser: 'he' });
  const sums = network.layers.flatMap(({ normed, residual }): Sum[] =>
    residual === undefined ? [] : [{ branch: normed, skip: residual }],
  );
  return g.finish('resnet56', variances(g, sums));
}

/** The biased variance over batch and pixels, averaged over channels. */
function variance(g: GraphBuilder, x: Value): Value {
  const centred = sub(g, x, reduceMean(g, x, poolAxes(x), true));
  return reduceMean(g, mul(g, centred, centred), axesOf(x));
}

function variances(g: GraphBuilder, sums: readonly Sum[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    sums.flatMap(({ branch, skip }, i) => [
      [`branch${i + 1}`, variance(g, branch)],
      [`skip${i + 1}`, variance(g, skip)],
    ]),
  );
}
