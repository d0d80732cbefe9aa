import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../errors.ts';
import { acquireLock } from './lock-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'normscope-lock-'));
  path = join(folder, 'x.lock');
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const moduleUrl = JSON.stringify(new URL('./lock-file.ts', import.meta.url).href);
const node = ['--import', 'tsx', '--input-type=module', '--eval'];

describe('acquireLock()', () => {
  it('is held by one at a time, and free after release', () => {
    const lock = acquireLock(path, 'work');
    expect(() => acquireLock(path, 'work on it')).toThrow(StorageError);
    expect(() => acquireLock(path, 'work on it')).toThrow(`Cannot work on it: process ${process.pid} is at it`);
    expect(fs.readdirSync(folder)).toEqual(['x.lock']);
    lock.release();
    const again = acquireLock(path, 'work');
    lock.release();
    expect(fs.existsSync(path)).toBe(true);
    again.release();
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('is refused while another process holds it, and taken over once that was killed', async () => {
    const script = `import { acquireLock } from ${moduleUrl};
      acquireLock(${JSON.stringify(path)}, 'work'); console.log('held'); setInterval(() => {}, 1e6);`;
    const child = spawn(process.execPath, [...node, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(() => acquireLock(path, 'work')).toThrow(`process ${child.pid} is at it`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    acquireLock(path, 'work').release();
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('is taken over by exactly one of several processes', async () => {
    fs.writeFileSync(path, JSON.stringify({ pid: deadPid(), host: hostname() }));
    const script = `import { acquireLock } from ${moduleUrl};
      let word = 'held';
      try { acquireLock(${JSON.stringify(path)}, 'work'); } catch { word = 'refused'; }
      console.log(word);
      setInterval(() => {}, 1e6);`;
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, [...node, script]));
    // All stay alive until the last has answered: a holder that ended would rightly be followed by another.
    const words = await Promise.all(
      children.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()),
    );
    for (const child of children) child.kill('SIGKILL');
    expect(words.sort()).toEqual(['held', 'refused', 'refused', 'refused']);
  });

  it.each([
    ['a process that is gone', (): object => ({ pid: deadPid(), host: hostname() })],
    ['a process whose number was given again', (): object => ({ pid: process.pid, host: hostname(), started: '1' })],
    ['a damaged file', (): string => '{"pid":'],
  ])('takes over the lock of %s', (_what, content) => {
    const owner = content();
    fs.writeFileSync(path, typeof owner === 'string' ? owner : JSON.stringify(owner));
    acquireLock(path, 'work').release();
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('respects a lock of another machine, of which nothing can be known', () => {
    fs.writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere.example' }));
    expect(() => acquireLock(path, 'work')).toThrow('process 1 on elsewhere.example');
  });

  it('says where it cannot write', () => {
    fs.writeFileSync(join(folder, 'file'), '');
    expect(() => acquireLock(join(folder, 'file', 'x.lock'), 'work')).toThrow(StorageError);
  });
});

/** The number of a process that has ended. */
function deadPid(): number {
  return spawnSync('true').pid;
}
