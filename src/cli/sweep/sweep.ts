/** @file `normscope sweep`: many cells in tasks, for many machines or this one. */

import { Command, Option } from 'commander';
import { models } from '../../models/index.ts';
import { askedLowering } from '../../runtime/lowering-choice.ts';
import { readPlan } from '../../sweeps/node/plan-file.ts';
import { addClaimOptions } from '../reproduce/chosen-claims.ts';
import { engineNamed } from './engines.ts';
import { interruptSignal } from '../failure.ts';
import * as options from '../options.ts';
import { printJson, printProse } from '../output.ts';
import { submitPlan } from './submitted-plan.ts';
import { makeSweep, planOf, type SweepOptions } from './sweep-plan.ts';
import { planJson, planText } from './plan-text.ts';
import { addSweptOptions } from './swept-options.ts';

export function sweepCommand(): Command {
  const command = new Command('sweep')
    .summary('run many trainings or claims, on many machines')
    .description(
      'Plans the cells of claims, or of one network trained with every combination of some settings, cuts them into ' +
        'tasks, and has them done: by a Slurm cluster, by hosts over ssh, or here. Machines share a folder and nothing ' +
        'else; what is done is in the cells, so that whatever is stopped or lost is gone on with by submit.\n\n' +
        'Of a network it takes the options of `normscope run` (see its help), each with a value, a list a,b,c or a ' +
        'range: 0.01:1:7 has seven values at equal distances, 0.01:1:7:log at equal ratios.',
    )
    .argument('<what...>', `claims, papers or tags; or a network: ${Object.keys(models).join(', ')}, FILE.onnx`)
    .addOption(
      new Option('--on <engine>', 'slurm, here, or ssh:FILE with a host in each line, as GNU parallel takes it')
        .argParser(engineNamed)
        .default('here'),
    )
    .addOption(
      new Option('--workers <n>', 'tasks at once (default: 32 on slurm, one a host by ssh, 1 here)').argParser(
        options.wholeNumber(1, 100_000),
      ),
    )
    .addOption(
      new Option('--cpus <n>', 'cores of a task; it trains as many networks at once as they allow').argParser(
        options.wholeNumber(1, 1024),
      ),
    )
    .addOption(
      new Option('--task-minutes <x>', 'the least that a task is worth starting for')
        .argParser(options.decimalNumber)
        .default(10),
    )
    .addOption(
      new Option('--sbatch <words>', "further words for Slurm, as '-p gpu --time=4:00:00'").default('', 'none'),
    );
  const seeds = [
    new Option('--seeds <n>', 'of each setting, or per arm of a claim (default: 1, or the budget’s)').argParser(
      options.wholeNumber(1),
    ),
    new Option('--first-seed <n>', 'the seed to count from (default: 0, or 100 for claims)').argParser(
      options.wholeNumber(0, options.MOST_SEED),
    ),
  ] as const;
  return addSweptOptions(addClaimOptions(command, { example: 'normscope sweep santurkar2018 --tag vgg', seeds }))
    .addOption(options.threadsOption(1))
    .addOption(
      new Option(
        '--lowering <name>',
        'how graphs are computed (default: portable, of the same bits on many processors; here, the fastest)',
      ).argParser(askedLowering),
    )
    .addOption(options.convolutionOption())
    .addOption(options.runsOption())
    .addOption(new Option('--out <dir>', 'the folder of the plan (default: a new one in --runs)'))
    .addOption(options.dataOption())
    .addOption(new Option('--dry-run', 'plan, say what would run and for how long, and submit nothing'))
    .addOption(options.jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope sweep mlp --lr 0.01:1:7:log --norm none,batch --seeds 3\n' +
        '  $ normscope sweep resnet20 --norm batch,group,layer --seeds 10 --on slurm\n' +
        '  $ normscope sweep santurkar2018/landscape --budget paper --on slurm --dry-run\n' +
        '  $ normscope sweep santurkar2018 --budget standard --on ssh:hosts.txt\n' +
        '  $ normscope status runs/sweep-mlp     how far it is\n' +
        '  $ normscope submit runs/sweep-mlp     what is missing, once more\n',
    )
    .action(sweep);
}

async function sweep(words: readonly string[], given: SweepOptions, self: Command): Promise<void> {
  const signal = interruptSignal(
    'nothing is lost: what was submitted goes on, and normscope status tells how far it is',
  );
  const { plan, name, root } = await planOf(words, given, self, signal);
  if (given.dryRun === true) {
    if (given.json === true) printJson(planJson(plan));
    else printProse(planText(plan));
    return;
  }
  const path = makeSweep(plan, name, root, given);
  if (given.json !== true) printProse(`${planText(plan)}\nPlan: ${path}`);
  const done = await submitPlan(readPlan(path), signal, given.json !== true);
  if (given.json === true) printJson({ ...planJson(plan), plan: path, ...done.json });
  else printProse(done.text);
}
