import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DataError, StorageError } from '../../errors.ts';
import { node, onnxBytes, port } from '../../testing/onnx-bytes.ts';
import { readOnnxFile } from './read-onnx-file.ts';

const root = mkdtempSync(join(tmpdir(), 'normscope-external-'));
const folder = join(root, 'model');
const path = join(folder, 'model.onnx');
const weights = new Uint8Array(Float32Array.of(0, 1, 2, 3).buffer);
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'parts'), { recursive: true });
  writeFileSync(join(root, 'secret'), weights);
  writeFileSync(join(folder, 'weights'), weights);
  writeFileSync(join(folder, 'parts', 'weights'), weights);
});

/** The two numbers that a model keeps at a place. */
function stored(location: string, offset = '4'): unknown {
  const externalData = [
    { key: 'location', value: location },
    { key: 'offset', value: offset },
  ];
  const initializer = [{ name: 'w', dims: [2n], dataType: 1, dataLocation: 1 as const, externalData }];
  writeFileSync(
    path,
    onnxBytes({
      input: [port('x', [2])],
      output: [port('y', [2])],
      node: [node('Add', ['x', 'w'], ['y'])],
      initializer,
    }),
  );
  return readOnnxFile(path).model.graph.initialisers.get('w')?.data;
}

describe('readOnnxFile()', () => {
  it("reads external data in the model's folder, below it, and by a link that stays there", () => {
    symlinkSync(join('parts', 'weights'), join(folder, 'link'));
    for (const location of ['weights', 'parts/weights', './weights', 'link']) {
      expect(stored(location)).toEqual(Float32Array.of(1, 2));
    }
  });

  it('reads no other file, whatever the model says', () => {
    symlinkSync(join('..', 'secret'), join(folder, 'link'));
    symlinkSync('..', join(folder, 'up'));
    for (const location of [
      '../secret',
      'parts/../../secret',
      '..\\secret',
      join(root, 'secret'),
      'C:\\secret',
      'link',
      'up/secret',
    ]) {
      expect(() => stored(location), location).toThrow("External data must be in the model's own folder");
      expect(() => stored(location), location).toThrow(DataError);
    }
  });

  it('says what is missing, too short or no file', () => {
    expect(() => stored('absent')).toThrow("keeps numbers in 'absent' beside it, which cannot be found");
    expect(() => stored('weights', '12')).toThrow("'weights' must have 8 bytes at 12, got 16 bytes in all");
    expect(() => stored('weights', '99999999999999')).toThrow(DataError);
    expect(() => stored('weights', '-4')).toThrow('must be a whole number');
    expect(() => stored('parts')).toThrow('must be in a file');
    expect(() => readOnnxFile(join(folder, 'none.onnx'))).toThrow(StorageError);
    expect(() => readOnnxFile(folder)).toThrow('A model must be a file');
  });
});
