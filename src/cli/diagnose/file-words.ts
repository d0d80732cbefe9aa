/** @file What a file says of itself, for those who ask for its diagnosis alone: norms folded away, and findings of `inspect`. */

import { counted } from '../../counted.ts';
import type { Finding } from '../../inspection/finding.ts';
import type { Inspection } from '../../inspection/inspect-model.ts';
import { shown } from '../../onnx/shown.ts';
import type { FileNorms } from './diagnosed-file.ts';

export interface FileWords {
  /** Norms that the exporter multiplied into weights, and that are not there when the network is measured. */
  readonly folded: number;
  /** Problems, and notes on what no measurement shows. */
  readonly findings: readonly Finding[];
  /** What matters most of it in one sentence; undefined where nothing does. */
  readonly sentence: string | undefined;
}

/** Rules of the file that measurements have a rule of their own for, with more to say. */
const measuredToo: ReadonlySet<string> = new Set([
  'broken-statistics',
  'broken-weights',
  'never-updated',
  'dead-gammas',
  'constant-channels',
  'epsilon-against-variance',
  'momentum',
  'redundant-bias',
  'deep-without-norm',
]);

/** @param norms - what is made of the file's norms in the diagnosis */
export function fileWords({ layers, findings }: Inspection, norms: FileNorms): FileWords {
  const folds = layers.flatMap(({ norm }) => (norm.kind === 'folded' ? [norm] : []));
  const folded = norms === 'put-back' ? 0 : folds.length;
  const [first] = folds;
  const told = findings.filter(({ rule }) => !measuredToo.has(rule));
  const problem = told.find(({ level }) => level === 'problem');
  const sentence =
    problem !== undefined
      ? `The file itself: ${problem.text}.`
      : folded === 0 || first === undefined
        ? undefined
        : `${counted(folded, 'batch norm is', 'batch norms are')} no longer in the file: its exporter multiplied ` +
          `${folded === 1 ? 'it' : 'them'} into the weights (${who(first)}). Add --norms put-back to measure the network with ` +
          `${folded === 1 ? 'it' : 'them'}, and --write FILE to have a file of that; normscope inspect says how to export it so that norms stay.`;
  return { folded, findings: told, sentence };
}

function who({ exporter, sign }: { readonly exporter: string; readonly sign: string }): string {
  return exporter === 'its names'
    ? `as the name '${shown(sign)}' says`
    : `as ${exporter} does; seen by '${shown(sign)}'`;
}
