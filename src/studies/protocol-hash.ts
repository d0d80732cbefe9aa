/** @file The fingerprint of what is fixed before a study's first result: its protocol at a budget, and its rule. */

import { hashJson } from '../records/hash.ts';
import type { Budget, Study, StudyPlan } from './study.ts';

/** SHA-256 over every field of the protocol and every constant of the rule, in 64 hexadecimal digits. */
export function protocolHash({ rule }: Pick<Study, 'rule'>, { protocol }: Pick<StudyPlan, 'protocol'>): string {
  return hashJson({ protocol, rule });
}

/** That of the same question asked on the study's own seeds: runs that differ in their seeds alone have it in common. */
export function questionHash(study: Study, { protocol }: Pick<StudyPlan, 'protocol'>, budget: Budget): string {
  const { seeds, firstSeed } = study.plan({ budget }).protocol;
  const own = { ...(seeds !== undefined && { seeds }), ...(firstSeed !== undefined && { firstSeed }) };
  return protocolHash(study, { protocol: { ...protocol, ...own } });
}
