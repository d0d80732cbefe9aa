/** @file `normscope compare`: two runs, or two cells, beside each other. */

import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { makeFolder, writeFileAtomic } from '../../records/node/atomic.ts';
import { comparisonJson, compareSides } from './compare-cells.ts';
import { comparisonReport } from './compare-report.ts';
import { sideOf } from './compare-sides.ts';
import { comparisonText } from './compare-text.ts';
import { decimalNumber, jsonOption } from '../options.ts';
import { print, printJson } from '../output.ts';
import { shellWord } from '../../shell-word.ts';

interface CompareOptions {
  readonly tolerance: number;
  readonly out?: string;
  readonly runs?: string;
  readonly json?: boolean;
}

export function compareCommand(): Command {
  return new Command('compare')
    .summary('say where two runs, or two cells, part')
    .description(
      'Puts two runs, or two cells, beside each other: what they are asked, the first step, number and layer at ' +
        'which their records part, how the largest difference grows, and where they end. Cells of runs are matched by ' +
        'study, arm, seed and setting; two lone cells are compared whatever they are called.',
    )
    .argument('<a>', 'the folder of a run, or of a cell: runs/cells/<hash>')
    .argument('<b>', 'another')
    .addOption(
      new Option('--tolerance <x>', 'also say where they part by more than this, relative to the larger of two numbers')
        .argParser(toleranceOf)
        .default(0),
    )
    .addOption(new Option('--out <dir>', 'write a report there, with their curves laid over each other'))
    .addOption(new Option('--runs <dir>', 'where runs and cells are now (default: where each run had them)'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ normscope compare baseline changed\n' +
        '  $ normscope compare baseline changed --tolerance 1e-3 --out difference\n' +
        '  $ normscope compare runs/cells/<hash> elsewhere/cells/<hash>   two machines\n',
    )
    .action(compare);
}

function compare(wordA: string, wordB: string, { tolerance, out, runs, json }: CompareOptions): void {
  const [a, b] = [sideOf(wordA, runs), sideOf(wordB, runs)];
  const comparison = compareSides(a, b, tolerance);
  const page = out === undefined ? undefined : join(out, 'compare.html');
  if (out !== undefined && page !== undefined) {
    makeFolder(out);
    const words = ['normscope compare', shellWord(wordA), shellWord(wordB), '--out', shellWord(out)];
    writeFileAtomic(page, comparisonReport(comparison, words.join(' ')), { isDerived: true });
  }
  if (json === true) printJson({ ...comparisonJson(comparison), ...(page !== undefined && { report: page }) });
  else print([comparisonText(comparison), ...(page === undefined ? [] : [`Report: ${page}`])].join('\n\n'));
}

function toleranceOf(text: string): number {
  const value = decimalNumber(text);
  if (value < 0) throw new InvalidArgumentError('It must be 0 or more.');
  return value;
}
