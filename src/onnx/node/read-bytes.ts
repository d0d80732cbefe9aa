/** @file So many bytes of an open file, however large. */

import { readSync } from 'node:fs';

/** The most that one call of the system reads. */
const MOST_AT_ONCE = 1_073_741_824;

/** @returns undefined where the file became shorter than that while it was read */
export function readBytes(handle: number, offset: number, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const read = readSync(handle, bytes, done, Math.min(length - done, MOST_AT_ONCE), offset + done);
    if (read === 0) return undefined;
    done += read;
  }
  return bytes;
}
