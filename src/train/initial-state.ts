/** @file The values that parameters and state start from: a pure function of the graph and the seed. */

import { ShapeError } from '../errors.ts';
import { type ChosenPlaces, type Graph, type GraphInput, isStored } from '../graph/graph.ts';
import { elementCount, type Shape, sizeAt } from '../graph/tensor-type.ts';
import { createStream, type RandomStream } from '../math/random.ts';
import { allocate, type TensorData } from '../runtime/tensor-data.ts';

/**
 * Each input draws from a stream keyed by its own name, so that arms which share a parameter start it alike, whatever
 * else they have.
 */
export function initialState(graph: Graph, seed: number): Map<string, TensorData> {
  const stored = graph.inputs.filter(({ role }) => isStored(role) && role.kind !== 'scratch');
  return new Map(stored.map((input) => [input.value.name, initialValue(input, seed)]));
}

/**
 * The start of networks side by side: of each stored value the part of network s, the outermost axis, as the network that
 * stands alone draws it from the s-th seed.
 */
export function initialStates(graph: Graph, seeds: readonly number[]): Map<string, TensorData> {
  const alone: Graph = {
    ...graph,
    inputs: graph.inputs.map(({ value, role }) => {
      const [first = 1, ...rest] = value.shape;
      return { value: isStored(role) ? { ...value, shape: [first / seeds.length, ...rest] } : value, role };
    }),
  };
  const whole = initialState(graph, 0);
  for (const [network, seed] of seeds.entries()) {
    for (const [name, part] of initialState(alone, seed)) {
      const data = whole.get(name) as Float32Array;
      data.set(part as Float32Array, network * part.length);
    }
  }
  return whole;
}

function initialValue({ value, role }: GraphInput, seed: number): TensorData {
  const data = allocate(value.dtype, elementCount(value.shape)) as Float32Array;
  if (role.kind !== 'parameter' && role.kind !== 'state') return data;
  const { initial } = role;
  if (initial.kind === 'constant') return data.fill(initial.value);
  if (initial.kind === 'given') return filled(data, initial.values(), value.name);
  const stream = createStream({ seed, purpose: 'init', layer: value.name });
  if (initial.kind === 'normal') stream.fillNormal(data, 0, initial.std);
  else if (initial.kind === 'uniform') stream.fillUniform(data, -initial.limit, initial.limit);
  else if (initial.kind === 'interval') stream.fillUniform(data, initial.low, initial.high);
  else markChosen(data, value.shape, initial, stream);
  return data;
}

/** Of the places of each index along the axis those with the smallest of random numbers are chosen. */
function markChosen(data: Float32Array, shape: Shape, { axis, each }: ChosenPlaces, stream: RandomStream): void {
  stream.fillUniform(data, 0, 1);
  const units = sizeAt(shape, axis);
  const inner = elementCount(shape.slice(axis + 1));
  const places = Array.from({ length: units }, (): number[] => []);
  for (let i = 0; i < data.length; i++) places[Math.floor(i / inner) % units]?.push(i);
  const drawn = data.slice();
  data.fill(0);
  for (const own of places) {
    own.sort((i, j) => (drawn[i] as number) - (drawn[j] as number));
    for (const i of own.slice(0, each)) data[i] = 1;
  }
}

function filled(data: Float32Array, values: ArrayLike<number>, name: string): Float32Array {
  if (values.length !== data.length) {
    throw new ShapeError(`Given values must fill '${name}', got ${values.length} for ${data.length}`);
  }
  data.set(values);
  return data;
}
