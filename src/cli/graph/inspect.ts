/** @file `normscope inspect`: what an ONNX file says about itself, without running it. */

import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { trainableOps } from '../../importer/rules/index.ts';
import { inspectModel } from '../../inspection/inspect-model.ts';
import { readOnnxFile } from '../../onnx/node/read-onnx-file.ts';
import { exitCodes } from '../failure.ts';
import { inspectionText } from './inspect-text.ts';
import { jsonOption } from '../options.ts';
import { print, printJson } from '../output.ts';

interface InspectOptions {
  readonly strict?: boolean;
  readonly json?: boolean;
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .summary('say what is in an ONNX file, and what is wrong with it')
    .description(
      'Says what an ONNX file is made of, without data and without running it: its layers under their own names, the batch ' +
        'norms that are kept, folded away by the exporter (and by what one sees it) or absent; what is wrong with statistics, ' +
        'momentum, epsilon, biases and outputs; and whether normscope could train it, or how to export it so that it can. ' +
        'The file is read here and goes nowhere.',
    )
    .argument('<file>', 'an ONNX file of opset 1 to 23; weights beside it are read too')
    .addOption(new Option('--strict', 'end with code 3 where there is a problem'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope inspect model.onnx\n' +
        '  $ normscope inspect model.onnx --strict          for a pipeline\n' +
        '  $ normscope inspect model.onnx --json            every layer and finding\n',
    )
    .action((file: string, { strict, json }: InspectOptions) => {
      const { model, bytes } = readOnnxFile(file);
      const inspection = inspectModel(model, trainableOps);
      if (json === true) printJson({ file, bytes, ...inspection });
      else print(inspectionText(basename(file), bytes, inspection));
      if (strict === true && inspection.findings.some(({ level }) => level === 'problem'))
        process.exitCode = exitCodes.problem;
    });
}
