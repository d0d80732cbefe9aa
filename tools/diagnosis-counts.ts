/**
 * @file Counts what diagnoses find of faults seeded in healthy networks, and what they say of them as they are:
 * `npx tsx tools/diagnosis-counts.ts [--files] [model …]` of those of `test/diagnosis`, trained on MNIST, whose seeds took no
 * part in choosing thresholds; with --files each is written as an ONNX file first, and the network that is judged is read
 * from that. `npx tsx tools/diagnosis-counts.ts [--data WORD] [--norms put-back] FILE.onnx …` of files, fed as
 * `normscope diagnose` feeds them; default digits of MNIST.
 */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { instrumentsOfFile, openFile } from '../src/cli/diagnose/diagnosed-file.ts';
import { trainedNetwork } from '../src/cli/graph/trained-network.ts';
import { loadExamples } from '../src/data/node/load-examples.ts';
import { scalingsFor } from '../src/data/scalings.ts';
import type { State } from '../src/diagnosis/subject.ts';
import { openNetwork } from '../src/importer/node/open-network.ts';
import type { Problem } from '../src/problems/problem.ts';
import { threadlessDevice } from '../src/runtime/node/node-device.ts';
import { startOf } from '../src/train/start-of.ts';
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
  options: {
    files: { type: 'boolean', default: false },
    data: { type: 'string' },
    norms: { type: 'string', default: 'keep' },
  },
  allowPositionals: true,
});
/** Digits are what the small networks were trained on. */
const { examples: data, usual } =
  flags.data === undefined
    ? { examples: digits(), usual: scalingNamed(scalingsFor(digits()), 'mnist') }
    : await loadExamples(flags.data);
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
    const obstacle = judge.obstacle(fault, place + 5 * i);
    if (obstacle !== undefined) {
      console.log(`${name} ${fault.name}: cannot be seeded, ${obstacle}`);
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
  const device = threadlessDevice({ lowering: 'portable', threads: 1 });
  const norms = flags.norms === 'put-back' ? 'put-back' : 'keep';
  const fitting = { examples: data, usual, batchSize: BATCH };
  const { instruments, state } = await instrumentsOfFile(device, await openFile(path, {}), { norms }, fitting);
  await device.close();
  const { problem, scaling } = instruments.subject;
  return { name: basename(path), problem, state, scaling: scaling.name, place: 0 };
}

async function networkOf(path: string): Promise<Pick<Judged, 'problem' | 'state'>> {
  const { network } = await openNetwork(path);
  const problem = network.problem({ input: data.shape });
  return { problem, state: startOf(problem) };
}
