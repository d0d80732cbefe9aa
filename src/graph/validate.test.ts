import { describe, expect, it } from 'vitest';
import { ShapeError } from '../errors.ts';
import { ops } from '../ops/index.ts';
import { add } from './arithmetic.ts';
import { GraphBuilder } from './builder.ts';
import type { Graph, Node, Value } from './graph.ts';
import { validateGraph } from './validate.ts';

/** y = x + x + 1 and s ← x, each part at hand so that one of them can be broken. */
function sample(): { readonly graph: Graph; readonly x: Value; readonly s: Value; readonly nodes: [Node, Node] } {
  const g = new GraphBuilder(ops);
  const x = g.input('x', [3, 5], { kind: 'data' });
  const s = g.input('s', [3, 5], { kind: 'state', initial: { kind: 'constant', value: 0 }, owner: 'optimiser' });
  const graph = g.finish('sample', { y: add(g, add(g, x, x), 1) }, [{ state: s, next: x }]);
  return { graph, x, s, nodes: graph.nodes as [Node, Node] };
}

const { graph, x, s, nodes } = sample();
const [first, second] = nodes;
const stranger: Value = { name: 'stranger', dtype: 'float32', shape: [3, 5] };
/** The node with outputs of these types; their number may be one that no op has. */
const retyped = (node: Node, types: readonly Partial<Value>[]): Node => ({
  ...node,
  outputs: types.map(
    (type, i): Value => ({ name: `${node.op}.${i}`, dtype: 'float32', shape: [3, 5], ...type }),
  ) as readonly Value[] as readonly [Value],
});
const small: Value = { name: 'small', dtype: 'float32', shape: [5] };
const role = { kind: 'data' } as const;

const violations: readonly (readonly [string, Graph, string])[] = [
  [
    'two inputs of one name',
    { ...graph, inputs: [...graph.inputs, { value: { ...stranger, name: 'x' }, role }] },
    "Names must be unique in a graph, got 'x' twice",
  ],
  [
    'a node named like an input',
    { ...graph, nodes: [...nodes, { ...first, outputs: [{ ...stranger, name: 's' }] }] },
    "Names must be unique in a graph, got 's' twice",
  ],
  [
    'a constant that is too short',
    {
      ...graph,
      constants: [...graph.constants, { value: { name: 'c', dtype: 'float32', shape: [2, 2] }, data: [1, 2, 3] }],
    },
    "Constant 'c' must fill float32[2,2], got 3 numbers",
  ],
  [
    'a node before the one it reads',
    { ...graph, nodes: [second, first] },
    "A value must be made before it is read, but node 'Add_1' reads 'Add'",
  ],
  [
    'an output that nothing makes',
    { ...graph, outputs: [{ name: 'y', value: stranger }] },
    "A value must be made before it is read, but output 'y' reads 'stranger'",
  ],
  [
    'an update with what nothing makes',
    { ...graph, updates: [{ state: s, next: stranger }] },
    "A value must be made before it is read, but the update of 's' reads 'stranger'",
  ],
  [
    'a value of equal name and type that is another value',
    { ...graph, outputs: [{ name: 'y', value: { ...x } }] },
    "A value must be made before it is read, but output 'y' reads 'x'",
  ],
  [
    'a declared shape that the rule does not give',
    { ...graph, nodes: [retyped(first, [{ shape: [5, 3] }])], outputs: [] },
    "Node 'Add.0' must give float32[3,5], but declares float32[5,3]",
  ],
  [
    'a declared element type that the rule does not give',
    { ...graph, nodes: [retyped(first, [{ dtype: 'float64' }])], outputs: [] },
    "Node 'Add.0' must give float32[3,5], but declares float64[3,5]",
  ],
  [
    'an output too many',
    { ...graph, nodes: [retyped(first, [{}, {}])], outputs: [] },
    "Node 'Add.0' must give float32[3,5], but declares float32[3,5], float32[3,5]",
  ],
  [
    'inputs that the rule refuses',
    { ...graph, nodes: [{ ...first, inputs: [x] }], outputs: [] },
    "Node 'Add' does not fit its inputs (x: float32[3,5]): Expected 2 inputs, got 1",
  ],
  [
    'an update of what is fed',
    { ...graph, updates: [{ state: x, next: x }] },
    "Only parameters, state and scratch can be updated, got 'x'",
  ],
  [
    'two updates of one state',
    {
      ...graph,
      updates: [
        { state: s, next: x },
        { state: s, next: s },
      ],
    },
    "A state must be updated once, got 's' twice",
  ],
  [
    'an update of another shape',
    { ...graph, inputs: [...graph.inputs, { value: small, role }], updates: [{ state: s, next: small }] },
    "Cannot update 's', float32[3,5], with float32[5]",
  ],
  [
    'two outputs of one name',
    {
      ...graph,
      outputs: [
        { name: 'y', value: x },
        { name: 'y', value: s },
      ],
    },
    "Outputs must have names of their own, got 'y' twice",
  ],
];

describe('validateGraph()', () => {
  it('accepts what the builder makes', () => {
    expect(() => validateGraph(graph, ops)).not.toThrow();
  });

  it.each(violations)('refuses %s', (_, broken, message) => {
    expect(() => validateGraph(broken, ops)).toThrow(new ShapeError(message));
  });
});
