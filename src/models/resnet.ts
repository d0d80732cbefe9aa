/** @file Residual networks for CIFAR: 6n + 2 layers, three stages of 16, 32 and 64 channels. */

import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import { conv, dense, globalAveragePool } from '../nn/layers.ts';
import type { Network } from '../nn/network.ts';
import { hiddenLayer, type Model, type ModelSettings, scaled } from './model.ts';

const stageChannels = [16, 32, 64] as const;

/**
 * he2016, section 4.2, with option-A shortcuts (a stride over pixels, and zeros for new channels) and no convolution
 * biases under batch norm. Without a norm, or with one that brings no shift, the residual connections stay and each layer
 * gets a bias.
 */
export function resnet(layers: number, parameters: number): Model {
  const blocks = (layers - 2) / 6;
  const model: Model = {
    title: `ResNet-${layers} for CIFAR, ${blocks} blocks per stage`,
    paper: 'he2016',
    hiddenLayers: layers - 1,
    initialiser: 'he',
    parameters: { input: [3, 32, 32], count: parameters },
    build: (network, x, settings) => buildResnet(model, blocks, network, x, settings),
  };
  return model;
}

function buildResnet(model: Model, blocks: number, network: Network, images: Value, settings: ModelSettings): Value {
  const { g } = network;
  const { initialiser, initialScale, width } = settings;
  let index = 0;
  const layer = (name: string, x: Value, channels: number, stride: number, residual?: Value): Value => {
    index += 1;
    return hiddenLayer(
      network,
      model,
      settings,
      { index, name, bias: 'needed', ...(residual && { residual }) },
      (own) => conv(g, name, x, { channels, kernel: 3, stride, initialiser, initialScale, ...own }),
    );
  };

  let x = layer('conv1', images, scaled(stageChannels[0], width), 1);
  stageChannels.forEach((published, s) => {
    const channels = scaled(published, width);
    for (let b = 1; b <= blocks; b++) {
      const block = `stage${s + 1}/block${b}`;
      const stride = s > 0 && b === 1 ? 2 : 1;
      const hidden = layer(`${block}/conv1`, x, channels, stride);
      x = layer(`${block}/conv2`, hidden, channels, 1, shortcut(network, x, channels, stride));
    }
  });
  return dense(g, 'head', globalAveragePool(g, x), settings.classes, { initialiser, initialScale, bias: true });
}

/** Every stride-th pixel, and zeros for the channels that x lacks: a 1 × 1 convolution with the constant [I; 0]. */
function shortcut({ g }: Network, x: Value, channels: number, stride: number): Value {
  const from = sizeAt(x.shape, 1);
  if (stride === 1 && from === channels) return x;
  const identity = Array.from({ length: channels * from }, (_, i) => (Math.floor(i / from) === i % from ? 1 : 0));
  const weight = g.constant(identity, [channels, from, 1, 1]);
  return g.emit('Conv', [x, weight], { strides: [stride, stride], pads: [0, 0, 0, 0] });
}
