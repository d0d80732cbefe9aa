/** @file Waiting for what other processes bring about, with a guard against hanging. */

import { setTimeout as delay } from 'node:timers/promises';
import { ProcessError } from '../../src/errors.ts';

/** A guard against hanging, no measurement: a busy machine takes many times as long as a quiet one. */
const USUAL_GUARD = 80_000;

export interface WaitOptions {
  /** What is to be told beside the question where the answer never comes: a queue, a log. */
  readonly tell?: () => Promise<string> | string;
  /** Milliseconds after which nothing is hoped for any more. */
  readonly guard?: number;
}

/**
 * Asks again and again until the answer is neither undefined nor false, and gives it.
 * @param what - what is waited for, as the error names it: `all machines to be idle`
 * @throws {ProcessError} where that has not come true before the guard ran out
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { tell = () => '', guard = USUAL_GUARD }: WaitOptions = {},
): Promise<T> {
  const end = Date.now() + guard;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) {
      throw new ProcessError(`Waited ${guard / 1000} s for ${what}, in vain; the last that was seen:\n${await tell()}`);
    }
    await delay(100);
  }
}
