/** @file `normscope submit`: has done what is missing of a sweep, and nothing else. */

import { Command } from 'commander';
import { readPlan } from '../../sweeps/node/plan-file.ts';
import { interruptSignal } from '../failure.ts';
import * as options from '../options.ts';
import { printJson, printProse } from '../output.ts';
import { submitPlan } from './submitted-plan.ts';

export function submitCommand(): Command {
  return new Command('submit')
    .summary('have done what is missing of a sweep')
    .description(
      'Looks which cells of a plan are missing and which of its tasks Slurm still has, and submits those tasks alone that ' +
        'have a missing cell and are not in the queue; a second time it submits nothing. Cells that failed are tried again, ' +
        'and hosts that do not compute right are left out.',
    )
    .argument('<plan>', 'the plan, plan.json or its folder')
    .addOption(options.jsonOption())
    .addHelpText('after', '\nExamples:\n  $ normscope submit runs/sweep-mlp\n')
    .action(async (word: string, { json }: { readonly json?: boolean }) => {
      const signal = interruptSignal('normscope submit goes on with what is missing');
      const done = await submitPlan(readPlan(word), signal, json !== true);
      if (json === true) printJson(done.json);
      else printProse(done.text);
    });
}
