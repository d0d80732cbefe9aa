import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tinyPlan } from '../../../test/tiny-plan.ts';
import { openCell } from '../../records/node/cell-folder.ts';
import { record, state, train } from '../../../test/cell-maker.ts';
import type { HeldProbe } from '../../records/cell.ts';
import { Failures } from './failures.ts';
import { readPlan, writePlan } from './plan-file.ts';
import { hostsAtWork, sweepState } from './sweep-state.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'normscope-sweep-'));
  folder = mkdtempSync(join(root, 'sweep-'));
  writePlan(join(folder, 'plan.json'), tinyPlan);
});
afterEach(() => rmSync(root, { recursive: true }));

const hashes = tinyPlan.jobs.flatMap(({ cells }) => cells.map(({ hash }) => hash));
const look = () => sweepState(readPlan(folder));
const states = () => look().cells.map((cell) => cell.state);

function finish(hash = '', probes: readonly HeldProbe[] = []): void {
  const work = openCell(join(root, 'cells'), hash).begin({ config: { hash }, probes });
  work.append([record(0)]);
  work.saveCheckpoint({ step: 1, tensors: state(1), metadata: {} });
  work.finish({});
}

it('counts by what lies in the folder of cells, and keeps the tasks open that have something left', () => {
  expect([states(), look().openTasks]).toEqual([
    ['missing', 'missing', 'missing'],
    [0, 1],
  ]);
  finish(hashes[0]);
  expect([states(), look().openTasks]).toEqual([
    ['finished', 'missing', 'missing'],
    [0, 1],
  ]);
  finish(hashes[2]);
  expect([states(), look().openTasks]).toEqual([['finished', 'missing', 'finished'], [1]]);
});

it('takes a cell for finished with the probes that are asked of it, or more', () => {
  finish(hashes[1]);
  expect(states()[1]).toBe('missing');
  const [, asked = []] = tinyPlan.probes;
  finish(hashes[1], [...asked, { name: 'ray', settings: {} }]);
  expect([states()[1], look().openTasks]).toEqual(['finished', [0]]);
});

it('tells what was begun, and on which host', () => {
  const work = openCell(join(root, 'cells'), hashes[0] ?? '').begin({ config: {}, probes: [] });
  train(work, 5);
  expect(states()).toEqual(['begun', 'missing', 'missing']);
  const hosts = hostsAtWork(readPlan(folder), look());
  expect([...hosts.values()]).toEqual([1]);
  work.close();
});

it('tells what failed until it is there', () => {
  const failures = Failures.ofCells(folder);
  failures.note(hashes[1] ?? '', 'batch, lr 0.2, seed 5', new Error('the engine died'));
  expect([states(), failures.keys]).toEqual([['missing', 'failed', 'missing'], [hashes[1]]]);
  expect(failures.of(hashes[1] ?? '')).toMatchObject({ name: 'batch, lr 0.2, seed 5', message: 'the engine died' });
  finish(hashes[1], tinyPlan.probes[1]);
  expect(states()[1]).toBe('finished');
  failures.forget(hashes[1] ?? '');
  expect(failures.keys).toEqual([]);
});
