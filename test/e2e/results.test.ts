import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { need } from '../../src/errors.ts';
import { allLowerings } from '../../src/runtime/lowering-choice.ts';
import { runnableLowerings, usualLowering } from '../../src/testing/usual-lowering.ts';
import { type Call, type Ending, patience, Place } from './command-line.ts';
import { filesBelow, isLeftover, runFolders, smallMeasurement, smallReproduction, smallRun } from './small-runs.ts';

const place = new Place();
const made = { isSynthetic: true };

/** Derived from the request and the cells alone, so the same whenever the cells are the same. */
const derived = ['config.json', 'metrics.parquet'] as const;

function inNewFolder(command: string): Call {
  return { cwd: place.newFolder(), args: command.split(' ') };
}

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'latin1');
}

/**
 * What of a report is the same when the cells are found again: all but when it was written, how long it took, and where
 * data came from that were not loaded again.
 */
function lasting(report: string): string {
  return report
    .replaceAll(/(mnist|cifar10): [^<]*/g, '')
    .replace(/<time .*?<\/time>/, '')
    .replace(/<p class="small">(Took [^<]* on )?<a href="#machine">[^<]*<\/a>/g, '');
}

describe.each([
  ['run', smallRun, 1, ['accuracy', 'loss']],
  ['reproduce', smallReproduction, 6, ['landscape-beta-lr0.1', 'landscape-loss-lr0.1']],
  ['reproduce, without data,', smallMeasurement, 1, []],
] as const)('%s', (_, args, cells, figures) => {
  const cwd = place.newFolder();
  const runs = join(cwd, 'runs');

  it('leaves a folder with everything that was measured, and nothing else', async () => {
    const { code, stdout, stderr } = await place.run(cwd, args, made);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/ step 1\/\d+/);
    expect(filesBelow(runs).filter(isLeftover)).toEqual([]);

    const [folder = ''] = runFolders(runs);
    const files = filesBelow(folder);
    expect(files.filter((path) => !path.startsWith('figures/'))).toEqual(
      [...derived, 'log.jsonl', 'manifest.json', 'place.json', 'report.html'].toSorted(),
    );
    expect(files).toEqual(expect.arrayContaining(figures.map((name) => `figures/${name}.svg`)));
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`Report: runs${folder.slice(runs.length)}/report.html`);
    expect(read(folder, 'report.html')).toMatch(/^<!doctype html>/i);
    expect(read(folder, 'metrics.parquet')).toMatch(/^PAR1.*PAR1$/s);
    const manifest = JSON.parse(read(folder, 'manifest.json'));
    expect(manifest.cells).toHaveLength(cells);
    expect(manifest.device).toMatchObject(usualLowering);
    expect(manifest.selfCheck).toEqual({ ...usualLowering, passed: true, error: expect.any(Number) });
    const events = read(folder, 'log.jsonl').trimEnd().split('\n');
    expect(events.map((line) => JSON.parse(line).event)).toEqual(['begin', 'finished']);
  });

  it('finds its cells the second time, also by the command in its report, trains nothing and says the same', async () => {
    const [report = ''] = runFolders(runs);
    const [, command = ''] = /<code>normscope (.*?)<\/code>/.exec(read(report, 'report.html')) ?? [];
    const calls = [[...args, '--json'], command.split(' ')].map((words) => ({ cwd, args: words }));
    const endings = await place.runEach(calls, made);
    expect(endings).toMatchObject([{ code: 0 }, { code: 0 }]);
    for (const { stderr } of endings) expect(stderr).not.toMatch(/ step \d/);
    const [first = '', second = '', third = ''] = runFolders(runs);
    expect(read(third, 'config.json')).toBe(read(first, 'config.json'));
    const answer = JSON.parse(endings[0]?.stdout ?? '');
    expect(join(cwd, answer.folder)).toBe(second);
    expect(join(cwd, answer.report)).toBe(join(second, 'report.html'));
    expect(lasting(read(second, 'report.html'))).toBe(lasting(read(first, 'report.html')));
    const [before, after] = [first, second].map((folder) => derived.map((name) => [name, read(folder, name)]));
    expect(after).toEqual(before);
  });

  it('writes the same again from its cells, and other formats where asked', async () => {
    const [folder = ''] = runFolders(runs);
    const before = filesBelow(folder).map((name) => [name, read(folder, name)]);
    const formats = ['--format', 'parquet,json,events'];
    const { code, stderr } = await place.run(cwd, ['report', join(folder, 'report.html'), ...formats]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const others = ['metrics.json', 'events.out.tfevents.0.normscope'];
    expect(new Set(filesBelow(folder))).toEqual(new Set([...before.map(([name]) => name), ...others]));
    expect(before.map(([name = '']) => [name, read(folder, name)])).toEqual(before);
    for (const name of others) rmSync(join(folder, name));
  });
});

it('--out names the folder; one that holds a run is refused, and taken up again when asked to', async () => {
  const cwd = place.newFolder();
  const out = [...smallRun, '--out', 'mine'];
  const { code, stdout, stderr } = await place.run(cwd, [...out, '--json'], made);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  // Progress is told on standard error even where the answer is JSON.
  expect(JSON.parse(stdout)).toMatchObject({ sentence: expect.stringMatching(/^Test accuracy .* after 120 steps/) });
  expect(stderr).toMatch(/^\d+ % \| mlp step 1\/120 \| loss \d/m);
  const before = filesBelow(join(cwd, 'mine'));
  expect(before).toContain('report.html');

  const calls = [out, [...out, '--lr', '0.2', '--resume']].map((args) => ({ cwd, args }));
  const [again, other] = await place.runEach(calls, made);
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again?.stderr).toMatch(/Cannot write a new run into mine: it holds this very run; add --resume to go on/);
  expect(other).toMatchObject({ code: 1, stdout: '' });
  expect(other?.stderr).toMatch(/mine: it holds a run of another config; choose another folder/);
  expect(filesBelow(join(cwd, 'mine'))).toEqual(before);

  expect(await place.run(cwd, [...out, '--resume'], made)).toMatchObject({ code: 0 });
  expect(filesBelow(join(cwd, 'mine'))).toEqual(before);
});

