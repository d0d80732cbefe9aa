/** @file VGG for 32 × 32 images: 3 × 3 convolutions, five poolings, one linear head. */

import type { Value } from '../graph/graph.ts';
import { conv, dense, flatten, maxPool } from '../nn/layers.ts';
import type { Network } from '../nn/network.ts';
import { hiddenLayer, type Model, type ModelSettings, scaled } from './model.ts';

/** Convolutions per stage; stages have 64, 128, 256, 512 and 512 channels and end in a pooling. */
type Depths = readonly [number, number, number, number, number];
const stageChannels = [64, 128, 256, 512, 512] as const;

/**
 * simonyan2015, configurations A, B, D, E. Differs: one linear head 512 → classes instead of three fully connected
 * layers, as usual on CIFAR-10; convolution biases are kept before batch norm, which takes them away again.
 */
export function vgg(depths: Depths, parameters: number): Model {
  const hiddenLayers = depths.reduce((sum, depth) => sum + depth, 0);
  const model: Model = {
    title: `VGG-${hiddenLayers + 3}, ${hiddenLayers} convolutions and a linear head`,
    paper: 'simonyan2015',
    hiddenLayers,
    initialiser: 'glorot',
    parameters: { input: [3, 32, 32], count: parameters },
    build: (network, x, settings) => buildVgg(model, depths, network, x, settings),
  };
  return model;
}

function buildVgg(model: Model, depths: Depths, network: Network, images: Value, settings: ModelSettings): Value {
  const { g } = network;
  const { initialiser, initialScale } = settings;
  let x = images;
  let index = 0;
  depths.forEach((depth, stage) => {
    for (let i = 1; i <= depth; i++) {
      index += 1;
      const name = `conv${index}`;
      const channels = scaled(stageChannels[stage] ?? 512, settings.width);
      const input = x;
      x = hiddenLayer(network, model, settings, { index, name, bias: 'kept' }, (own) =>
        conv(g, name, input, { channels, kernel: 3, stride: 1, initialiser, initialScale, ...own }),
      );
    }
    x = maxPool(g, x, 2);
  });
  return dense(g, 'head', flatten(g, x), settings.classes, { initialiser, initialScale, bias: true });
}
