/** @file The options by which a run is probed, and what their help says of each probe. */

import { type Command, Option } from 'commander';
import { SettingError } from '../../errors.ts';
import { models } from '../../models/index.ts';
import { heldProbe, probeName, type ProbeName, probes } from '../../probes/index.ts';
import type { HeldProbe } from '../../records/cell.ts';
import { override } from '../../studies/overrides.ts';
import { namesOption, setOption, wholeNumber } from '../options.ts';
import { indented } from '../lines.ts';

export interface ProbeOptions {
  readonly probe: readonly string[];
  readonly every?: number;
  readonly probeSet: Readonly<Record<string, string>>;
}

export function addProbeOptions(command: Command): Command {
  return command
    .addOption(
      namesOption('--probe <name...>', `measure with ${Object.keys(probes).join(', ')}`, {
        read: probeName,
        argument: 'a model',
        isArgument: (word) => Object.hasOwn(models, word),
        example: 'normscope run mlp --probe norms',
      }),
    )
    .addOption(
      new Option('--every <n>', 'steps between measurements, of all probes (default: each probe’s)').argParser(
        wholeNumber(1),
      ),
    )
    .addOption(
      setOption(
        'change a setting of a probe, as landscape.multiples=0.5,1; of the only probe, multiples=0.5,1 will do',
        '--probe-set <key=value>',
      ),
    );
}

/** The probes asked for, with their settings. @throws {SettingError} for a probe or setting that there is not. */
export function probesFrom({ probe, every, probeSet }: ProbeOptions): readonly HeldProbe[] {
  const names = probe.map(probeName);
  if (every !== undefined && names.length === 0) throw new SettingError('--every needs a --probe to measure with');
  const set = Object.entries(probeSet).map(([key, text]) => ({ ...settingNamed(key, names), text }));
  return names.map((name) => {
    const usual = heldProbe(name).settings;
    const changed = Object.fromEntries(set.flatMap(({ of, key, text }) => (of === name ? [[key, text]] : [])));
    const unknown = Object.keys(changed).find((key) => !Object.hasOwn(usual, key));
    // The probe itself says best what it has.
    if (unknown !== undefined) return heldProbe(name, { [unknown]: changed[unknown] });
    return heldProbe(name, {
      ...override(usual, { ...(every !== undefined && { every: String(every) }), ...changed }),
    });
  });
}

/** Whose setting a key names: `landscape.random`, or `random` where one probe is asked for. */
function settingNamed(key: string, names: readonly ProbeName[]): { readonly of: ProbeName; readonly key: string } {
  const [only, ...others] = names;
  if (only === undefined) throw new SettingError('--probe-set needs a --probe to measure with');
  const dot = key.indexOf('.');
  if (dot < 0) {
    if (others.length === 0) return { of: only, key };
    const likely = names.find((name) => Object.hasOwn(probes[name].defaults, key)) ?? only;
    throw new SettingError(`--probe-set must say which probe it sets where there are several, as ${likely}.${key}`);
  }
  const of = probeName(key.slice(0, dot));
  if (!names.includes(of)) throw new SettingError(`--probe-set ${key} needs --probe ${of}`);
  return { of, key: key.slice(dot + 1) };
}

/** The options that give the probes of a finished run again: what is as usual is left out. */
export function probeWords(held: readonly HeldProbe[]): readonly string[] {
  return held.flatMap(({ name, settings }) => {
    const usual = heldProbe(probeName(name)).settings;
    const changed = Object.entries(settings).filter(([key, value]) => valueText(value) !== valueText(usual[key]));
    return [`--probe ${name}`, ...changed.map(([key, value]) => `--probe-set ${name}.${key}=${valueText(value)}`)];
  });
}

/** What help says of every probe: what it measures, and its settings as they are unless they are set. */
export function probesHelp(): string {
  const lines = Object.entries(probes).flatMap(([name, { title, defaults, settings }]) => [
    indented(`${name}: ${title}`, 2, 6),
    ...Object.entries(defaults).map(([key, value]) => {
      const text = `${key}=${valueText(value)}`;
      // Every probe has it, and its option says what it is.
      return indented(key === 'every' ? text : `${text} (${settings.shape[key]?.description})`, 4, 8);
    }),
  ]);
  return ['\nProbes, and their settings for --probe-set:', ...lines, ''].join('\n');
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}
