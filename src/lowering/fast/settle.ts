/** @file Decides once, before anything is emitted, which values of rank 4 lie as images and which as weights. */

import { type Graph, isStored, type Node, type Value } from '../../graph/graph.ts';
import type { ConvAttributes, OpName } from '../../graph/op-attributes.ts';
import { type Shape, sameShape, sizeAt } from '../../graph/tensor-type.ts';
import type { BlockSize, Perm } from '../../graph/stored-layout.ts';
import { BLOCKED, IMAGE } from './layout.ts';

/** In which layouts a lowering wants what convolutions read and make. */
export interface Storage {
  /** What a split axis is cut into; 1 where none is split. */
  readonly block: BlockSize;
  /** Of a weight [K, C, R, S]. Its shape decides, so that graphs agree about the parameters they share. */
  readonly weight: (shape: Shape) => Perm;
  /** Of the images around a convolution with such a weight and attributes: {@link IMAGE} or {@link BLOCKED}. */
  readonly images: (weight: Shape, attrs: ConvAttributes) => Perm;
}

/**
 * What an op says about where the values around it lie. `alike`: its first result lies as those operands that have the
 * shape of it. `none`: nothing. A convolution, or a gradient of one, says which of its operands are images and which is
 * the weight, and what it makes.
 */
export type Ties = 'alike' | 'none' | ConvolutionTies;

type Part = 'images' | 'weight';

interface ConvolutionTies {
  readonly reads: readonly [Part, Part];
  readonly makes: Part;
}

/** The part of the table of rules that settling needs. */
type TiesTable = { readonly [K in OpName]: { readonly ties: Ties } };

/**
 * Layouts of all values of rank 4. Values that an op ties together form a group, which lies alike: as a weight if one
 * of them is a weight, otherwise as images. A weight is what a convolution reads or makes as one. Whatever is stored
 * between runs is laid as a weight too, whatever a graph does with it: all graphs then agree about what they share, and
 * an update needs no conversion. The images of a group lie in blocks if one of its convolutions wants them so.
 */
export function settleLayouts(graph: Graph, table: TiesTable, storage: Storage): ReadonlyMap<Value, Perm> {
  const groups = new Groups();
  for (const { op, inputs, outputs } of graph.nodes) {
    const [output] = outputs;
    if (output === undefined || table[op].ties !== 'alike') continue;
    for (const input of inputs) if (sameShape(input.shape, output.shape)) groups.join(input, output);
  }
  const convolutions = graph.nodes.flatMap((node) => {
    const { ties } = table[node.op];
    return typeof ties === 'string' ? [] : [partsOf(node, ties)];
  });
  const stored = graph.inputs.filter(({ role }) => isStored(role)).map(({ value }) => value);
  const weights = new Set([...stored, ...convolutions.map(({ weight }) => weight)].map((value) => groups.find(value)));
  const blocked = new Set(
    convolutions
      .filter(({ weight, attrs }) => storage.images(weight.shape, attrs) === BLOCKED)
      .flatMap(({ images }) => images)
      .filter(({ shape }) => sizeAt(shape, 1) % storage.block === 0)
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

/** What a convolution, or a gradient of one, reads and makes. @throws {RangeError} where its ties name no weight. */
function partsOf(
  { op, inputs, outputs, attrs }: Node,
  { reads, makes }: ConvolutionTies,
): { readonly images: readonly Value[]; readonly weight: Value; readonly attrs: ConvAttributes } {
  const valuesAs = (part: Part): readonly Value[] => [
    ...inputs.filter((_, i) => reads[i] === part),
    ...(makes === part ? outputs : []),
  ];
  const [weight] = valuesAs('weight');
  if (weight === undefined) throw new RangeError(`${op} must read or make a weight`);
  return { images: valuesAs('images'), weight, attrs: attrs as ConvAttributes };
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
