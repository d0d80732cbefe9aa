import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { rangesText, slurmScript } from './slurm-script.ts';

describe('rangesText()', () => {
  it.each<[readonly number[], string]>([
    [[], ''],
    [[4], '4'],
    [[0, 1, 2], '0-2'],
    [[0, 1, 3, 5, 6, 9], '0-1,3,5-6,9'],
    [[7, 999, 1000], '7,999-1000'],
  ])('%j', (numbers, text) => expect(rangesText(numbers)).toBe(text));
});

describe('slurmScript()', () => {
  const settings = {
    name: 'sweep-mlp',
    plan: "/shared/it's/plan.json",
    logs: '/shared/logs',
    program: ['echo', '/opt/main.js'],
    cpusPerTask: 8,
    extra: '-p gpu --time=4:00:00',
  };

  it('has options of Slurm alone before its first command', () => {
    const lines = slurmScript(settings).trimEnd().split('\n');
    expect(lines[0]).toBe('#!/bin/bash');
    expect(lines.filter((line) => line.startsWith('#SBATCH'))).toEqual([
      '#SBATCH --job-name=sweep-mlp',
      '#SBATCH --cpus-per-task=8',
      '#SBATCH --output=/shared/logs/%A_%a.log',
      '#SBATCH --open-mode=append',
      '#SBATCH --requeue',
      '#SBATCH --signal=B:USR1@180',
      '#SBATCH -p gpu --time=4:00:00',
    ]);
    expect(lines.slice(0, -1).every((line) => line === '' || line.startsWith('#'))).toBe(true);
    expect(slurmScript({ ...settings, extra: '' })).not.toMatch(/#SBATCH\s*$/m);
  });

  it.each([
    [['-s'], '3'],
    [['-s', '1001'], '1004'],
  ])('becomes the worker, with the offset %j added to the index', (words, task) => {
    const said = execFileSync('bash', words, {
      input: slurmScript(settings),
      encoding: 'utf8',
      env: { ...process.env, SLURM_ARRAY_TASK_ID: '3' },
    });
    expect(said).toBe(`/opt/main.js worker ${settings.plan} --task ${task}\n`);
  });
});
