/** @file Residual networks for CIFAR: 6n + 2 layers, three stages of 16, 32 and 64 channels. */

import type { Value } from '../graph/graph.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import { conv, dense, globalAveragePool } from '../nn/layers.ts';
import type { Network } from '../nn/network.ts';
import { type BranchPlace, branches } from './branches.ts';
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
    residualBranches: 3 * blocks,
    initialiser: 'he',
    parameters: { input: [3, 32, 32], count: parameters },
    build: (network, x, settings) => buildResnet(model, blocks, network, x, settings),
  };
  return model;
}

function buildResnet(model: Model, blocks: number, network: Network, images: Value, settings: ModelSettings): Value {
  const { g } = network;
  const { initialiser, initialScale = 1, width } = settings;
  const branch = branches[settings.branch];
  const scaleOf = (place: BranchPlace): number => initialScale * branch.scale(place, 3 * blocks);
  let index = 0;
  const layer = (name: string, place: BranchPlace, x: Value, { channels, stride, residual }: Convolution): Value => {
    index += 1;
    const given = branch.before(g, name, x);
    const behind = (y: Value): Value => branch.behind(g, name, y, place);
    return hiddenLayer(
      network,
      model,
      settings,
      { index, name, bias: branch.bias, behind, ...(residual && { residual }) },
      (own) => conv(g, name, given, { channels, kernel: 3, stride, initialiser, initialScale: scaleOf(place), ...own }),
    );
  };

  let x = layer('conv1', 'stem', images, { channels: scaled(stageChannels[0], width), stride: 1 });
  stageChannels.forEach((published, s) => {
    const channels = scaled(published, width);
    for (let b = 1; b <= blocks; b++) {
      const block = `stage${s + 1}/block${b}`;
      const stride = s > 0 && b === 1 ? 2 : 1;
      const hidden = layer(`${block}/conv1`, 'inner', x, { channels, stride });
      const residual = shortcut(network, x, channels, stride);
      x = layer(`${block}/conv2`, 'last', hidden, { channels, stride: 1, residual });
    }
  });
  const pooled = branch.before(g, 'head', globalAveragePool(g, x));
  return dense(g, 'head', pooled, settings.classes, { initialiser, initialScale: scaleOf('head'), bias: true });
}

interface Convolution {
  readonly channels: number;
  readonly stride: number;
  /** Added before the activation. */
  readonly residual?: Value;
}

/** Every stride-th pixel, and zeros for the channels that x lacks: a 1 × 1 convolution with the constant [I; 0]. */
function shortcut({ g }: Network, x: Value, channels: number, stride: number): Value {
  const from = sizeAt(x.shape, 1);
  if (stride === 1 && from === channels) return x;
  const identity = Array.from({ length: channels * from }, (_, i) => (Math.floor(i / from) === i % from ? 1 : 0));
  const weight = g.constant(identity, [channels, from, 1, 1]);
  return g.emit('Conv', [x, weight], { strides: [stride, stride], pads: [0, 0, 0, 0] });
}
