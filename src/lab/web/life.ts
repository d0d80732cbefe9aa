/** @file One life of an arm on the page: its worker, how far it is, and what it has said of itself. */

import { signal, type Signal } from '@preact/signals';
import type { Origin, ShownImages } from '../arm.ts';
import { History } from '../history.ts';
import type { InstrumentName } from '../instrument-names.ts';
import type { FromArm, GpuReport, LeanStep, ToArm } from '../messages.ts';
import type { NetworkFile } from '../own-network.ts';
import type { ArmSettings } from '../settings.ts';
import { type ArmScript, startArmWorker } from './assets.ts';
import { onceGone } from './sign-of-life.ts';

export type Status =
  | { readonly kind: 'starting' | 'ready' }
  /** Its loss is no number since this step. */
  | { readonly kind: 'lost'; readonly step: number }
  | { readonly kind: 'failed'; readonly message: string };

/** What all lives are given. */
export interface Supplies {
  /** ONNX Runtime's WebAssembly. @throws {DataError} */
  readonly engine: () => Promise<Uint8Array>;
  /** The one that computes on the GPU, which is loaded when it is asked for. @throws {DataError} */
  readonly gpuEngine: () => Promise<Uint8Array>;
  /** The file of a data set. @throws {DataError} */
  readonly data: (name: string) => Promise<Uint8Array>;
  readonly instruments: () => readonly InstrumentName[];
}

/** Where a life parted from another. */
export interface Parting {
  readonly from: string;
  readonly step: number;
  readonly origin: Origin;
  readonly past: History;
}

export class Life {
  readonly name: Signal<string>;
  readonly settings: Signal<ArmSettings>;
  readonly status: Signal<Status> = signal({ kind: 'starting' });
  /** Steps taken. */
  readonly step: Signal<number> = signal(0);
  readonly parameters: Signal<number> = signal(0);
  readonly images: Signal<ShownImages | undefined> = signal(undefined);
  /** What it computes on, where that is a GPU. */
  readonly gpu: Signal<GpuReport | undefined> = signal(undefined);
  readonly parting: Parting | undefined;
  /** Whose network it is, where it is not one of the lab's. */
  readonly file: NetworkFile | undefined;
  history: History = new History();
  /** By quantity, as records state them. */
  readonly definitions: Map<string, string> = new Map();
  readonly #supplies: Supplies;
  #worker: Worker | undefined;
  #answers: ((message: FromArm) => void)[] = [];

  constructor(name: string, settings: ArmSettings, supplies: Supplies, parting?: Parting, file?: NetworkFile) {
    this.name = signal(name);
    this.settings = signal(settings);
    this.#supplies = supplies;
    this.parting = parting;
    this.file = file;
  }

  /** Whether steps can be asked of it. */
  get isRunning(): boolean {
    return this.status.value.kind === 'ready';
  }

