import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layers, rootFiles } from './layers.ts';
import { anyProjectText } from './any-project.ts';
import { oxlintConfigText } from './oxlint-config.ts';
import { entryPoints, platformOf } from './platforms.ts';

describe('layers', () => {
  it('has every folder of src/ once, in order of level', () => {
    const source = new URL('../src/', import.meta.url);
    const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const named = layers.map((layer) => layer.folder);
    expect(folders.map((entry) => entry.name).filter((name) => !named.includes(name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
    expect(layers.map((layer) => layer.level)).toEqual(layers.map((layer) => layer.level).toSorted((a, b) => a - b));
  });

  it('has every file of src/ itself, with the public APIs', () => {
    const source = new URL('../src/', import.meta.url);
    const files = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isFile());
    const names = files.map((entry) => entry.name).filter((name) => !name.endsWith('.test.ts'));
    expect(names.toSorted()).toEqual([...rootFiles, ...Object.keys(entryPoints)].toSorted());
  });
});

describe('platformOf()', () => {
  it.each([
    ['src/records/record.ts', 'any'],
    ['src/records/node/atomic.ts', 'node'],
    ['src/runtime/web/worker.ts', 'web'],
    ['src/runtime/node/deep/worker.ts', 'node'],
    // A file is no folder, and only the first subfolder counts.
    ['src/graph/node.ts', 'any'],
    ['src/report/graph/node/box.ts', 'any'],
    ['src/cli/web/page.ts', 'node'],
    ['src/errors.ts', 'any'],
    ['src/index.ts', 'node'],
  ])('says that %s is of platform %s', (path, platform) => {
    expect(platformOf(path)).toBe(platform);
  });

  it.each(['src/unknown/file.ts', 'src/unknown.ts', 'test/math/file.ts'])('throws on %s', (path) => {
    expect(() => platformOf(path)).toThrow('tools/layers.ts');
  });
});

describe('what is generated', () => {
  it.each([
    ['.oxlintrc.json', oxlintConfigText],
    ['tsconfig.any.json', anyProjectText],
  ])("%s is what the array generates (if not: 'npm run generate')", (name, text) => {
    expect(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')).toBe(text());
  });
});
