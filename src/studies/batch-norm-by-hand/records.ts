/** @file An example as records and back, so that a study can draw it from what it has kept. */

import { need } from '../../errors.ts';
import type { StepRecord } from '../../records/record.ts';
import { edgeFormulas } from './edges.ts';
import { type Example, type ExampleSpec, quantities, type Quantity, recordOf, type Scalar } from './example.ts';

const definitions = {
  'example-value': 'what batch norm of a few numbers computes on its way, float64, frozen mode',
  'example-gradient': 'dl/d of the same, from the gradient graph, for the loss Σ upstream · y',
  'example-derivative': 'the partial derivative along an edge of the graph, all other drawn numbers held fixed',
} as const;

type Kind = keyof typeof definitions;

export function exampleRecords(example: Example): readonly StepRecord[] {
  const { spec, values, gradients, partial } = example;
  const record = (quantity: Kind, place: string, value: number): StepRecord => ({
    step: 0,
    quantity,
    layer: layerOf(spec, place),
    value,
    definition: definitions[quantity],
    mode: 'frozen',
  });
  return [
    ...quantities.flatMap((quantity) =>
      values[quantity].flatMap((value, index) => {
        const place = placeOf({ quantity, index });
        return [
          record('example-value', place, value),
          record('example-gradient', place, need(gradients[quantity][index], `a gradient of ${place}`)),
        ];
      }),
    ),
    ...edgeFormulas(spec.form, spec.values.length).map(({ from, to }) =>
      record('example-derivative', edgeOf(from, to), partial(from, to)),
    ),
  ];
}

/** The example of this specification among records; NaN where a record is missing. */
export function recordedExample(records: readonly StepRecord[], spec: ExampleSpec): Example {
  const kept = new Map(records.map(({ quantity, layer, value }) => [`${quantity} ${layer}`, value]));
  const read = (kind: Kind, place: string): number => kept.get(`${kind} ${layerOf(spec, place)}`) ?? Number.NaN;
  const all = (kind: Kind): Record<Quantity, readonly number[]> =>
    recordOf((quantity) =>
      Array.from({ length: countOf(quantity, spec) }, (_, index) => read(kind, placeOf({ quantity, index }))),
    );
  return {
    spec,
    values: all('example-value'),
    gradients: all('example-gradient'),
    partial: (from, to) => read('example-derivative', edgeOf(from, to)),
  };
}

function countOf(quantity: Quantity, { values }: ExampleSpec): number {
  return quantity === 'x' || quantity === 'normalised' || quantity === 'y' ? values.length : 1;
}

function layerOf({ form }: ExampleSpec, place: string): string {
  return `${form} ${place}`;
}

function placeOf({ quantity, index }: Scalar): string {
  return `${quantity}[${index}]`;
}

function edgeOf(from: Scalar, to: Scalar): string {
  return `${placeOf(from)} > ${placeOf(to)}`;
}
