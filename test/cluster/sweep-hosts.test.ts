/** @file A sweep of which one machine has other code, and another computes wrongly. */

import { appendFileSync, copyFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience, Place } from '../e2e/command-line.ts';
import { Cluster } from './cluster.ts';
import { outputOf, runCommand } from './commands.ts';
import { clusterMissing } from './missing.ts';
import { Sweep } from './swept.ts';

const missing = clusterMissing();
if (missing !== undefined) console.log(missing);
const place = new Place();

/** Code that cells are named by, and a part of the engine that they are not. */
const code = fileURLToPath(new URL('../../dist/math/relative-error.js', import.meta.url));
const engine = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), 'backend.js');
/** As a processor that adds up wrongly: the first number of every result is another. */
const spoiled = `
const { createInferenceSessionHandler } = exports.onnxruntimeBackend;
exports.onnxruntimeBackend.createInferenceSessionHandler = async (...model) => {
  const handler = await createInferenceSessionHandler(...model);
  const run = handler.run.bind(handler);
  handler.run = async (feeds, fetches, options) => {
    const results = await run(feeds, fetches, options);
    for (const { data } of Object.values(fetches)) if (data instanceof Float32Array) data[0] += 1;
    return results;
  };
  return handler;
};
`;

describe.skipIf(missing !== undefined)('a sweep on machines that differ', () => {
  let cluster: Cluster;
  let sweep: Sweep;
  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 3, cpus: 2, nodeTimeout: 120, slurm: { KillWait: '2' } });
    sweep = new Sweep(place, cluster.environment);
  });
  afterAll(() => cluster?.stop());

  const onMachine = async (node: string, ...words: readonly string[]): Promise<string> => {
    const [inside = 0] = cluster.processes(node);
    return outputOf('nsenter', await runCommand('nsenter', ['--mount', '--pid', `--target=${inside}`, ...words]));
  };
  /** One machine alone sees another file there, by a mount that is its own. */
  const replaceOn = async (node: string, path: string, addition: string): Promise<void> => {
    const changed = join(cluster.folder, `changed-on-${node}`);
    copyFileSync(path, changed);
    appendFileSync(changed, addition);
    await onMachine(node, 'mount', '--bind', changed, realpathSync(path));
  };

  it(
    'makes no cell where the code is another or the engine is wrong, and all of them when it is submitted again',
    async () => {
      await replaceOn('n1', code, '// other code\n');
      await replaceOn('n2', engine, spoiled);
      // Each machine gets one task first.
      const { code: exit, stderr } = await sweep.begin('--lr 0.01,0.02,0.03 --steps 100', [
        '--on',
        'slurm',
        '--sbatch',
        '--exclusive',
      ]);
      expect({ exit, stderr }).toMatchObject({ exit: 0 });
      const [first = ''] = sweep.arrays;
      await cluster.untilGone();
      const tasks = [0, 1, 2];
      const said = tasks.map((task) => sweep.log(first, task).replaceAll(/\s+/g, ' '));
      const jobs = await Promise.all(tasks.map((task) => details(`${first}_${task}`)));
      const refused = tasks.filter((task) => jobs[task]?.includes('ExitCode=2:0'));
      expect(refused.length).toBeGreaterThan(0);
      for (const task of refused) {
        expect(said[task]).toMatch(/the code of normscope is \w{12} here and \w{12} in the plan; install normscope/);
        expect(sweep.cellsOf(task).map((hash) => sweep.makerOf(hash))).toEqual([undefined]);
      }
      const passedOn = tasks.filter((task) => said[task]?.includes('n2 must compute what float64 does'));
      expect(passedOn).toHaveLength(1);
      // Slurm was asked to begin again what the wrong machine had been given.
      expect(jobs[passedOn[0] ?? 0]).toMatch(/ Restarts=[1-3] /);

      await onMachine('n1', 'umount', code);
      const [status, submit] = await sweep.verbs('status', 'submit');
      expect(status?.stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /Hosts that do not compute right: n2 must compute what float64 does, got lowering portable\S* .* keep it out: --sbatch --exclude=n2/,
      );
      expect(submit?.stdout).toMatch(
        /^Submitted [123] tasks? to Slurm: job \d+ \[\S+\], without n2, which did not compute right\./,
      );
      await cluster.untilGone();
      const { here, undisturbed } = sweep.bytes;
      expect(Object.keys(undisturbed)).toHaveLength(9);
      expect(here).toEqual(undisturbed);
      const hosts = tasks.flatMap((task) => sweep.cellsOf(task)).map((hash) => sweep.makerOf(hash)?.host);
      expect(hosts.filter((host) => host !== 'n1' && host !== 'n3')).toEqual([]);
    },
    patience,
  );

  const details = async (id: string): Promise<string> =>
    outputOf('scontrol', await cluster.slurm('scontrol', 'show', 'job', id));
});
