/** @file Outputs of a step that are of one layer or parameter each, and how they are found again by kind. */

import type { TensorData } from '../runtime/tensor-data.ts';

/** `<kind>:<layer>`; a kind has no colon in it. */
export function outputName(kind: string, layer: string): string {
  return `${kind}:${layer}`;
}

/** All outputs of a kind, by layer, in their order. */
export function outputsOfKind(
  kind: string,
  outputs: Readonly<Record<string, TensorData>>,
): readonly { readonly layer: string; readonly data: TensorData }[] {
  const start = outputName(kind, '');
  return Object.entries(outputs).flatMap(([name, data]) =>
    name.startsWith(start) ? [{ layer: name.slice(start.length), data }] : [],
  );
}
