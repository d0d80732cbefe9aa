/** @file The network of a file with its norms put back, written beside it: the file itself is never changed. */

import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { State } from '../../diagnosis/subject.ts';
import { SettingError } from '../../errors.ts';
import { isStored } from '../../graph/graph.ts';
import type { Problem } from '../../problems/problem.ts';
import { writeFileAtomic } from '../../records/node/atomic.ts';
import { encodeSafetensors, type StoredTensor } from '../../records/safetensors.ts';

/** What can be written of a network, by the ending of the file's name. */
export interface WritableForms {
  readonly '.onnx': () => Uint8Array;
  readonly '.safetensors': () => Uint8Array;
}

/** @throws {SettingError} for another ending, or a file that is there already. */
export function requireWritable(path: string): void {
  if (!['.onnx', '.safetensors'].includes(endingOf(path)))
    throw new SettingError(`--write takes a file that ends in .onnx or .safetensors, got '${path}'`);
  if (existsSync(path)) throw new SettingError(`--write changes no file that is there, got '${path}'; name another`);
}

/** Whole or not at all. @throws {SettingError} as `requireWritable`. */
export function writeNetwork(path: string, forms: WritableForms): void {
  requireWritable(path);
  writeFileAtomic(path, forms[endingOf(path) as keyof WritableForms]());
}

/** Parameters and running statistics by the names that normscope gives them, gamma, beta and weights of a file by the file's. */
export function networkTensors(problem: Problem, state: State): Uint8Array {
  const { g, loss } = problem.build({ mode: 'eval', batchSize: 2 });
  const { inputs } = g.finish('weights', { loss });
  const tensors = inputs.flatMap(({ value: { name, shape }, role }): [string, StoredTensor][] => {
    const data = state.get(name);
    return isStored(role) && data instanceof Float32Array ? [[name, { dtype: 'float32', shape, data }]] : [];
  });
  return encodeSafetensors(new Map(tensors), {});
}

function endingOf(path: string): string {
  return extname(path).toLowerCase();
}
