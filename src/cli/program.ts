/** @file The program as a whole: its commands, its help, and how bad usage is reported. */

import { Command } from 'commander';
import { unknownName } from '../errors.ts';
import { version } from '../report/node/version.ts';
import { benchCommand } from './bench.ts';
import { ceilingCommand } from './ceiling.ts';
import { claimsCommand } from './claims.ts';
import { compareCommand } from './compare.ts';
import { dataCommand } from './data.ts';
import { doctorCommand } from './doctor.ts';
import { graphCommand } from './graph.ts';
import { reportCommand } from './report.ts';
import { reproduceCommand } from './reproduce.ts';
import { runCommand } from './run.ts';

/** The whole command line. Where other programs would end, it throws: a CommanderError, or what the command threw. */
export function createProgram(): Command {
  const program = new Command('normscope')
    .description(
      'Audits what the literature claims about batch normalisation on real data, and ' +
        'measures what normalisation does to the training of a network.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nStart here:\n' +
        '  $ normscope reproduce        test every claim, and write a report\n' +
        '  $ normscope run resnet20     train a network of your choice, with probes\n' +
        '  $ normscope help reproduce   all that a command can do\n' +
        '\nExit codes:\n' +
        '  0    done\n' +
        '  1    the program failed; the message says why and what to do\n' +
        '  2    the command was wrong; nothing was done\n' +
        '  3    a claim was not reproduced (only under reproduce --strict)\n' +
        '  130  stopped by Ctrl-C; the message says how to go on\n',
    );
  const commands = [
    reproduceCommand(),
    claimsCommand(),
    runCommand(),
    ceilingCommand(),
    reportCommand(),
    compareCommand(),
    graphCommand(),
    dataCommand(),
    doctorCommand(),
    benchCommand(),
    helpCommand(program),
  ];
  for (const command of commands) program.addCommand(frame(command, `normscope help ${command.name()}`));
  return frame(program, 'normscope help');
}

/** What all commands share; Commander hands none of it down to commands that were made on their own. */
function frame(command: Command, howToLearnMore: string): Command {
  return command
    .exitOverride()
    .helpOption('-h, --help', 'print this help')
    .configureHelp({
      subcommandTerm: (listed) => `${listed.name()} ${listed.usage().replace('[options]', '').trim()}`.trimEnd(),
    })
    .showHelpAfterError(`See: ${howToLearnMore}`)
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: (.)/, (_, first: string) => prefixed(first))),
    });
}

function prefixed(first: string): string {
  return `normscope: ${first.toUpperCase()}`;
}

function helpCommand(program: Command): Command {
  return new Command('help')
    .summary('explain a command')
    .description('Prints what a command does, its options and examples.')
    .argument('[command]', 'the command to explain; the whole program when none is named')
    .addHelpText('after', '\nExamples:\n  $ normscope help run\n')
    .action((name: string | undefined) => {
      if (name === undefined) program.help();
      const named = program.commands.find((command) => command.name() === name);
      if (named === undefined) {
        const known = program.commands.map((command) => command.name());
        throw unknownName('command', name, known);
      }
      named.help();
    });
}
