/**
 * @file A study's own code is in the names of its own cells and of no other's: done for real, on a copy of the sources in
 * which one file after another is changed.
 */

import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { need } from '../../src/errors.ts';
import { findStudy, studies } from '../../src/studies/index.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Run in the copy: prints the names of all cells, by study, and which studies see a change of any file, by folder. */
const script = `
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cellHash } from './src/cells/job.ts';
import { circumstancesOf, hashModules } from './src/cells/node/versions.ts';
import { studies } from './src/studies/index.ts';

const circumstances = circumstancesOf({ lowering: 'portable', threads: 1 }, (name) => name);
const plans = studies.map((study) => {
  const { protocol } = study.plan({ budget: 'quick' });
  // What treats residual branches needs some.
  const model = study.tags.includes('accuracy') ? 'resnet20' : 'mlp';
  const small = { models: model, model, batchSize: '8' };
  // Where some of the models are compared, they come together.
  const isSet = (key) => key in protocol && !(key === 'model' && 'models' in protocol) && !(key === 'models' && 'compared' in protocol);
  const own = Object.entries(small).filter(([key]) => isSet(key));
  const set = study.dataset === undefined ? {} : Object.fromEntries(own);
  return [study.name, study.plan({ budget: 'quick', set }).jobs.flatMap(({ cells }) => cells)];
});
const cells = Object.fromEntries(
  plans.map(([name, planned]) => [name, planned.map((cell) => cellHash(cell, circumstances))]),
);
/** The modules that the cells of a study name, each once. */
const modulesOf = (planned) => {
  const named = new Set();
  const code = (module) => (module === undefined ? '' : (named.add(module), module));
  planned.forEach((cell) => cell.config({ ...circumstances, code }));
  return [...named];
};
const modules = plans.flatMap(([name, planned]) => modulesOf(planned).map((module) => [name, module]));
const hashes = () => modules.map(([, code]) => hashModules(code));
const seenBy = {};
if (process.argv.includes('--folders')) {
  const before = hashes();
  for (const entry of readdirSync('src/studies', { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const files = readdirSync('src/studies/' + entry.name, { recursive: true })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => 'src/studies/' + entry.name + '/' + file);
    const texts = files.map((file) => readFileSync(file));
    files.forEach((file) => appendFileSync(file, '// changed\\n'));
    const after = hashes();
    seenBy[entry.name] = modules.flatMap(([name], i) => (after[i] === before[i] ? [] : [name]));
    files.forEach((file, i) => writeFileSync(file, texts[i]));
  }
}
const folders = Object.fromEntries(modules.map(([name, code]) => [name, code.split('/').at(-2)]));
console.log(JSON.stringify({ cells, folders, seenBy }));
`;

interface Printed {
  readonly cells: Readonly<Record<string, readonly string[]>>;
  /** Of each study that measures: where it is written. */
  readonly folders: Readonly<Record<string, string>>;
  readonly seenBy: Readonly<Record<string, readonly string[]>>;
}

/** Folders that studies share by design, with those that do. */
const shared: Readonly<Record<string, readonly string[]>> = {
  'batch-norm-by-hand': ['ioffe2015/backward'],
  'santurkar2018-theorems': [
    'santurkar2018/observation-4-3',
    'santurkar2018/theorem-4-1',
    'santurkar2018/theorem-4-2',
    'santurkar2018/theorem-4-4',
    'santurkar2018/theorem-c-1',
    'santurkar2018/lemma-4-5',
  ],
};

/** Those of VGG on CIFAR-10 share what they train. */
function trainsVgg(name: string): boolean {
  return findStudy(name).tags.includes('vgg');
}

/** So do those that compare accuracies of ResNets. */
function comparesAccuracies(name: string): boolean {
  return findStudy(name).tags.includes('accuracy');
}

/** So do those that look at a ResNet before it has learnt anything; one of them takes further steps, on smaller batches. */
const startStudies: readonly string[] = [
  'bjorck2018/moments-over-depth',
  'bjorck2018/class-gradients',
  'bjorck2018/cancelling-sums',
  'bjorck2018/gradient-tails',
  'bjorck2018/diverging-update',
];

