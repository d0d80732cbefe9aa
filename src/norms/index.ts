/** @file The registry of norms. */

import { unknownName } from '../errors.ts';
import { batch } from './batch.ts';
import { batchComposed } from './batch-composed.ts';
import { batchL1 } from './batch-l1.ts';
import { batchL2 } from './batch-l2.ts';
import { batchLinf } from './batch-linf.ts';
import { batchLinfMean } from './batch-linf-mean.ts';
import { batchOnePass } from './batch-one-pass.ts';
import { batchRenorm } from './batch-renorm.ts';
import { dyt } from './dyt.ts';
import { filterResponse } from './filter-response.ts';
import { ghostBatch } from './ghost-batch.ts';
import { group } from './group.ts';
import { instance } from './instance.ts';
import { layer } from './layer.ts';
import { noise } from './noise.ts';
import { noisyBatch } from './noisy-batch.ts';
import { none } from './none.ts';
import type { Norm } from './norm.ts';
import { rms } from './rms.ts';
import { spectral } from './spectral.ts';
import { weight } from './weight.ts';
import { weightStandardised } from './weight-standardised.ts';

export type NormName =
  | 'none'
  | 'batch'
  | 'batch-composed'
  | 'batch-one-pass'
  | 'batch-l1'
  | 'batch-l2'
  | 'batch-linf'
  | 'batch-linf-mean'
  | 'batch-renorm'
  | 'ghost-batch'
  | 'noisy-batch'
  | 'noise'
  | 'layer'
  | 'instance'
  | 'group'
  | 'rms'
  | 'filter-response'
  | 'dyt'
  | 'weight'
  | 'weight-standardised'
  | 'spectral';

/**
 * Every normalisation by its name, with what is claimed of it as data.
 *
 * @example
 * const { title, formula, invariances } = norms['layer'];
 * console.log(title, formula, invariances);
 */
export const norms: Readonly<Record<NormName, Norm>> = {
  none,
  batch,
  'batch-composed': batchComposed,
  'batch-one-pass': batchOnePass,
  'batch-l1': batchL1,
  'batch-l2': batchL2,
  'batch-linf': batchLinf,
  'batch-linf-mean': batchLinfMean,
  'batch-renorm': batchRenorm,
  'ghost-batch': ghostBatch,
  'noisy-batch': noisyBatch,
  noise,
  layer,
  instance,
  group,
  rms,
  'filter-response': filterResponse,
  dyt,
  weight,
  'weight-standardised': weightStandardised,
  spectral,
};

/** @throws {SettingError} with the nearest known name. */
export function normName(name: string): NormName {
  if (Object.hasOwn(norms, name)) return name as NormName;
  throw unknownName('norm', name, Object.keys(norms));
}
