import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layers } from '../../../tools/layers.ts';
import { codeHash, codeHashWith, computingFolders, hashFolders, hashModules, ortVersion } from './versions.ts';

describe('computingFolders', () => {
  it('are the levels up to this one, but for what serves tests alone', () => {
    const own = layers.find(({ folder }) => folder === 'cells')?.level ?? Number.NaN;
    const levels = layers.filter(({ level, folder }) => level <= own && folder !== 'testing');
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

describe('hashModules()', () => {
  let root: string;
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  const url = (path: string): string => pathToFileURL(join(root, path)).href;
  const hash = (): string => hashModules(url('study/study.ts'));
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'normscope-modules-'));
    for (const folder of ['study', 'shared', 'other']) mkdirSync(join(root, folder));
    write(
      'study/study.ts',
      "import fs from 'node:fs';\nimport { a } from './named.ts';\nimport './bare.ts';\nconst far = import('./lazy.ts');\n",
    );
    write('study/named.ts', "import type { Shape } from '../shared/types.ts';\nexport const a = './unread.ts';\n");
    write('study/bare.ts', 'export * from "../shared/again.ts";\n');
    write('study/lazy.ts', "import {\n  a,\n} from './named.ts';\nimport '../study/study.ts';\n");
    write('study/unread.ts', 'export const u = 1;\n');
    write('study/study.test.ts', "import './study.ts';\n");
    write('shared/types.ts', 'export type Shape = number;\n');
    write('shared/again.ts', 'export const b = 2;\n');
    write('other/study.ts', "import '../shared/types.ts';\n");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it.each(['study/study.ts', 'study/named.ts', 'study/bare.ts', 'study/lazy.ts', 'shared/types.ts', 'shared/again.ts'])(
    'changes with %s, which is imported, directly or not, by name, bare, lazily or again',
    (path) => {
      const before = hash();
      expect(before).toMatch(/^[0-9a-f]{64}$/);
      write(path, `${readFileSync(join(root, path), 'utf8')}export const more = 1;\n`);
      expect(hash()).not.toBe(before);
    },
  );

  it.each(['study/unread.ts', 'study/study.test.ts', 'other/study.ts', 'study/new.ts', 'study/README.md'])(
    'does not change with %s, which nothing imports',
    (path) => {
      const before = hash();
      write(path, 'export const more = 1;\n');
      expect(hash()).toBe(before);
    },
  );

  it('changes with an import more, and with the name under which the same text lies', () => {
    const before = hash();
    write('study/twin.ts', readFileSync(join(root, 'study/bare.ts'), 'utf8'));
    write('study/study.ts', readFileSync(join(root, 'study/study.ts'), 'utf8').replace('bare', 'twin'));
    const renamed = hash();
    expect(renamed).not.toBe(before);
    write('study/study.ts', `${readFileSync(join(root, 'study/study.ts'), 'utf8')}import './unread.ts';\n`);
    expect(hash()).not.toBe(renamed);
  });

  it('is the same wherever the folder lies', () => {
    const moved = mkdtempSync(join(tmpdir(), 'normscope-moved-'));
    cpSync(root, moved, { recursive: true });
    expect(hashModules(pathToFileURL(join(moved, 'study/study.ts')).href)).toBe(hash());
    rmSync(moved, { recursive: true });
  });

  it('leaves out the levels up to this one, which the hash of the code covers', () => {
    const random = fileURLToPath(new URL('../../math/random.ts', import.meta.url));
    const path = relative(join(root, 'study'), random).replaceAll('\\', '/');
    const without = [hashModules(url('other/study.ts')), hashModules(pathToFileURL(random).href)];
    write('other/study.ts', `import '../shared/types.ts';\nimport '${path}';\n`);
    const one = hashModules(url('other/study.ts'));
    write('other/study.ts', `import '../shared/types.ts';\nimport '${path.replace('random', 'philox')}';\n`);
    expect(new Set([...without, one, hashModules(url('other/study.ts'))]).size).toBe(4);
    // Of a module at those levels nothing is left to hash.
    expect(without[1]).toBe(hashModules(new URL('../../ops/index.ts', import.meta.url).href));
  });
});

describe('the versions of this process', () => {
  it('are a hash and a number', () => {
    expect(codeHash()).toMatch(/^[0-9a-f]{64}$/);
    expect(codeHashWith(import.meta.url)).toMatch(/^[0-9a-f]{64}$/);
    expect(codeHashWith(import.meta.url)).not.toBe(codeHash());
    expect(ortVersion()).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
