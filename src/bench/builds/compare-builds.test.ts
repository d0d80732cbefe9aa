import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProcessError } from '../../errors.ts';
import { type Build, buildAt } from './build.ts';
import { compareBuilds, secondsPerStep } from './compare-builds.ts';
import type { LoopSummary } from './loop-summary.ts';
import { loops } from './loops.ts';

/** What a made-up build does; it says that it took `fixed` seconds and `perStep` for each step of each network. */
interface Behaviour {
  readonly fixed: number;
  readonly perStep: number;
  /** Runs before anything is written. */
  readonly first?: string;
  /** Steps that it leaves out. */
  readonly missing?: number;
  readonly lowering?: string;
  readonly log?: string;
  /** What `help` says of its commands. */
  readonly help?: string;
}

let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(join(os.tmpdir(), 'normscope-builds-'))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** A command line that trains nothing, but leaves behind what a run does; it notes each call in `calls`. */
function madeUpBuild(name: string, behaviour: Behaviour): Build {
  const { fixed, perStep, first = '', missing = 0, lowering, log = 'finished', help = '' } = behaviour;
  const root = join(folder, name);
  fs.mkdirSync(join(root, 'dist', 'cli'), { recursive: true });
  fs.writeFileSync(join(root, 'package.json'), '{"name":"normscope","version":"1.0.0"}');
  const script = `
    const fs = require('node:fs');
    const words = process.argv.slice(2);
    if (words[0] === 'help') return console.log(${JSON.stringify(help)});
    const after = (word) => words[words.indexOf(word) + 1];
    const networks = words[0] === 'run' ? 1 : 6;
    const each = Number(words[0] === 'run' ? after('--steps') : words.find((w) => /^steps=/.test(w)).slice(6));
    const steps = networks * each;
    fs.appendFileSync(${JSON.stringify(join(folder, 'calls'))}, '${name} ' + words[0] + ' ' + each + '\\n');
    fs.appendFileSync(${JSON.stringify(join(folder, 'folders'))}, after('--out') + '\\n' + after('--runs') + '\\n');
    ${first}
    const out = after('--out');
    fs.mkdirSync(out);
    const device = { lowering: ${JSON.stringify(lowering)} ?? after('--lowering'), convolution: after('--convolution') };
    fs.writeFileSync(out + '/config.json', JSON.stringify({ device }));
    const loss = { quantity: 'loss' };
    const records = [...Array(steps - ${missing}).fill(loss), { quantity: 'accuracy' }];
    const isAsked = ${!help.includes('--format')} || after('--format') === 'json';
    if (isAsked) fs.writeFileSync(out + '/metrics.json', JSON.stringify({ records }));
    const end = JSON.stringify({ event: '${log}', wallSeconds: ${fixed} + ${perStep} * steps });
    fs.writeFileSync(out + '/log.jsonl', '{"event":"begin"}\\n' + end + '\\n');
  `;
  fs.writeFileSync(join(root, 'dist', 'cli', 'main.js'), script);
  return buildAt(root);
}

const device = { threads: 1, lowering: 'portable', convolution: 'winograd4' } as const;
const linesOf = (name: string): string[] => fs.readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');

/** One round of the first loop. */
async function firstLoop(here: Behaviour, signal?: AbortSignal): Promise<readonly LoopSummary[]> {
  const builds = { here: madeUpBuild('a', here), there: madeUpBuild('b', { fixed: 1, perStep: 1 }) };
  const plan = { builds, loops: loops.slice(0, 1), settings: [device], rounds: 1 };
  return await compareBuilds(plan, () => undefined, signal);
}

