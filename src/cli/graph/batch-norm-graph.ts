/** @file `normscope graph batch-norm`: the graph of a handful of numbers, every derivative in it. */

import { counted } from '../../counted.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { InvalidArgumentError, Option } from 'commander';
import { openLaboratory } from '../../cells/laboratory.ts';
import { renderFigure } from '../../report/figure/figure.ts';
import { formatNumber } from '../../report/format.ts';
import { exampleSpec, type Form, forms, measureExample } from '../../studies/batch-norm-by-hand/example.ts';
import { batchNormDiagram } from '../../studies/batch-norm-by-hand/picture.ts';
import type { DiagramFigure } from '../../studies/diagram.ts';
import { columns } from '../../report/plain-text.ts';
import { requireEnding, writeGraph } from './graph-file.ts';
import { type OutputOptions, print, printJson } from '../output.ts';

export interface ExampleOptions extends OutputOptions {
  readonly form?: Form;
  readonly values?: readonly number[];
  readonly out?: string;
}

export const formOption = (): Option =>
  new Option('--form <name>', 'of batch-norm: how its variance is computed (default: centred)').choices(forms);
export const valuesOption = (): Option =>
  new Option('--values <list>', 'of batch-norm: the batch, 2 to 6 numbers (default: 1,2,4)').argParser(numberList);

/** Measures the example, and draws or prints it. */
export async function showExample({ form = 'centred', values = [1, 2, 4], out, json }: ExampleOptions): Promise<void> {
  if (out !== undefined) requireEnding(out, ['.svg', '.txt']);
  const laboratory = openLaboratory(nodeDevice, 1, () => undefined);
  let diagram: DiagramFigure;
  try {
    diagram = batchNormDiagram(await measureExample(laboratory, exampleSpec(form, values)));
  } finally {
    await laboratory.close();
  }
  const text = `${diagramText(diagram)}\n`;
  if (out !== undefined) writeGraph(out, { '.svg': () => renderFigure(diagram), '.txt': () => text });
  if (json === true) return printJson(out === undefined ? diagram : { out, edges: diagram.edges.length });
  return print(out === undefined ? text.trimEnd() : `Wrote ${counted(diagram.edges.length, 'derivative')} to ${out}`);
}

/** Boxes with what they hold, then edges with their derivatives. */
function diagramText({ title, nodes, edges }: DiagramFigure): string {
  const boxes = nodes.map(({ label, value = Number.NaN, gradient }) => [
    `  ${label}`,
    formatNumber(value),
    gradient === undefined ? '' : `${gradient.label} = ${formatNumber(gradient.value)}`,
  ]);
  const arrows = edges.map(({ from, to, label, value = Number.NaN }) => [
    `  ∂${to}/∂${from}`,
    label,
    formatNumber(value),
  ]);
  return [title, '', columns(boxes), '', columns(arrows)].join('\n');
}

function numberList(text: string): readonly number[] {
  const words = text.split(',').map((word) => word.trim());
  const numbers = words.map(Number);
  if (words.includes('') || numbers.some(Number.isNaN)) {
    throw new InvalidArgumentError('It must be numbers with commas between them, as 1,2,4.');
  }
  return numbers;
}
