/** @file The commands that repeat a diagnosis, and that go on from it. */

import type { Command } from 'commander';
import { datasets } from '../../data/datasets.ts';
import type { DiagnosisSection } from '../../studies/document.ts';
import { shellWord } from '../../shell-word.ts';
import { isOnnxFile } from '../run/chosen-network.ts';
import type { TrustedDevice } from '../trusted-device.ts';

/** What says how it is printed, and what can be done but once: a file that `--write` has written stays. */
const leftOut: ReadonlySet<string> = new Set(['json', 'write']);

/** What decides the last bits is spelt out, whether it was asked for or chosen. */
const ofDevice: ReadonlySet<string> = new Set(['threads', 'lowering', 'convolution']);

/**
 * The diagnosis itself comes last.
 * @param command - as Commander read it, with its arguments
 * @param data - where the examples came from, as the command line names it
 */
export function diagnosisCommands(
  command: Command,
  { device, data }: { readonly device: TrustedDevice['device']; readonly data: string },
): DiagnosisSection['commands'] {
  const [network] = command.args;
  const { threads, lowering, convolution } = device;
  const itself = [
    'normscope diagnose',
    ...command.args.map(shellWord),
    ...givenWords(command),
    `--threads ${threads} --lowering ${lowering} --convolution ${convolution}`,
  ];
  const others = network !== undefined && isOnnxFile(network) ? ofFile(shellWord(network), data) : [];
  return [...others, { what: 'This diagnosis', command: itself.join(' ') }];
}

function ofFile(file: string, data: string): DiagnosisSection['commands'] {
  const inspected = { what: 'What the file says of itself, without data', command: `normscope inspect ${file}` };
  if (!Object.hasOwn(datasets, data)) return [inspected];
  return [
    inspected,
    {
      what: 'Training on from its weights, with a report',
      command: `normscope run ${file} --dataset ${data} --steps 60`,
    },
    {
      what: 'Its largest learning rate, by bisection over six seeds',
      command: `normscope ceiling ${file} --dataset ${data} --steps 30`,
    },
  ];
}

/** Options as they were given; what was left to its default is left to it again. */
function givenWords(command: Command): readonly string[] {
  return command.options.flatMap((option) => {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== 'cli' || leftOut.has(name) || ofDevice.has(name)) return [];
    const value: unknown = command.getOptionValue(name);
    return value === true ? [String(option.long)] : [`${option.long} ${shellWord(String(value))}`];
  });
}
