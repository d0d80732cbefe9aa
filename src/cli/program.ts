/** @file The program as a whole: its commands, its help, and how bad usage is reported. */

import { Command } from 'commander';
import { unknownName } from '../errors.ts';
import { version } from '../report/node/version.ts';

/** Each is loaded when it is asked for: what one command needs costs a second that another can do without. */
const commands = {
  reproduce: async () => (await import('./reproduce/reproduce.ts')).reproduceCommand(),
  claims: async () => (await import('./reproduce/claims.ts')).claimsCommand(),
  run: async () => (await import('./run/run.ts')).runCommand(),
  inspect: async () => (await import('./graph/inspect.ts')).inspectCommand(),
  diagnose: async () => (await import('./diagnose/diagnose.ts')).diagnoseCommand(),
  ceiling: async () => (await import('./ceiling.ts')).ceilingCommand(),
  report: async () => (await import('./report/report.ts')).reportCommand(),
  sweep: async () => (await import('./sweep/sweep.ts')).sweepCommand(),
  worker: async () => (await import('./sweep/worker.ts')).workerCommand(),
  status: async () => (await import('./sweep/status.ts')).statusCommand(),
  submit: async () => (await import('./sweep/submit.ts')).submitCommand(),
  compare: async () => (await import('./compare/compare.ts')).compareCommand(),
  graph: async () => (await import('./graph/graph.ts')).graphCommand(),
  lab: async () => (await import('./lab.ts')).labCommand(),
  verify: async () => (await import('./verify.ts')).verifyCommand(),
  data: async () => (await import('./data.ts')).dataCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  bench: async () => (await import('./bench/bench.ts')).benchCommand(),
} as const satisfies Readonly<Record<string, () => Promise<Command>>>;
type CommandName = keyof typeof commands;

/** The command that the words name, to be run or explained; none where they ask for the version; else all. */
function neededFor([first = '', second = '']: readonly string[]): readonly CommandName[] {
  if (first === '-V' || first === '--version') return [];
  const name = first === 'help' ? second : first;
  const all = Object.keys(commands) as CommandName[];
  const named = all.filter((known) => known === name);
  return named.length > 0 ? named : all;
}

/**
 * The command line, as far as some words need it. Where other programs would end, it throws: a CommanderError, or what the
 * command threw.
 */
export async function createProgram(words: readonly string[]): Promise<Command> {
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
        '  $ normscope reproduce        test claims at the quick budget; write a report\n' +
        '  $ normscope run resnet20     train a network of your choice, with probes\n' +
        '  $ normscope help reproduce   all that a command can do\n' +
        '\nExit codes:\n' +
        '  0    done\n' +
        '  1    the program failed; the message says why and what to do\n' +
        '  2    the command was wrong; nothing was done\n' +
        '  3    a claim was not reproduced, or a problem found (only under --strict);\n' +
        '       of verify: a submission does not hold\n' +
        '  130  stopped by Ctrl-C; the message says how to go on\n',
    );
  const loaded = await Promise.all(neededFor(words).map(async (name) => commands[name]()));
  for (const command of [...loaded, helpCommand(program)]) {
    program.addCommand(frame(command, `normscope help ${command.name()}`));
  }
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
