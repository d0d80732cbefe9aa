/** @file A training that is watched: the rules of a diagnosis, on its state at checkpoints and at its end. */

import type { LookAtState } from '../../cells/job.ts';
import type { TrainingSpec } from '../../cells/training-spec.ts';
import type { Dataset } from '../../data/dataset.ts';
import { examplesOf } from '../../data/examples.ts';
import { standardScaling } from '../../data/scalings.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Finding } from '../../diagnosis/finding.ts';
import { Instruments } from '../../diagnosis/instruments.ts';
import { counted } from '../../counted.ts';
import { printable } from '../../onnx/shown.ts';
import type { FinishedCell } from '../../records/cell.ts';
import type { DeviceSettings } from '../../runtime/device.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';

/** A problem, and the step at which it was seen first. */
export interface Sighting {
  readonly step: number;
  readonly rule: string;
  readonly layer: string | undefined;
  readonly number: number;
  readonly threshold: number;
  readonly text: string;
}

/** So many looks at most; a look costs some seconds, in which training waits. */
const LOOKS = 10;

/** What takes trainings and compilations of its own is left to `diagnose`. */
const WITHOUT = ['preprocessing', 'sizes', 'training', 'landscape'] as const;

export class Watch {
  /** In the order in which they were seen, each rule once for each layer. */
  readonly #sightings: Sighting[] = [];
  readonly #instruments: Instruments;
  readonly #every: number;
  readonly #say: (sighting: Sighting) => void;
  #next: number;

  private constructor(instruments: Instruments, steps: number, say: (sighting: Sighting) => void) {
    this.#instruments = instruments;
    this.#every = steps / LOOKS;
    this.#next = this.#every;
    this.#say = say;
  }

  /** @param dataset - that of the training @param say - told each problem when it is first seen */
  static open(
    { problem, training }: TrainingSpec,
    dataset: Dataset,
    device: DeviceSettings,
    say: (sighting: Sighting) => void,
  ): Watch {
    // Of the test split, as `diagnose` looks at a run afterwards.
    const data = examplesOf(dataset, dataset.test);
    const subject = { name: problem.about.network, problem, data, scaling: standardScaling(dataset) };
    const batchSize = Math.min(training.batchSize, data.count);
    return new Watch(new Instruments(nodeDevice(device), subject, { batchSize }), training.steps, say);
  }

  /** Looks where a tenth of the training has passed since the last look. */
  readonly look: LookAtState = async (step, tensors) => {
    if (step < this.#next) return;
    this.#next = step + this.#every;
    await this.#lookNow(step, tensors);
  };

  /** Looks at what the training came to, and gives all problems that were seen. */
  async end(cell: FinishedCell): Promise<readonly Sighting[]> {
    const last = cell.checkpoint();
    if (last !== undefined) await this.#lookNow(last.step, last.tensors);
    return this.#sightings;
  }

  /** Ends its thread, without which a program that was stopped would never end. */
  async close(): Promise<void> {
    await this.#instruments.device.close();
  }

  readonly #lookNow: LookAtState = async (step, tensors) => {
    const state = new Map([...tensors].map(([name, { data }]) => [name, data]));
    const { findings } = await diagnose(this.#instruments, { state, without: WITHOUT });
    for (const finding of findings) {
      if (finding.level !== 'problem' || finding.echoOf !== undefined || this.#knows(finding)) continue;
      const { rule, layer, number, threshold, text } = finding;
      const sighting = { step, rule, layer, number, threshold, text };
      this.#sightings.push(sighting);
      this.#say(sighting);
    }
  };

  #knows({ rule, layer }: Finding): boolean {
    return this.#sightings.some((known) => known.rule === rule && known.layer === layer);
  }
}

/** One line for the end of a run, which was told all of them. */
export function sightingsText(sightings: readonly Sighting[], run: string): string {
  const rules = [...new Set(sightings.map(({ rule }) => rule))];
  const seen = sightings.length === 0 ? 'no problem' : `${counted(sightings.length, 'problem')} (${rules.join(', ')})`;
  return `Watched: ${seen}; normscope diagnose ${run} says more.`;
}

/** "step 400: dead-relu at conv3: …". */
export function sightingText({ step, rule, layer, text }: Sighting): string {
  return printable(`step ${step}: ${rule}${layer === undefined ? '' : ` at ${layer}`}: ${text}`);
}
