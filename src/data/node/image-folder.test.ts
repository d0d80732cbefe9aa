import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, describe, expect, it } from 'vitest';
import { readImageFolder } from './image-folder.ts';
import { loadExamples } from './load-examples.ts';

const root = mkdtempSync(join(tmpdir(), 'normscope-images-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder with files in it: `cats/1.png` and its bytes. */
function folderOf(name: string, files: Readonly<Record<string, Uint8Array>>): string {
  const folder = join(root, name);
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

/** A PNG of 2 rows of 3 pixels that count up from a number, channel by channel. */
const png = (channels: 1 | 3 | 4, from: number): Uint8Array =>
  encode({
    width: 3,
    height: 2,
    channels,
    depth: 8,
    data: Uint8Array.from({ length: 6 * channels }, (_, i) => from + i),
  });
const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);

describe('readImageFolder()', () => {
  it('numbers classes by name, and gives images as planes, without alpha', async () => {
    const folder = folderOf('colours', {
      'dogs/b.png': png(4, 50),
      'cats/a.png': png(3, 1),
      'cats/b.png': png(3, 2),
      'dogs/notes.txt': jpeg,
    });
    const { x, labels, shape, classes, isPixels } = await readImageFolder(folder);
    expect([...labels]).toEqual([0, 0, 1]);
    expect({ shape, classes, isPixels }).toEqual({ shape: [3, 2, 3], classes: 2, isPixels: true });
    expect([...x.subarray(0, 6)]).toEqual([1, 4, 7, 10, 13, 16]);
    expect([...x.subarray(36, 42)]).toEqual([50, 54, 58, 62, 66, 70]);
  });

  it('reads grey images, and so many of each class', async () => {
    const folder = folderOf('grey', { 'a/1.png': png(1, 9), 'a/2.png': png(1, 1), 'b/1.png': png(1, 3) });
    const { x, shape, count } = await readImageFolder(folder, { perClass: 1 });
    expect({ shape, count }).toEqual({ shape: [1, 2, 3], count: 2 });
    expect([...x]).toEqual([9, 10, 11, 12, 13, 14, 3, 4, 5, 6, 7, 8]);
  });

  it.each([
    [
      'JPEGs',
      { 'a/1.jpg': jpeg, 'b/1.png': png(1, 0) },
      /got '1\.jpg' and no PNG in .*; turn them into PNGs first: 'mogrify/,
    ],
    [
      'a JPEG that calls itself PNG',
      { 'a/1.png': jpeg, 'b/1.png': png(1, 0) },
      /1\.png as a PNG \(.*; turn them into PNGs/,
    ],
    ['one class', { 'a/1.png': png(1, 0) }, /two or more, got 1 folder/],
    ['images of two sizes', { 'a/1.png': png(1, 0), 'b/1.png': png(3, 0) }, /one size, \[1, 2, 3\], got \[3, 2, 3\]/],
  ])('refuses %s, with what to do', async (name, files, message) => {
    await expect(readImageFolder(folderOf(name, files))).rejects.toThrow(message);
  });
});

describe('loadExamples()', () => {
  it('takes a folder, or images that are made up', async () => {
    const folder = folderOf('loaded', { 'a/1.png': png(1, 9), 'b/1.png': png(1, 3) });
    const { examples, usual } = await loadExamples(folder);
    expect([examples.count, usual.multiple]).toEqual([2, 1 / 255]);
    const made = await loadExamples('synthetic', { shape: [2, 3, 5], classes: 4 });
    expect(made.examples).toMatchObject({ shape: [2, 3, 5], classes: 4, isPixels: true });
  });

  it('refuses a word that is nothing, and arrays without labels', async () => {
    await expect(loadExamples('nowhere')).rejects.toThrow(/X\.npy,Y\.npy, or synthetic, got 'nowhere'/);
    await expect(loadExamples('x.npy')).rejects.toThrow(/with the labels \[N\] in Y/);
    await expect(loadExamples(`${join(root, 'x.npy')},y.npy`)).rejects.toThrow(
      /Cannot read .*x\.npy: it does not exist/,
    );
  });
});
