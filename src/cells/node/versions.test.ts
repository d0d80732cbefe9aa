import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layers } from '../../../tools/layers.ts';
import { codeHash, computingFolders, hashFolders, ortVersion } from './versions.ts';

describe('computingFolders', () => {
  it('are the levels up to this one, but for what serves tests alone', () => {
    const levels = layers.filter(({ level, folder }) => level <= 8 && folder !== 'testing');
    expect([...computingFolders]).toEqual(levels.map(({ folder }) => folder).toSorted());
  });
});

describe('hashFolders()', () => {
  let root: string;
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  const hash = (): string => hashFolders(root, ['ops', 'train']);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'normscope-code-'));
    for (const folder of ['ops/deep', 'train', 'report']) mkdirSync(join(root, folder), { recursive: true });
    write('ops/add.ts', 'export const a = 1;');
    write('ops/deep/mul.js', 'export const b = 2;');
    write('train/sgd.ts', 'export const c = 3;');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is the same for the same code', () => {
    const before = hash();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(hash()).toBe(before);
  });

  it.each([
    ['a changed file', () => write('train/sgd.ts', 'export const c = 4;')],
    ['a changed file further down', () => write('ops/deep/mul.js', 'export const b = 3;')],
    ['a new file', () => write('train/adam.ts', '')],
    ['a file of another name', () => (rmSync(join(root, 'ops/add.ts')), write('ops/plus.ts', 'export const a = 1;'))],
    [
      'a file in another folder',
      () => (rmSync(join(root, 'ops/add.ts')), write('train/add.ts', 'export const a = 1;')),
    ],
  ])('changes with %s', (_, change) => {
    const before = hash();
    change();
    expect(hash()).not.toBe(before);
  });

  it.each(['train/sgd.test.ts', 'ops/add.d.ts', 'train/README.md', 'report/page.ts', 'ops/add.js.map'])(
    'does not change with %s',
    (path) => {
      const before = hash();
      write(path, 'anything');
      expect(hash()).toBe(before);
    },
  );
});

describe('the versions of this process', () => {
  it('are a hash and a number', () => {
    expect(codeHash()).toMatch(/^[0-9a-f]{64}$/);
    expect(ortVersion()).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
