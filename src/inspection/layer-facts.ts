/** @file Layers with weights, under the file's own names, and the norm that each leads to. */

import type { OnnxNode, OnnxTensor } from '../onnx/model.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { type GraphView, isRearranging, soleReader } from './graph-view.ts';
import { isBatchNorm } from '../onnx/batch-norm.ts';

export interface LayerFact {
  /** The file's own name of the node. */
  readonly name: string;
  readonly node: OnnxNode;
  readonly weight: OnnxTensor;
  /** Its own bias, or the constant that is added to what it gives. */
  readonly bias: OnnxTensor | undefined;
  /** What the layer gives, its bias added. */
  readonly output: string;
  /** The batch norm that alone reads the layer. */
  readonly norm: OnnxNode | undefined;
  /** What stands between the two: nothing, ops that turn and reshape, or an activation too. */
  readonly between: 'nothing' | 'rearranged' | 'activated';
  /** The Mul by one number per channel that follows, where an Add of one per channel follows that: a norm written out. */
  readonly scale: OnnxNode | undefined;
}

/** Where ops have their weights and biases. Both inputs of a MatMul may be its weight. */
const places: Readonly<Record<string, { readonly weight: readonly number[]; readonly bias?: number }>> = {
  Conv: { weight: [1], bias: 2 },
  ConvTranspose: { weight: [1], bias: 2 },
  Gemm: { weight: [1, 0], bias: 2 },
  MatMul: { weight: [1, 0] },
  LSTM: { weight: [1], bias: 3 },
  GRU: { weight: [1], bias: 3 },
  RNN: { weight: [1], bias: 3 },
  QLinearConv: { weight: [3], bias: 8 },
  ConvInteger: { weight: [1] },
  QLinearMatMul: { weight: [3, 0] },
  MatMulInteger: { weight: [1, 0] },
};

/** Ops that work on each number by itself. */
const activations = new Set(
  (
    'Relu LeakyRelu PRelu Elu Selu Celu ThresholdedRelu Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign ' +
    'Gelu Mish Clip Erf Swish'
  ).split(' '),
);

export function isActivation({ op, domain }: OnnxNode): boolean {
  return domain === '' && activations.has(op);
}

export function layerFacts(view: GraphView): readonly LayerFact[] {
  return view.graph.nodes.flatMap((node) => {
    const place = node.domain === '' && Object.hasOwn(places, node.op) ? places[node.op] : undefined;
    const [weight] = (place?.weight ?? []).flatMap((at) => view.constantBehind(node.inputs[at]) ?? []);
    return place === undefined || weight === undefined ? [] : [factOf(view, node, weight, place.bias)];
  });
}

function factOf(view: GraphView, node: OnnxNode, weight: OnnxTensor, place: number | undefined): LayerFact {
  const own = place === undefined ? undefined : view.constantBehind(node.inputs[place]);
  const [made = ''] = node.outputs;
  const after = own === undefined ? addedConstant(view, soleReader(view, made)) : undefined;
  const added = after !== undefined && isBiasOf(weight, after.constant) ? after : undefined;
  const output = added?.output ?? made;
  const { norm, between } = normAfter(view, output);
  return {
    name: view.nameOf(node),
    node,
    weight,
    bias: own ?? added?.constant,
    output,
    norm,
    between,
    scale: scaleAfter(view, output),
  };
}

/** Whether a constant may be a layer's bias: one number is, where the layer has one unit, and else may be anything. */
function isBiasOf(weight: OnnxTensor, { shape }: OnnxTensor): boolean {
  return elementCount(shape) > 1 || (shape.length > 0 && weight.shape.includes(1));
}

/** The constant along one axis that an Add adds. */
function addedConstant(
  view: GraphView,
  node: OnnxNode | undefined,
): { readonly constant: OnnxTensor; readonly output: string } | undefined {
  if (node?.domain !== '' || node.op !== 'Add') return undefined;
  const [constant] = node.inputs.flatMap((name) => view.constantBehind(name) ?? []);
  const [output] = node.outputs;
  return constant === undefined || output === undefined || !isPerChannel(constant) ? undefined : { constant, output };
}

/** Whether a tensor has one axis that is longer than 1. */
function isPerChannel({ shape }: OnnxTensor): boolean {
  return shape.filter((size) => size !== 1).length <= 1;
}

function normAfter(view: GraphView, output: string): Pick<LayerFact, 'norm' | 'between'> {
  let between: LayerFact['between'] = 'nothing';
  let reader = soleReader(view, output);
  while (reader !== undefined && (isRearranging(reader) || isActivation(reader))) {
    if (isActivation(reader)) between = 'activated';
    else if (between === 'nothing') between = 'rearranged';
    reader = soleReader(view, reader.outputs[0] ?? '');
  }
  return { norm: reader !== undefined && isBatchNorm(reader) ? reader : undefined, between };
}

/** A Mul by, and then an Add of, one constant per channel, of which there are several. */
function scaleAfter(view: GraphView, output: string): OnnxNode | undefined {
  const mul = soleReader(view, output);
  if (mul?.domain !== '' || mul.op !== 'Mul') return undefined;
  const [factor] = mul.inputs.flatMap((name) => view.constantBehind(name) ?? []);
  const shift = addedConstant(view, soleReader(view, mul.outputs[0] ?? ''))?.constant;
  if (factor === undefined || shift === undefined || !isPerChannel(factor)) return undefined;
  const channels = elementCount(factor.shape);
  return channels > 1 && elementCount(shift.shape) === channels ? mul : undefined;
}
