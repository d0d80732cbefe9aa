import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataError, StorageError } from '../../errors.ts';
import { assertWritableFolder, makeFolder, readJson, writeFileAtomic, writeJson } from './atomic.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'normscope-atomic-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What the file system answers when it refuses; root, as which containers run tests, is refused almost nothing. */
function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}

describe('writeFileAtomic()', () => {
  it('writes text and bytes, replaces what was there, and leaves no temporary file', () => {
    const path = join(folder, 'file.bin');
    writeFileAtomic(path, 'first, and longer');
    writeFileAtomic(path, Uint8Array.of(0, 255, 7));
    expect([...fs.readFileSync(path)]).toEqual([0, 255, 7]);
    expect(fs.readdirSync(folder)).toEqual(['file.bin']);
  });

  it('takes a text in pieces, of which one that fails leaves the old file', () => {
    const path = join(folder, 'file.txt');
    writeFileAtomic(path, ['in ', 'pieces']);
    expect(fs.readFileSync(path, 'utf8')).toBe('in pieces');
    const failing = function* (): Generator<string> {
      yield 'new';
      throw new RangeError('no more');
    };
    expect(() => writeFileAtomic(path, failing())).toThrow('no more');
    expect(fs.readFileSync(path, 'utf8')).toBe('in pieces');
    expect(fs.readdirSync(folder)).toEqual(['file.txt']);
  });

  it('has the whole content on the disk before the name appears', () => {
    const calls: string[] = [];
    const path = join(folder, 'file.txt');
    const rename = fs.renameSync;
    vi.spyOn(fs, 'fsyncSync').mockImplementation(() => void calls.push('fsync'));
    vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      calls.push(`rename ${fs.readFileSync(from, 'utf8')}`);
      rename(from, to);
    });
    writeFileAtomic(path, 'whole');
    expect(calls).toEqual(['fsync', 'rename whole', 'fsync']);
  });

  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'read-only'],
    ['EACCES', 'permission was refused'],
  ])('keeps the old file and removes its own when the disk answers %s', (code, message) => {
    const path = join(folder, 'file.txt');
    writeFileAtomic(path, 'old');
    const write = fs.writeSync;
    vi.spyOn(fs, 'writeFileSync').mockImplementation((file) => {
      write(Number(file), 'ne');
      throw refusal(code);
    });
    expect(() => writeFileAtomic(path, 'new')).toThrow(StorageError);
    expect(() => writeFileAtomic(path, 'new')).toThrow(message);
    expect(fs.readFileSync(path, 'utf8')).toBe('old');
    expect(fs.readdirSync(folder)).toEqual(['file.txt']);
  });

  it('says that a file is in the place of a folder, and a folder in the place of the file', () => {
    fs.writeFileSync(join(folder, 'file'), '');
    expect(() => writeFileAtomic(join(folder, 'file', 'x'), '')).toThrow(/is a file, not a folder.*ENOTDIR/);
    fs.mkdirSync(join(folder, 'taken'));
    expect(() => writeFileAtomic(join(folder, 'taken'), '')).toThrow(/a folder is in the way.*EISDIR/);
    expect(() => writeFileAtomic(join(folder, 'none', 'x'), '')).toThrow(/does not exist.*ENOENT/);
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('does not dress up a bug as a storage error', () => {
    vi.spyOn(fs, 'renameSync').mockImplementation(() => {
      throw new TypeError('a bug');
    });
    expect(() => writeFileAtomic(join(folder, 'x'), '')).toThrow(TypeError);
  });
});

describe('writeJson() and readJson()', () => {
  it('round-trip, with non-finite numbers as words', () => {
    const path = join(folder, 'x.json');
    writeJson(path, { loss: Number.NaN, list: [Number.NEGATIVE_INFINITY, 1.5], name: 'é' });
    expect(readJson(path)).toEqual({ loss: 'NaN', list: ['-Infinity', 1.5], name: 'é' });
  });

  it('name the file that is missing or not JSON', () => {
    const path = join(folder, 'x.json');
    expect(() => readJson(path)).toThrow(StorageError);
    fs.writeFileSync(path, '{"half":');
    expect(() => readJson(path)).toThrow(DataError);
    expect(() => readJson(path)).toThrow(path);
  });
});

describe('makeFolder() and assertWritableFolder()', () => {
  it('accept a folder and leave nothing in it', () => {
    const path = join(folder, 'a', 'b');
    makeFolder(path);
    assertWritableFolder(path);
    expect(fs.readdirSync(path)).toEqual([]);
  });

  it('refuse a file, a path through a file, and a missing folder', () => {
    const file = join(folder, 'file');
    fs.writeFileSync(file, '');
    expect(() => makeFolder(file)).toThrow(StorageError);
    expect(() => makeFolder(join(file, 'below'))).toThrow(StorageError);
    expect(() => assertWritableFolder(file)).toThrow('it is a file');
    expect(() => assertWritableFolder(join(folder, 'none'))).toThrow(StorageError);
  });

  it('refuse a folder that cannot be written', () => {
    vi.spyOn(fs, 'writeFileSync').mockImplementation(() => {
      throw refusal('EROFS');
    });
    expect(() => assertWritableFolder(folder)).toThrow(StorageError);
  });
});
