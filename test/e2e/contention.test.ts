/**
 * @file Many processes at one cell, killed, frozen and thawed at random: one whole generation each time, equal to one that
 * nobody disturbed, and nothing left over. `NORMSCOPE_ROUNDS=200 npx vitest run test/e2e/contention.test.ts` does it longer.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStream } from '../../src/math/random.ts';
import { filesOf } from '../files-of.ts';

const script = fileURLToPath(new URL('./contending-cell.mjs', import.meta.url));
const rounds = Number(process.env['NORMSCOPE_ROUNDS'] ?? 6);
const hash = '0123456789abcdef';

let root: string;
let undisturbed: Record<string, string>;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'normscope-contention-'));
  await ended(start(join(root, 'whole')));
  undisturbed = filesOf(join(root, 'whole'));
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

function start(folder: string): ChildProcess {
  return spawn(process.execPath, [script, folder, hash], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    child.on('error', reject);
    child.on('close', (code) => resolve(code));
  });
}

describe('two processes at one cell', () => {
  it(
    `make one whole generation, ${rounds} times, killed at random and one of them frozen and thawed`,
    async () => {
      const random = createStream({ seed: 2018, purpose: 'noise', layer: 'contention' });
      for (let round = 0; round < rounds; round++) {
        const folder = join(root, `round-${round}`);
        // The first is frozen for a while, and goes on when others may long have finished.
        const frozen = start(folder);
        const killed = start(folder);
        await delay(60 + random.integer(120));
        frozen.kill('SIGSTOP');
        await delay(random.integer(150));
        killed.kill('SIGKILL');
        const others = [start(folder), start(folder)];
        await delay(random.integer(250));
        others[0]?.kill(random.integer(2) === 0 ? 'SIGKILL' : 'SIGCONT');
        if (random.integer(2) === 0) await ended(others[1] as ChildProcess);
        frozen.kill('SIGCONT');
        const codes = await Promise.all([frozen, ...others].map(ended));
        // Killed, or to its end: no process meets an error of another's making.
        expect(
          codes.filter((code) => code !== 0 && code !== null),
          `round ${round}`,
        ).toEqual([]);
        expect(await ended(start(folder)), `round ${round}`).toBe(0);
        expect(filesOf(folder), `round ${round}`).toEqual(undisturbed);
        expect(readdirSync(join(folder, hash)), `round ${round}`).toHaveLength(1);
      }
    },
    60_000 + 10_000 * rounds,
  );

  it('that run under two host names on one folder go on with each other’s work', async () => {
    const folder = join(root, 'hosts');
    const first = start(folder);
    const place = join(folder, hash);
    const hasCheckpoint = (): boolean => {
      try {
        return readdirSync(place, { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith('.safetensors'));
      } catch {
        return false;
      }
    };
    while (!hasCheckpoint()) await delay(5);
    first.kill('SIGKILL');
    await ended(first);
    // What was begun is made to look as if another machine had begun it.
    const [attempt = ''] = readdirSync(place);
    const path = join(place, attempt, 'attempt.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), host: 'another-host' }));
    expect(await ended(start(folder))).toBe(0);
    expect(filesOf(folder)).toEqual(undisturbed);
    const [generation = ''] = readdirSync(place);
    const maker = JSON.parse(readFileSync(join(place, generation, 'attempt.json'), 'utf8'));
    expect(maker.resumed).toMatchObject([{ host: 'another-host' }]);
  }, 60_000);
});
