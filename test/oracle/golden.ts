/** @file Reads the golden files that `tools/golden/generate.py` writes: results of PyTorch in float64, with their protocol. */

import { readdirSync, readFileSync } from 'node:fs';
import type { TensorData } from '../../src/runtime/tensor-data.ts';

const folder = new URL('./golden/', import.meta.url);

/** An array as stored: base64 of little-endian float64. */
interface StoredArray {
  readonly shape: readonly number[];
  readonly float64: string;
}

/** A large tensor: entries at random places, sums under random signs, and the norms that errors are measured by. */
interface SampledArray {
  readonly shape: readonly number[];
  readonly largest: number;
  readonly norm: number;
  readonly samples: StoredArray;
  readonly projections: StoredArray;
}

export type GoldenTensor = StoredArray | SampledArray;

export interface Golden {
  /** The script, and the versions of PyTorch and NumPy. */
  readonly madeBy: string;
}

/** A golden file by its name, without the ending. */
export function readGolden<T extends Golden>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as T;
}

/** The golden files of a kind, with their names: `gradients` gives `resnet20`, … */
export function goldenFiles<T extends Golden>(kind: string): readonly (readonly [string, T])[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${kind}-`) && file.endsWith('.json'))
    .sort()
    .map((file) => [file.slice(kind.length + 1, -'.json'.length), readGolden<T>(file.slice(0, -'.json'.length))]);
}

/** The numbers of a stored array. */
export function numbers({ float64 }: StoredArray): Float64Array {
  const bytes = Uint8Array.from(Buffer.from(float64, 'base64'));
  return new Float64Array(bytes.buffer);
}

/** Shapes by name, as the layouts of parameters must agree. */
export function shapesOf(tensors: Readonly<Record<string, GoldenTensor>>): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
}

export function isSampled(tensor: GoldenTensor): tensor is SampledArray {
  return 'samples' in tensor;
}

/** max |x|. */
export function largest(data: TensorData | readonly number[]): number {
  let found = 0;
  for (const x of data) found = Math.max(found, Math.abs(Number(x)));
  return found;
}
