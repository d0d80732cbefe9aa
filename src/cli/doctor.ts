/** @file `normscope doctor`: what this machine has, and whether it computes right. */

import { Command } from 'commander';
import { describeCache } from '../data/node/cache.ts';
import { loweringNames } from '../runtime/lowering-choice.ts';
import { checkLowering } from '../runtime/self-check.ts';
import { describeMachine } from './machine.ts';
import { jsonOption } from './options.ts';
import { columns, formatBytes, type OutputOptions, print, printJson } from './output.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('report on this machine, and check that it computes right')
    .description(
      'Reports versions, cores, memory and cached data, and holds every lowering against plain ' +
        'ONNX on a small network with all its gradients.',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nEnds with code 1 where a lowering computes wrong numbers.\n' +
        '\nExamples:\n' +
        '  $ normscope doctor\n' +
        '  $ normscope doctor --json   to attach to a report of a problem\n',
    )
    .action(async ({ json }: OutputOptions) => {
      const machine = describeMachine();
      const cache = await describeCache();
      const checks = [];
      for (const name of loweringNames) checks.push(await checkLowering(name));
      if (checks.some(({ passed }) => !passed)) process.exitCode = 1;
      if (json === true) return printJson({ machine, lowerings: checks, cache });
      return print(
        columns([
          ['normscope', machine.normscope],
          ['Node', machine.node],
          ['ONNX Runtime', `${machine.onnxruntime}, CPU provider`],
          ['system', machine.system],
          ['processor', `${machine.processor}, ${machine.cores} cores`],
          ['memory', formatBytes(machine.memoryBytes)],
          ...checks.map(({ lowering, error, passed }) => [
            `lowering ${lowering}`,
            `${passed ? 'right' : 'WRONG'}, largest error ${error === 0 ? '0' : error.toExponential(1)}`,
          ]),
          ['cache', cache.cacheDir],
          ...(cache.namedFolder === undefined ? [] : [['NORMSCOPE_DATA', cache.namedFolder]]),
          ...cache.datasets.map(({ name, state, bytes }) => [
            `data ${name}`,
            bytes > 0 ? `${state}, ${formatBytes(bytes)}` : state,
          ]),
        ]),
      );
    });
}
