/** @file A ReLU network with one output, its weights as they are or spectrally normalised: the critic of a Wasserstein distance. */

import type { Value } from '../graph/graph.ts';
import { reshape } from '../graph/arithmetic.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import { dense } from '../nn/layers.ts';
import type { Network } from '../nn/network.ts';
import { norms } from '../norms/index.ts';
import { defaultNormSettings } from '../norms/norm.ts';

export type CriticNorm = 'none' | 'spectral';

/** x [N, D] → [N]; layers `critic1` … of the given widths, and a last one of one unit. */
export function critic(network: Network, x: Value, widths: readonly number[], norm: CriticNorm): Value {
  const { g } = network;
  const last = widths.length;
  const output = [...widths, 1].reduce((input, units, i) => {
    const name = `critic${i + 1}`;
    const y = dense(g, name, input, units, {
      initialiser: 'glorot',
      bias: true,
      view: (weight) =>
        norms[norm].weight?.(network, `${name}/norm`, { ...weight, activation: 'relu' }, defaultNormSettings).weight ??
        weight.value,
    });
    return i < last ? g.emit('Relu', [y]) : y;
  }, x);
  return reshape(g, output, [sizeAt(x.shape, 0)]);
}
