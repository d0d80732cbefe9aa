/**
 * @file Counts what diagnoses find of faults seeded in healthy networks of MNIST, and what they say of them as they are:
 * `npx tsx tools/diagnosis-counts.ts [--files] [model … | FILE.onnx …]`, by default all of `test/diagnosis`, whose seeds took
 * no part in choosing thresholds. With --files each is written as an ONNX file first, and the network that is judged is read
 * from that. Of a file that is named, the usual scaling is the one by which it is right most often.
 */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { trainedNetwork } from '../src/cli/trained-network.ts';
import { scalingsFor } from '../src/data/scalings.ts';
import { Instruments } from '../src/diagnosis/instruments.ts';
import { tryScalings } from '../src/diagnosis/preprocessing.ts';
import type { State } from '../src/diagnosis/subject.ts';
import { need } from '../src/errors.ts';
import { openNetwork } from '../src/importer/node/open-network.ts';
import type { Problem } from '../src/problems/problem.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { initialState } from '../src/train/initial-state.ts';
import { sgd } from '../src/train/optimisers/sgd.ts';
import { trainingGraphs } from '../src/train/training-graphs.ts';
import { faults, scalingNamed } from '../test/diagnosis/faults.ts';
import { Judge } from '../test/diagnosis/judge.ts';
import { digits, type SmallNetwork, smallNetworks, smallProblem, trainedState } from '../test/diagnosis/networks.ts';

interface Judged {
  readonly name: string;
  readonly problem: Problem;
  readonly state: State;
  readonly scaling: string;
  /** Of the first fault's layer: the others follow. */
  readonly place: number;
}

const BATCH = 32;
const { values: flags, positionals: asked } = parseArgs({
  options: { files: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const data = digits();
const counts = { found: 0, first: 0, missed: 0, falseAlarms: 0, healthy: 0 };

const isFile = (word: string): boolean => word.endsWith('.onnx');
const models = asked.filter((word) => !isFile(word));
for (const path of asked.filter(isFile)) await count(await ofFile(path));
for (const network of smallNetworks) {
  if (asked.length === 0 || models.includes(network.model)) await count(await ofModel(network));
}
console.log(JSON.stringify(counts));

async function count({ name, problem, state, scaling, place }: Judged): Promise<void> {
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  const judge = new Judge(device, problem, data, state, { scaling, batchSize: BATCH });
  const { findings } = await judge.healthy();
  const alarms = findings.filter(({ level }) => level === 'problem');
  counts.healthy += 1;
  counts.falseAlarms += alarms.length;
  console.log(`${name} healthy: ${alarms.map(({ rule, layer }) => `${rule} ${layer}`).join(', ') || 'no problem'}`);
  for (const [i, fault] of faults.entries()) {
    if (!judge.canSeed(fault, place + 5 * i)) {
      console.log(`${name} ${fault.name}: cannot be seeded, no ReLU takes what the norm gives`);
      continue;
    }
    const { isFound, isFirst, layer, diagnosis } = await judge.of(fault, place + 5 * i);
    counts[isFound ? 'found' : 'missed'] += 1;
    counts.first += isFirst ? 1 : 0;
    console.log(
      `${name} ${fault.name}${fault.isOfOneLayer === true ? ` (${layer})` : ''}: ${isFound ? 'found' : 'MISSED'}${isFirst ? ', first' : `; said: ${diagnosis.sentence}`}`,
    );
  }
  await device.close();
}

async function ofModel(network: SmallNetwork): Promise<Judged> {
  const about = { name: `${network.model} ${network.seed}`, scaling: 'mnist', place: network.seed };
  const [problem, state] = [smallProblem(network), trainedState(network)];
  if (!flags.files) return { ...about, problem, state };
  const path = join(mkdtempSync(join(tmpdir(), 'normscope-file-')), `${network.model}-${network.seed}.onnx`);
  writeFileSync(path, trainedNetwork(problem, state));
  return { ...about, ...(await networkOf(path)) };
}

async function ofFile(path: string): Promise<Judged> {
  const read = await networkOf(path);
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  const scaling = scalingNamed(scalingsFor(data), 'mnist');
  const subject = { name: path, problem: read.problem, data, scaling };
  const instruments = new Instruments(device, subject, { batchSize: BATCH });
  await instruments.write(read.state);
  const { best } = need(await tryScalings(instruments), 'a scaling');
  await device.close();
  return { name: basename(path), ...read, scaling: best.name, place: 0 };
}

async function networkOf(path: string): Promise<Pick<Judged, 'problem' | 'state'>> {
  const { network } = await openNetwork(path);
  const problem = network.problem({ input: data.shape });
  return { problem, state: initialState(trainingGraphs(problem, 2, sgd()).step, 0) };
}