describe('compareBuilds', () => {
  it('takes what runs of both lengths share from neither build for a step', async () => {
    const builds = {
      here: madeUpBuild('a', { fixed: 100, perStep: 0.25 }),
      there: madeUpBuild('b', { fixed: 3, perStep: 0.5 }),
    };
    const progress: number[] = [];
    const results = await compareBuilds(
      { builds, loops, settings: [device, { ...device, threads: 2 }], rounds: 1 },
      ({ done, all }) => progress.push(done / all),
    );
    expect(results.map(({ model, probe, threads }) => [model, probe, threads])).toEqual(
      [1, 2].flatMap((threads) => loops.map(({ model, probe }) => [model, probe, threads])),
    );
    for (const { stepSeconds, ratio, rounds } of results) {
      expect(stepSeconds).toEqual({ here: 0.25, there: 0.5 });
      expect(ratio).toBe(0.5);
      expect(rounds).toHaveLength(1);
    }
    expect(progress).toEqual(Array.from({ length: 32 }, (_, i) => i / 32));
    expect(JSON.parse(JSON.stringify(results))).toEqual(results);
  });

  it('lets the builds take turns, the other one first in each second round, in folders that are new and go', async () => {
    const builds = {
      here: madeUpBuild('a', { fixed: 1, perStep: 1 }),
      there: madeUpBuild('b', { fixed: 1, perStep: 1 }),
    };
    const plan = { builds, loops: loops.slice(2), settings: [device], rounds: 2 };
    await compareBuilds(plan, () => undefined);
    const round = (a: string, b: string): string[] =>
      ['run 5', 'run 45', 'reproduce 2', 'reproduce 8'].flatMap((run) => [`${a} ${run}`, `${b} ${run}`]);
    expect(linesOf('calls')).toEqual([...round('a', 'b'), ...round('b', 'a')]);
    const folders = linesOf('folders');
    expect(new Set(folders).size).toBe(folders.length);
    expect(folders.filter((path) => fs.existsSync(path))).toEqual([]);
  });

  it('asks a build that has a word for it for the records in JSON', async () => {
    const results = await firstLoop({ fixed: 1, perStep: 1, help: '--format <name...>' });
    expect(results).toHaveLength(1);
  });

  it('says what a build said that failed', async () => {
    const first = "console.error('one'); console.error(\"unknown option '--convolution'\"); process.exit(2);";
    const failing = firstLoop({ fixed: 1, perStep: 1, first });
    await expect(failing).rejects.toThrow(ProcessError);
    await expect(firstLoop({ fixed: 1, perStep: 1, first })).rejects.toThrow(
      /^Cannot time .*a: 'run mlp --width 1 .*' ended with code 2:\none\nunknown option '--convolution'$/,
    );
    for (const path of linesOf('folders')) expect(fs.existsSync(path)).toBe(false);
  });

  it.each([
    [{ missing: 3 }, /must take 937 steps, got 934$/],
    [{ lowering: 'reference' }, /must compute by portable, winograd4, got reference, winograd4$/],
    [{ log: 'interrupted' }, /must say in its log\.jsonl how long it took$/],
  ])('refuses a run that did not do what it should: %o', async (wrong, message) => {
    await expect(firstLoop({ fixed: 1, perStep: 1, ...wrong })).rejects.toThrow(message);
  });

  it('refuses a long run that took no longer than a short one', async () => {
    await expect(firstLoop({ fixed: 5, perStep: 0 })).rejects.toThrow(
      '3748 steps of mlp must take longer than 937, got 5 s and 5 s; repeat when the machine is idle',
    );
  });

  it('ends the build that runs when it is stopped', async () => {
    const controller = new AbortController();
    const stopped = new Error('stopped');
    const hanging = firstLoop({ fixed: 1, perStep: 1, first: 'while (true);' }, controller.signal);
    const watch = setInterval(() => fs.existsSync(join(folder, 'calls')) && controller.abort(stopped), 20);
    await expect(hanging).rejects.toBe(stopped);
    clearInterval(watch);
    for (const path of linesOf('folders')) expect(fs.existsSync(path)).toBe(false);
  });
});

describe('secondsPerStep', () => {
  it('shares the difference among the steps of all networks', () => {
    const [loop] = loops;
    if (loop === undefined) throw new RangeError('There must be a loop');
    const small = { ...loop, networks: 6, steps: { short: 2, long: 7 } };
    expect(secondsPerStep(small, { short: 10, long: 16 })).toBe(0.2);
  });
});
