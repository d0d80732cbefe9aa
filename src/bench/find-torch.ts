/** @file Whether this machine has PyTorch, and under which interpreter. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Where Python is looked for: the one that is first in the path may be another than the system's, which has packages. */
const interpreters: readonly string[] = ['python3', '/usr/bin/python3', 'python'];

/** The first interpreter that can import torch; undefined where none can. */
export async function findTorch(candidates: readonly string[] = interpreters): Promise<string | undefined> {
  for (const python of candidates) {
    try {
      await promisify(execFile)(python, ['-c', 'import torch']);
      return python;
    } catch {
      // It is not there, or has no torch: the next one may.
    }
  }
  return undefined;
}
