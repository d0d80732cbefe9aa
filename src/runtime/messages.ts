/** @file What the training thread and the worker say to each other. */

import type { RuntimeName } from './runtime-name.ts';
import type { Program } from './program.ts';
import type { NamedTensor, TensorData } from './tensor-data.ts';

/** What a worker is started with. */
export interface WorkerData {
  readonly threads: number;
  readonly runtime: RuntimeName;
}

export type Request =
  | { readonly kind: 'load'; readonly program: Program }
  | { readonly kind: 'write'; readonly state: ReadonlyMap<string, TensorData> }
  | { readonly kind: 'read'; readonly names: readonly string[] }
  | { readonly kind: 'run'; readonly program: string; readonly feeds: Readonly<Record<string, TensorData>> }
  | { readonly kind: 'close' };

export interface Answers {
  readonly load: undefined;
  readonly write: undefined;
  readonly read: ReadonlyMap<string, NamedTensor>;
  readonly run: Readonly<Record<string, TensorData>>;
  readonly close: undefined;
}

export interface RequestMessage {
  readonly id: number;
  readonly request: Request;
}

export type AnswerMessage =
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly id: number; readonly failure: { readonly name: string; readonly message: string } };
