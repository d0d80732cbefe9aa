/** @file Options that several commands share, and how their text is read. */

import os from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadDataset } from '../data/node/load-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import { SettingError } from '../errors.ts';
import { formatBytes } from '../report/plain-text.ts';
import {
  type AskedLowering,
  askedLowering,
  type ConvolutionName,
  convolutionName,
  loweringNames,
  resolveLowering,
} from '../runtime/lowering-choice.ts';
import { createProgressLine } from './progress.ts';

/** Which device the command line asks for. */
export interface DeviceOptions {
  readonly threads: number;
  readonly lowering: AskedLowering;
  readonly convolution?: ConvolutionName;
}

const cores = os.availableParallelism();
/** Far beyond any use; a slip of the finger must not bring a machine down. */
const MOST_AT_ONCE = 256;

/** Reads a number of threads. */
export const threadCount: (text: string) => number = wholeNumber(1, MOST_AT_ONCE);

/** @param fallback - all cores when omitted */
export function threadsOption(fallback?: number): Option {
  const option = new Option('--threads <n>', 'threads per network').argParser(threadCount);
  // The help must not depend on the machine.
  return fallback === undefined ? option.default(cores, 'all cores') : option.default(fallback);
}

export function loweringOption(): Option {
  return new Option('--lowering <name>', `how graphs are computed: auto, ${loweringNames.join(', ')}`)
    .argParser(askedLowering)
    .default('auto', 'the fastest that is right on this machine');
}

/** No default of its own: each lowering has its usual form. */
export function convolutionOption(): Option {
  const what =
    'fastest form that 3 × 3 convolutions may take: winograd4 (gradients right to 3e-5 of their largest entry), ' +
    'winograd2 or direct (1e-5, slower) (default: the first that the lowering has)';
  return new Option('--convolution <form>', what).argParser(convolutionName);
}

export const jsonOption = (): Option => new Option('--json', 'print one JSON value instead of text');
/** Without a default of its own: a run that is gone on with remembers where its cells are. */
export const runsOption = (): Option => new Option('--runs <dir>', 'where runs and cells are kept (default: "runs")');
export const dataOption = (): Option =>
  new Option('--data <dir>', 'a folder with the official files (default: fetched and cached)');
export const outOption = (): Option =>
  new Option('--out <dir>', 'the folder of this run (default: a new one in --runs)');
export const resumeOption = (): Option => new Option('--resume', 'go on with the run that --out holds');

export const parallelOption = (): Option =>
  new Option('--parallel <n>', 'cells at once (default: cores / threads)').argParser(wholeNumber(1, MOST_AT_ONCE));

/** The settings of the device that was asked for. @throws {SettingError} for settings that do not go together. */
export function deviceFrom({ threads, lowering, convolution }: DeviceOptions): DeviceOptions {
  const form = convolution !== undefined && { convolution };
  if (lowering !== 'auto') resolveLowering({ lowering, ...form });
  return { threads, lowering, ...form };
}

/** `key=value`, repeatable. */
export const setOption = (what: string, flags = '--set <key=value>'): Option =>
  new Option(flags, `${what} (repeatable)`).argParser(collectPairs).default({}, 'none');

/** What the words after an option of several names may be. */
interface NameReader {
  /** @throws {SettingError} for an unknown name. */
  readonly read: (word: string) => string;
  /** What the command itself takes: "a model". */
  readonly argument: string;
  readonly isArgument: (word: string) => boolean;
  /** A command in the order that works. */
  readonly example: string;
}

/**
 * An option of several names, for a command with an argument. It takes every word up to the next option, the argument too:
 * that is told here, where Commander would only miss an argument.
 */
export function namesOption(flags: string, what: string, { read, argument, isArgument, example }: NameReader): Option {
  const collect = (word: string, earlier: readonly string[]): readonly string[] => {
    try {
      return [...earlier, read(word)];
    } catch (error) {
      if (!isArgument(word)) throw error;
      throw new InvalidArgumentError(
        `It is ${argument}, and the option takes every word that follows it for a name; write '${example}'.`,
      );
    }
  };
  return new Option(flags, what).argParser(collect).default([], 'none');
}

/** Seeds are kept as 32-bit integers in Parquet files. */
export const MOST_SEED: number = 2 ** 31 - 1;

/** A reader of whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    }
    return value;
  };
}

export function decimalNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

function collectPairs(text: string, earlier: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be key=value.');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Loads a data set, with progress on standard error. */
export async function openDataset(name: string, folder: string | undefined, signal?: AbortSignal): Promise<Dataset> {
  const line = createProgressLine();
  try {
    return await loadDataset(name, {
      ...(folder !== undefined && { folder }),
      ...(signal !== undefined && { signal }),
      onProgress: ({ message, bytes, isNotice }) => {
        if (isNotice === true) line.say(message);
        else line.update(bytes > 0 ? `${message} (${formatBytes(bytes)})` : message);
      },
    });
  } finally {
    line.done();
  }
}

/** The number of cells at once: all cores, shared out by threads. */
export function defaultParallel(threads: number): number {
  return Math.max(1, Math.floor(cores / threads));
}

/** What to do after Ctrl-C: the same command, which finds its cells; a folder named by --out must be taken up again. */
export function howToGoOn({ out, resume }: { readonly out?: string; readonly resume?: boolean }): string {
  const command = out === undefined || resume === true ? 'the same command' : 'the same command with --resume added';
  return `nothing is lost: ${command} goes on where this one stopped`;
}

/** The first option that stands on the command line, of those whose names (in camel case) are meant. */
export function givenOption(command: Command, isMeant: (name: string) => boolean): Option | undefined {
  return command.options.find((option) => {
    const name = option.attributeName();
    return isMeant(name) && command.getOptionValueSource(name) === 'cli';
  });
}

/** @throws {SettingError} where an option is given without the one that it needs. */
export function requireTogether(given: unknown, needed: unknown, message: string): void {
  if (given !== undefined && needed === undefined) throw new SettingError(message);
}
