/** @file The computation graph of batch normalisation as a diagram: values, gradients, and a derivative on every edge. */

import { need } from '../../errors.ts';
import type { DiagramEdge, DiagramFigure, DiagramNode } from '../diagram.ts';
import { type EdgeFormula, edgeFormulas, subscript } from './edges.ts';
import { type Example, type Form, quantities, type Quantity, type Scalar } from './example.ts';

interface Drawn {
  readonly symbol: string;
  readonly kind: DiagramNode['kind'];
  readonly row: number;
}

const drawn: Readonly<Record<Quantity, Drawn>> = {
  x: { symbol: 'x', kind: 'input', row: 0 },
  mean: { symbol: 'μ', kind: 'computed', row: 1 },
  variance: { symbol: 'σ²', kind: 'computed', row: 2 },
  normalised: { symbol: 'x̂', kind: 'computed', row: 3 },
  gamma: { symbol: 'γ', kind: 'parameter', row: 3 },
  beta: { symbol: 'β', kind: 'parameter', row: 3 },
  y: { symbol: 'y', kind: 'computed', row: 4 },
  loss: { symbol: 'l', kind: 'computed', row: 5 },
};

const formulas: Readonly<Record<Form, string>> = {
  centred: 'σ² = Σ(xᵢ − μ)²/m',
  'one-pass': 'σ² = Σxᵢ²/m − μ²',
};

/** Below this share of the largest derivative that enters the same node, a derivative is rounding, drawn as 0. */
const ROUNDING = 1e-12;

/** The graph of one example (`measureExample`), every number in it the graph's own. */
export function batchNormDiagram(example: Example): DiagramFigure {
  const { form, values, epsilon } = example.spec;
  const m = values.length;
  const written = edgeFormulas(form, m);
  const edges = written.map((edge) => drawnEdge(example, edge, written));
  return {
    view: 'diagram',
    id: `batch-norm-${form}`,
    title: `Batch normalisation of ${m} examples, ${form} form: ${formulas[form]}`,
    caption:
      `The computation graph that trains, in float64 with ε = ${epsilon}. On each edge stands the partial derivative of ` +
      'its end by its beginning with all other boxes held fixed, as a formula and as the number that the graph gives; ' +
      'the gradient in a box is the sum over the edges that leave it of that number times the gradient at their end. ' +
      'A number at the level of rounding is drawn as 0.',
    nodes: quantities.flatMap((quantity) =>
      example.values[quantity].map((_, index) => node(example, { quantity, index })),
    ),
    edges,
    legend: [
      { sample: 'value', text: 'what the forward pass computes' },
      { sample: 'gradient', text: 'the gradient that flows back: the derivative of the loss by what is in the box' },
      { sample: 'label', text: 'the derivative along an edge: formula and number' },
      { sample: 'forward', text: 'direction of the forward pass; gradients flow against it' },
      ...(edges.some(({ kind }) => kind === 'idle')
        ? [{ sample: 'idle', text: 'carries nothing back, since the derivative is 0' } as const]
        : []),
    ],
  };
}

function node({ spec, values, gradients }: Example, scalar: Scalar): DiagramNode {
  const { quantity, index } = scalar;
  const { kind, row } = drawn[quantity];
  const name = nameOf(scalar);
  return {
    id: name,
    kind,
    label: name,
    details: [],
    value: need(values[quantity][index], `a value of ${name}`),
    gradient: { label: `∂l/∂${name}`, value: need(gradients[quantity][index], `a gradient of ${name}`) },
    place: { column: columnOf(scalar, spec.values.length), row },
  };
}

/** Examples side by side; what they share stands in the gaps between them, the mean and gamma left, the others right. */
function columnOf({ quantity, index }: Scalar, m: number): number {
  const left = Math.ceil(m / 2) - 1.5;
  switch (quantity) {
    case 'mean':
    case 'gamma':
      return left;
    case 'variance':
    case 'beta':
      return m - 1 - left;
    case 'loss':
      return (m - 1) / 2;
    default:
      return index;
  }
}

function drawnEdge(example: Example, { from, to, text }: EdgeFormula, edges: readonly EdgeFormula[]): DiagramEdge {
  const value = example.partial(from, to);
  const beside = edges
    .filter((edge) => nameOf(edge.to) === nameOf(to))
    .map((edge) => example.partial(edge.from, edge.to));
  const isRounding = Math.abs(value) < ROUNDING * Math.max(...beside.map(Math.abs));
  // Labels stand where edges are apart: many run into statistics and the loss, and out of what examples share.
  const merges = to.quantity === 'mean' || to.quantity === 'variance' || to.quantity === 'loss';
  return {
    from: nameOf(from),
    to: nameOf(to),
    label: text,
    value: isRounding ? 0 : value,
    kind: isRounding ? 'idle' : 'forward',
    labelled: merges || from.quantity === 'x' ? 'source' : 'target',
  };
}

function nameOf({ quantity, index }: Scalar): string {
  const { symbol } = drawn[quantity];
  const perExample = quantity === 'x' || quantity === 'normalised' || quantity === 'y';
  return perExample ? symbol + subscript(index) : symbol;
}
