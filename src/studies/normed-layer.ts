/** @file One layer with a norm and a loss, with its gradients: what studies of norms as reparametrisations compare. */

import { grad } from '../autodiff/reverse.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { type Graph, parametersOf } from '../graph/graph.ts';
import { crossEntropy } from '../nn/losses.ts';
import { newNetwork } from '../nn/network.ts';
import { type NormName, norms } from '../norms/index.ts';
import { defaultNormSettings } from '../norms/norm.ts';
import { ops } from '../ops/index.ts';

/** Sizes of a layer: x [examples, inputs], w [inputs, units]. */
export interface LayerSizes {
  readonly examples: number;
  readonly inputs: number;
  readonly units: number;
}

/**
 * `y` [N, units], the layer's normalised output, epsilon = 0, with a gamma but no beta; `loss`, the mean cross-entropy of
 * y as logits; its gradients `dx`, `dw`, and `dgamma` where the norm has a gamma. Feeds `x`, `w`, `labels` and
 * `norm/gamma`. Batch statistics.
 */
export function normedLayer(norm: NormName, { examples, inputs, units }: LayerSizes): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const network = newNetwork(g, 'frozen');
  const settings = { ...defaultNormSettings, epsilon: 0, beta: false };
  const x = g.input('x', [examples, inputs], { kind: 'data' });
  const w = g.input('w', [inputs, units], { kind: 'data' });
  const labels = g.input('labels', [examples], { kind: 'data' }, 'int32');
  const made = norms[norm].weight?.(network, 'norm', { value: w, outputAxis: 1, activation: 'identity' }, settings);
  const linear = g.emit('MatMul', [x, made?.weight ?? w]);
  const y = norms[norm].build(network, 'norm', made?.output?.(linear) ?? linear, settings);
  const loss = crossEntropy(g, y, labels);
  const gamma = parametersOf(g);
  const [dx, dw, dgamma] = grad(g, loss, [x, w, ...gamma]);
  return g.finish(`layer with ${norm}`, { y, loss, dx, dw, ...(dgamma !== undefined && { dgamma }) });
}

/** The columns of a matrix [rows, count] given by rows: one per unit of a weight. */
export function columns(matrix: Float64Array, count: number): readonly Float64Array[] {
  return Array.from({ length: count }, (_, unit) => matrix.filter((_value, at) => at % count === unit));
}
