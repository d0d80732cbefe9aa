/** @file What layers of a file are called: as its author called them, as far as the file tells. */

import type { OnnxNode } from './model.ts';

/** PyTorch's parameters bear the module's name: `layer1.0.conv1.weight`. */
const OF_MODULE = /^(?<module>[^:]+)\.(?:weight|gamma|kernel)$/u;

/** By node: the module's name where a weight bears it, else the node's own, else that of its output; each once. */
export function layerNames(nodes: readonly OnnxNode[]): ReadonlyMap<OnnxNode, string> {
  const taken = new Map<string, number>();
  return new Map(
    nodes.map((node) => {
      const module = node.inputs
        .slice(1)
        .map((name) => OF_MODULE.exec(name)?.groups?.['module'])
        .find((name) => name !== undefined);
      const wish = (module ?? (node.name || node.outputs[0] || node.op)).replace(/^\/+/u, '');
      const count = (taken.get(wish) ?? 0) + 1;
      taken.set(wish, count);
      return [node, count === 1 ? wish : `${wish}#${count}`] as const;
    }),
  );
}
