/**
 * @file Counts what diagnoses find of faults seeded in the small networks of `test/diagnosis`, and what they say of healthy
 * ones: `npx tsx tools/diagnosis-counts.ts [model …]`. These networks' seeds took no part in choosing thresholds.
 */

import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { faults } from '../test/diagnosis/faults.ts';
import { Judge } from '../test/diagnosis/judge.ts';
import { digits, smallNetworks, smallProblem, trainedState } from '../test/diagnosis/networks.ts';

const asked = process.argv.slice(2);
const counts = { found: 0, first: 0, missed: 0, falseAlarms: 0, healthy: 0 };
for (const network of smallNetworks.filter(({ model }) => asked.length === 0 || asked.includes(model))) {
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  const usual = { scaling: 'mnist', batchSize: 32 };
  const judge = new Judge(device, smallProblem(network), digits(), trainedState(network), usual);
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
