/**
 * @file Batch norms that are no longer in the file: folded into the weights of a convolution when it was exported. What is left
 * of them are names, and each exporter leaves others.
 */

import type { OnnxGraph } from '../onnx/model.ts';
import type { LayerFact } from './layer-facts.ts';

export interface FoldedFact {
  /** Who leaves that sign, and which: `PyTorch up to 1.11`, `48, 49`. */
  readonly exporter: string;
  readonly sign: string;
}

/** Convolutions of which only their weights' names could tell, and these do not. */
export interface FoldedFacts {
  /** By the layer's name. */
  readonly folded: ReadonlyMap<string, FoldedFact>;
  /** Layers with a bias under its own name: a norm may have been folded in by whoever kept the names, or there was none. */
  readonly ambiguous: ReadonlySet<string>;
}

/** @param hasModuleNames - whether other parameters of the file are called as modules call them */
export function foldedFacts(layers: readonly LayerFact[], hasModuleNames: boolean, producer: string): FoldedFacts {
  const convolutions = layers.filter(
    ({ node, norm, between }) => /^Conv(Transpose)?$/.test(node.op) && (norm === undefined || between === 'activated'),
  );
  const folded = new Map<string, FoldedFact>();
  const ambiguous = new Set<string>();
  for (const layer of convolutions) {
    const sign = signOf(layer, hasModuleNames, producer);
    if (sign !== undefined) folded.set(layer.name, sign);
    else if (layer.bias !== undefined) ambiguous.add(layer.name);
  }
  return { folded, ambiguous };
}

/** Whether initialisers are called as modules call their parameters. */
export function namesModules({ initialisers }: OnnxGraph): boolean {
  return [...initialisers.keys()].some((name) => moduleName.test(name));
}

/** What modules call their parameters: `fc1.weight`, `layer1.0.conv1.weight`. */
const moduleName = /\.(weight|bias)(_[gv])?$/;
const number = /^\d+$/;
const computed = /^onnx::Conv(Transpose)?_\d+$/;

function signOf(layer: LayerFact, hasModuleNames: boolean, producer: string): FoldedFact | undefined {
  const { node } = layer;
  const [, weight = '', bias = ''] = node.inputs;
  const [output = ''] = node.outputs;
  const found = (exporter: string, sign: string): FoldedFact => ({ exporter, sign });
  if (weight.includes('_weights_fused_bn') || bias.includes('_bias_fused_bn')) return found('tf2onnx', weight);
  if (output.includes('FusedBatchNorm')) return found('tf2onnx', output);
  if (computed.test(weight) && computed.test(bias)) return found('PyTorch from 1.12 on', `${weight}, ${bias}`);
  if (weight !== '' && bias === `${weight}_bias`) return found('PyTorch from 2.5 on (dynamo)', bias);
  if (/^getitem(_\d+)?$/.test(output)) return found('PyTorch from 2.5 on (dynamo)', output);
  if (number.test(weight) && number.test(bias) && hasModuleNames) {
    return found(wroteNumbers(producer) ? 'PyTorch up to 1.11' : 'a simplifier', `${weight}, ${bias}`);
  }
  const [byName] = [weight, bias, output].filter((text) => /batch_?norm|(^|[._/])bn[._/\d]/i.test(text));
  return byName === undefined ? undefined : found('its names', byName);
}

/** Whether the exporter gave numbers to what it computed; later ones say `onnx::Conv_48`, which a simplifier may rename. */
function wroteNumbers(producer: string): boolean {
  return /^pytorch (?!1\.(1[2-9]|[2-9]\d)|[2-9])/.test(producer);
}
