/** @file What a page and the worker of an arm say to each other. */

import type { Origin, ShownImages } from './arm.ts';
import type { InstrumentName } from './instrument-names.ts';
import type { NetworkFile } from './own-network.ts';
import type { ArmSettings } from './settings.ts';

/** A record without what is the same for all of its quantity. */
export interface LeanRecord {
  readonly step: number;
  readonly quantity: string;
  readonly value: number;
  readonly layer?: string;
  readonly at?: number;
  readonly image?: number;
}

export interface LeanStep {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly learningRate: number;
  readonly records: readonly LeanRecord[];
}

/** What a GPU is, and how it computes. */
export interface GpuReport {
  /** As the browser calls it. */
  readonly title: string;
  /** Of small networks and their gradients from float64, relative to the largest number of a tensor. */
  readonly error: number;
  /** Programs, of the step and its instruments, that need the processor for some of their nodes. */
  readonly left: number;
}

export type ToArm =
  | {
      readonly kind: 'open';
      /** ONNX Runtime's WebAssembly. */
      readonly engine: Uint8Array;
      /** Where that is the GPU's: the one for the processor, to which it is held. */
      readonly yardstick?: Uint8Array;
      /** The data set, as a file. */
      readonly data: Uint8Array;
      readonly settings: ArmSettings;
      readonly instruments: readonly InstrumentName[];
      readonly origin?: Origin;
      /** Of a network of the reader's own, for the worker that can import it. */
      readonly file?: NetworkFile;
    }
  /** Steps may be taken until so many have been; what is below the present step pauses. */
  | { readonly kind: 'go'; readonly until: number }
  | { readonly kind: 'rate'; readonly learningRate: number }
  | { readonly kind: 'back'; readonly step: number }
  | { readonly kind: 'show'; readonly instruments: readonly InstrumentName[] }
  | { readonly kind: 'origin' };

export type FromArm =
  | {
      readonly kind: 'opened';
      readonly step: number;
      readonly parameters: number;
      readonly images: ShownImages;
      /** Where it computes on one. */
      readonly gpu?: GpuReport;
    }
  | {
      readonly kind: 'steps';
      readonly steps: readonly LeanStep[];
      /** By quantity, of those that had not been seen before. */
      readonly definitions: Readonly<Record<string, string>>;
      /** Whether the loss is no number any more. */
      readonly isLost: boolean;
    }
  | { readonly kind: 'back'; readonly step: number; readonly learningRate: number }
  | { readonly kind: 'origin'; readonly origin: Origin }
  | { readonly kind: 'failed'; readonly message: string };