it('--format names the files of records', async () => {
  const cwd = place.newFolder();
  expect(await place.run(cwd, [...smallMeasurement, '--format', 'json,events'], made)).toMatchObject({ code: 0 });
  const [folder = ''] = runFolders(join(cwd, 'runs'));
  const files = filesBelow(folder);
  expect(files).toEqual(expect.arrayContaining(['metrics.json', 'events.out.tfevents.0.normscope']));
  expect(files).not.toContain('metrics.parquet');
});

it('--dry-run says what would run, and writes nothing', async () => {
  const cwd = place.newFolder();
  const { code, stdout } = await place.run(cwd, [...smallReproduction, '--dry-run'], made);
  expect(code).toBe(0);
  expect(stdout).toMatch(/budget quick, changed: 6 cells, 0 finished already/);
  expect(stdout).toMatch(/^ {2}batch, rate 0\.1, seed 2 {5}to run$/m);
  expect(stdout).toMatch(/^About .* on this machine, .* on disk\.$/m);
  expect(filesBelow(cwd)).toEqual([]);
});

it('--dry-run says of many studies how long each takes, and all of them', async () => {
  const { code, stdout } = await place.run(place.newFolder(), ['reproduce', '--tag', 'exact', '--dry-run']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ioffe2015\/scale +1 cell +about 1 s$/m);
  expect(stdout).toMatch(/\n\d+ claims, budget quick: \d+ cells, 0 finished already\nAbout .* in all\.\n$/);
});

it('claims fits into 80 columns, and says more about those that are named', async () => {
  const calls = ['claims', 'claims santurkar2018/landscape', 'claims santurkar2018/landscap'].map(inNewFolder);
  const [all, named, unknown] = await place.runEach(calls);
  const list = all?.stdout ?? '';
  expect(list.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(list).toMatch(/^No data needed \(\d+\)\n\n {2}\S+: .*\n\nTrained on data \(\d+\)\n/s);
  expect(list.match(/^ {4}a write-up misstates this: /gm)?.length).toBeGreaterThan(2);
  expect(list).toMatch(/^tags: [^:]*\bexact\b/m);
  expect(list).toMatch(/^tags: [^\n]+\n[a-z][^\n]+\n[a-z]/m);

  const stdout = named?.stdout ?? '';
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  for (const word of ['claim', 'source', 'tags', 'data', 'rule', 'protocol', 'command', 'misstated', 'shown in']) {
    expect(stdout).toMatch(new RegExp(`^ {2}${word} +\\S`, 'm'));
  }
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown?.stderr).toContain("did you mean 'santurkar2018/landscape'?");
});

describe('--json', () => {
  const answers: readonly (readonly [command: string, answer: unknown])[] = [
    ['claims', expect.arrayContaining([expect.objectContaining({ name: 'santurkar2018/landscape' })])],
    [
      'data',
      expect.objectContaining({ datasets: expect.arrayContaining([expect.objectContaining({ name: 'mnist' })]) }),
    ],
    ['data mnist', [expect.objectContaining({ name: 'mnist', train: 400, test: 400, shape: [1, 28, 28] })]],
    ['graph mlp --width 0.1', expect.objectContaining({ name: 'mlp', nodes: expect.any(Array) })],
    ['graph mlp --width 0.1 --training --out step.onnx', { out: 'step.onnx', operations: expect.any(Number) }],
    [`${smallReproduction.join(' ')} --dry-run`, [expect.objectContaining({ missing: 6, budget: 'quick, changed' })]],
  ];
  let endings: readonly Ending[];
  beforeAll(async () => {
    const calls = answers.map(([command]) => inNewFolder(`${command} --json`));
    endings = await place.runEach(calls, made);
  }, patience);

  it.each(answers.map(([command, answer], i) => [command, answer, i] as const))(
    '%s prints one JSON value',
    (_, answer, i) => {
      const { code, stdout } = need(endings[i], 'an ending');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual(answer);
    },
  );
});

it('doctor --json holds every lowering to float64, and says which a run takes', async () => {
  const { code, stdout } = await place.run(place.newFolder(), ['doctor', '--json']);
  expect(code).toBe(0);
  const { lowerings, taken, machine } = JSON.parse(stdout);
  const number = expect.any(Number);
  expect(lowerings).toEqual(
    allLowerings.map((settings) => {
      const passed = runnableLowerings.some(({ lowering }) => lowering === settings.lowering);
      // There is no number for what does not run.
      return { ...settings, passed, error: passed ? number : null };
    }),
  );
  expect(taken).toEqual(usualLowering);
  expect(machine).toMatchObject({ node: process.versions.node, cores: expect.any(Number) });
});

it('says one step of one step', async () => {
  const one = 'run mlp --steps 1 --batch 4 --width 0.1 --threads 1 --lr 0.01'.split(' ');
  const { code, stdout } = await place.run(place.newFolder(), one, made);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^Test accuracy \S+ % after 1 step\.\n/) });
});
