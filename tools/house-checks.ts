/** @file `npm run check:house`: facts about the source that neither compiler nor linter sees, each with what to do. */
import { noCellKinds } from './house/cell-kinds.ts';
import { noCycles } from './house/cycles.ts';
import { noGradientDefaults } from './house/gradient-defaults.ts';
import { noForeignPlatform } from './house/platforms.ts';
import { noModuleMocks } from './house/module-mocks.ts';
import { type Fact, readSource } from './house/source.ts';
import { noTrainingLoops } from './house/training-loops.ts';

const facts: readonly Fact[] = [
  noCycles,
  noForeignPlatform,
  noTrainingLoops,
  noModuleMocks,
  noGradientDefaults,
  noCellKinds,
];

const files = readSource(process.cwd());
if (files.length === 0) throw new Error(`There must be source to check in ${process.cwd()}, found none`);
let count = 0;
for (const { sentence, check } of facts) {
  const findings = check(files);
  count += findings.length;
  console.log(`${findings.length === 0 ? 'holds' : `does not hold (${findings.length})`}: ${sentence}`);
  for (const { path, line, what } of findings) console.log(`  ${path}:${line} ${what}`);
}
process.exitCode = count === 0 ? 0 : 1;
