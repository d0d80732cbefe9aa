/** @file One check under way in a page: its worker, how far it is, and what came out. */

import type { FromCheck } from '../twin/check.ts';
import type { TwinProgress } from '../twin/compute-twin.ts';
import type { Twin } from '../twin/twin.ts';
import { comparedText, type ListedTwin, type Said } from '../twin/words.ts';
import { assetBytes } from './assets.ts';
import type { ToCheck } from './check-worker.ts';
import { choiceOf, type DataChoice } from './data-choice.ts';

export type CheckState =
  | { readonly kind: 'idle' | 'starting' }
  /** For so many seconds. */
  | { readonly kind: 'running'; readonly progress: TwinProgress; readonly seconds: number }
  | { readonly kind: 'ended'; readonly said: Said };

/** What every check needs: ONNX Runtime's WebAssembly, fourteen megabytes of it, and the address of the worker's script. */
interface Supplies {
  readonly engine: Uint8Array;
  readonly script: string;
}

/** Read once, by the first check. */
let supplies: Promise<Supplies> | undefined;

async function readSupplies(): Promise<Supplies> {
  const [engine, script] = await Promise.all([assetBytes('engine.wasm.gz'), assetBytes('check-worker.js.gz')]);
  return { engine, script: URL.createObjectURL(new Blob([script], { type: 'text/javascript' })) };
}

export class Check {
  readonly twin: ListedTwin;
  /** Of what it trains on; undefined where it needs no data. */
  readonly choice: DataChoice | undefined;
  #state: CheckState = { kind: 'idle' };
  #worker: Worker | undefined;
  /** When its first cell was begun, in milliseconds. */
  #began: number | undefined;
  /** Counts the times that it was started or stopped: what an earlier one still brings is not looked at. */
  #turn = 0;
  readonly #watchers: (() => void)[] = [];

  constructor(twin: ListedTwin) {
    this.twin = twin;
    this.choice = twin.data && choiceOf(twin.data);
  }

  get state(): CheckState {
    return this.#state;
  }

  /** Calls back at every change. */
  watch(call: () => void): void {
    this.#watchers.push(call);
  }

  async start(): Promise<void> {
    this.stop();
    const turn = this.#turn;
    this.#set({ kind: 'starting' });
    const missing = missingHere();
    if (missing !== undefined) return this.#fail(`This browser has no ${missing}, without which no page can compute.`);
    try {
      supplies ??= readSupplies();
      // What failed for want of memory is read again by the next check.
      supplies.catch(() => (supplies = undefined));
      const { engine, script } = await supplies;
      const twin = JSON.parse(new TextDecoder().decode(await assetBytes(this.twin.asset))) as Twin;
      const message: ToCheck = { engine, twin, files: this.choice?.files ?? [] };
      if (turn !== this.#turn) return;
      const worker = new Worker(script);
      this.#worker = worker;
      worker.addEventListener('message', ({ data }: MessageEvent<FromCheck>) => {
        if (worker === this.#worker) this.#hear(data);
      });
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        if (worker === this.#worker) this.#fail(event.message || 'its worker could not be started');
      });
      worker.postMessage(message);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Ends it at once, wherever it is. */
  stop(): void {
    this.#end();
    this.#set({ kind: 'idle' });
  }

  #hear(message: FromCheck): void {
    switch (message.kind) {
      case 'progress':
        this.#began ??= performance.now();
        this.#set({
          kind: 'running',
          progress: message.progress,
          seconds: (performance.now() - this.#began) / 1000,
        });
        break;
      case 'compared':
        this.#end();
        this.#set({ kind: 'ended', said: comparedText(message.compared, message.seconds) });
        break;
      case 'failed':
        this.#fail(message.message);
        break;
    }
  }

  #fail(text: string): void {
    this.#end();
    const repair = /memory|allocat/i.test(text)
      ? ' Other pages may hold the memory that it needs: close some, and try again.'
      : '';
    this.#set({
      kind: 'ended',
      said: { kind: 'failed', title: 'Could not be computed here', text: `${text}${repair}` },
    });
  }

  #end(): void {
    this.#turn += 1;
    this.#began = undefined;
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #set(state: CheckState): void {
    this.#state = state;
    for (const call of this.#watchers) call();
  }
}

/** What a page needs to compute, as far as this browser lacks it. */
function missingHere(): string | undefined {
  const needed = ['WebAssembly', 'Worker', 'DecompressionStream'];
  return needed.find((name) => !(name in globalThis));
}
