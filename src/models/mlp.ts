/** @file The multi-layer perceptron: three hidden layers of 100 units, as in the first experiment on batch norm. */

import { dense, flatten } from '../nn/layers.ts';
import { hiddenLayer, type Model, scaled } from './model.ts';

const hiddenUnits = [100, 100, 100] as const;

/** ioffe2015, section 4.1. Its non-linearity was the sigmoid; here it is a setting. */
export const mlp: Model = {
  title: 'multi-layer perceptron, three hidden layers of 100 units',
  paper: 'ioffe2015',
  hiddenLayers: hiddenUnits.length,
  initialiser: 'glorot',
  parameters: { input: [1, 28, 28], count: 100_310 },
  build: (network, images, settings) => {
    const { g } = network;
    const { initialiser, initialScale } = settings;
    let x = flatten(g, images);
    hiddenUnits.forEach((units, i) => {
      const name = `dense${i + 1}`;
      const input = x;
      x = hiddenLayer(network, mlp, settings, { index: i + 1, name, bias: 'kept' }, (own) =>
        dense(g, name, input, scaled(units, settings.width), { initialiser, initialScale, ...own }),
      );
    });
    return dense(g, 'head', x, settings.classes, { initialiser, initialScale, bias: true });
  },
};
