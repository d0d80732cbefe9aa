#!/usr/bin/env node
/** @file Where the program begins, and the one place where it ends. */

import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes, guardOutput, printError } from './failure.ts';
import { createProgram } from './program.ts';

guardOutput();
try {
  await (await createProgram(process.argv.slice(2))).parseAsync();
} catch (error) {
  // Commander has already printed what was wrong with the usage; help and version end with 0.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  else {
    printError(error);
    process.exitCode = exitCodeOf(error);
  }
}
