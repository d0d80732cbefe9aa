/** @file Files of other people's networks, imported and computed in this thread. */

import { readFileSync } from 'node:fs';
import { grad } from '../../src/autodiff/reverse.ts';
import { parametersOf, type Value } from '../../src/graph/graph.ts';
import { importNetwork, type ImportedNetwork, type ImportedProblem } from '../../src/importer/import-network.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import type { Mode } from '../../src/nn/network.ts';
import type { Tensors } from '../../src/runtime/device.ts';
import type { LoweringName } from '../../src/runtime/lowering-choice.ts';
import { threadlessDevice } from '../../src/runtime/node/node-device.ts';
import { runForeignHere } from '../../src/runtime/node/foreign-session.ts';
import { initialState } from '../../src/train/initial-state.ts';
import type { TensorData } from '../../src/runtime/tensor-data.ts';

const folder = new URL('../onnx-files/', import.meta.url);

export function bytesOf(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(file, folder)));
}

export function floatsOf(file: string): Float32Array {
  return new Float32Array(bytesOf(file).buffer);
}

export function intsOf(file: string): Int32Array {
  return new Int32Array(bytesOf(file).buffer);
}

/** Of files that are known: in this thread, where no process has to start. */
export function imported(file: string, shape?: readonly number[]): Promise<ImportedNetwork> {
  return importedBytes(bytesOf(file), file, shape);
}

export function importedBytes(bytes: Uint8Array, name: string, shape?: readonly number[]): Promise<ImportedNetwork> {
  return importNetwork(runForeignHere, bytes, readOnnx(bytes), { name, shape });
}

export interface Asked {
  readonly mode: Mode;
  readonly batchSize: number;
  readonly x: TensorData;
  /** With them, the loss and its gradients by all parameters. */
  readonly labels?: Int32Array;
  readonly lowering?: LoweringName;
  /** In place of the file's numbers. */
  readonly state?: (start: Map<string, TensorData>) => Map<string, TensorData>;
}

/** `logits`, and with labels `loss` and `gradient:NAME`. */
export async function computed(
  problem: ImportedProblem,
  { mode, batchSize, x, labels, lowering = 'reference', state }: Asked,
): Promise<Tensors> {
  const { g, prediction, loss } = problem.build({ mode, batchSize });
  const parameters = parametersOf(g);
  const gradients = labels === undefined ? [] : grad(g, loss, parameters);
  const outputs: Record<string, Value> = { logits: prediction, ...(labels && { loss }) };
  for (const [i, value] of gradients.entries()) outputs[`gradient:${parameters[i]?.name}`] = value;
  const graph = g.finish('computed', outputs);
  const device = threadlessDevice({ threads: 1, lowering });
  const program = await device.load(graph);
  const start = initialState(graph, 0);
  await device.write(state?.(start) ?? start);
  const made = await program.run({ x, ...(labels && { labels }) });
  await device.close();
  return made;
}
