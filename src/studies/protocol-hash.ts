/** @file The fingerprint of what is fixed before a study's first result: its protocol at a budget, and its rule. */

import { hashJson } from '../records/hash.ts';
import type { Study, StudyPlan } from './study.ts';

/** SHA-256 over every field of the protocol and every constant of the rule, in 64 hexadecimal digits. */
export function protocolHash({ rule }: Pick<Study, 'rule'>, { protocol }: Pick<StudyPlan, 'protocol'>): string {
  return hashJson({ protocol, rule });
}