  /** Begins anew, with the settings that it has: from where it parted, or from its own start. */
  async start(): Promise<void> {
    this.close();
    this.status.value = { kind: 'starting' };
    this.history = new History();
    const first = this.parting?.step ?? 0;
    if (this.parting !== undefined) this.history.begin(this.parting.past, first);
    this.step.value = first;
    const name = `normscope arm ${crypto.getRandomValues(new Uint32Array(2)).join(' ')}`;
    this.gpu.value = undefined;
    const script = this.#script;
    const worker = startArmWorker(name, script);
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<FromArm>) => {
      if (worker !== this.#worker) return;
      if (data.kind === 'opened') onceGone(name, () => this.#miss(worker));
      this.#hear(data);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      // The browser says nothing of a script that it did not get.
      const text = event.message
        ? `Its worker stopped: ${event.message}`
        : `Its worker could not be loaded: ${script} must stand beside the page, as it was built`;
      if (worker === this.#worker) this.#fail(text);
    });
    try {
      const { instruments } = this.#supplies;
      const settings = this.settings.value;
      const [processor, data] = await Promise.all([this.#supplies.engine(), this.#supplies.data(settings.data)]);
      const engine = script === 'gpu-arm.js' ? await this.#supplies.gpuEngine() : processor;
      const yardstick = script === 'gpu-arm.js' ? processor : undefined;
      const origin = this.parting?.origin;
      // It may have been started again, or closed, while the data came.
      if (worker === this.#worker)
        this.#tell({
          kind: 'open',
          engine,
          ...(yardstick && { yardstick }),
          data,
          settings,
          instruments: instruments(),
          ...(origin && { origin }),
          ...(this.file && { file: this.file }),
        });
    } catch (error) {
      if (worker === this.#worker) this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Lets it step until so many steps are taken. */
  go(until: number): void {
    this.#tell({ kind: 'go', until });
  }

  setRate(learningRate: number): void {
    this.settings.value = { ...this.settings.value, learningRate };
    this.#tell({ kind: 'rate', learningRate });
  }

  show(instruments: readonly InstrumentName[]): void {
    this.#tell({ kind: 'show', instruments });
  }

  /** Goes back to a step, exactly. */
  async back(step: number): Promise<void> {
    if (step >= this.step.value || this.#worker === undefined) return;
    this.#tell({ kind: 'go', until: 0 });
    this.#tell({ kind: 'back', step });
    await this.#answer('back');
  }

  /** What another life can part with from here. */
  async origin(): Promise<Origin | undefined> {
    if (this.#worker === undefined) return undefined;
    this.#tell({ kind: 'origin' });
    const answer = await this.#answer('origin');
    return answer?.origin;
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** Networks of files are computed on the processor. */
  get #script(): ArmScript {
    if (this.file !== undefined) return 'own-arm.js';
    return this.settings.value.device === 'webgpu' ? 'gpu-arm.js' : 'arm.js';
  }

  #tell(message: ToArm): void {
    this.#worker?.postMessage(message);
  }

  /** The next answer of a kind; undefined where the arm fails before. */
  async #answer<Kind extends FromArm['kind']>(kind: Kind): Promise<Extract<FromArm, { kind: Kind }> | undefined> {
    return new Promise((resolve) => {
      const hear = (message: FromArm): void => {
        if (message.kind !== kind && message.kind !== 'failed') return;
        this.#answers = this.#answers.filter((one) => one !== hear);
        resolve(message.kind === kind ? (message as Extract<FromArm, { kind: Kind }>) : undefined);
      };
      this.#answers.push(hear);
    });
  }

  #hear(message: FromArm): void {
    switch (message.kind) {
      case 'opened':
        this.step.value = message.step;
        this.parameters.value = message.parameters;
        this.images.value = message.images;
        this.gpu.value = message.gpu;
        this.status.value = { kind: 'ready' };
        break;
      case 'steps': {
        for (const step of message.steps) this.#add(step);
        for (const [quantity, text] of Object.entries(message.definitions)) this.definitions.set(quantity, text);
        const last = message.steps.at(-1)?.step ?? 0;
        this.step.value = last + 1;
        if (message.isLost) this.status.value = { kind: 'lost', step: last };
        break;
      }
      case 'back':
        this.history.cut(message.step);
        this.settings.value = { ...this.settings.value, learningRate: message.learningRate };
        this.step.value = message.step;
        this.status.value = { kind: 'ready' };
        break;
      case 'failed':
        this.#fail(message.message);
        break;
      case 'origin':
        break;
    }
    for (const answer of this.#answers) answer(message);
  }

  /** A change of the rate that was gone back behind comes again, and is then what is set. */
  #add(step: LeanStep): void {
    const before = this.history.latest('learning-rate');
    if (before !== undefined && before !== step.learningRate) {
      this.settings.value = { ...this.settings.value, learningRate: step.learningRate };
    }
    this.history.add(step);
  }

  /** A worker that this life has ended itself is none of it any more. */
  #miss(worker: Worker): void {
    if (worker === this.#worker)
      this.#fail('Its worker was ended by the browser, or by something in this page; press Restart');
  }

  #fail(message: string): void {
    this.status.value = { kind: 'failed', message };
    for (const answer of this.#answers) answer({ kind: 'failed', message });
    this.close();
  }
}
