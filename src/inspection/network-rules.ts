/** @file Rules on the network around its norms: outputs that training would squash again, weights that are none, deep chains. */

import type { OnnxNode, OnnxTensor } from '../onnx/model.ts';
import type { Finding } from './finding.ts';
import type { FoldedFact } from './folded.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { type GraphView, numberAttribute } from './graph-view.ts';
import { isActivation, type LayerFact } from './layer-facts.ts';
import { isBatchNorm } from '../onnx/batch-norm.ts';

export function networkFindings(
  view: GraphView,
  layers: readonly LayerFact[],
  folded: ReadonlyMap<string, FoldedFact>,
): readonly Finding[] {
  return [
    ...view.graph.nodes.flatMap((node) => [...doubleSoftmax(view, node), ...dropoutInTraining(view, node)]),
    ...layers.flatMap(brokenWeights),
    ...deepChain(view, layers, folded),
  ];
}

/** On what goes in and comes out of the whole network. */
export function outerFindings(view: GraphView): readonly Finding[] {
  return [...softmaxOutputs(view), ...fixedBatch(view)];
}

function isSoftmax({ op, domain }: OnnxNode): boolean {
  return domain === '' && (op === 'Softmax' || op === 'LogSoftmax');
}

function doubleSoftmax(view: GraphView, node: OnnxNode): readonly Finding[] {
  if (!isSoftmax(node)) return [];
  const before = view.makerBehind(node.inputs[0]);
  // The logarithm of probabilities changes nothing under a second softmax.
  if (before?.op !== 'Softmax' || before.domain !== '') return [];
  return [
    {
      rule: 'double-softmax',
      level: 'problem',
      layer: view.nameOf(node),
      number: 2,
      threshold: 2,
      text:
        `${node.op} of what '${view.nameOf(before)}' has already made probabilities: of ten classes none can come to more than ` +
        '0.23, and gradients are small throughout',
      repair:
        'leave one of them out; a loss such as PyTorch’s CrossEntropyLoss has its own, and wants what comes before',
    },
  ];
}

function softmaxOutputs(view: GraphView): readonly Finding[] {
  return view.graph.outputs.flatMap(({ name }) => {
    const last = view.makerBehind(name);
    if (last === undefined || !isSoftmax(last)) return [];
    return [
      {
        rule: 'softmax-output',
        level: 'note' as const,
        layer: view.nameOf(last),
        number: undefined,
        threshold: undefined,
        text: `the network ends in ${last.op}: a loss that has its own softmax, as cross-entropy does, must be given what comes before`,
        repair: `train on the input of '${view.nameOf(last)}'; in a module, return logits and put softmax where they are used`,
      },
    ];
  });
}

function dropoutInTraining(view: GraphView, node: OnnxNode): readonly Finding[] {
  if (node.op !== 'Dropout' || node.domain !== '') return [];
  const flag = view.constantBehind(node.inputs[2]);
  if (flag === undefined || firstOf(flag) === 0 || ratioOf(view, node) === 0) return [];
  return [
    {
      rule: 'training-mode',
      level: 'note',
      layer: view.nameOf(node),
      number: undefined,
      threshold: undefined,
      text: 'Dropout is in training mode: results differ from run to run',
      repair: 'export with model.eval() for use',
    },
  ];
}

/** The first number; those that only fill a tensor are not made for it. */
function firstOf(tensor: OnnxTensor): number {
  return tensor.fill ?? Number(tensor.data[0] ?? 0);
}

function ratioOf(view: GraphView, node: OnnxNode): number {
  const ratio = view.constantBehind(node.inputs[1]);
  return ratio === undefined ? numberAttribute(node, 'ratio', 0.5) : firstOf(ratio);
}

function brokenWeights({ name, weight, bias }: LayerFact): readonly Finding[] {
  const bad = notFinite(weight) + (bias === undefined ? 0 : notFinite(bias));
  if (bad === 0) return [];
  return [
    {
      rule: 'broken-weights',
      level: 'problem',
      layer: name,
      number: bad,
      threshold: 1,
      text: `${bad} weights are not finite: the network gives no numbers`,
      repair:
        'restore a checkpoint from before the training diverged; a smaller rate, or clipped gradients, keep it from doing so',
    },
  ];
}

