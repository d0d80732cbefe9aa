import { expect, it } from 'vitest';
import { findStudy } from './index.ts';
import { protocolHash, questionHash } from './protocol-hash.ts';

it('runs that differ in their seeds alone ask one question, which no other change does', () => {
  const study = findStudy('santurkar2018/faster');
  const own = protocolHash(study, study.plan({ budget: 'standard' }));
  const question = (set: Parameters<typeof study.plan>[0]): string => questionHash(study, study.plan(set), 'standard');
  expect(question({ budget: 'standard' })).toBe(own);
  expect(question({ budget: 'standard', firstSeed: 200, seeds: 4 })).toBe(own);
  expect(protocolHash(study, study.plan({ budget: 'standard', firstSeed: 200 }))).not.toBe(own);
  expect(question({ budget: 'standard', firstSeed: 200, set: { steps: '499' } })).not.toBe(own);
});
