/** @file The registry of norms. The command line, the studies and the conformance tests all read this list. */

import { unknownName } from '../errors.ts';
import { batch } from './batch.ts';
import { batchComposed } from './batch-composed.ts';
import { none } from './none.ts';
import type { Norm } from './norm.ts';

export type NormName = 'none' | 'batch' | 'batch-composed';

export const norms: Readonly<Record<NormName, Norm>> = {
  none,
  batch,
  'batch-composed': batchComposed,
};

/** @throws {SettingError} with the nearest known name. */
export function normName(name: string): NormName {
  if (Object.hasOwn(norms, name)) return name as NormName;
  throw unknownName('norm', name, Object.keys(norms));
}
