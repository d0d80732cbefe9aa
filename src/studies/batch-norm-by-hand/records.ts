/** @file The example of a study: measured into records, and drawn from them. */

import type { Laboratory } from '../../cells/laboratory.ts';
import type { StepRecord } from '../../records/record.ts';
import type { DiagramFigure } from '../diagram.ts';
import {
  type Example,
  exampleSpec,
  type ExampleSpec,
  type Form,
  measureExample,
  quantities,
  recordOf,
  type Scalar,
} from './example.ts';
import { batchNormDiagram } from './picture.ts';

const about = 'batch normalisation of x = (1, 2, 4) with gamma 1.5, beta 0.5, l = Σ gᵢ yᵢ for g = (1, −2, 3), float64';

const definitions = {
  'example-value': `a value of ${about}`,
  'example-gradient': `the derivative of l by a value of ${about}`,
  'example-partial': `the derivative of one value by another, all others held fixed, in ${about}`,
} as const;

const specOf = (form: Form): ExampleSpec => exampleSpec(form, [1, 2, 4]);

/** Every number of the graph of three examples: values, gradients, and partial derivatives from each to each. */
export async function exampleRecords(laboratory: Laboratory, form: Form): Promise<readonly StepRecord[]> {
  const example = await measureExample(laboratory.openDevice('reference'), specOf(form));
  const scalars = quantities.flatMap((quantity) => example.values[quantity].map((_, index) => ({ quantity, index })));
  const record = (quantity: keyof typeof definitions, value: number, layer: string, at: number): StepRecord => ({
    step: 0,
    quantity,
    value,
    layer: `${form} ${layer}`,
    at,
    definition: definitions[quantity],
    mode: 'frozen',
  });
  return scalars.flatMap((to) => [
    record('example-value', example.values[to.quantity][to.index] ?? Number.NaN, to.quantity, to.index),
    record('example-gradient', example.gradients[to.quantity][to.index] ?? Number.NaN, to.quantity, to.index),
    ...scalars
      .filter((from) => from.quantity !== to.quantity)
      .map((from) => record('example-partial', example.partial(from, to), edgeName(from, to), from.index)),
  ]);
}

/** The graph with its numbers, as `exampleRecords` left them; nothing where they are not among the records. */
export function exampleFigures(records: readonly StepRecord[], form: Form, id: string): readonly DiagramFigure[] {
  const measured = records.filter(({ layer }) => layer?.startsWith(`${form} `));
  const named = new Map(measured.map(({ quantity, layer, at, value }) => [`${quantity} ${layer} ${at}`, value]));
  const valueOf = (kind: keyof typeof definitions, layer: string, at: number): number =>
    named.get(`${kind} ${form} ${layer} ${at}`) ?? Number.NaN;
  const all = (kind: keyof typeof definitions): Example['values'] =>
    recordOf((quantity) =>
      measured
        .filter((record) => record.quantity === kind && record.layer === `${form} ${quantity}`)
        .map(({ value }) => value),
    );
  const values = all('example-value');
  if (values.x.length === 0) return [];
  const partial: Example['partial'] = (from, to) => valueOf('example-partial', edgeName(from, to), from.index);
  return [{ ...batchNormDiagram({ spec: specOf(form), values, gradients: all('example-gradient'), partial }), id }];
}

/** "variance[0]/x": the derivative of an element by all elements of a quantity, which `at` tells apart. */
function edgeName(from: Scalar, to: Scalar): string {
  return `${to.quantity}[${to.index}]/${from.quantity}`;
}