/** How many trainings of six seeds with and six without batch norm, at rate 0.1, those of VGG have that have not all. */
const sharedTrainings: Readonly<Record<string, number>> = {
  // One arm of two is the standard network.
  'santurkar2018/noise-alone': 6,
  // At another rate.
  'santurkar2018/shift-small-rate': 0,
};

let root: string;
let before: Printed;
async function look(...options: readonly string[]): Promise<Printed> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, 'look.ts', ...options], {
    cwd: root,
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout) as Printed;
}

/** The studies of which any cell has another name than before where some files are other ones. */
async function changedBy(...paths: readonly string[]): Promise<readonly string[]> {
  const texts = paths.map((path) => readFileSync(join(root, path)));
  for (const path of paths) appendFileSync(join(root, path), '\nexport const another = 1;\n');
  const { cells } = await look();
  for (const [i, path] of paths.entries()) writeFileSync(join(root, path), need(texts[i], 'a text'));
  return Object.keys(cells).filter((name) => JSON.stringify(cells[name]) !== JSON.stringify(before.cells[name]));
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'normscope-sources-'));
  for (const path of ['src', 'package.json', 'tsconfig.json']) {
    cpSync(join(project, path), join(root, path), { recursive: true, filter: (from) => !from.endsWith('.test.ts') });
  }
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'), 'junction');
  writeFileSync(join(root, 'look.ts'), script);
  before = await look('--folders');
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the code of studies', () => {
  // That names are the same in another process, the studies show below that no change touches.
  it('gives each cell a name of its own', () => {
    const { cells } = before;
    expect(Object.keys(cells)).toEqual(studies.map(({ name }) => name));
    const all = Object.entries(cells).flatMap(([name, own]) =>
      trainsVgg(name) || comparesAccuracies(name) || startStudies.includes(name) ? [] : own,
    );
    expect(all.length).toBeGreaterThan(studies.length);
    expect(new Set(all).size).toBe(all.length);
  });

  it('gives one name to a training that several studies ask for', () => {
    const { cells } = before;
    const trainings = need(cells['santurkar2018/faster'], 'cells');
    const shared = (name: string) => trainings.filter((cell) => cells[name]?.includes(cell) === true);
    const expected = (name: string) => sharedTrainings[name] ?? trainings.length;
    const sharing = studies.map((study) => study.name).filter(trainsVgg);
    expect(sharing.map((name) => [name, shared(name).length])).toEqual(sharing.map((name) => [name, expected(name)]));
    expect(cells['santurkar2018/shift']).toEqual(trainings);
    for (const name of startStudies) expect(cells[name], name).toEqual(cells[startStudies[0] ?? '']);
    // Six seeds of two arms each that a study has in common with the one of three arms.
    const rates = need(cells['bjorck2018/learning-rate'], 'cells');
    const common = studies.map(({ name }) => name).filter(comparesAccuracies);
    expect(common.map((name) => [name, rates.filter((cell) => cells[name]?.includes(cell) === true).length])).toEqual([
      ['bjorck2018/learning-rate', 18],
      ['bjorck2018/last-layer', 12],
      ['de2020/skip-init', 12],
    ]);
  });

  it('reaches into no folder of another study, but for those that are shared', () => {
    const expected = Object.keys(before.seenBy).map((folder) => {
      const own = Object.keys(before.folders).filter((name) => before.folders[name] === folder);
      return [folder, shared[folder] ?? own];
    });
    expect(before.seenBy).toEqual(Object.fromEntries(expected));
    // Every study that measures has been looked at.
    const measuring = studies.filter(({ tags }) => tags.includes('exact')).map(({ name }) => name);
    expect(Object.keys(before.folders)).toEqual(measuring);
    expect([...new Set(Object.values(before.seenBy).flat())].toSorted()).toEqual(measuring.toSorted());
  });

  it('renames the cells of the studies that are changed alone, and none where what draws them is', async () => {
    const [alone, together] = [
      'src/studies/cai2019-least-squares/theory.ts',
      'src/studies/santurkar2018-theorems/unit.ts',
    ];
    const changed = await changedBy(alone, together, 'src/report/report.ts');
    expect(changed).toEqual(['cai2019/least-squares', ...(shared['santurkar2018-theorems'] ?? [])]);
  }, 120_000);

  it('renames all where what computes them is changed', async () => {
    expect(await changedBy('src/math/random.ts')).toEqual(studies.map(({ name }) => name));
  }, 120_000);
});
