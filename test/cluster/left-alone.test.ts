/** @file Clusters that are left alone: one beside another, and one that must notice by itself that a machine is lost. */

import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';
import { isOver, stateOf } from './machine.ts';
import { clusterMissing } from './missing.ts';
import { until } from './waiting.ts';

const missing = clusterMissing();
if (missing !== undefined) console.log(missing);

describe.skipIf(missing !== undefined)('a cluster that is left alone', () => {
  it('knows no jobs of another beside it, and is gone when it is stopped', async () => {
    const one = await Cluster.start({ nodes: 1, cpus: 3 });
    const other = await Cluster.start({ nodes: 2, cpus: 1 });
    try {
      const job = await one.submit([], 'sleep 600');
      await one.untilRunning(job);
      expect(await other.queue()).toEqual([]);
      const processes = one.processes('n1');
      expect(processes.length).toBeGreaterThan(1);
      await one.stop();
      expect(new Set(processes.map(stateOf))).toEqual(new Set(['X']));
      await other.untilIdle();
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });

  it('finds out by itself that a machine has lost its power', async () => {
    // Slurm asks machines thrice in that time, and so notices sooner than with more.
    const cluster = await Cluster.start({ nodes: 2, cpus: 1, nodeTimeout: 2 });
    try {
      const job = await cluster.submit(
        [],
        'echo "start on $(hostname)"; [ "$SLURM_RESTART_COUNT" = 1 ] || sleep 600; echo end',
      );
      const node = await cluster.untilRunning(job);
      await cluster.until('the task to start', () => cluster.said(job) !== '');
      await cluster.powerCut(node);
      await cluster.untilGone(job);
      const other = cluster.nodes.find((name) => name !== node);
      expect(cluster.said(job)).toBe(`start on ${node}\nstart on ${other}\nend\n`);
    } finally {
      await cluster.stop();
    }
  });

  it('ends with the process that started it, even where that is killed', async () => {
    const program = [
      `import { Cluster } from ${JSON.stringify(new URL('cluster.ts', import.meta.url).href)};`,
      'const cluster = await Cluster.start({ nodes: 1, cpus: 1 });',
      "console.log(`${cluster.folder} ${cluster.processes('n1').join(' ')}.`);",
      'setInterval(() => undefined, 1000);',
    ].join('\n');
    const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program]);
    try {
      let said = '';
      owner.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      await until('the cluster to start', () => said.endsWith('.\n'));
      const [folder = '', ...numbers] = said.replace('.\n', '').split(' ');
      const files = ['munge/pid', 'state/slurmctld.pid'].map((file) => readFileSync(join(folder, file), 'utf8'));
      const processes = [...numbers, ...files].map(Number);
      expect(processes.length).toBeGreaterThan(2);
      expect(processes.map(stateOf)).not.toContain('X');
      owner.kill('SIGKILL');
      await until('all to be gone', () => processes.every(isOver));
      rmSync(folder, { recursive: true });
    } finally {
      owner.kill('SIGKILL');
    }
  });
});
