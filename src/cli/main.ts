#!/usr/bin/env node
/** @file The command line: one file per command, one place where the program ends. */

import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { benchCommand } from './bench.ts';
import { claimsCommand } from './claims.ts';
import { dataCommand } from './data.ts';
import { doctorCommand } from './doctor.ts';
import { exitCodeOf, printError } from './failure.ts';
import { graphCommand } from './graph.ts';
import { reproduceCommand } from './reproduce.ts';
import { runCommand } from './run.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export function createProgram(): Command {
  return new Command('normscope')
    .description(
      'Audits what the literature claims about batch normalisation on real data, and measures ' +
        'what normalisation does to the training of a network.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'explain a command')
    .configureHelp({ sortSubcommands: false })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nStart here:\n' +
        '  $ normscope reproduce          test every claim at the quick budget, and write a report\n' +
        '  $ normscope run resnet20       train a network of your choice, with probes\n' +
        '  $ normscope help reproduce     all that a command can do\n',
    )
    .addCommand(reproduceCommand())
    .addCommand(claimsCommand())
    .addCommand(runCommand())
    .addCommand(graphCommand())
    .addCommand(dataCommand())
    .addCommand(doctorCommand())
    .addCommand(benchCommand());
}

/** Makes bad usage an error that is thrown, here and in all commands. */
function throwOnExit(command: Command): Command {
  command.exitOverride();
  command.commands.forEach(throwOnExit);
  return command;
}

async function main(): Promise<void> {
  try {
    await throwOnExit(createProgram()).parseAsync();
  } catch (error) {
    // Commander has already printed what was wrong with the usage; help and version end with 0.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else {
      printError(error);
      process.exitCode = exitCodeOf(error);
    }
  }
}

await main();
