/** @file Serves an arm to whoever sends messages: one thing at a time, and steps in between as far as they are allowed. */

import type { Dataset } from '../data/dataset.ts';
import type { Device } from '../runtime/device.ts';
import { Arm, type ArmStep } from './arm.ts';
import { decodeDataset } from './dataset-file.ts';
import type { FromArm, GpuReport, LeanStep, ToArm } from './messages.ts';
import type { MakeProblem, NetworkFile } from './own-network.ts';

/** Steps are sent together for so long: more often than a page is drawn helps nobody, ms. */
const TOGETHER = 12;

/** What an arm computes on. */
export interface ArmDevice {
  readonly device: Device;
  /** Of a GPU, as far as it was asked for programs. */
  readonly gpu?: () => GpuReport;
}

export interface HostPlatform {
  /** On this WebAssembly, held to the yardstick where there is one. */
  readonly openDevice: (engine: Uint8Array, yardstick?: Uint8Array) => Promise<ArmDevice>;
  readonly post: (message: FromArm) => void;
  /** Makes the problems of a file's network; a worker that cannot has none. */
  readonly openOwn?: (file: NetworkFile, device: Device, dataset: Dataset) => Promise<MakeProblem>;
  /** Lets waiting messages in. A worker that only awaits its own promises hears none. */
  readonly breathe: () => Promise<void>;
}

export class ArmHost {
  readonly #platform: HostPlatform;
  readonly #waiting: ToArm[] = [];
  readonly #defined = new Set<string>();
  #arm: Arm | undefined;
  #until = 0;
  #isBusy = false;

  constructor(platform: HostPlatform) {
    this.#platform = platform;
  }

  /** Takes a message in; what it asks for is answered in order. Never fails: errors are posted. */
  async receive(message: ToArm): Promise<void> {
    // A pause must not wait for what stands before it.
    if (message.kind === 'go') this.#until = message.until;
    else this.#waiting.push(message);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      await this.#work();
    } catch (error) {
      this.#platform.post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#isBusy = false;
    }
  }

  async #work(): Promise<void> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) await this.#answer(message);
      else if (this.#mayStep) await this.#steps();
      else return;
      await this.#platform.breathe();
    }
  }

  get #mayStep(): boolean {
    return this.#arm !== undefined && !this.#arm.isLost && this.#arm.step < this.#until;
  }

  async #answer(message: ToArm): Promise<void> {
    const { post, openDevice, openOwn } = this.#platform;
    switch (message.kind) {
      case 'open': {
        const { engine, yardstick, data, settings, instruments, origin, file } = message;
        const dataset = decodeDataset(data);
        const { device, gpu } = await openDevice(engine, yardstick);
        const makeProblem = file && (await openOwn?.(file, device, dataset));
        const arm = await Arm.open(device, dataset, settings, instruments, origin, makeProblem);
        this.#arm = arm;
        const { step, parameters, shown: images } = arm;
        return post({ kind: 'opened', step, parameters, images, ...(gpu && { gpu: gpu() }) });
      }
      case 'rate':
        return this.#arm?.setRate(message.learningRate);
      case 'back':
        if (this.#arm === undefined) return;
        await this.#arm.back(message.step);
        return post({ kind: 'back', step: message.step, learningRate: this.#arm.learningRate });
      case 'show':
        return this.#arm?.show(message.instruments);
      case 'origin':
        if (this.#arm !== undefined) post({ kind: 'origin', origin: await this.#arm.origin() });
        return;
      case 'go':
        return;
    }
  }

  /** As many steps as fit between two drawings of a page; at least one. */
  async #steps(): Promise<void> {
    const arm = this.#arm;
    if (arm === undefined) return;
    const began = performance.now();
    const steps: LeanStep[] = [];
    const definitions: Record<string, string> = {};
    do {
      const step = await arm.take();
      this.#define(step, definitions);
      steps.push(lean(step));
      await this.#platform.breathe();
    } while (this.#mayStep && this.#waiting.length === 0 && performance.now() - began < TOGETHER);
    this.#platform.post({ kind: 'steps', steps, definitions, isLost: arm.isLost });
  }

  #define({ records }: ArmStep, into: Record<string, string>): void {
    for (const { quantity, definition } of records) {
      if (this.#defined.has(quantity)) continue;
      this.#defined.add(quantity);
      into[quantity] = definition;
    }
  }
}

/** A step as it is sent. */
export function lean({ records, ...step }: ArmStep): LeanStep {
  return {
    ...step,
    records: records.map(({ step: taken, quantity, value, layer, at, place }) => ({
      step: taken,
      quantity,
      value,
      ...(layer !== undefined && { layer }),
      ...(at !== undefined && { at }),
      ...(place?.['image'] !== undefined && { image: Number(place['image']) }),
    })),
  };
}
