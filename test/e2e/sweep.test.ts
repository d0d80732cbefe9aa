/** @file A sweep as its users run it on one machine: planned, done in tasks, stopped, gone on with, decided elsewhere. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Place } from './command-line.ts';
import { cellFiles, cellFolders, smallReproduction } from './small-runs.ts';

const place = new Place();
const made = { isSynthetic: true };
const words = (text: string): readonly string[] => text.split(' ');
/** Four trainings, in as many tasks where each is worth one. */
const sweep = words('sweep mlp --lr 0.01,0.02 --norm none,batch --steps 300 --batch 16 --width 0.1');

/** How verbs of a sweep end, and the records of one training that is no part of it, by its cell: all of one process. */
async function after(cwd: string, verbs: readonly string[], training: string) {
  const alone = place.newFolder();
  const run = `run mlp --batch 16 --width 0.1 --threads 1 ${training}`;
  const calls = verbs.map((verb) => ({ cwd, args: [verb, 'grid'] }));
  const endings = await place.runEach([...calls, { cwd: alone, args: words(run) }], made);
  expect(endings.at(-1)).toMatchObject({ code: 0 });
  return { said: endings.map(({ stdout }) => stdout), records: cellFiles(join(alone, 'runs'), 'records.jsonl') };
}

describe('a sweep of trainings', () => {
  it('makes the very cells of run in tasks of several workers, and leaves nothing for submit', async () => {
    const cwd = place.newFolder();
    const tasks = ['--out', 'grid', '--lr', '0.02', '--workers', '2', '--task-minutes', '1e-9'];
    const { code, stdout, stderr } = await place.run(cwd, [...sweep, ...tasks], made);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^cells +2, of which 0 are finished\ntasks +[12], /);
    const cells = cellFiles(join(cwd, 'runs'), 'records.jsonl');
    expect(cells.size).toBe(2);
    const before = readdirSync(join(cwd, 'grid', 'logs'));
    const { said, records } = await after(cwd, ['status', 'submit'], '--steps 300 --lr 0.02 --norm batch');
    const [[hash = '', alone] = []] = records;
    expect(cells.get(hash)).toBe(alone);
    expect(said[0]).toMatch(/^finished +2 of 2 cells\nbegun +0\nfailed +0\nmissing +0\ntasks +0 of [12] have/);
    expect(said[1]).toMatch(/^Every cell is finished: nothing was submitted/);
    expect(readdirSync(join(cwd, 'grid', 'logs'))).toEqual(before);
  });

  it('stopped in the middle, is gone on with from its checkpoints to the same bits', async () => {
    const cwd = place.newFolder();
    const long = [...sweep, '--steps', '600', '--lr', '0.01', '--norm', 'none', '--out', 'grid'];
    const running = place.start(cwd, long, made);
    await running.said('0/1 cell | 0 tasks waiting');
    const log = join(cwd, 'grid', 'logs', 'task-0.log');
    await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('step 1/600'));
    running.process.kill('SIGINT');
    const { code, stderr } = await running.ending;
    expect(code).toBe(130);
    expect(stderr).toMatch(/normscope: Stopped; /);
    expect(cellFolders(join(cwd, 'runs'), 'attempt')).toHaveLength(1);
    const { said, records } = await after(cwd, ['status', 'submit'], '--steps 600 --lr 0.01 --norm none');
    expect(said[0]).toMatch(/begun +1, on \S+ \(1\)\n.*\n.*\ntasks +1 of 1 have.*\n\n.*normscope submit/s);
    expect(said[1]).toMatch(/^All 1 training finished/);
    expect(cellFiles(join(cwd, 'runs'), 'records.jsonl')).toEqual(records);
  });

  it('planned and not submitted leaves nothing', async () => {
    const cwd = place.newFolder();
    const { code, stdout } = await place.run(
      cwd,
      [...sweep, '--dry-run', '--json', '--workers', '99', '--task-minutes', '1e-9'],
      made,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ cells: 4, missing: 4, tasks: 4, workers: 99, parallel: 1 });
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('a sweep of claims', () => {
  it('is decided by reproduce --plan on a machine that would choose another lowering', async () => {
    const cwd = place.newFolder();
    const plan = words('--lowering reference --out claims');
    expect(await place.run(cwd, ['sweep', ...smallReproduction.slice(1), ...plan], made)).toMatchObject({ code: 0 });
    const before = cellFiles(join(cwd, 'runs'), 'attempt.json');
    expect(before.size).toBe(6);
    // Here `auto` is portable or faster; so nothing would be found without the plan.
    const { code, stdout, stderr } = await place.run(cwd, words('reproduce --plan claims --out decided'), made);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/landscape/);
    expect(cellFiles(join(cwd, 'runs'), 'attempt.json')).toEqual(before);
    expect(JSON.parse(readFileSync(join(cwd, 'decided', 'manifest.json'), 'utf8'))).toMatchObject({
      device: { threads: 1, lowering: 'reference', convolution: 'direct' },
    });
  });
});

