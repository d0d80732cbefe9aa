import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataError, InterruptedError, SettingError, StorageError } from '../../errors.ts';
import type { DataProgress } from '../dataset.ts';
import { cachedFolder, defaultCacheDir } from './cache.ts';
import { folderSource } from './folder-source.ts';
import { loadDataset, loadFrom } from './load-dataset.ts';
import type { Source, TransferLimits } from './source.ts';
import { tinyDefinition, tinyFiles, writeTinyFiles } from './tiny-dataset.ts';
import { SlowTransfer } from './transfer.ts';

let root: string;
let cacheDir: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'normscope-data-'));
  cacheDir = join(root, 'cache');
  vi.stubEnv('NORMSCOPE_DATA', '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

/** A source that writes the tiny files and counts how often it is asked. */
function goodSource(title = 'good'): Source & { asked: TransferLimits[] } {
  const asked: TransferLimits[] = [];
  return {
    title,
    asked,
    fetch: async (into, { limits }) => {
      asked.push(limits);
      await writeTinyFiles(into);
    },
  };
}

function failingSource(title: string, error: Error): Source {
  return { title, fetch: () => Promise.reject(error) };
}

/** No folder of the cache but whole data sets. */
async function cacheEntries(): Promise<string[]> {
  return readdir(join(cacheDir, 'data')).catch(() => []);
}

describe('loadFrom() with a named folder', () => {
  it.each(['.', 'cifar10', 'cifar-10-batches-bin'])(
    'reads the official files in its subfolder %s',
    async (subfolder) => {
      const folder = join(root, 'mine', subfolder);
      await mkdir(folder, { recursive: true });
      await writeTinyFiles(folder);
      const dataset = await loadFrom(tinyDefinition, [], { folder: join(root, 'mine'), cacheDir });
      expect(dataset.source).toBe(`the folder ${folder}`);
      expect([dataset.train.count, dataset.test.count]).toEqual([7, 2]);
      expect([...dataset.train.labels]).toEqual([0, 1, 2, 3, 1, 2, 3]);
      expect([...dataset.test.images.subarray(0, 3)]).toEqual([29, 36, 43]);
      expect(await cacheEntries()).toEqual([]);
    },
  );

  it('reads gzipped files, and the folder in NORMSCOPE_DATA', async () => {
    for (const [name, content] of tinyFiles) await writeFile(join(root, `${name}.gz`), gzipSync(content));
    vi.stubEnv('NORMSCOPE_DATA', root);
    const dataset = await loadFrom(tinyDefinition, [], { cacheDir });
    expect(dataset.train.count).toBe(7);
  });

  it('throws on a folder without the files, and asks no source instead', async () => {
    const source = goodSource();
    const loading = loadFrom(tinyDefinition, [source], { folder: root, cacheDir });
    await expect(loading).rejects.toThrow(/must hold the official files, got no data_batch_1.bin in .*--data DIR/);
    await expect(loading).rejects.toThrow(DataError);
    expect(source.asked).toEqual([]);
  });

  it('throws on a truncated file, on a wrong checksum, on a missing file and on a damaged gzip', async () => {
    await writeTinyFiles(root);
    const load = () => loadFrom(tinyDefinition, [], { folder: root, cacheDir });
    const path = join(root, 'test_batch.bin');
    const content = await readFile(path);
    await writeFile(path, content.subarray(0, 37));
    await expect(load()).rejects.toThrow(/test_batch.bin is truncated or another file: it must hold 38 bytes, got 37/);
    await writeFile(path, content.fill(1, 20, 21));
    await expect(load()).rejects.toThrow(/test_batch.bin has the wrong checksum: its MD5 must be/);
    await rm(path);
    await expect(load()).rejects.toThrow(/holds neither test_batch.bin nor test_batch.bin.gz/);
    await writeFile(`${path}.gz`, gzipSync(content).subarray(0, 20));
    await expect(load()).rejects.toThrow(/test_batch.bin.gz cannot be read/);
    await expect(load()).rejects.toThrow(DataError);
  });
});

describe('loadFrom() with a cache', () => {
  it('fetches once, then reads the cache, and says where the data came from', async () => {
    const source = goodSource('a good place');
    const first = await loadFrom(tinyDefinition, [source], { cacheDir });
    const second = await loadFrom(tinyDefinition, [source], { cacheDir });
    expect(source.asked).toHaveLength(1);
    expect(second).toEqual(first);
    expect(second.source).toBe('a good place');
    expect(await cacheEntries()).toEqual(['cifar10']);
  });

  it('has a checksum that depends on every byte', async () => {
    const { checksum } = await loadFrom(tinyDefinition, [goodSource()], { cacheDir });
    expect(checksum).toMatch(/^[0-9a-f]{64}$/);
    const [C, H, W] = tinyDefinition.shape;
    const [record, rows] = [1 + C * H * W, [...tinyFiles.values()]];
    const images = rows.map((content) => content.filter((_, i) => i % record !== 0));
    const labels = rows.map((content) => content.filter((_, i) => i % record === 0));
    const bytes = [images[0], images[1], labels[0], labels[1], images[2], labels[2]].flatMap((part) => [
      ...(part ?? []),
    ]);
    const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes));
    expect(Buffer.from(digest).toString('hex')).toBe(checksum);
  });

  it('fetches again what is damaged or incomplete, and replaces it', async () => {
    const source = goodSource();
    await loadFrom(tinyDefinition, [source], { cacheDir });
    const folder = cachedFolder(cacheDir, { name: 'cifar10' });
    for (const damage of [
      () => writeFile(join(folder, 'data_batch_2.bin'), new Uint8Array(57)),
      () => writeFile(join(folder, 'data_batch_2.bin'), new Uint8Array(58)),
      () => rm(join(folder, 'test_batch.bin')),
    ]) {
      await damage();
      const notices: string[] = [];
      const onProgress = ({ message, isNotice }: DataProgress): unknown => isNotice && notices.push(message);
      await loadFrom(tinyDefinition, [source], { cacheDir, onProgress });
      expect(notices).toEqual([
        expect.stringMatching(
          /^The cached copy of CIFAR-10 is damaged and is fetched again: \/.*(checksum|truncated|holds neither)/,
        ),
        'The damaged copy of CIFAR-10 was replaced by one from good',
      ]);
      expect(await loadFrom(tinyDefinition, [], { cacheDir })).toHaveProperty('train.count', 7);
    }
    expect(source.asked).toHaveLength(4);
    expect(await cacheEntries()).toEqual(['cifar10']);
  });

  it('leaves nothing behind when a source writes wrong files or stops half-way', async () => {
    const wrong: Source = {
      title: 'wrong',
      fetch: async (into) => {
        await writeTinyFiles(into);
        await writeFile(join(into, 'test_batch.bin'), new Uint8Array(38));
      },
    };
    const half: Source = {
      title: 'half',
      fetch: (into) => writeFile(join(into, 'data_batch_1.bin'), new Uint8Array(5)),
    };
    const loading = loadFrom(tinyDefinition, [wrong, half], { cacheDir });
    await expect(loading).rejects.toThrow(/wrong: .*wrong checksum.*half: .*truncated/);
    expect(await cacheEntries()).toEqual([]);
  });

  it('never reads the workplace of a killed process, and removes it after a day', async () => {
    const recent = join(cacheDir, 'data', 'cifar10.partial-recent');
    const old = join(cacheDir, 'data', 'cifar10.partial-old');
    for (const folder of [recent, old]) {
      await mkdir(folder, { recursive: true });
      await writeTinyFiles(folder);
    }
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    await utimes(old, twoDaysAgo, twoDaysAgo);
    const source = goodSource();
    await loadFrom(tinyDefinition, [source], { cacheDir });
    expect(source.asked).toHaveLength(1);
    expect((await cacheEntries()).sort()).toEqual(['cifar10', 'cifar10.partial-recent']);
  });

  it('is kept by two processes that fetch at the same time', async () => {
    const both = [goodSource(), goodSource()].map((source) => loadFrom(tinyDefinition, [source], { cacheDir }));
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
    expect(await cacheEntries()).toEqual(['cifar10']);
  });

  it('throws a StorageError on a cache that cannot be a folder', async () => {
    await writeFile(cacheDir, 'a file');
    const loading = loadFrom(tinyDefinition, [goodSource()], { cacheDir });
    await expect(loading).rejects.toThrow(StorageError);
    await expect(loading).rejects.toThrow(/XDG_CACHE_HOME/);
  });

  it('throws a StorageError, and tries no other source, when the disk is full', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const second = goodSource();
    const loading = loadFrom(tinyDefinition, [failingSource('first', full), second], { cacheDir });
    await expect(loading).rejects.toThrow(StorageError);
    expect(second.asked).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)('throws a StorageError on a folder that is not writable', async () => {
    await mkdir(cacheDir);
    await chmod(cacheDir, 0o500);
    await expect(loadFrom(tinyDefinition, [goodSource()], { cacheDir })).rejects.toThrow(StorageError);
    await chmod(cacheDir, 0o700);
  });
});

