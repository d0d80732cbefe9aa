/** @file What a device and the engine behind it say to each other: plain data, which crosses threads. */

import type { Tensors } from './device.ts';
import type { CompiledGraph } from './program.ts';
import type { DrawKey } from './random-inputs.ts';
import type { RuntimeName } from './runtime-name.ts';
import type { NamedTensor, TensorData } from './tensor-data.ts';

/** What a worker is started with. */
export interface WorkerData {
  readonly threads: number;
  readonly runtime: RuntimeName;
}

/** Programs are numbered by the device that loads them, and so are the states that they share. */
export type Request =
  | { readonly kind: 'load'; readonly program: number; readonly state: number; readonly compiled: CompiledGraph }
  | { readonly kind: 'write'; readonly state: number; readonly tensors: ReadonlyMap<string, TensorData> }
  | { readonly kind: 'read'; readonly state: number; readonly names: readonly string[] }
  | { readonly kind: 'run'; readonly program: number; readonly feeds: Tensors; readonly key?: DrawKey | undefined }
  | { readonly kind: 'release'; readonly program: number }
  | { readonly kind: 'forget'; readonly state: number }
  | { readonly kind: 'close' };

export interface Answers {
  readonly load: undefined;
  readonly write: undefined;
  readonly read: ReadonlyMap<string, NamedTensor>;
  readonly run: Tensors;
  readonly release: undefined;
  readonly forget: undefined;
  readonly close: undefined;
}

export type Answer = Answers[keyof Answers];

export interface RequestMessage {
  readonly id: number;
  readonly request: Request;
}

export type AnswerMessage =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly failure: { readonly name: string; readonly message: string } };
