/** @file `normscope doctor`: what this machine has, and whether it computes right. */

import { Command, Option } from 'commander';
import { type CacheDescription, describeCache } from '../data/node/cache.ts';
import { StorageError } from '../errors.ts';
import { describeMachine } from '../report/node/machine.ts';
import { columns, formatBytes } from '../report/plain-text.ts';
import {
  allLowerings,
  blockSize,
  loweringNames,
  loweringText,
  referenceLowering,
  type ResolvedLowering,
} from '../runtime/lowering-choice.ts';
import { nodeDevice } from '../runtime/node/node-device.ts';
import { checkLowering, inOneThread, type SelfCheck, yardstick } from '../runtime/self-check.ts';
import { checkGpu } from './gpu-check.ts';
import { jsonOption } from './options.ts';
import { type OutputOptions, print, printJson } from './output.ts';
import { errorText } from './trusted-device.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('report on this machine, and check that it computes right')
    .description(
      'Reports versions, cores, memory and cached data, and holds every lowering, with every form of ' +
        'convolution that it has, to plain ONNX in float64 on a small network with all its gradients.',
    )
    .addOption(
      new Option(
        '--device <name>',
        'webgpu: instead, whether there is a GPU for WebGPU, and whether it computes right',
      ).choices(['webgpu']),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nEnds with code 1 where a lowering computes wrong numbers.\n' +
        '\nExamples:\n' +
        '  $ normscope doctor\n' +
        '  $ normscope doctor --json   to attach to a report of a problem\n' +
        '  $ normscope doctor --device webgpu\n',
    )
    .action(async ({ json, device }: OutputOptions & { readonly device?: 'webgpu' }) => {
      if (device === 'webgpu') return reportGpu(json === true);
      const machine = describeMachine();
      const cache = await cacheOrReason();
      const checks = await checkAll();
      const { lowering, convolution } = taken(checks);
      if (checks.some((check) => !check.passed && !isOptional(check))) process.exitCode = 1;
      if (json === true) {
        const described = cache instanceof StorageError ? { none: cache.message } : cache;
        return printJson({ machine, lowerings: checks, taken: { lowering, convolution }, cache: described });
      }
      return print(
        columns([
          ['normscope', machine.normscope],
          ['Node', machine.node],
          ['ONNX Runtime', `${machine.onnxruntime}, CPU provider`],
          ['system', machine.system],
          ['processor', `${machine.processor}, ${machine.cores} cores`],
          ['memory', formatBytes(machine.memoryBytes)],
          ...checks.map((check) => [
            `lowering ${loweringText(check)}`,
            check.passed
              ? `right, ${errorText(check)}`
              : isOptional(check)
                ? 'not for this processor'
                : `WRONG, ${errorText(check)}`,
          ]),
          ['taken', `lowering ${loweringText({ lowering, convolution })}, unless a run names another`],
          ...cacheRows(cache),
        ]),
      );
    });
}

function checkAll(): Promise<readonly SelfCheck[]> {
  return inOneThread(nodeDevice, async (open) => {
    const checks: SelfCheck[] = [];
    const plain = yardstick(open);
    for (const settings of allLowerings) checks.push(await checkLowering(settings, open, plain));
    return checks;
  });
}

/** The lowering for GPUs on the GPU of this machine: no run takes it, since its bits are the GPU's own. */
async function reportGpu(isJson: boolean): Promise<void> {
  const check = await checkGpu();
  if (!check.passed) process.exitCode = 1;
  if (isJson) return printJson(check);
  const verdict = `${check.passed ? 'right' : 'WRONG'}, ${errorText(check)}`;
  return print(columns([[`lowering ${loweringText(check)}, on the GPU`, verdict]]));
}

/** What the cache holds, or why there can be none: that is no reason to leave the machine unchecked. */
async function cacheOrReason(): Promise<CacheDescription | StorageError> {
  try {
    return await describeCache();
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
}

function cacheRows(cache: CacheDescription | StorageError): readonly (readonly string[])[] {
  if (cache instanceof StorageError) return [['cache', `none: ${cache.message}`]];
  return [
    ['cache', cache.cacheDir],
    ...(cache.namedFolder === undefined ? [] : [['NORMSCOPE_DATA', cache.namedFolder]]),
    ...cache.datasets.map(({ name, state, bytes }) => [
      `data ${name}`,
      bytes > 0 ? `${state}, ${formatBytes(bytes)}` : state,
    ]),
  ];
}

/** Whether a processor may lack what the lowering needs, which then does not run. */
function isOptional({ lowering, error }: SelfCheck): boolean {
  return blockSize(lowering) !== undefined && error === Number.POSITIVE_INFINITY;
}

/** What a run takes that names nothing: the fastest that is right, in its usual form, as `trustedDevice` does. */
function taken(checks: readonly SelfCheck[]): ResolvedLowering {
  const usual = loweringNames.map((lowering) => loweringText({ lowering }));
  return checks.find((check) => check.passed && usual.includes(loweringText(check))) ?? referenceLowering;
}
