/** @file Watching a transfer: its progress, whether it has stalled, and whether it would take too long. */
import { setTimeout as delay } from 'node:timers/promises';
import { counted } from '../../counted.ts';
import { DataError } from '../../errors.ts';
import type { FetchContext } from './source.ts';

/** A transfer that was given up only because it was slow; worth coming back to when nothing else works. */
export class SlowTransfer extends Error {}

export interface Transfer {
  readonly message: string;
  /** How many bytes have come. */
  readonly received: () => number | Promise<number>;
  /** How many will come, as far as is known by now. */
  readonly total: () => number | undefined;
  /** Does the work until the signal tells it to stop. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

const PULSE_MS = 250;

/**
 * Runs a transfer, reporting its progress as a fraction of its bytes.
 * @throws {DataError} if no byte came for `stallSeconds`
 * @throws {SlowTransfer} if at the rate so far the whole would take more than `patienceSeconds`
 */
export async function watchTransfer(transfer: Transfer, context: FetchContext): Promise<void> {
  const watch = new AbortController();
  const stop = AbortSignal.any([watch.signal, ...(context.signal === undefined ? [] : [context.signal])]);
  const finished = new AbortController();
  const watching = pulse(transfer, context, finished.signal).catch((error: unknown) => watch.abort(error));
  try {
    await transfer.run(stop);
  } catch (error) {
    throw watch.signal.aborted ? watch.signal.reason : error;
  } finally {
    finished.abort();
    await watching;
  }
}

/** Looks at the transfer four times a second, or oftener under shorter limits, until it has finished. */
async function pulse(transfer: Transfer, { limits, report }: FetchContext, finished: AbortSignal): Promise<void> {
  const { stallSeconds, patienceSeconds, settleSeconds } = limits;
  const started = performance.now();
  let bytes = 0;
  let lastArrival = started;
  while (!finished.aborted) {
    const received = await transfer.received();
    const now = performance.now();
    if (received > bytes) [bytes, lastArrival] = [received, now];
    const total = transfer.total();
    report(total === undefined ? 0 : Math.min(1, bytes / total), bytes, transfer.message);
    if (now - lastArrival > stallSeconds * 1000) {
      throw new DataError(`it stalled: nothing came for ${stallSeconds} s, after ${counted(bytes, 'byte')}`);
    }
    const elapsedSeconds = (now - started) / 1000;
    const expectedSeconds = total === undefined || bytes === 0 ? elapsedSeconds : (elapsedSeconds * total) / bytes;
    if (elapsedSeconds > settleSeconds && expectedSeconds > patienceSeconds) {
      throw new SlowTransfer(
        `it is slow: the whole would take about ${counted(Math.ceil(expectedSeconds / 60), 'minute')}`,
      );
    }
    await delay(Math.min(PULSE_MS, stallSeconds * 250), undefined, { signal: finished }).catch(() => undefined);
  }
}