describe('what cannot be', () => {
  it('is refused before anything is begun', async () => {
    const cwd = place.newFolder();
    const refusals: readonly (readonly [string, RegExp])[] = [
      ['sweep mlp vgg11', /A sweep trains one network, got mlp vgg11/],
      ['sweep mlp --budget quick', /--budget is of claims, and mlp is a network/],
      ['sweep ioffe2015/scale --lr 0.1,0.2', /--lr is of trainings of a network, and ioffe2015\/scale are claims/],
      ['sweep ioffe2015/mnist --seeds 2', /--seeds must be 3 or more for claims, got 2/],
      ['sweep mlp --norm batch,bach', /Unknown norm/],
      ['sweep mlp --on there', /It must be slurm, here or ssh:FILE/],
      ['sweep mlp --on ssh:none.txt', /Cannot read the hosts in .*none\.txt: there is no such file/],
      ['sweep mlp --task-minutes 0', /--task-minutes must be above 0, got 0/],
      ['worker nowhere --task 0', /Cannot read the plan nowhere: there is none/],
      ['status nowhere', /Cannot read the plan nowhere/],
      ['submit nowhere', /Cannot read the plan nowhere/],
      ['reproduce --plan nowhere', /Cannot read the plan nowhere/],
    ];
    const calls = refusals.map(([line]) => ({ cwd, args: words(line) }));
    const endings = await place.runEach(calls, made);
    for (const [i, [line, message]] of refusals.entries()) {
      const { code, stdout, stderr } = endings[i] ?? { code: 0, stdout: 'nothing', stderr: '' };
      expect([code === 0, stdout], line).toEqual([false, '']);
      expect(stderr.replaceAll(/\s+/g, ' '), line).toMatch(message);
    }
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('a worker makes nothing where code, data or the plan differ, and says what', async () => {
    const cwd = place.newFolder();
    expect(await place.run(cwd, [...sweep, '--out', 'grid', '--steps', '2'], made)).toMatchObject({ code: 0 });
    const text = readFileSync(join(cwd, 'grid', 'plan.json'), 'utf8');
    const before = cellFiles(join(cwd, 'runs'), 'attempt.json');
    // Copies of the plan, each changed in one place, beside it: the cells are found from there.
    const changes: readonly (readonly [string, string, string?])[] = [
      ['code', text.replace(/"code": "\w+/, '"code": "abcdefabcdefabcdefabcdefabcdefabcd')],
      ['data', text.replace('synthetic mnist', 'other mnist')],
      ['cells', text.replaceAll(/"hash":"\w{4}/g, '"hash":"0000')],
      ['grid', text, '6'],
      ['grid', text],
    ];
    for (const [name, changed] of changes) {
      mkdirSync(join(cwd, name), { recursive: true });
      writeFileSync(join(cwd, name, 'plan.json'), changed);
    }
    const calls = changes.map(([name, , task = '0']) => ({ cwd, args: ['worker', name, '--task', task] }));
    const endings = await place.runEach(calls, made);
    expect(endings.map(({ code, stderr }) => [code, stderr.replaceAll(/\s+/g, ' ')])).toEqual([
      [
        2,
        expect.stringMatching(/the code of normscope is \w{12} here and abcdefabcdef in the plan; install normscope/),
      ],
      [2, expect.stringContaining('the checksum of mnist is synthetic mnist here and other mnist in the plan')],
      [2, expect.stringMatching(/Cell .* must be 0000\w+, as planned, got \w+ here/)],
      [2, expect.stringContaining('has tasks 0 to 0, got 6')],
      [0, ''],
    ]);
    expect(cellFiles(join(cwd, 'runs'), 'attempt.json')).toEqual(before);
  });
});

/** Waits for what another process does; the test's own limit is the guard. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(50);
}
