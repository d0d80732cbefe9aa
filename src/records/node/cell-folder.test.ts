import fs from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  config,
  contents,
  finishIn,
  hash,
  kindsIn,
  moments,
  ray,
  record,
  state,
  train,
  wholeFolderIn,
} from '../../../test/cell-maker.ts';
import { StorageError } from '../../errors.ts';
import type { HeldProbe } from '../cell.ts';
import { openCell } from './cell-folder.ts';
import { CellPublished, type CellWork } from './attempt.ts';

let root: string;
beforeEach(() => {
  root = join(fs.mkdtempSync(join(tmpdir(), 'normscope-cell-')), 'cells');
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(join(root, '..'), { recursive: true, force: true });
});

const finish = (probes?: readonly HeldProbe[]): void => finishIn(root, probes);
const wholeFolder = (): string => wholeFolderIn(root);
const kinds = (): readonly string[] => kindsIn(root);

describe('openCell()', () => {
  it('goes from absent to partial to finished', () => {
    const cell = openCell(root, hash);
    expect(cell.state()).toBe('absent');
    expect(cell.maybeFinished()).toBeUndefined();
    const work = cell.begin({ config, probes: [moments] });
    expect(cell.state()).toBe('partial');
    train(work, 5);
    work.saveCheckpoint({ step: 5, tensors: state(5), metadata: { note: 'end' } });
    expect(cell.state()).toBe('partial');
    work.finish({ loss: 0.25 });
    expect(cell.state()).toBe('finished');
    const finished = cell.maybeFinished();
    expect(finished).toMatchObject({ hash, config, probes: [moments], summary: { loss: 0.25 } });
    expect(finished?.folder.startsWith(join(root, hash, 'generation-'))).toBe(true);
    expect(finished?.records()).toEqual([0, 1, 2, 3, 4].map(record));
    expect(finished?.checkpoint()).toMatchObject({ step: 5, tensors: state(5), metadata: { note: 'end' } });
    expect(kinds()).toEqual(['generation']);
  });

  it('holds the probes that it was run with, by name and settings', () => {
    finish([moments, ray]);
    const finished = openCell(root, hash).maybeFinished();
    expect(finished?.holds([])).toBe(true);
    expect(finished?.holds([{ name: 'ray', settings: { at: [0.5, 1], every: 5 } }])).toBe(true);
    expect(finished?.holds([{ name: 'ray', settings: { at: [0.5], every: 5 } }])).toBe(false);
    expect(finished?.holds([moments, { name: 'hessian', settings: {} }])).toBe(false);
  });

  it('keeps the newest two checkpoints while it runs and the last when it is whole', () => {
    const work = openCell(root, hash).begin({ config, probes: [] });
    const names = (folder: string): string[] => fs.readdirSync(join(folder, 'checkpoints')).sort();
    train(work, 13);
    expect(names(work.folder)).toEqual(['step-12.safetensors', 'step-9.safetensors']);
    work.finish({});
    expect(names(wholeFolder())).toEqual(['step-12.safetensors']);
  });

  it('is not finished when its records or its description were cut, and is made anew in their place', () => {
    finish();
    const records = join(wholeFolder(), 'records.jsonl');
    fs.truncateSync(records, fs.statSync(records).size - 1);
    expect(openCell(root, hash).state()).toBe('absent');
    finish();
    fs.truncateSync(join(wholeFolder(), 'cell.json'), 20);
    expect(openCell(root, hash).state()).toBe('absent');
    finish();
    expect(openCell(root, hash).state()).toBe('finished');
    expect(kinds()).toEqual(['generation']);
  });

  it('says of every attempt on what machine it was made', () => {
    finish();
    const maker = JSON.parse(fs.readFileSync(join(wholeFolder(), 'attempt.json'), 'utf8'));
    expect(maker).toMatchObject({ host: hostname(), pid: process.pid, node: process.versions.node, resumed: [] });
    expect(maker.processor).not.toBe('');
    expect(maker.instructions).toMatch(/^[a-z0-9_]+$/);
  });

  it('refuses a hash that is not one', () => {
    for (const name of ['', '../escape', 'ABCDEF01', 'abc']) expect(() => openCell(root, name)).toThrow(StorageError);
  });
});

