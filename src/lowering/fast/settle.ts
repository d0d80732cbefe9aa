/** @file Decides once, before anything is emitted, which values of rank 4 lie as images and which as weights. */

import { type Graph, isStored, type Node, type Value } from '../../graph/graph.ts';
import { type Shape, sameShape, sizeAt } from '../../graph/tensor-type.ts';
import { BLOCK, type Perm } from '../../graph/stored-layout.ts';
import { BLOCKED, IMAGE } from './layout.ts';

/** In which layouts a lowering wants what convolutions read and make. */
export interface Storage {
  /** Of a weight [K, C, R, S]. Its shape decides, so that graphs agree about the parameters they share. */
  readonly weight: (shape: Shape) => Perm;
  /** Of the images that a node reads and makes: {@link IMAGE} or {@link BLOCKED}. */
  readonly images: (node: Node) => Perm;
}

/**
 * Layouts of all values of rank 4. Values that an elementwise op joins lie alike. A group is laid as a weight if it
 * holds one, otherwise as images. Weights are all that is stored between runs, whatever the graph does with it, so that
 * graphs agree about what they share and an update needs no conversion; and what a convolution reads or makes as one.
 * Images lie in blocks if one convolution of the group wants them so.
 */
export function settleLayouts(graph: Graph, storage: Storage): ReadonlyMap<Value, Perm> {
  const groups = new Groups();
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    if (output === undefined || !joins(node)) continue;
    for (const input of node.inputs) if (sameShape(input.shape, output.shape)) groups.join(input, output);
  }
  const stored = graph.inputs.filter(({ role }) => isStored(role)).map(({ value }) => value);
  const weights = new Set([...stored, ...graph.nodes.flatMap(weightsOf)].map((value) => groups.find(value)));
  const blocked = new Set(
    graph.nodes
      .filter((node) => storage.images(node) === BLOCKED)
      .flatMap(imagesOf)
      .filter(({ shape }) => sizeAt(shape, 1) % BLOCK === 0)
      .map((value) => groups.find(value)),
  );
  const layoutOf = (value: Value): Perm => {
    const group = groups.find(value);
    if (weights.has(group)) return storage.weight(value.shape);
    return blocked.has(group) ? BLOCKED : IMAGE;
  };
  const all = [
    ...graph.inputs.map(({ value }) => value),
    ...graph.constants.map(({ value }) => value),
    ...graph.nodes.flatMap((node) => node.outputs),
  ];
  const images = all.filter(({ shape }) => shape.length === 4);
  return new Map(images.map((value) => [value, layoutOf(value)]));
}

/** Whether an op's result lies as those operands that have its shape. */
function joins({ op }: Node): boolean {
  switch (op) {
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Neg':
    case 'Abs':
    case 'Clip':
    case 'Sqrt':
    case 'Exp':
    case 'Log':
    case 'Tanh':
    case 'Sigmoid':
    case 'Softplus':
    case 'Relu':
    case 'ReluGrad':
    case 'StopGradient':
    case 'Equal':
    case 'Cast':
    case 'BatchNormalization':
    case 'BatchNormalizationGrad':
      return true;
    default:
      return false;
  }
}

/** What a node reads or makes as convolution weights. */
function weightsOf({ op, inputs, outputs }: Node): readonly Value[] {
  if (op === 'Conv' || op === 'ConvInputGrad') return inputs.slice(1, 2);
  return op === 'ConvWeightGrad' ? outputs : [];
}

/** What a convolution or one of its gradients reads or makes as images. */
function imagesOf({ op, inputs, outputs }: Node): readonly Value[] {
  if (op === 'ConvWeightGrad') return inputs;
  return op === 'Conv' || op === 'ConvInputGrad' ? [...inputs.slice(0, 1), ...outputs] : [];
}

/** Sets of values that grow together. */
class Groups {
  readonly #parents = new Map<Value, Value>();

  find(value: Value): Value {
    let root = value;
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root)) root = parent;
    if (root !== value) this.#parents.set(value, root);
    return root;
  }

  join(a: Value, b: Value): void {
    const [rootA, rootB] = [this.find(a), this.find(b)];
    if (rootA !== rootB) this.#parents.set(rootA, rootB);
  }
}
