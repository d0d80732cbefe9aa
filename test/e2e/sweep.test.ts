/** @file A sweep as its users run it on one machine: planned, done in tasks, stopped, gone on with, decided elsewhere. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/** The records of one training that is no part of a sweep, by its cell. */
async function alone(options: string): Promise<ReadonlyMap<string, string>> {
  const cwd = place.newFolder();
  const run = `run mlp --batch 16 --width 0.1 --threads 1 ${options}`;
  expect(await place.run(cwd, words(run), made)).toMatchObject({ code: 0 });
  return cellFiles(join(cwd, 'runs'), 'records.jsonl');
}

describe('a sweep of trainings', () => {
  it('makes the very cells of run in tasks of several workers, and leaves nothing for submit', async () => {
    const cwd = place.newFolder();
    const tasks = ['--out', 'grid', '--workers', '2', '--task-minutes', '1e-9'];
    const { code, stdout, stderr } = await place.run(cwd, [...sweep, ...tasks], made);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^cells +4, of which 0 are finished\ntasks +[234], /);
    const cells = cellFiles(join(cwd, 'runs'), 'records.jsonl');
    expect(cells.size).toBe(4);
    const [[hash = '', records] = []] = await alone('--steps 300 --lr 0.02 --norm batch');
    expect(cells.get(hash)).toBe(records);

    const status = await place.run(cwd, words('status grid'), made);
    expect(status.stdout).toMatch(/^finished +4 of 4 cells\nbegun +0\nfailed +0\nmissing +0\ntasks +0 of [234] have/);
    const before = readdirSync(join(cwd, 'grid', 'logs'));
    const again = await place.run(cwd, words('submit grid'), made);
    expect(again.stdout).toMatch(/^Every cell is finished: nothing was submitted/);
    expect(readdirSync(join(cwd, 'grid', 'logs'))).toEqual(before);
  });

  it('stopped in the middle, is gone on with from its checkpoints to the same bits', async () => {
    const cwd = place.newFolder();
    const long = [...sweep, '--steps', '1200', '--lr', '0.01', '--norm', 'none', '--out', 'grid'];
    const running = place.start(cwd, long, made);
    await running.said('0/1 cell | 0 tasks waiting');
    const log = join(cwd, 'grid', 'logs', 'task-0.log');
    await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('step 1/1200'));
    running.process.kill('SIGINT');
    const { code, stderr } = await running.ending;
    expect(code).toBe(130);
    expect(stderr).toMatch(/normscope: Stopped; /);
    expect(cellFolders(join(cwd, 'runs'), 'attempt')).toHaveLength(1);
    const status = await place.run(cwd, words('status grid'), made);
    expect(status.stdout).toMatch(/begun +1, on \S+ \(1\)\n.*\n.*\ntasks +1 of 1 have.*\n\n.*normscope submit/s);

    expect(await place.run(cwd, words('submit grid'), made)).toMatchObject({ code: 0 });
    expect(cellFiles(join(cwd, 'runs'), 'records.jsonl')).toEqual(await alone('--steps 1200 --lr 0.01 --norm none'));
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
  const cwd = place.newFolder();

  it.each<[string, RegExp]>([
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
  ])('%s is refused', async (line, message) => {
    const { code, stdout, stderr } = await place.run(cwd, words(line), made);
    expect([code === 0, stdout]).toEqual([false, '']);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(message);
  });

  it('a worker makes nothing where code, data or the plan differ, and says what', async () => {
    const sweeps = place.newFolder();
    expect(await place.run(sweeps, [...sweep, '--out', 'grid', '--steps', '2'], made)).toMatchObject({ code: 0 });
    const path = join(sweeps, 'grid', 'plan.json');
    const text = readFileSync(path, 'utf8');
    const outcome = async (changed: string, task = '0') => {
      writeFileSync(path, changed);
      const { code, stderr } = await place.run(sweeps, ['worker', 'grid', '--task', task], made);
      return [code, stderr.replaceAll(/\s+/g, ' ')] as const;
    };
    expect(await outcome(text.replace(/"code": "\w+/, '"code": "abcdefabcdefabcdefabcdefabcdefabcd'))).toEqual([
      2,
      expect.stringMatching(/the code of normscope is \w{12} here and abcdefabcdef in the plan; install normscope/),
    ]);
    expect(await outcome(text.replace('synthetic mnist', 'other mnist'))).toEqual([
      2,
      expect.stringContaining('the checksum of mnist is synthetic mnist here and other mnist in the plan'),
    ]);
    expect(await outcome(text.replaceAll(/"hash":"\w{4}/g, '"hash":"0000'))).toEqual([
      2,
      expect.stringMatching(/Cell .* must be 0000\w+, as planned, got \w+ here/),
    ]);
    expect(await outcome(text, '6')).toEqual([2, expect.stringContaining('has tasks 0 to 0, got 6')]);
    expect(await outcome(text)).toEqual([0, '']);
  });
});

/** Waits for what another process does; the test's own limit is the guard. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(50);
}