describe('loadFrom() with several sources', () => {
  const unreachable = failingSource('first', new DataError('it cannot be reached (ENOTFOUND)'));

  it('takes the next source when one fails, and hurries all but the last', async () => {
    const [middle, last] = [goodSource('middle'), goodSource('last')];
    const dataset = await loadFrom(tinyDefinition, [unreachable, middle, last], { cacheDir });
    expect(dataset.source).toBe('middle');
    expect(middle.asked[0]?.patienceSeconds).toBe(300);
    await loadFrom(tinyDefinition, [unreachable, last], { cacheDir: join(root, 'other') });
    expect(last.asked[0]?.patienceSeconds).toBe(Number.POSITIVE_INFINITY);
  });

  it('comes back, without haste, to a source that was only slow', async () => {
    const asked: number[] = [];
    const slow: Source = {
      title: 'slow',
      fetch: async (into, { limits }) => {
        asked.push(limits.patienceSeconds);
        if (limits.patienceSeconds === 300) throw new SlowTransfer('it is slow');
        await writeTinyFiles(into);
      },
    };
    const dataset = await loadFrom(tinyDefinition, [slow, unreachable], { cacheDir });
    expect(dataset.source).toBe('slow');
    expect(asked).toEqual([300, Number.POSITIVE_INFINITY]);
  });

  it('throws with every reason and the repair when no source works', async () => {
    const second = failingSource('second', new DataError("the command 'npm' was not found"));
    const loading = loadFrom(tinyDefinition, [unreachable, second], { cacheDir });
    await expect(loading).rejects.toThrow(
      /^Cannot load CIFAR-10: .*first: it cannot be reached.*second: the command 'npm'.*connect to the network.*--data DIR/,
    );
    await expect(loading).rejects.toThrow(DataError);
    expect(await cacheEntries()).toEqual([]);
  });

  it('lets a bug of a source through instead of trying the next', async () => {
    const bug = failingSource('first', new TypeError('x is not a function'));
    await expect(loadFrom(tinyDefinition, [bug, goodSource()], { cacheDir })).rejects.toThrow(TypeError);
  });

  it('stops when it is told to, with the cache as it was', async () => {
    const stop = new AbortController();
    const second = goodSource();
    const first: Source = {
      title: 'first',
      fetch: async (into) => {
        await writeTinyFiles(into);
        stop.abort();
      },
    };
    const loading = loadFrom(tinyDefinition, [first, second], { cacheDir, signal: stop.signal });
    await expect(loading).rejects.toThrow(InterruptedError);
    expect(second.asked).toEqual([]);
    expect(await cacheEntries()).toEqual([]);
  });

  it('reports fractions of the whole way that grow to 1', async () => {
    const seen: DataProgress[] = [];
    await mkdir(join(root, 'installed'));
    await writeTinyFiles(join(root, 'installed'));
    const source = folderSource(join(root, 'installed'), 'an installed package');
    await loadFrom(tinyDefinition, [source], { cacheDir, onProgress: (progress) => seen.push(progress) });
    const fractions = seen.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(seen.at(-1)).toEqual({ fraction: 1, bytes: 171, message: 'Verifying CIFAR-10' });
  });
});

