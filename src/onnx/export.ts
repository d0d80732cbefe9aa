/** @file ONNX for people: models that a viewer opens, with the names and shapes of all values in them. */

import type { PhysicalGraph, PhysicalValue } from '../graph/physical.ts';
import { renameValues } from '../graph/rename.ts';
import { encodeModel } from './encode.ts';

/**
 * A model in which outputs bear their own names (`loss`), what is written to a state bears that of the state
 * (`next/conv1/weight`), and every value between has its type and shape.
 */
export function exportModel(graph: PhysicalGraph, producerVersion: string): Uint8Array {
  const made = graph.nodes.flatMap(({ outputs }) => outputs);
  const taken = new Set([...graph.inputs, ...graph.initialisers].map(({ value }) => value.name));
  for (const { name } of made) taken.add(name);
  const names = new Map<PhysicalValue, string>();
  const wishes = [
    ...graph.outputs.map(({ name, value }) => ({ name, value })),
    ...graph.updates.map(({ name, value }) => ({ name: `next/${name}`, value })),
  ];
  for (const { name, value } of wishes) {
    if (names.has(value) || taken.has(name)) continue;
    taken.add(name);
    names.set(value, name);
  }
  return encodeModel(renameValues(graph, names), { producerVersion });
}
