import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { Place } from './command-line.ts';
import { cellFiles, cellFolders, filesBelow, isLeftover, runFolders, smallReproduction } from './small-runs.ts';

const place = new Place();
const made = { isSynthetic: true };
/** Long enough to be stopped on the way. */
const longRun = 'run mlp --steps 1200 --batch 16 --width 0.1 --threads 1 --lr 0.01'.split(' ');

let uninterrupted: ReadonlyMap<string, string>;

beforeAll(async () => {
  const cwd = place.newFolder();
  const { code, stderr } = await place.run(cwd, longRun, made);
  if (code !== 0) throw new Error(`The run that is never stopped must end with 0, got ${code}: ${stderr}`);
  uninterrupted = cellFiles(join(cwd, 'runs'), 'records.jsonl');
});

/** The folders of attempts at cells that are not whole. */
function partials(cwd: string): readonly string[] {
  return cellFolders(join(cwd, 'runs'), 'attempt').map(([, folder]) => folder);
}

function hasCheckpoint(cwd: string): boolean {
  return partials(cwd).some((folder) => filesBelow(folder).some((path) => path.endsWith('.safetensors')));
}

describe('Ctrl-C', () => {
  it('ends a run with 130, says how to go on, and that goes on to the same bits', async () => {
    const cwd = place.newFolder();
    const named = [...longRun, '--out', 'mine'];
    const running = place.start(cwd, named, made);
    await running.said('step 1/1200');
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ending;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/^normscope: Stopped; nothing is lost: the same command with --resume added goes on where/m);
    expect(hasCheckpoint(cwd)).toBe(true);
    expect(filesBelow(cwd).filter(isLeftover)).toEqual(['mine/UNFINISHED.txt']);
    expect(readFileSync(join(cwd, 'mine', 'UNFINISHED.txt'), 'utf8')).toMatch(
      /^This run has not come to its end: Stopped;/,
    );

    expect(await place.run(cwd, [...named, '--resume'], made)).toMatchObject({ code: 0 });
    expect(partials(cwd)).toEqual([]);
    expect(readdirSync(join(cwd, 'mine'))).toContain('report.html');
    expect(cellFiles(join(cwd, 'runs'), 'records.jsonl')).toEqual(uninterrupted);
  });

  it('is one Ctrl-C though the signal comes twice at once, as `timeout` sends it', async () => {
    const cwd = place.newFolder();
    const running = place.start(cwd, longRun, made);
    await running.said('step 1/1200');
    running.process.kill('SIGTERM');
    running.process.kill('SIGTERM');
    const { code, stderr } = await running.ending;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^normscope: Stopped; nothing is lost/m);
    expect(hasCheckpoint(cwd)).toBe(true);
  });

  it('ends a diagnosis, which keeps nothing', async () => {
    const cwd = place.newFolder();
    const running = place.start(cwd, ['diagnose', '--model', 'mlp', '--data', 'synthetic'], made);
    await running.said('diagnose | compiling');
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ending;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/^normscope: Stopped; a diagnosis keeps nothing: the same command begins anew$/m);
  });

  it('leaves a valid report of claims that were not decided', async () => {
    const cwd = place.newFolder();
    const long = [...smallReproduction, '--set', 'steps=5000', '--parallel', '2', '--json'];
    const running = place.start(cwd, long, made);
    await running.said('step 1/5000');
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ending;
    expect({ code, stderr }).toMatchObject({ code: 130 });
    expect(stderr).toMatch(/^normscope: Stopped; nothing is lost: the same command goes on where this one stopped$/m);
    expect(JSON.parse(stdout).studies).toEqual([
      {
        name: 'santurkar2018/landscape',
        budget: 'quick, changed',
        notRun: expect.stringMatching(/^stopped before its cells were finished/),
      },
    ]);
    const [folder = ''] = runFolders(join(cwd, 'runs'));
    expect(readdirSync(folder)).toContain('report.html');
  });
});

it('SIGKILL loses nothing either: the same command goes on from the last checkpoint', async () => {
  const cwd = place.newFolder();
  const running = place.start(cwd, longRun, made);
  while (!hasCheckpoint(cwd)) await delay(5);
  running.process.kill('SIGKILL');
  await running.ending;
  expect(partials(cwd)).toHaveLength(1);

  expect(await place.run(cwd, longRun, made)).toMatchObject({ code: 0 });
  expect(partials(cwd)).toEqual([]);
  expect(filesBelow(cwd).filter(isLeftover)).toEqual([expect.stringMatching(/UNFINISHED\.txt$/)]);
  expect(cellFiles(join(cwd, 'runs'), 'records.jsonl')).toEqual(uninterrupted);
});

it('a run is gone on with from any folder: it remembers where its cells are', async () => {
  const cwd = place.newFolder();
  const running = place.start(cwd, [...longRun, '--out', 'mine'], made);
  while (!hasCheckpoint(cwd)) await delay(5);
  running.process.kill('SIGKILL');
  await running.ending;
  expect(readFileSync(join(cwd, 'mine', 'UNFINISHED.txt'), 'utf8')).toMatch(/its process was killed/);
  const elsewhere = join(cwd, 'elsewhere');
  mkdirSync(elsewhere);
  const { code, stderr } = await place.run(elsewhere, [...longRun, '--out', '../mine', '--resume'], made);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining('No cell of the run') });
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(cellFiles(join(cwd, 'runs'), 'records.jsonl')).toEqual(uninterrupted);
  expect(readdirSync(join(cwd, 'mine'))).not.toContain('UNFINISHED.txt');

  const lost = await place.run(elsewhere, [...longRun, '--out', '../mine', '--resume', '--runs', 'empty'], made);
  expect(lost.stderr).toMatch(/^No cell of the run in \.\.\/mine is in empty\/cells: it begins at its first step\.$/m);
});