describe('loadDataset()', () => {
  it('throws on an unknown name, with the nearest known one', async () => {
    await expect(loadDataset('cifar-10')).rejects.toThrow("Unknown data set 'cifar-10'; did you mean 'cifar10'?");
    await expect(loadDataset('toString')).rejects.toThrow(SettingError);
  });

  it('passes its options on', async () => {
    await expect(loadDataset('mnist', { folder: root })).rejects.toThrow(/Cannot load MNIST from the folder/);
  });
});

describe('defaultCacheDir()', () => {
  it('follows XDG_CACHE_HOME where it is absolute, and the home folder otherwise', () => {
    vi.stubEnv('XDG_CACHE_HOME', '/somewhere');
    expect(defaultCacheDir()).toBe(join('/somewhere', 'normscope'));
    vi.stubEnv('HOME', '/home/someone');
    for (const unusable of ['', 'relative']) {
      vi.stubEnv('XDG_CACHE_HOME', unusable);
      expect(defaultCacheDir()).toBe(join('/home/someone', '.cache', 'normscope'));
    }
  });

  it.each(['', 'relative'])('is never the working folder: a home of "%s" is refused', (home) => {
    vi.stubEnv('XDG_CACHE_HOME', '');
    vi.stubEnv('HOME', home);
    expect(defaultCacheDir).toThrow(StorageError);
    expect(defaultCacheDir).toThrow(
      /set XDG_CACHE_HOME to a folder that can be written, or name one .* with --data DIR/,
    );
  });

  it('has a message of its own for a user whom the system does not know', () => {
    vi.stubEnv('XDG_CACHE_HOME', '');
    vi.spyOn(os, 'homedir').mockImplementationOnce(() => {
      throw Object.assign(new Error('A system error occurred: uv_os_homedir returned ENOENT'), {
        code: 'ERR_SYSTEM_ERROR',
      });
    });
    expect(defaultCacheDir).toThrow(StorageError);
  });
});
