import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataError, StorageError } from '../../errors.ts';
import type { LogMark } from '../cell.ts';
import { openRecordLog, readRecordLog } from './append-log.ts';
import type { StepRecord } from '../record.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'normscope-log-'));
  path = join(folder, 'records.jsonl');
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

function record(step: number): StepRecord {
  return { step, quantity: 'loss', value: Math.sin(step), definition: `définition ${step % 3}`, mode: 'train' };
}

function write(steps: readonly number[], options?: { truncateTo: LogMark }): LogMark {
  const log = openRecordLog(path, options);
  log.append(steps.map(record));
  const length = log.flush();
  log.close();
  return length;
}

describe('openRecordLog()', () => {
  it('appends, and flush tells the length in bytes on the disk', () => {
    const log = openRecordLog(path);
    log.append([record(0), record(1)]);
    expect(log.flush().recordsBytes).toBe(fs.statSync(path).size);
    log.append([record(2)]);
    log.close();
    expect(readRecordLog(path)).toEqual([0, 1, 2].map(record));
  });

  it('resumed at a checkpoint gives the bytes of a log never stopped', () => {
    write([0, 1, 2, 3, 4, 5, 6]);
    const whole = fs.readFileSync(path);
    fs.rmSync(path);
    const length = write([0, 1]);
    write([2, 3]);
    fs.appendFileSync(path, '{"step":4,"quan');
    write([2, 3, 4, 5, 6], { truncateTo: length });
    expect(fs.readFileSync(path).equals(whole)).toBe(true);
  });

  it('resumed at a checkpoint forgets every record after it, also when fewer follow', () => {
    const length = write([0, 1]);
    write([2, 3, 4, 5, 6]);
    write([2], { truncateTo: length });
    expect(readRecordLog(path)).toEqual([0, 1, 2].map(record));
  });

  it('has the records written before it asks the disk to keep them', () => {
    const log = openRecordLog(path);
    log.append([record(0)]);
    const fsync = vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
      expect(readRecordLog(path)).toEqual([record(0)]);
    });
    log.flush();
    expect(fsync).toHaveBeenCalledTimes(1);
    log.close();
  });

  it('without a checkpoint keeps whole lines and cuts off a torn one', () => {
    write([0, 1]);
    fs.appendFileSync(path, '{"step":2,"quan');
    expect(readRecordLog(path)).toEqual([0, 1].map(record));
    write([2]);
    expect(readRecordLog(path)).toEqual([0, 1, 2].map(record));
  });

  it('refuses a length that is not there, and other content of that length, and leaves the file alone', () => {
    const mark = write([0, 1]);
    for (const recordsBytes of [mark.recordsBytes + 1, mark.recordsBytes - 1, 5]) {
      expect(() => openRecordLog(path, { truncateTo: { ...mark, recordsBytes } })).toThrow(DataError);
    }
    expect(() => openRecordLog(path, { truncateTo: { ...mark, recordsCrc32: '00000000' } })).toThrow(DataError);
    expect(fs.statSync(path).size).toBe(mark.recordsBytes);
  });

  it('refuses to resume over damaged lines, and leaves the file alone', () => {
    const mark = write([0, 1]);
    const damaged = fs.readFileSync(path, 'utf8').replace('"step"', '"stop"');
    fs.writeFileSync(path, damaged);
    expect(() => openRecordLog(path, { truncateTo: mark })).toThrow('is not what was written');
    expect(() => openRecordLog(path)).toThrow(`${path}:2`);
    expect(fs.readFileSync(path, 'utf8')).toBe(damaged);
  });

  it('refuses a folder in the way and a closed log', () => {
    fs.mkdirSync(path);
    expect(() => openRecordLog(path)).toThrow(StorageError);
    fs.rmdirSync(path);
    const log = openRecordLog(path);
    log.close();
    log.close();
    expect(() => log.append([record(0)])).toThrow(StorageError);
  });

  it('on a full disk throws, keeps whole lines, and goes on once there is room', () => {
    const log = openRecordLog(path);
    log.append([0, 1].map(record));
    const { recordsBytes } = log.flush();
    log.append([2, 3].map(record));
    const writeSync = fs.writeSync;
    let room = 20;
    vi.spyOn(fs, 'writeSync').mockImplementation((...args: unknown[]) => {
      const [descriptor, bytes, offset, , position] = args;
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      const taken = writeSync(Number(descriptor), bytes as Uint8Array, Number(offset), room, Number(position));
      room = 0;
      return taken;
    });
    expect(() => log.flush()).toThrow(StorageError);
    expect(() => log.flush()).toThrow('the disk is full');
    expect(fs.statSync(path).size).toBe(recordsBytes);
    vi.restoreAllMocks();
    log.close();
    expect(readRecordLog(path)).toEqual([0, 1, 2, 3].map(record));
  });

  it('killed at any moment leaves a prefix of what was appended', async () => {
    const script = `
      import { openRecordLog } from ${JSON.stringify(new URL('./append-log.ts', import.meta.url).href)};
      const log = openRecordLog(${JSON.stringify(path)});
      for (let step = 0; ; step++) {
        log.append([{ step, quantity: 'loss', value: Math.sin(step), definition: 'définition ' + (step % 3), mode: 'train' }]);
        if (step % 50 === 49) console.log(log.flush().recordsBytes);
      }`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let flushed = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      flushed = Number(chunk.toString().trim().split('\n').at(-1));
      if (flushed > 20_000) child.kill('SIGKILL');
    });
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    const read = readRecordLog(path);
    expect(read.length).toBeGreaterThan(100);
    expect(read).toEqual(read.map((_, step) => record(step)));
    // What flush had confirmed is there.
    expect(fs.statSync(path).size).toBeGreaterThanOrEqual(flushed);
  });
});
