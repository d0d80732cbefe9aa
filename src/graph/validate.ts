/** @file Checks a finished graph before it is lowered: what passes here is a computation that can be carried out. */

import { counted } from '../counted.ts';
import { ShapeError } from '../errors.ts';
import { type Graph, isStored, type Node, type ShapeRule, type ShapeRules, type Value } from './graph.ts';
import { inputsOf } from './op-arity.ts';
import type { OpName } from './op-attributes.ts';
import { elementCount, formatType, sameShape, type TensorType } from './tensor-type.ts';

/**
 * Throws unless every node reads values made before it, every declared type is the one its rule infers, names are
 * unique, constants fill their shapes, and each update writes a state of its own type once.
 * @throws {ShapeError} naming the node or value at fault.
 */
export function validateGraph(graph: Graph, rules: ShapeRules): void {
  const known = new Set<Value>();
  const names = new Set<string>();
  const define = (value: Value): void => {
    if (names.has(value.name)) throw new ShapeError(`Names must be unique in a graph, got '${value.name}' twice`);
    names.add(value.name);
    known.add(value);
  };
  for (const { value } of graph.inputs) define(value);
  for (const { value, data } of graph.constants) {
    if (data.length !== elementCount(value.shape)) {
      throw new ShapeError(
        `Constant '${value.name}' must fill ${formatType(value)}, got ${counted(data.length, 'number')}`,
      );
    }
    define(value);
  }
  for (const node of graph.nodes) {
    for (const input of node.inputs) requireKnown(known, input, `node '${nodeName(node)}'`);
    checkTypes(node, rules);
    for (const output of node.outputs) define(output);
  }
  const outputs = new Set<string>();
  for (const { name, value } of graph.outputs) {
    requireKnown(known, value, `output '${name}'`);
    if (outputs.has(name)) throw new ShapeError(`Outputs must have names of their own, got '${name}' twice`);
    outputs.add(name);
  }
  checkUpdates(graph, known);
}

function nodeName(node: Node): string {
  // A graph that is yet to be checked may break what its types promise.
  const outputs: readonly Value[] = node.outputs;
  return outputs[0]?.name ?? node.op;
}

function requireKnown(known: ReadonlySet<Value>, value: Value, reader: string): void {
  if (!known.has(value)) {
    throw new ShapeError(`A value must be made before it is read, but ${reader} reads '${value.name}'`);
  }
}

function checkTypes<K extends OpName>(node: Node<K>, rules: ShapeRules): void {
  const rule: ShapeRule<K> = rules[node.op];
  let inferred: readonly TensorType[];
  try {
    inferred = rule.infer(inputsOf(node.op, node.inputs), node.attrs);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const given = node.inputs.map((value) => `${value.name}: ${formatType(value)}`).join(', ');
    throw new ShapeError(`Node '${nodeName(node)}' does not fit its inputs (${given}): ${error.message}`, {
      cause: error,
    });
  }
  const fits =
    inferred.length === node.outputs.length &&
    node.outputs.every((output, i) => {
      const type = inferred[i];
      return type !== undefined && type.dtype === output.dtype && sameShape(type.shape, output.shape);
    });
  if (!fits) {
    const expected = inferred.map(formatType).join(', ');
    const declared = node.outputs.map(formatType).join(', ');
    throw new ShapeError(`Node '${nodeName(node)}' must give ${expected}, but declares ${declared}`);
  }
}

function checkUpdates(graph: Graph, known: ReadonlySet<Value>): void {
  const writable = new Set(graph.inputs.filter(({ role }) => isStored(role)).map(({ value }) => value));
  const written = new Set<Value>();
  for (const { state, next } of graph.updates) {
    requireKnown(known, next, `the update of '${state.name}'`);
    if (!writable.has(state))
      throw new ShapeError(`Only parameters, state and scratch can be updated, got '${state.name}'`);
    if (written.has(state)) throw new ShapeError(`A state must be updated once, got '${state.name}' twice`);
    if (state.dtype !== next.dtype || !sameShape(state.shape, next.shape)) {
      throw new ShapeError(`Cannot update '${state.name}', ${formatType(state)}, with ${formatType(next)}`);
    }
    written.add(state);
  }
}
