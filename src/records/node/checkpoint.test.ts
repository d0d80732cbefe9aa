import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError, StorageError } from '../../errors.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from '../cell.ts';
import { decodeSafetensors, encodeSafetensors } from '../safetensors.ts';
import type { StoredTensor } from '../safetensors.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'normscope-checkpoint-'));
  path = join(folder, 'step-7.safetensors');
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const checkpoint: Checkpoint = {
  step: 7,
  recordsBytes: 1234,
  recordsCrc32: '0a1b2c3d',
  tensors: new Map<string, StoredTensor>([
    ['fc.weight', { dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, Number.NaN) }],
    ['fc.bias', { dtype: 'float64', shape: [1], data: Float64Array.of(0.1) }],
  ]),
  metadata: { schedule: '{"best":0.5}' },
};

describe('writeCheckpoint() and readCheckpoint()', () => {
  it('round-trip, and write the same bytes for the same state', () => {
    writeCheckpoint(path, checkpoint);
    const bytes = fs.readFileSync(path);
    const read = readCheckpoint(path);
    expect({ ...read, tensors: Object.fromEntries(read.tensors) }).toStrictEqual({
      ...checkpoint,
      tensors: Object.fromEntries(checkpoint.tensors),
    });
    writeCheckpoint(path, { ...read, tensors: new Map([...read.tensors].reverse()) });
    expect(fs.readFileSync(path).equals(bytes)).toBe(true);
  });

  it('are plain safetensors, with the step in the metadata', () => {
    writeCheckpoint(path, checkpoint);
    const { tensors, metadata } = decodeSafetensors(fs.readFileSync(path));
    expect([...tensors.keys()].sort()).toEqual(['fc.bias', 'fc.weight']);
    expect(metadata).toMatchObject({ step: '7', recordsBytes: '1234', schedule: '{"best":0.5}' });
  });

  it('notice one changed bit in any byte of the data', () => {
    writeCheckpoint(path, checkpoint);
    const bytes = fs.readFileSync(path);
    const dataBytes = 6 * 4 + 8;
    for (let place = bytes.length - dataBytes; place < bytes.length; place++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(bytes.readUInt8(place) ^ 4, place);
      fs.writeFileSync(path, changed);
      expect(() => readCheckpoint(path)).toThrow(DataError);
    }
  });

  it('reject a half-written file, other safetensors, a missing file and a metadata key that is taken', () => {
    writeCheckpoint(path, checkpoint);
    fs.truncateSync(path, fs.statSync(path).size / 2);
    expect(() => readCheckpoint(path)).toThrow(DataError);
    fs.writeFileSync(path, encodeSafetensors(checkpoint.tensors, { format: 'pt' }));
    expect(() => readCheckpoint(path)).toThrow('metadata lack step');
    fs.rmSync(path);
    expect(() => readCheckpoint(path)).toThrow(StorageError);
    expect(() => writeCheckpoint(path, { ...checkpoint, metadata: { step: '8' } })).toThrow("'step' is taken");
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});
