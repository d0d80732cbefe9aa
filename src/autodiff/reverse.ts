/** @file Reverse-mode differentiation: a transform of graphs that knows ops only through the table. */

import { counted } from '../counted.ts';
import { ShapeError } from '../errors.ts';
import { add } from '../graph/arithmetic.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Node, Value } from '../graph/graph.ts';
import { outputsOf } from '../graph/op-arity.ts';
import type { OpName } from '../graph/op-attributes.ts';
import { formatType, sameShape, type TensorType } from '../graph/tensor-type.ts';
import { ops } from '../ops/index.ts';
import type { Cotangents, OpDef } from '../ops/op.ts';

/** As many values as there are in W: a tuple for a tuple, so that two gradients are two and no third can be read. */
export type Each<W extends readonly Value[]> = { readonly [I in keyof W]: Value };

/**
 * The vector–Jacobian product: Σ_o cotangentₒ · ∂outputₒ/∂w for each w of `wrt`, as new nodes of the same graph.
 * Where no output depends on w the result is a tensor of zeros.
 * @throws {ShapeError} where a cotangent has another type than its output.
 */
export function vjp<const O extends readonly Value[], const W extends readonly Value[]>(
  g: GraphBuilder,
  outputs: O,
  cotangents: Each<O>,
  wrt: W,
): Each<W> {
  return walkBack(g, outputs, cotangents, wrt, new Set());
}

/**
 * The vector–Jacobian product of the edges of a computation graph: Σ_o cotangentₒ · ∂outputₒ/∂w for each w of `wrt`
 * with every other value of `wrt` held fixed, so that what w does through them does not count. Where `wrt` cuts every
 * path from its first value to an output, the sum over paths of the product of these is what `vjp` gives. Outputs are
 * never held.
 * @throws {ShapeError} where a cotangent has another type than its output.
 */
export function partials<const O extends readonly Value[], const W extends readonly Value[]>(
  g: GraphBuilder,
  outputs: O,
  cotangents: Each<O>,
  wrt: W,
): Each<W> {
  return walkBack(g, outputs, cotangents, wrt, new Set(wrt.filter((value) => !outputs.includes(value))));
}

/** Gradients at `wrt`; what arrives at a held value stays there. */
function walkBack<W extends readonly Value[]>(
  g: GraphBuilder,
  outputs: readonly Value[],
  cotangents: readonly Value[],
  wrt: W,
  held: ReadonlySet<Value>,
): Each<W> {
  const gradients = new Map<Value, Value>();
  const accumulate = (value: Value, gradient: Value): void => {
    const sum = gradients.get(value);
    gradients.set(value, sum === undefined ? gradient : add(g, sum, gradient));
  };
  if (cotangents.length !== outputs.length) {
    throw new ShapeError(
      `Of ${counted(outputs.length, 'output')} each must have a cotangent, got ${cotangents.length}`,
    );
  }
  outputs.forEach((output, i) => {
    const cotangent = cotangents[i];
    if (cotangent === undefined || !sameType(cotangent, output)) {
      const given = cotangent === undefined ? 'none' : formatType(cotangent);
      throw new ShapeError(`The cotangent of '${output.name}' must be ${formatType(output)}, got ${given}`);
    }
    accumulate(output, cotangent);
  });
  // A snapshot: the nodes that the rules append are not walked.
  const nodes = g.nodes.slice();
  const relevant = dependents(nodes, wrt);
  const passing = (output: Value): Value | undefined => (held.has(output) ? undefined : gradients.get(output));
  for (const node of nodes.reverse()) {
    if (!node.outputs.some((output) => passing(output) !== undefined && relevant.has(output))) continue;
    inScopeOf(g, node, () => {
      pullBack(g, node, node.outputs.map(passing)).forEach((gradient, i) => {
        const input = node.inputs[i];
        if (gradient !== undefined && input !== undefined && relevant.has(input)) accumulate(input, gradient);
      });
    });
  }
  return wrt.map((value) => gradients.get(value) ?? zeros(g, value)) as Each<W>;
}

/**
 * ∂loss/∂w for each w of `wrt`.
 * @throws {ShapeError} unless the loss is a scalar.
 *
 * @example
 * const g = new GraphBuilder(ops);
 * const x = g.input('x', [3], { kind: 'data' });
 * const loss = g.emit('ReduceSum', [g.emit('Mul', [x, x])], { axes: [0], keepdims: false });
 * const [dx] = grad(g, loss, [x]);
 * console.log(dx.shape); // [3], as x
 */
export function grad<const W extends readonly Value[]>(g: GraphBuilder, loss: Value, wrt: W): Each<W> {
  if (loss.shape.length !== 0) {
    throw new ShapeError(`A loss must be a scalar, got '${loss.name}': ${formatType(loss)}; reduce it first`);
  }
  return g.inScope('grad', () => vjp(g, [loss], [g.constant(1, [], loss.dtype)], wrt));
}

/**
 * The Hessian–vector product H v, H = ∂²loss/∂wrt²: the vector–Jacobian product of the gradient, H being symmetric.
 * The vectors are taken as given, even where they depend on wrt, as the gradient itself does. Cost: about two further
 * gradients.
 * @throws {ShapeError} unless the loss is a scalar and each value comes with a vector of its own type.
 */
export function hvp<const W extends readonly Value[]>(g: GraphBuilder, loss: Value, wrt: W, vectors: Each<W>): Each<W> {
  const gradients = grad(g, loss, wrt);
  return g.inScope('hvp', () => walkBack(g, gradients, vectors, wrt, new Set()));
}

/** The gradient of a layer bears the layer's name: what is made of `conv1/Conv` lies in `conv1` of the scope at hand. */
function inScopeOf(g: GraphBuilder, { outputs }: Node, build: () => void): void {
  const { name } = outputs[0];
  const end = name.lastIndexOf('/');
  return end < 0 ? build() : g.inScope(name.slice(0, end), build);
}

function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** Everything that depends on one of the given values, those included. */
function dependents(nodes: readonly Node[], values: readonly Value[]): ReadonlySet<Value> {
  const reached = new Set<Value>(values);
  for (const node of nodes) {
    if (node.inputs.some((input) => reached.has(input))) for (const output of node.outputs) reached.add(output);
  }
  return reached;
}

function pullBack<K extends OpName>(
  g: GraphBuilder,
  node: Node<K>,
  cotangents: readonly (Value | undefined)[],
): readonly (Value | undefined)[] {
  const definition: OpDef<K> = ops[node.op];
  if (typeof definition.vjp !== 'function') return [];
  const { op, inputs, outputs, attrs } = node;
  // A node is walked only where an output has a cotangent: where there is one output, it has.
  return definition.vjp({ g, inputs, outputs, attrs, cotangents: outputsOf(op, cotangents) as Cotangents<K> });
}

function zeros(g: GraphBuilder, value: Value): Value {
  return g.emit('Expand', [g.constant(0, [], value.dtype)], { shape: value.shape });
}
