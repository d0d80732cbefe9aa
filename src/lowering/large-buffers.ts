/**
 * @file Keeps ORT's memory planner from holding large buffers idle. Where it knows shapes, it gives the buffer that a
 * value leaves to the next value of the very same shape, however much later: what a forward pass only passes through is
 * then held until the backward pass comes by. Where it does not, the buffer goes back to the arena, for whatever comes
 * next.
 */

import type { PhysicalGraph, PhysicalNode, PhysicalValue } from '../graph/physical.ts';
import { elementCount } from '../graph/tensor-type.ts';

/**
 * 20 MB of float32. A smaller buffer may still be warm in a cache when the plan hands it on: without the plan for
 * those, ResNets slow down by a tenth.
 */
const LARGE = 5 * 2 ** 20;

/**
 * The same graph, in which ORT cannot tell the shapes of what is computed from a Reshape into something large: it reads
 * a Reshape's target from a constant, but not through an Identity.
 */
export function hideLargeShapes(graph: PhysicalGraph): PhysicalGraph {
  const large = graph.nodes.filter(({ op, outputs }) => op !== 'Reshape' && outputs.some(isLarge));
  const read = new Set(large.flatMap(({ inputs }) => inputs));
  const targets = new Map<PhysicalValue, PhysicalValue>();
  const nodes = graph.nodes.map((node): PhysicalNode => {
    const [x, target] = node.inputs;
    const isRead = node.op === 'Reshape' && node.outputs.some((output) => read.has(output));
    if (!isRead || x === undefined || target === undefined) return node;
    const hidden = targets.get(target) ?? { ...target, name: `${target.name}/hidden` };
    targets.set(target, hidden);
    return { ...node, inputs: [x, hidden] };
  });
  const copies = [...targets].map(
    ([target, hidden]): PhysicalNode => ({
      domain: '',
      op: 'Identity',
      inputs: [target],
      outputs: [hidden],
      attrs: {},
    }),
  );
  return { ...graph, nodes: [...copies, ...nodes] };
}

function isLarge({ shape }: PhysicalValue): boolean {
  return elementCount(shape) >= LARGE;
}
