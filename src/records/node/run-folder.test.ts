import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SettingError, StorageError } from '../../errors.ts';
import { hash8 } from '../hash.ts';
import { createRunFolder, openRunFolder, recordFormats, rememberedCells } from './run-folder.ts';

let root: string;
beforeEach(() => {
  root = join(fs.mkdtempSync(join(tmpdir(), 'normscope-run-')), 'runs');
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(join(root, '..'), { recursive: true, force: true });
});

const config = { study: 'santurkar2018/landscape', seeds: [0, 1, 2] };
const now = new Date('2026-03-01T09:05:07.890Z');

describe('createRunFolder()', () => {
  it('names the folder by time, name and config hash, and never twice the same', () => {
    const first = createRunFolder(root, 'santurkar2018/landscape', config, { now });
    const second = createRunFolder(root, 'santurkar2018/landscape', config, { now });
    const name = `20260301T090507Z-santurkar2018-landscape-${hash8(config)}`;
    expect(first.path).toBe(join(root, name));
    expect(second.path).toBe(join(root, `${name}-2`));
    expect(JSON.parse(fs.readFileSync(join(first.path, 'config.json'), 'utf8'))).toEqual(config);
  });

  it('remembers where its cells are, wherever it is opened from', () => {
    const run = createRunFolder(root, 'run', config, { now, cells: 'somewhere/cells' });
    expect(rememberedCells(run.path)).toBe(join(process.cwd(), 'somewhere/cells'));
    expect(rememberedCells(root)).toBeUndefined();
  });

  it('says that it is not finished while it is not, and why where that is known', async () => {
    const run = createRunFolder(root, 'run', config, { now });
    const note = join(run.path, 'UNFINISHED.txt');
    const said = await run.whileUnfinished(async () => fs.readFileSync(note, 'utf8'));
    expect(said).toMatch(/^This run is under way, or its process was killed/);
    expect(fs.existsSync(note)).toBe(false);
    await expect(run.whileUnfinished(() => Promise.reject(new Error('the disk is full')))).rejects.toThrow('full');
    expect(fs.readFileSync(note, 'utf8')).toBe('This run has not come to its end: the disk is full\n');
  });

  it('writes the files of records that are asked for alone', () => {
    const run = createRunFolder(root, 'run', config, { now });
    run.writeRecords([], ['parquet']);
    expect(fs.readdirSync(run.path).sort()).toEqual(['config.json', 'metrics.parquet']);
  });

  it('writes every file of a run', () => {
    const run = createRunFolder(root, 'run', config, { now });
    run.logEvent('started', { cells: 6 });
    run.logEvent('finished');
    run.writeManifest({ node: 'v20' });
    const record = { step: 1, quantity: 'loss', value: 2, definition: 'd', mode: 'train' } as const;
    run.writeRecords([[{ cell: 'c0', arm: 'batch', setting: {}, seed: 0, ...record }]], recordFormats);
    expect(run.writeReport('<!doctype html>')).toBe(join(run.path, 'report.html'));
    expect(run.writeFigure('landscape/loss', '<svg/>')).toBe(join(run.path, 'figures', 'landscape-loss.svg'));
    expect(fs.readdirSync(run.path, { recursive: true, encoding: 'utf8' }).sort()).toEqual([
      'config.json',
      'events.out.tfevents.0.normscope',
      'figures',
      'figures/landscape-loss.svg',
      'log.jsonl',
      'manifest.json',
      'metrics.json',
      'metrics.parquet',
      'report.html',
    ]);
    const lines = fs
      .readFileSync(join(run.path, 'log.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ event: 'started', cells: 6 }, { event: 'finished' }]);
    expect(new Date(lines[0].time).toISOString()).toBe(lines[0].time);
  });

  it('takes a folder that is new or empty', () => {
    const out = join(root, 'a', 'b');
    expect(createRunFolder(root, 'run', config, { out }).path).toBe(out);
    fs.rmSync(join(out, 'config.json'));
    expect(createRunFolder(root, 'run', config, { out }).path).toBe(out);
  });

  it('takes a run of the same config only to resume it, and a run of another never', () => {
    const out = join(root, 'mine');
    createRunFolder(root, 'run', config, { out });
    const bytes = fs.readFileSync(join(out, 'config.json'));
    expect(() => createRunFolder(root, 'run', config, { out })).toThrow('--resume');
    expect(() => createRunFolder(root, 'run', config, { out })).toThrow(StorageError);
    expect(createRunFolder(root, 'run', { seeds: [0, 1, 2], study: config.study }, { out, resume: true }).path).toBe(
      out,
    );
    expect(() => createRunFolder(root, 'run', { ...config, seeds: [0] }, { out, resume: true })).toThrow(
      'another config',
    );
    expect(fs.readFileSync(join(out, 'config.json')).equals(bytes)).toBe(true);
  });

  it('leaves alone a folder with other files, and a file in the way', () => {
    const out = join(root, 'photos');
    fs.mkdirSync(out, { recursive: true });
    fs.writeFileSync(join(out, 'holiday.jpg'), 'jpg');
    expect(() => createRunFolder(root, 'run', config, { out, resume: true })).toThrow('it holds other files');
    expect(fs.readdirSync(out)).toEqual(['holiday.jpg']);
    const file = join(root, 'file');
    fs.writeFileSync(file, '');
    expect(() => createRunFolder(root, 'run', config, { out: file })).toThrow(StorageError);
    expect(() => createRunFolder(file, 'run', config)).toThrow(StorageError);
    expect(() => createRunFolder(root, 'run', config, { out: join(file, 'below') })).toThrow(StorageError);
  });

  it('says that nothing can be written', () => {
    vi.spyOn(fs, 'mkdirSync').mockImplementation(() => {
      throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
    });
    expect(() => createRunFolder(root, 'run', config)).toThrow('the file system is read-only');
  });

  it('refuses a name with no letter or digit', () => {
    expect(() => createRunFolder(root, '../..', config)).toThrow(SettingError);
  });
});

describe('openRunFolder()', () => {
  it('opens a run and nothing else', () => {
    const { path } = createRunFolder(root, 'run', config, { now });
    expect(openRunFolder(path).path).toBe(path);
    expect(() => openRunFolder(root)).toThrow('it has no config.json');
  });
});
