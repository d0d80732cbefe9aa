/** @file The lab's page as it was built: how much is fetched before it trains, and that nothing in it needs more than a browser. */

import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readCheckFiles } from '../src/lab/node/checkable-report.ts';
import { listedData, readPage } from '../src/lab/node/page-files.ts';

/** What a host that compresses text sends, bytes. */
const MOST = {
  'lab.js': 40_000,
  // The engine's own part is 23,000 of it, the schemas of probes 20,000.
  'arm.js': 125_000,
  // Loaded when an arm is to compute on the GPU; with two builds of the engine's own part.
  'gpu-arm.js': 165_000,
  'gpu-engine.wasm.gz': 4_300_000,
} as const;
/** Bytes until the first step, all together. */
const MOST_AT_FIRST = 4_700_000;

const files = readPage();
const text = (name: string): string => new TextDecoder().decode(files.get(name));
const compressed = (name: string): number =>
  name.endsWith('.gz') ? (files.get(name)?.length ?? 0) : gzipSync(text(name), { level: 9 }).length;

/** What no script of a page may hold. */
const forbidden = [
  /(^|[;\n])import[\s{*"'`]/,
  /__vite/,
  /\.wasm["'`],import/,
  /cdn\.|unpkg|jsdelivr|googleapis/,
  /import\.meta/,
];

describe("the lab's page, built", () => {
  it.each(Object.entries(MOST))('has a %s that is no larger than %i bytes compressed', (name, most) => {
    expect(compressed(name)).toBeGreaterThan(1000);
    expect(compressed(name)).toBeLessThanOrEqual(most);
  });

  it('fetches at most 4.7 MB before it trains', () => {
    const shipped = listedData(files).map(({ file }) => file);
    expect(shipped).toEqual(['fashion-mnist.gz']);
    const first = [
      'index.html',
      'lab.css',
      'lab.js',
      'arm.js',
      'data.json',
      'catalogue.json',
      'engine.wasm.gz',
      ...shipped,
    ];
    expect(first.reduce((sum, name) => sum + compressed(name), 0)).toBeLessThanOrEqual(MOST_AT_FIRST);
    expect([...files.keys()].toSorted()).toEqual(
      [...first, 'own-arm.js', 'gpu-arm.js', 'gpu-engine.wasm.gz', 'LICENSES.txt', 'verdicts.json'].toSorted(),
    );
  });

  it('imports nothing, has no address of a file that is not there, and asks no other site', () => {
    // Compared as found or not: a failure must not print half a megabyte.
    const found = ['lab.js', 'arm.js', 'gpu-arm.js'].flatMap((name) =>
      forbidden.filter((pattern) => pattern.test(text(name))).map((pattern) => `${name}: ${pattern}`),
    );
    expect(found).toEqual([]);
  });

  it('says under which licences its parts stand', () => {
    const titles = text('LICENSES.txt').match(/^.*\n(?=-{5,}$)/gm) ?? [];
    const packages = titles.map((title) => title.replace(/ \d.*/s, '').trim());
    expect(packages).toEqual(expect.arrayContaining(['normscope', 'onnxruntime-web', 'preact', 'Data sets']));
    expect(text('LICENSES.txt')).toContain('Zalando');
    expect(text('LICENSES.txt')).toContain('Microsoft');
  });
});

describe('what a report carries whose figures can be checked, built', () => {
  const carried = readCheckFiles();
  const script = (name: string): string => {
    const bytes = carried.get(name) ?? new Uint8Array();
    return new TextDecoder().decode(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  };

  it('is at most 4.1 MB, nearly all of it the engine', () => {
    const sizes = [...carried].map(([name, bytes]) => [name, bytes.length] as const);
    expect(sizes.map(([name]) => name).toSorted()).toEqual(
      ['LICENSES.txt', 'check-worker.js.gz', 'check.js', 'engine.wasm.gz'].toSorted(),
    );
    expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThanOrEqual(4_100_000);
  });

  it('imports nothing and asks no other site', () => {
    const found = ['check.js', 'check-worker.js.gz'].flatMap((name) =>
      forbidden.filter((pattern) => pattern.test(script(name))).map((pattern) => `${name}: ${pattern}`),
    );
    expect(found).toEqual([]);
    expect(script('check-worker.js.gz').length).toBeGreaterThan(100_000);
  });

  it('says under which licences its parts stand', () => {
    const titles = script('LICENSES.txt').match(/^.*\n(?=-{5,}$)/gm) ?? [];
    expect(titles.join('')).toMatch(/jstat .*\(MIT\)/);
    expect(titles.map((title) => title.replace(/ \d.*/s, '').trim())).toEqual(
      expect.arrayContaining(['normscope', 'onnxruntime-web', 'zod']),
    );
  });
});