describe('begin()', () => {
  it('resumes a stopped cell to the bytes of one never stopped', () => {
    finish();
    const whole = contents(wholeFolder());
    for (const stop of [1, 3, 4, 7, 10]) {
      fs.rmSync(root, { recursive: true });
      const first = openCell(root, hash).begin({ config, probes: [moments] });
      train(first, stop);
      first.close();
      const work = openCell(root, hash).begin({ config, probes: [moments] });
      expect(work.resumeFrom?.step, `stopped at ${stop}`).toBe(stop > 3 ? Math.floor((stop - 1) / 3) * 3 : undefined);
      // What was stopped on purpose is taken over, and not copied.
      expect(kinds()).toEqual(['attempt']);
      train(work, 11);
      work.saveCheckpoint({ step: 11, tensors: state(11), metadata: {} });
      work.finish({ loss: Number.NaN });
      expect(contents(wholeFolder()), `stopped at ${stop}`).toEqual(whole);
    }
  });

  it('starts from what another works on at this moment, and leaves that alone', () => {
    finish();
    const whole = contents(wholeFolder());
    fs.rmSync(root, { recursive: true });
    const first = openCell(root, hash).begin({ config, probes: [moments] });
    train(first, 8);
    const before = contents(first.folder);
    const second = openCell(root, hash).begin({ config, probes: [moments] });
    expect(second.resumeFrom?.step).toBe(6);
    expect(contents(first.folder)).toEqual(before);
    expect(kinds()).toEqual(['attempt', 'attempt']);
    const maker = JSON.parse(fs.readFileSync(join(second.folder, 'attempt.json'), 'utf8'));
    expect(maker.resumed).toMatchObject([{ host: hostname(), step: 6 }]);
    train(second, 11);
    second.saveCheckpoint({ step: 11, tensors: state(11), metadata: {} });
    second.finish({ loss: Number.NaN });
    expect(contents(wholeFolder())).toEqual(whole);
    expect(kinds()).toEqual(['generation']);
    // The first notices at its next checkpoint, finds its records equal, and ends.
    first.append([8, 9].map(record));
    expect(() => first.saveCheckpoint({ step: 10, tensors: state(10), metadata: {} })).toThrow(CellPublished);
    first.close();
    expect(contents(wholeFolder())).toEqual(whole);
    expect(kinds()).toEqual(['generation']);
  });

  it('falls back from a half-written checkpoint to the one before, and to the start', () => {
    finish();
    const whole = contents(wholeFolder());
    fs.rmSync(root, { recursive: true });
    const first = openCell(root, hash).begin({ config, probes: [moments] });
    train(first, 8);
    first.close();
    fs.truncateSync(join(first.folder, 'checkpoints', 'step-6.safetensors'), 100);
    const second = openCell(root, hash).begin({ config, probes: [moments] });
    expect(second.resumeFrom?.step).toBe(3);
    expect(fs.readdirSync(join(second.folder, 'checkpoints'))).toEqual(['step-3.safetensors']);
    second.close();
    fs.truncateSync(join(second.folder, 'checkpoints', 'step-3.safetensors'), 0);
    const third = openCell(root, hash).begin({ config, probes: [moments] });
    expect(third.resumeFrom).toBeUndefined();
    train(third, 11);
    third.saveCheckpoint({ step: 11, tensors: state(11), metadata: {} });
    third.finish({ loss: Number.NaN });
    expect(contents(wholeFolder())).toEqual(whole);
  });

  it('falls back from a checkpoint whose records are gone, or are others', () => {
    const first = openCell(root, hash).begin({ config, probes: [] });
    train(first, 8);
    first.close();
    // Two definitions and four records: enough for the checkpoint at step 3, too few for the one at step 6.
    const path = join(first.folder, 'records.jsonl');
    const text = fs.readFileSync(path, 'utf8');
    fs.writeFileSync(path, `${text.split('\n').slice(0, 6).join('\n')}\n`);
    const second = openCell(root, hash).begin({ config, probes: [] });
    expect(second.resumeFrom?.step).toBe(3);
    second.close();
    fs.writeFileSync(join(second.folder, 'records.jsonl'), text.replace('"value":1,', '"value":2,'));
    const third = openCell(root, hash).begin({ config, probes: [] });
    expect(third.resumeFrom).toBeUndefined();
    third.discard();
  });

  it('goes on with another instruction set only where the bits do not depend on it', () => {
    const first = openCell(root, hash).begin({ config, probes: [] });
    train(first, 8);
    const path = join(first.folder, 'attempt.json');
    const maker = JSON.parse(fs.readFileSync(path, 'utf8'));
    fs.writeFileSync(path, JSON.stringify({ ...maker, instructions: 'another' }));
    const bound = openCell(root, hash).begin({ config, probes: [], isMachineBound: true });
    expect(bound.resumeFrom).toBeUndefined();
    bound.discard();
    const free = openCell(root, hash).begin({ config, probes: [] });
    expect(free.resumeFrom?.step).toBe(6);
    free.discard();
    first.discard();
  });

  it('starts anew where other attempts have another config or lack a probe', () => {
    const first = openCell(root, hash).begin({ config, probes: [moments] });
    train(first, 5);
    const more = openCell(root, hash).begin({ config, probes: [moments, ray] });
    expect(more.resumeFrom).toBeUndefined();
    train(more, 5);
    const fewer = openCell(root, hash).begin({ config, probes: [ray] });
    expect(fewer.resumeFrom?.step).toBe(3);
    expect(fewer.probes).toEqual([moments, ray]);
    const other = openCell(root, hash).begin({ config: { ...config, lr: 1 }, probes: [ray] });
    expect(other.resumeFrom).toBeUndefined();
    for (const work of [first, more, fewer, other]) work.discard();
    expect(fs.readdirSync(root)).toEqual([]);
  });

  it('runs a finished cell again with the union of probes, and leaves the old one in use until then', () => {
    finish([moments]);
    const cell = openCell(root, hash);
    const old = cell.maybeFinished();
    const work = cell.begin({ config, probes: [ray] });
    expect(work.probes).toEqual([moments, ray]);
    train(work, 4);
    expect(cell.state()).toBe('finished');
    expect(cell.maybeFinished()?.records()).toHaveLength(11);
    expect(cell.maybeFinished([ray])).toBeUndefined();
    work.finish({});
    expect(cell.maybeFinished()?.holds([moments, ray])).toBe(true);
    expect(cell.maybeFinished()?.records()).toHaveLength(4);
    expect(kinds()).toEqual(['generation']);
    // Whoever has found the old one reads the new one, which holds all that it held.
    expect(old?.records()).toHaveLength(4);
    const checkpoint = old?.checkpoint();
    expect(checkpoint).toBeDefined();
    expect(checkpoint).toEqual(cell.maybeFinished()?.checkpoint());
  });

  it('gives whoever has found an older one the records of its own probes, whichever it reads', () => {
    const cell = openCell(root, hash);
    const made = (held: readonly HeldProbe[]): void => {
      const work = cell.begin({ config, probes: held });
      work.append([record(0)]);
      work.probes.forEach(({ name }, probe) => work.append([{ ...record(1), quantity: name, probe }]));
      work.finish({});
    };
    made([ray]);
    const old = cell.maybeFinished();
    made([moments]);
    expect(cell.maybeFinished()?.probes).toEqual([moments, ray]);
    for (let time = 0; time < 2; time++) {
      expect(old?.records().map(({ quantity }) => quantity)).toEqual(['loss', 'ray']);
      expect(old?.allRecords().map(({ quantity, probe }) => [quantity, probe])).toEqual([
        ['loss', undefined],
        ['ray', 0],
      ]);
    }
  });

  it('survives a kill at any move of putting a cell in the place of an older one', () => {
    for (let killedMove = 1; killedMove <= 2; killedMove++) {
      fs.rmSync(root, { recursive: true, force: true });
      finish([moments]);
      const work = openCell(root, hash).begin({ config, probes: [ray] });
      train(work, 4);
      const rename = fs.renameSync;
      let moves = 0;
      vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
        if (!String(from).endsWith('.tmp')) moves += 1;
        if (moves >= killedMove && !String(from).endsWith('.tmp')) throw new Error('killed');
        rename(from, to);
      });
      expect(() => work.finish({})).toThrow('killed');
      vi.restoreAllMocks();
      const cell = openCell(root, hash);
      // At each moment there is a cell with the probe that the older one held.
      expect(cell.maybeFinished([moments])).toBeDefined();
      const again = cell.maybeFinished([ray]);
      if (again === undefined) {
        const next = cell.begin({ config, probes: [ray] });
        train(next, 4);
        next.finish({});
      } else cell.tidy(again);
      expect(cell.maybeFinished([moments])?.records()).toHaveLength(4);
      expect(kinds()).toEqual(['generation']);
    }
  });

  it.each([
    ['which has deleted its attempt', true],
    ['which has not', false],
  ])('compares where another publishes just before it, %s, and is told', (_, isDeleted) => {
    const works = [1, 2].map(() => openCell(root, hash).begin({ config, probes: [moments] }));
    const [first, second] = works as [CellWork, CellWork];
    for (const work of works) train(work, 11);
    const rename = fs.renameSync;
    let isFirst = true;
    vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      if (isFirst && String(from) === second.folder) {
        isFirst = false;
        if (!isDeleted) vi.spyOn(fs, 'rmSync').mockImplementation(() => undefined);
        first.finish({ loss: 1 });
        vi.mocked(fs.rmSync).mockRestore?.();
      }
      rename(from, to);
    });
    expect(() => second.finish({ loss: 1 })).toThrow(CellPublished);
    vi.restoreAllMocks();
    const cell = openCell(root, hash);
    expect(cell.maybeFinished()?.records()).toHaveLength(11);
    expect(kinds()).toEqual(['generation']);
  });

  it('ends with an error that names both hosts where two come out differently', () => {
    for (const summary of [{ loss: 1 }, { loss: 2 }]) {
      fs.rmSync(root, { recursive: true, force: true });
      const works = [1, 2].map(() => openCell(root, hash).begin({ config, probes: [moments] }));
      const [first, second] = works as [CellWork, CellWork];
      train(first, 11);
      train(second, 10);
      second.append([{ ...record(10), value: summary.loss === 1 ? 7 : record(10).value }]);
      first.finish({ loss: 1 });
      expect(() => second.finish(summary)).toThrow(
        new RegExp(
          `^Cell ${hash} must come out the same .* ${hostname()} \\(.* has other records than ${hostname()} \\(`,
        ),
      );
      expect(openCell(root, hash).maybeFinished()?.records().at(-1)).toEqual(record(10));
    }
  });

  it('needs no hard links', () => {
    vi.spyOn(fs, 'linkSync').mockImplementation(() => {
      throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
    });
    finish();
    expect(kinds()).toEqual(['generation']);
  });

  it('is not misled by a listing that names what is gone', () => {
    finish([moments]);
    const list = fs.readdirSync;
    vi.spyOn(fs, 'readdirSync').mockImplementation(((...args: Parameters<typeof list>) =>
      String(args[0]) === join(root, hash)
        ? ['generation-00000000', 'attempt-gone', ...list(...args).map(String)]
        : list(...args)) as typeof list);
    const cell = openCell(root, hash);
    expect(cell.maybeFinished()?.records()).toHaveLength(11);
    const work = cell.begin({ config, probes: [ray] });
    train(work, 4);
    work.finish({});
    expect(cell.maybeFinished([moments, ray])?.records()).toHaveLength(4);
  });

  it('ends an attempt with the disk’s refusal, and resumes when there is room', () => {
    const work = openCell(root, hash).begin({ config, probes: [] });
    train(work, 5);
    vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    });
    work.append([record(5)]);
    expect(() => work.saveCheckpoint({ step: 6, tensors: state(6), metadata: {} })).toThrow(StorageError);
    expect(() => work.close()).toThrow('the disk is full');
    vi.restoreAllMocks();
    const again = openCell(root, hash).begin({ config, probes: [] });
    expect(again.resumeFrom?.step).toBe(3);
    again.discard();
  });

  it('says that a file is in the way of the root', () => {
    fs.writeFileSync(root, '');
    expect(() => openCell(root, hash).begin({ config, probes: [] })).toThrow(StorageError);
  });
});
