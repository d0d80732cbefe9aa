import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layers, rootFiles } from './layers.ts';
import { oxlintConfigText } from './oxlint-config.ts';

describe('layers', () => {
  it('has every folder of src/ once, in order of level', () => {
    const source = new URL('../src/', import.meta.url);
    const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const named = layers.map((layer) => layer.folder);
    expect(folders.map((entry) => entry.name).filter((name) => !named.includes(name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
    expect(layers.map((layer) => layer.level)).toEqual(layers.map((layer) => layer.level).toSorted((a, b) => a - b));
  });

  it('has every file of src/ itself, the public API apart', () => {
    const source = new URL('../src/', import.meta.url);
    const files = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isFile());
    const names = files.map((entry) => entry.name).filter((name) => !/\.test\.ts$|^index\.ts$/.test(name));
    expect(names.toSorted()).toEqual([...rootFiles].toSorted());
  });
});

describe('.oxlintrc.json', () => {
  it("is what the array generates (if not: 'npm run generate')", () => {
    expect(readFileSync(new URL('../.oxlintrc.json', import.meta.url), 'utf8')).toBe(oxlintConfigText());
  });
});
