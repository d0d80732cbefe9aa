/** @file Products of weights and gradients, by which what weight decay adds to the loss is known along the ray of a step. */

import { need } from '../errors.ts';
import type { Value } from '../graph/graph.ts';
import type { StepRecord } from '../records/record.ts';
import { outputOf } from '../runtime/device.ts';
import type { StepResult } from '../train/readout.ts';
import type { StepParts } from '../train/step-graph.ts';
import { probeRecord, type Quantity } from './probe.ts';
import { totalProduct } from './total-product.ts';

const quantity = (definition: string): Quantity => ({
  definition:
    `${definition}, w all parameters of two axes or more before the step, g_w the gradient of the mean loss of the ` +
    'mini-batch with respect to them',
  unit: '',
  mode: 'train',
});

type WeightQuantity = 'weight-square' | 'weight-slope' | 'weight-gradient-square';

/** Weight decay λ adds λ/2·‖w − s·g_w‖² = λ/2·(‖w‖² − 2s⟨w, g_w⟩ + s²‖g_w‖²) to the loss on the ray of a step. */
export const weightQuantities: Readonly<Record<WeightQuantity, Quantity>> = {
  'weight-square': quantity('‖w‖²'),
  'weight-slope': quantity('⟨w, g_w⟩'),
  'weight-gradient-square': quantity('‖g_w‖²'),
};

function outputName(name: WeightQuantity): string {
  return `landscape-${name}`;
}

/** A scalar each, or one of each network. */
export function weightProducts({
  g,
  parameters,
  gradients,
  networks,
}: Pick<StepParts, 'g' | 'parameters' | 'gradients' | 'networks'>): Readonly<Record<string, Value>> {
  // The outermost axis is that of the networks, where there are several.
  const leastAxes = networks === undefined ? 2 : 3;
  const pairs = parameters.flatMap((weight, i) =>
    weight.shape.length < leastAxes ? [] : [{ weight, slope: need(gradients[i], `a gradient of '${weight.name}'`) }],
  );
  const [weights, slopes] = [pairs.map(({ weight }) => weight), pairs.map(({ slope }) => slope)];
  return {
    [outputName('weight-square')]: totalProduct(g, weights, weights, networks),
    [outputName('weight-slope')]: totalProduct(g, weights, slopes, networks),
    [outputName('weight-gradient-square')]: totalProduct(g, slopes, slopes, networks),
  };
}

/** Of networks side by side, each record says of which it is. */
export function weightRecords({ step, outputs }: StepResult): readonly StepRecord[] {
  const names = Object.keys(weightQuantities) as WeightQuantity[];
  return names.flatMap((name) =>
    Array.from<number | bigint, number>(outputOf(outputs, outputName(name)), Number).map((value, network) => ({
      ...probeRecord({ quantities: weightQuantities }, name, step, value),
      ...(outputs['losses'] !== undefined && { place: { network } }),
    })),
  );
}
