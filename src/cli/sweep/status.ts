/** @file `normscope status`: how far a sweep is: first by its cells, then by what the queue says. */

import { Command } from 'commander';
import { Failures } from '../../sweeps/node/failures.ts';
import { readPlan } from '../../sweeps/node/plan-file.ts';
import { queuedTasks } from '../../sweeps/node/slurm.ts';
import { hostsAtWork, sweepState } from '../../sweeps/node/sweep-state.ts';
import * as options from '../options.ts';
import { printJson, printProse } from '../output.ts';
import { type SweepStatus, statusJson, statusText } from './plan-text.ts';

export function statusCommand(): Command {
  return new Command('status')
    .summary('say how far a sweep is')
    .description(
      'Counts the cells of a plan that are finished, begun, failed and missing, by what lies in the folder of cells; then ' +
        'the tasks that Slurm has in its queue. Says what failed, where and why, and what to do next.',
    )
    .argument('<plan>', 'the plan, plan.json or its folder')
    .addOption(options.jsonOption())
    .addHelpText('after', '\nExamples:\n  $ normscope status runs/sweep-mlp\n')
    .action((word: string, { json }: { readonly json?: boolean }) => {
      const file = readPlan(word);
      const state = sweepState(file);
      const [cells, hosts] = [Failures.ofCells(file.folder), Failures.ofHosts(file.folder)];
      const failedHere = new Set(state.cells.flatMap((cell) => (cell.state === 'failed' ? [cell.hash] : [])));
      const status: SweepStatus = {
        file,
        state,
        hosts: hostsAtWork(file, state),
        failed: [...failedHere].flatMap((hash) => cells.of(hash) ?? []),
        faultyHosts: hosts.keys.flatMap((host) => hosts.of(host) ?? []),
        queue: file.plan.on === 'slurm' ? queuedTasks(file.folder) : undefined,
      };
      if (json === true) printJson(statusJson(status));
      else printProse(statusText(status));
    });
}
