/**
 * @file Counts what diagnoses find of faults seeded in the small networks of `test/diagnosis`, and what they say of healthy
 * ones: `npx tsx tools/diagnosis-counts.ts [--files] [model …]`. These networks' seeds took no part in choosing thresholds.
 * With --files each is written as an ONNX file first, and the network that is judged is read from that.
 */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { trainedNetwork } from '../src/cli/trained-network.ts';
import type { State } from '../src/diagnosis/subject.ts';
import { openNetwork } from '../src/importer/node/open-network.ts';
import type { Problem } from '../src/problems/problem.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { initialState } from '../src/train/initial-state.ts';
import { sgd } from '../src/train/optimisers/sgd.ts';
import { trainingGraphs } from '../src/train/training-graphs.ts';
import { faults } from '../test/diagnosis/faults.ts';
import { Judge } from '../test/diagnosis/judge.ts';
import { digits, type SmallNetwork, smallNetworks, smallProblem, trainedState } from '../test/diagnosis/networks.ts';

const { values: flags, positionals: asked } = parseArgs({
  options: { files: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const counts = { found: 0, first: 0, missed: 0, falseAlarms: 0, healthy: 0 };
for (const network of smallNetworks.filter(({ model }) => asked.length === 0 || asked.includes(model))) {
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  const usual = { scaling: 'mnist', batchSize: 32 };
  const { problem, state } = await judged(network);
  const judge = new Judge(device, problem, digits(), state, usual);
  const { findings } = await judge.healthy();
  const alarms = findings.filter(({ level }) => level === 'problem');
  counts.healthy += 1;
  counts.falseAlarms += alarms.length;
  console.log(
    `${network.model} ${network.seed} healthy: ${alarms.map(({ rule, layer }) => `${rule} ${layer}`).join(', ') || 'no problem'}`,
  );
  for (const [i, fault] of faults.entries()) {
    const { isFound, isFirst, layer, diagnosis } = await judge.of(fault, network.seed + 5 * i);
    counts[isFound ? 'found' : 'missed'] += 1;
    counts.first += isFirst ? 1 : 0;
    console.log(
      `${network.model} ${network.seed} ${fault.name}${fault.isOfOneLayer === true ? ` (${layer})` : ''}: ${isFound ? 'found' : 'MISSED'}${isFirst ? ', first' : `; said: ${diagnosis.sentence}`}`,
    );
  }
  await device.close();
}
console.log(JSON.stringify(counts));

async function judged(network: SmallNetwork): Promise<{ readonly problem: Problem; readonly state: State }> {
  const [problem, state] = [smallProblem(network), trainedState(network)];
  if (!flags.files) return { problem, state };
  const path = join(mkdtempSync(join(tmpdir(), 'normscope-file-')), `${network.model}-${network.seed}.onnx`);
  writeFileSync(path, trainedNetwork(problem, state));
  const { network: read } = await openNetwork(path);
  const made = read.problem();
  return { problem: made, state: initialState(trainingGraphs(made, 2, sgd()).step, 0) };
}
