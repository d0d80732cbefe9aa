/** @file An engine in a worker thread, reached by promises: the event loop stays free while the network trains. */

import './telemetry.ts';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { NumericError, SettingError, ShapeError, UnsupportedOpError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { LoweringSettings } from './lowering-choice.ts';
import type { AnswerMessage, Answers, Request, RequestMessage, WorkerData } from './messages.ts';
import type { RuntimeName } from './runtime-name.ts';
import { compile } from './program.ts';
import type { NamedTensor, TensorData } from './tensor-data.ts';

export interface DeviceSettings extends LoweringSettings {
  readonly threads: number;
  /** Native where omitted. */
  readonly runtime?: RuntimeName;
}

interface Pending {
  readonly resolve: (answer: Answers[keyof Answers]) => void;
  readonly reject: (error: Error) => void;
}

/** Errors keep their class across the thread boundary. */
const errorClasses = { ShapeError, SettingError, UnsupportedOpError, NumericError };

export class Device {
  readonly settings: DeviceSettings;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #ended: Error | undefined;

  constructor(settings: DeviceSettings) {
    this.settings = settings;
    this.#worker = startWorker({ threads: settings.threads, runtime: settings.runtime ?? 'native' });
    this.#worker.on('message', (message: AnswerMessage) => this.#settle(message));
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`The engine's thread ended with code ${code}`)));
  }

  /** Compiles a graph for this device; only the step may write parameters and state. */
  async load(graph: Graph, mayWrite: 'state' | 'scratch' = 'scratch'): Promise<void> {
    const program = compile(graph, this.settings, mayWrite);
    await this.#ask({ kind: 'load', program });
  }

  /** Sets stored tensors, given in logical layout. */
  async write(state: ReadonlyMap<string, TensorData>): Promise<void> {
    await this.#ask({ kind: 'write', state });
  }

  /** Copies of stored tensors, in logical layout. */
  async read(names: readonly string[]): Promise<ReadonlyMap<string, NamedTensor>> {
    return (await this.#ask({ kind: 'read', names })) as Answers['read'];
  }

  /**
   * Runs a loaded graph once. Calls are carried out in the order in which they are made. Feeds are copied at once, but
   * those in shared memory only when the graph runs: they must stay as they are until then.
   */
  async run(program: string, feeds: Readonly<Record<string, TensorData>>): Promise<Answers['run']> {
    return (await this.#ask({ kind: 'run', program, feeds })) as Answers['run'];
  }

  /** Frees the sessions and ends the thread. A thread that has died has freed them: closing never fails. */
  async close(): Promise<void> {
    if (this.#ended === undefined) await this.#ask({ kind: 'close' }).catch(() => undefined);
    this.#ended ??= new Error('The device is closed');
    await this.#worker.terminate();
  }

  #ask(request: Request): Promise<Answers[keyof Answers]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const message: RequestMessage = { id: this.#nextId++, request };
      this.#pending.set(message.id, { resolve, reject });
      this.#worker.postMessage(message);
    });
  }

  #settle(message: AnswerMessage): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('answer' in message) pending?.resolve(message.answer);
    else pending?.reject(revive(message.failure));
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function revive({ name, message }: { name: string; message: string }): Error {
  const known = Object.entries(errorClasses).find(([key]) => key === name)?.[1];
  return known === undefined ? new Error(message) : new known(message);
}

/** From the build the worker is plain JavaScript; from the sources (tests) it is TypeScript, which tsx loads. */
function startWorker(workerData: WorkerData): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  // Resolving finds tsx's CommonJS twin, whose register fails in a worker.
  const tsx = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  const entry = new URL('./worker.ts', import.meta.url).href;
  const api = JSON.stringify(pathToFileURL(tsx).href);
  const source = `import(${api}).then((tsx) => tsx.register()).then(() => import(${JSON.stringify(entry)}))`;
  return new Worker(source, { eval: true, workerData });
}