function notFinite(tensor: OnnxTensor): number {
  // Asked first: `data` of such a tensor is made only when somebody wants it.
  if (tensor.fill !== undefined) return Number.isFinite(tensor.fill) ? 0 : elementCount(tensor.shape);
  const { data } = tensor;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return 0;
  let count = 0;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) count += 1;
  return count;
}

/** Files that show how a network is built, with weights that nobody has trained. */
export function placeholders(layers: readonly LayerFact[]): readonly Finding[] {
  const flat = layers.filter(({ weight }) => isFlat(weight));
  if (layers.length === 0 || flat.length < layers.length) return [];
  return [
    {
      rule: 'placeholder-weights',
      level: 'problem',
      layer: undefined,
      number: flat.length,
      threshold: layers.length,
      text:
        `in each of ${flat.length} layers all weights are one number: the file shows how the network is built, and all units of a ` +
        'layer would stay equal in training',
      repair: 'take a file with trained weights, or draw new ones before training',
    },
  ];
}

function isFlat(tensor: OnnxTensor): boolean {
  if (tensor.fill !== undefined) return tensor.shape.some((size) => size > 1);
  const { data } = tensor;
  const [first] = data;
  for (let i = 1; i < data.length; i++) if (data[i] !== first) return false;
  return data.length > 1;
}

function fixedBatch(view: GraphView): readonly Finding[] {
  return view.graph.inputs
    .filter(({ shape }) => shape !== undefined && shape.length > 1 && shape[0] === 1)
    .map(({ name }) => ({
      rule: 'fixed-batch',
      level: 'note' as const,
      layer: name,
      number: 1,
      threshold: 1,
      text: 'the batch is fixed to 1: a norm in training mode needs more, and a Reshape may have the 1 built in',
      repair: 'export with an example of 2 and its first axis open: dynamic_axes={"x": {0: "batch"}}',
    }));
}

/** So many layers one after another, each with a ReLU, begin to lose the signal or to blow it up. */
const DEEP = 8;

/** The longest way through layers with a ReLU and without a norm; adding two branches, or a norm, begins anew. */
function deepChain(
  view: GraphView,
  layers: readonly LayerFact[],
  folded: ReadonlyMap<string, FoldedFact>,
): readonly Finding[] {
  const byNode = new Map(layers.map((layer) => [layer.node, layer]));
  /** How many layers lie behind a value, and whether the last of them still waits for its activation. */
  const depths = new Map<string, { readonly depth: number; readonly isOpen: boolean; readonly last: string }>();
  let deepest = { depth: 0, last: '' };
  for (const node of view.graph.nodes) {
    const behind = node.inputs.flatMap((name) => depths.get(name) ?? []);
    const before = behind.reduce((a, b) => (b.depth >= a.depth ? b : a), { depth: 0, isOpen: false, last: '' });
    const layer = byNode.get(node);
    const restarts = isBatchNorm(node) || node.op.endsWith('Normalization') || (node.op === 'Add' && behind.length > 1);
    const isReset = restarts || (layer !== undefined && (folded.has(layer.name) || layer.scale !== undefined));
    const depth =
      layer !== undefined
        ? { depth: before.depth, isOpen: true, last: layer.name }
        : before.isOpen && isActivation(node) && /Relu$/i.test(node.op)
          ? { depth: before.depth + 1, isOpen: false, last: before.last }
          : before;
    for (const name of node.outputs) depths.set(name, isReset ? { depth: 0, isOpen: false, last: '' } : depth);
    if (!isReset && depth.depth > deepest.depth) deepest = depth;
  }
  if (deepest.depth < DEEP) return [];
  return [
    {
      rule: 'deep-without-norm',
      level: 'note',
      layer: deepest.last,
      number: deepest.depth,
      threshold: DEEP,
      text: `${deepest.depth} layers with a ReLU follow each other up to here without a norm or a shortcut: signals and gradients grow or shrink by a factor at each`,
      repair: 'put norms or shortcuts in, or draw weights whose variance is 2 over the number of inputs',
    },
  ];
}
