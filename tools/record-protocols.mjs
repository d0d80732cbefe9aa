/**
 * @file Puts the hashes of new studies on record in `docs/results/protocols.json`, as is done before their first result.
 * What stands there is not changed by this: the hash of an amended protocol or rule is put in its place by hand, and told in CHANGELOG.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { studies } from '../src/studies/index.ts';
import { protocolHash } from '../src/studies/protocol-hash.ts';
import { budgets } from '../src/studies/study.ts';

const file = new URL('../docs/results/protocols.json', import.meta.url);
const recorded = JSON.parse(readFileSync(file, 'utf8'));
const all = studies.map((study) => {
  const hashes = budgets.map((budget) => [budget, protocolHash(study, study.plan({ budget }))]);
  return [study.name, recorded[study.name] ?? Object.fromEntries(hashes)];
});
writeFileSync(file, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
