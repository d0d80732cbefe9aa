/**
 * @file Batch normalisation of a handful of numbers, number by number: what the graph that trains computes, what its
 * gradient graph brings back, and every partial derivative on the way.
 */

import { partials, vjp } from '../../autodiff/reverse.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import { need, NumericError, SettingError } from '../../errors.ts';
import { dot, reshape } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { newNetwork } from '../../nn/network.ts';
import { type NormName, norms } from '../../norms/index.ts';
import { defaultNormSettings } from '../../norms/norm.ts';
import { ops } from '../../ops/index.ts';
import { outputOf } from '../../runtime/device.ts';

/** How the variance is computed: as the mean of (x − μ)², or as the mean of x² minus μ². */
export type Form = 'centred' | 'one-pass';

const normOf: Readonly<Record<Form, NormName>> = { centred: 'batch-composed', 'one-pass': 'batch-one-pass' };

export const forms: readonly Form[] = Object.keys(normOf) as Form[];

export interface ExampleSpec {
  readonly form: Form;
  /** One channel of one layer, x₁ … x_m. */
  readonly values: readonly number[];
  /** ∂l/∂yᵢ, which whatever follows the layer hands back; the loss is Σ upstreamᵢ · yᵢ. */
  readonly upstream: readonly number[];
  readonly gamma: number;
  readonly beta: number;
  readonly epsilon: number;
}

/** In the order of the forward pass. */
export const quantities = ['x', 'mean', 'variance', 'normalised', 'gamma', 'beta', 'y', 'loss'] as const;
export type Quantity = (typeof quantities)[number];

/** One number of the graph: the element of a quantity, counted from 0. */
export interface Scalar {
  readonly quantity: Quantity;
  readonly index: number;
}

export interface Example {
  readonly spec: ExampleSpec;
  readonly values: Readonly<Record<Quantity, readonly number[]>>;
  /** ∂loss/∂ each element. */
  readonly gradients: Readonly<Record<Quantity, readonly number[]>>;
  /** ∂to/∂from with every other number held fixed; 0 where no edge leads from one to the other. */
  readonly partial: (from: Scalar, to: Scalar) => number;
}

/** More would not fit a picture. */
const MOST_VALUES = 6;

/** A batch with settings that leave no derivative 0 or 1 by chance: gamma 1.5, beta 0.5, upstream 1, −2, 3, … */
export function exampleSpec(form: Form, values: readonly number[]): ExampleSpec {
  return {
    form,
    values,
    upstream: values.map((_, i) => (i % 2 === 0 ? i + 1 : -(i + 1))),
    gamma: 1.5,
    beta: 0.5,
    epsilon: defaultNormSettings.epsilon,
  };
}

/**
 * Builds the graph with the norm that trains, differentiates it, and runs both in float64.
 * @throws {SettingError} unless there are 2 to 6 finite values.
 * @throws {NumericError} where squares overflow, or where the one-pass variance cancels to less than nothing.
 */
export async function measureExample(laboratory: Laboratory, spec: ExampleSpec): Promise<Example> {
  checkValues(spec.values);
  const graph = exampleGraph(spec);
  const feeds = { x: spec.values, upstream: spec.upstream, 'norm/gamma': [spec.gamma], 'norm/beta': [spec.beta] };
  const outputs = await laboratory.run(
    graph,
    Object.fromEntries(Object.entries(feeds).map(([name, data]) => [name, Float64Array.from(data)])),
  );
  const read = (name: string): readonly number[] => Array.from(outputOf(outputs, name));
  const values = recordOf((quantity) => read(quantity));
  requireFinite(spec, values);
  return {
    spec,
    values,
    gradients: recordOf((quantity) => read(`d${quantity}`)),
    partial: (from, to) =>
      need(
        read(`${to.quantity}[${to.index}]/${from.quantity}`)[from.index],
        `a partial by ${from.quantity}[${from.index}]`,
      ),
  };
}

function checkValues(values: readonly number[]): void {
  if (values.length < 2 || values.length > MOST_VALUES) {
    throw new SettingError(
      `Batch normalisation needs at least 2 values, and a picture holds at most ${MOST_VALUES}, got ${values.length}; ` +
        'try 1,2,4',
    );
  }
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new SettingError(`The values of a batch must be finite numbers, got ${bad}; try 1,2,4`);
}

function requireFinite({ values: batch }: ExampleSpec, values: Example['values']): void {
  if (Object.values(values).flat().every(Number.isFinite)) return;
  const [variance] = values.variance;
  const given = batch.join(', ');
  throw new NumericError(
    Number.isFinite(variance)
      ? `The variance must not be negative, got ${variance} for ${given}: its one-pass form cancels where the mean is ` +
          'much larger than the deviations; use the centred form'
      : `The squares of the values must be finite, got ${given}; scale them down`,
  );
}

/** Outputs: each quantity, its gradient `d…`, and per element of each quantity the partials by all others. */
function exampleGraph({ form, values, epsilon }: ExampleSpec): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const network = newNetwork(g, 'frozen');
  const m = values.length;
  const x = g.input('x', [m, 1], { kind: 'data' });
  const y = norms[normOf[form]].build(network, 'norm', x, { ...defaultNormSettings, epsilon });
  const loss = dot(g, y, g.input('upstream', [m, 1], { kind: 'data' }));
  const declared = g.inputs.map(({ value }) => [value.name, value] as const);
  const named = new Map([...network.quantities, ...declared, ['norm/x', x], ['norm/y', y], ['norm/loss', loss]]);
  const tensors = recordOf((quantity) => {
    const value = named.get(`norm/${quantity}`);
    if (value === undefined) throw new RangeError(`Norm '${normOf[form]}' must note its ${quantity}`);
    return value;
  });
  const all = quantities.map((quantity) => tensors[quantity]);
  const totals = vjp(g, [loss], [g.constant(1)], all);
  const outputs: Record<string, Value> = { ...tensors };
  quantities.forEach((quantity, i) => (outputs[`d${quantity}`] = need(totals[i], `a gradient of ${quantity}`)));
  for (const to of quantities) {
    for (let index = 0; index < elementCount(tensors[to].shape); index++) {
      const row = partials(g, [tensors[to]], [unit(g, tensors[to], index)], all);
      quantities.forEach((from, i) => {
        if (from !== to) outputs[`${to}[${index}]/${from}`] = need(row[i], `a partial by ${from}`);
      });
    }
  }
  return g.finish(`batch-norm-${form}-${m}`, outputs);
}

/** A tensor of the value's shape that is 1 at one element and 0 elsewhere. */
function unit(g: GraphBuilder, { shape }: Value, index: number): Value {
  const count = elementCount(shape);
  const ones = Array.from({ length: count }, (_, i) => (i === index ? 1 : 0));
  return reshape(g, g.constant(ones, [count]), shape);
}

/** Something for each quantity. */
export function recordOf<T>(make: (quantity: Quantity) => T): Record<Quantity, T> {
  return Object.fromEntries(quantities.map((quantity) => [quantity, make(quantity)])) as Record<Quantity, T>;
}
