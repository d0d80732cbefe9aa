/** @file The lab's page as it was built: how much is fetched before it trains, and that nothing in it needs more than a browser. */

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
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

describe("the lab's page, built", () => {
  it.each(Object.entries(MOST))('has a %s that is no larger than %i bytes compressed', (name, most) => {
    expect(compressed(name)).toBeGreaterThan(1000);
    expect(compressed(name)).toBeLessThanOrEqual(most);
  });

  it('fetches at most 4.7 MB before it trains', () => {
    const shipped = listedData(files).map(({ file }) => file);
    expect(shipped).toEqual(['fashion-mnist.gz']);
    const first = ['index.html', 'lab.css', 'lab.js', 'arm.js', 'data.json', 'engine.wasm.gz', ...shipped];
    expect(first.reduce((sum, name) => sum + compressed(name), 0)).toBeLessThanOrEqual(MOST_AT_FIRST);
    expect([...files.keys()].toSorted()).toEqual(
      [...first, 'own-arm.js', 'gpu-arm.js', 'gpu-engine.wasm.gz', 'LICENSES.txt', 'verdicts.json'].toSorted(),
    );
  });

  it('imports nothing, has no address of a file that is not there, and asks no other site', () => {
    const forbidden = [
      /(^|[;\n])import[\s{*"'`]/,
      /__vite/,
      /\.wasm["'`],import/,
      /cdn\.|unpkg|jsdelivr|googleapis/,
      /import\.meta/,
    ];
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
