/** @file Layers with weights, and the shape changes between them. */

import { ShapeError } from '../errors.ts';
import { add, alongChannels, axesOf, reduceMean, reshape } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import { elementCount, sizeAt } from '../graph/tensor-type.ts';
import { type InitialWeights, initialWeights } from './initialisers.ts';

/** A layer's weight, and which of its axes counts the output units. */
export interface LayerWeight {
  readonly value: Value;
  readonly outputAxis: number;
}

export interface LayerSettings extends InitialWeights {
  readonly bias: boolean;
  /** What is used in place of the weight. */
  readonly view?: ((weight: LayerWeight) => Value) | undefined;
}

export interface ConvSettings extends LayerSettings {
  readonly channels: number;
  /** Taps per side; the image is padded by half of them, so that stride 1 keeps its size. */
  readonly kernel: number;
  readonly stride: number;
}

/**
 * y = x W + b for x [N, D]: parameters `name/weight` [D, units] and `name/bias` [units].
 * Differs: PyTorch stores the transpose of W.
 */
export function dense(g: GraphBuilder, name: string, x: Value, units: number, settings: LayerSettings): Value {
  if (x.shape.length !== 2) throw new ShapeError(`Layer '${name}' takes [N,D], got [${x.shape.join()}]; flatten it`);
  const inputs = sizeAt(x.shape, 1);
  const initial = initialWeights(settings, inputs, units);
  const value = g.input(`${name}/weight`, [inputs, units], { kind: 'parameter', initial, owner: 'layer' });
  const weight = settings.view?.({ value, outputAxis: 1 }) ?? value;
  return g.inScope(name, () => {
    const product = g.emit('MatMul', [x, weight]);
    return settings.bias ? withBias(g, product) : product;
  });
}

/** Convolution of [N, C, H, W]: parameters `name/weight` [K, C, kernel, kernel] and `name/bias` [K]. */
export function conv(g: GraphBuilder, name: string, x: Value, settings: ConvSettings): Value {
  const { channels, kernel, stride } = settings;
  const inputs = sizeAt(x.shape, 1);
  const taps = kernel * kernel;
  const initial = initialWeights(settings, inputs * taps, channels * taps);
  const role = { kind: 'parameter', initial, owner: 'layer' } as const;
  const value = g.input(`${name}/weight`, [channels, inputs, kernel, kernel], role);
  const weight = settings.view?.({ value, outputAxis: 0 }) ?? value;
  return g.inScope(name, () => {
    const pad = Math.floor(kernel / 2);
    const y = g.emit('Conv', [x, weight], { strides: [stride, stride], pads: [pad, pad, pad, pad] });
    return settings.bias ? withBias(g, y) : y;
  });
}

/** y + b for y [N, units, …]: the parameter `bias` [units] of the layer in whose scope it is called. */
export function withBias(g: GraphBuilder, y: Value): Value {
  const role = { kind: 'parameter', initial: { kind: 'constant', value: 0 }, owner: 'layer' } as const;
  const bias = g.input('bias', [sizeAt(y.shape, 1)], role);
  return add(g, y, y.shape.length === 2 ? bias : alongChannels(g, bias, y.shape.length));
}

/** The maximum of each kernel × kernel window; an image smaller than the window is left as it is. */
export function maxPool(g: GraphBuilder, x: Value, kernel: number): Value {
  const fits = sizeAt(x.shape, 2) >= kernel && sizeAt(x.shape, 3) >= kernel;
  return fits ? g.emit('MaxPool', [x], { kernel }) : x;
}

/** [N, C, H, W] → the mean of each image's channel, [N, C]. */
export function globalAveragePool(g: GraphBuilder, x: Value): Value {
  return reduceMean(g, x, [2, 3]);
}

/** [N, …] → [N, D]. */
export function flatten(g: GraphBuilder, x: Value): Value {
  return axesOf(x).length === 2 ? x : reshape(g, x, [sizeAt(x.shape, 0), elementCount(x.shape.slice(1))]);
}
