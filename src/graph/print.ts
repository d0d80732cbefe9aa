/** @file A graph as text: one line per input, node, update and output. Equal text means equal computation. */

import type { Graph, GraphInput, Node, Role } from './graph.ts';
import { formatNumbers, formatType } from './tensor-type.ts';

/**
 * The graph in a form that a person can read and that a hash can cover: constants are printed in full.
 *
 * @example
 * const g = new GraphBuilder(ops);
 * const x = g.input('x', [2, 5], { kind: 'data' });
 * console.log(printGraph(g.finish('rectified', { y: g.emit('Relu', [x]) })));
 */
export function printGraph(graph: Graph): string {
  const constants = graph.constants.map(
    ({ value, data }) => `  constant ${value.name}: ${formatType(value)} = ${formatNumbers(data)}`,
  );
  return [
    `graph ${graph.name} (${graph.float})`,
    ...graph.inputs.map(printInput),
    ...constants,
    ...graph.nodes.map(printNode),
    ...graph.updates.map(({ state, next }) => `  update ${state.name} <- ${next.name}`),
    ...graph.outputs.map(({ name, value }) => `  output ${name} = ${value.name}: ${formatType(value)}`),
    '',
  ].join('\n');
}

function printInput({ value, role }: GraphInput): string {
  return `  input ${value.name}: ${formatType(value)} ${printRole(role)}`;
}

function printRole(role: Role): string {
  const details = Object.entries(role)
    .filter(([key]) => key !== 'kind')
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  return [role.kind, ...details].join(' ');
}

function printNode({ op, inputs, outputs, attrs }: Node): string {
  // Sorted: the order in which a caller writes attributes means nothing.
  const attributes = Object.entries(attrs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const left = outputs.map((output) => `${output.name}: ${formatType(output)}`).join(', ');
  const right = `${op}(${inputs.map((input) => input.name).join(', ')})`;
  return `  ${left} = ${right}${attributes.length === 0 ? '' : ` {${attributes.join(' ')}}`}`;
}
