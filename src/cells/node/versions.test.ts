import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layers } from '../../../tools/layers.ts';
import { studies } from '../../studies/index.ts';
import { codeHash, codeHashWith, computingFolders, hashFolders, hashModules, ortVersion } from './versions.ts';

describe('computingFolders', () => {
  it('are the levels up to this one, but for what serves tests alone', () => {
    const levels = layers.filter(({ level, folder }) => level <= 9 && folder !== 'testing');
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
  const hash = (entry = 'studies/one/study.js'): string => hashModules(pathToFileURL(join(root, entry)).href);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'normscope-modules-'));
    for (const folder of ['studies/one', 'studies/two']) mkdirSync(join(root, folder), { recursive: true });
    write(
      'studies/one/study.js',
      "import { draw } from '../draws.js';\nimport zod from 'zod';\nexport const one = [draw, zod];",
    );
    write('studies/one/rule.js', 'export const rule = 1;');
    write('studies/draws.js', "export { more } from './more.js';\nexport const draw = 1;");
    write('studies/more.js', "export const more = () => import('./late.js');");
    write('studies/late.js', 'export const late = 1;');
    write('studies/two/study.js', 'export const two = 2;');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it.each(['studies/one/study.js', 'studies/draws.js', 'studies/more.js', 'studies/late.js'])(
    'changes with %s',
    (path) => {
      const before = hash();
      write(path, `${readFileSync(join(root, path), 'utf8')}\nexport const edited = 1;`);
      expect(hash()).not.toBe(before);
    },
  );

  it.each(['studies/one/rule.js', 'studies/two/study.js'])('does not change with %s, which is not imported', (path) => {
    const before = hash();
    write(path, 'anything');
    expect(hash()).toBe(before);
  });

  it('changes where an import leads elsewhere', () => {
    const before = hash();
    write('studies/other.js', readFileSync(join(root, 'studies/draws.js'), 'utf8'));
    write('studies/one/study.js', readFileSync(join(root, 'studies/one/study.js'), 'utf8').replace('draws', 'other'));
    expect(hash()).not.toBe(before);
  });
});

/** The modules of studies that measure, by the folder that they stand in. */
const measuring = studies.flatMap((study) => {
  const [cell] = study.plan({ budget: 'quick' }).cells;
  return cell !== undefined && 'measurement' in cell ? [{ name: study.name, code: cell.measurement.code }] : [];
});

describe('the code of a study', () => {
  it('is its own: an edit in one leaves the cells of all others found', () => {
    expect(measuring.length).toBeGreaterThan(20);
    expect(new Set(measuring.map(({ code }) => code)).size).toBe(measuring.length);
    const root = mkdtempSync(join(tmpdir(), 'normscope-studies-'));
    const source = fileURLToPath(new URL('../../', import.meta.url));
    cpSync(source, root, { recursive: true });
    const copied = (url: string): string => join(root, fileURLToPath(url).slice(source.length));
    const hashes = (): Map<string, string> =>
      new Map(measuring.map(({ name, code }) => [name, hashModules(pathToFileURL(copied(code)).href)]));
    const before = hashes();
    for (const { name, code } of measuring) {
      const text = readFileSync(copied(code), 'utf8');
      writeFileSync(copied(code), `${text}\nexport const edited = 1;`);
      const changed = [...hashes()].filter(([other, hash]) => hash !== before.get(other)).map(([other]) => other);
      expect(changed, name).toEqual([name]);
      writeFileSync(copied(code), text);
    }
    rmSync(root, { recursive: true });
  });

  it('is in the hash of its cells, with the code of the levels below', () => {
    const [one, two] = measuring.map(({ code }) => codeHashWith(code));
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(one).not.toBe(two);
    expect(one).not.toBe(codeHash());
  });
});

describe('the versions of this process', () => {
  it('are a hash and a number', () => {
    expect(codeHash()).toMatch(/^[0-9a-f]{64}$/);
    expect(ortVersion()).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
