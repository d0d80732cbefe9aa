/** @file The options of a training with lists of values: what a sweep varies, and what all its trainings share. */

import { Command, CommanderError, Option } from 'commander';
import { SettingError } from '../../errors.ts';
import { maybeRange, rangeForm } from '../../studies/overrides.ts';
import type { SweepAxis } from '../../sweeps/plan.ts';
import { addFileOptions, type FileNetworkOptions } from '../run/chosen-network.ts';
import { addNetworkOptions } from '../run/network-options.ts';
import { addProbeOptions, type ProbeOptions } from '../run/probe-options.ts';
import { addTrainingOptions, type TrainingOptions } from '../run/training-options.ts';

export interface OneTrainingOptions extends TrainingOptions, FileNetworkOptions, ProbeOptions {}

/** A command with the options of one training, as `normscope run` reads them. */
function trainingCommand(): Command {
  return addProbeOptions(addTrainingOptions(addFileOptions(addNetworkOptions(new Command('run')))));
}

/** What is said in words of its own: lists that are one value, and what a sweep has options of its own for. */
const passedOn = new Set(['normalised', 'probe', 'probeSet', 'preprocess']);
const replaced = new Set(['seed']);

/** Adds the options of a training, which take lists here; help leaves them to that of `run`. */
export function addSweptOptions(command: Command): Command {
  for (const { option } of sweptOptions()) {
    command.addOption(option.variadic ? option.hideHelp() : listOption(option));
  }
  return command;
}

/** Takes any text, and keeps all that it is given. */
function listOption({ flags }: Option): Option {
  const option = new Option(flags).hideHelp();
  const takesText = option.required || option.optional;
  if (!takesText) return option;
  return option.argParser((text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), text]);
}

interface SweptOption {
  readonly option: Option;
  readonly attributeName: string;
  readonly long: string;
}

function sweptOptions(): readonly SweptOption[] {
  return trainingCommand()
    .options.map((option) => ({
      option,
      attributeName: option.attributeName(),
      long: option.long ?? option.flags,
    }))
    .filter(({ attributeName }) => !replaced.has(attributeName));
}

/** Whether any option of a training stands on the command line. */
export function givenTrainingOption(command: Command): string | undefined {
  return sweptOptions().find(({ attributeName }) => command.getOptionValueSource(attributeName) === 'cli')?.long;
}

/**
 * What all trainings share, as words of `run`, and what varies.
 * @throws {SettingError} for a list that means nothing
 */
export function sweptWords(command: Command): {
  readonly words: readonly string[];
  readonly axes: readonly SweepAxis[];
} {
  const words: string[] = [];
  const axes: SweepAxis[] = [];
  const seen = new Set<string>();
  for (const { attributeName: name, long } of sweptOptions()) {
    if (seen.has(name) || command.getOptionValueSource(name) !== 'cli') continue;
    seen.add(name);
    const value: unknown = command.getOptionValue(name);
    if (typeof value === 'boolean') {
      words.push(value ? positive(long) : `--no-${positive(long).slice(2)}`);
      continue;
    }
    for (const { axis, at, text } of namedTexts(name, long, value as readonly string[])) {
      const values = passedOn.has(name) ? [text] : valuesOf(at, text);
      const [only = ''] = values;
      if (values.length === 1) words.push(...axisWords(axis, only));
      else axes.push({ name: axis, values });
    }
  }
  return { words, axes };
}

/** `--norm-set groups=2,4` varies one setting of the norm; of any other option the last value holds, as everywhere. */
function namedTexts(
  name: string,
  long: string,
  texts: readonly string[],
): readonly { readonly axis: string; readonly at: string; readonly text: string }[] {
  const axis = long.slice(2);
  if (name === 'probe' || name === 'probeSet') return texts.map((text) => ({ axis, at: long, text }));
  if (name !== 'normSet') return [{ axis, at: long, text: texts.at(-1) ?? '' }];
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new SettingError(`${long} must be key=value, got '${text}'`);
    const key = text.slice(0, at);
    return { axis: `${axis} ${key}`, at: `${long} ${key}`, text: text.slice(at + 1) };
  });
}

function positive(long: string): string {
  return long.replace(/^--no-/, '--');
}

/** The words of one value on an axis. */
function axisWords(axis: string, value: string): readonly string[] {
  const [option = '', key] = axis.split(' ');
  return [`--${option}`, key === undefined ? value : `${key}=${value}`];
}

/** The values of `a,b,c`, `lo:hi:n` or `lo:hi:n:log`. */
function valuesOf(at: string, text: string): readonly string[] {
  const range = maybeRange(text);
  // Six digits: what is shown is what is trained with, and is typed again as it is.
  const values = range?.map((number) => String(Number(number.toPrecision(6)))) ?? text.split(',');
  if (range === undefined && text.includes(':'))
    throw new SettingError(`${at} must be a value, a list 'a,b,c' or a ${rangeForm}, got '${text}'`);
  const twice = values.find((value, i) => value === '' || values.indexOf(value) !== i);
  if (twice === undefined) return values;
  throw new SettingError(
    `${at} must have ${twice === '' ? 'a value between its commas' : 'each value once'}, got '${text}'`,
  );
}

/** The words of every combination of values, the last axis varying fastest, with the combination by axis. */
export function combinations(
  axes: readonly SweepAxis[],
): readonly { readonly setting: Readonly<Record<string, string>>; readonly words: readonly string[] }[] {
  return axes.reduce<readonly { setting: Readonly<Record<string, string>>; words: readonly string[] }[]>(
    (found, { name, values }) =>
      found.flatMap(({ setting, words }) =>
        values.map((value) => ({
          setting: { ...setting, [name]: value },
          words: [...words, ...axisWords(name, value)],
        })),
      ),
    [{ setting: {}, words: [] }],
  );
}

/** The options of one training from its words. @throws {SettingError} for words that `run` would refuse */
export function parsedTraining(words: readonly string[]): {
  readonly given: OneTrainingOptions;
  readonly command: Command;
} {
  const command = trainingCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new SettingError(error.message.replace(/^error: (.)/, (_, first: string) => first.toUpperCase()));
  }
  return { given: command.opts<OneTrainingOptions>(), command };
}
