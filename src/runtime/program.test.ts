import { describe, expect, it } from 'vitest';
import { SettingError, ShapeError } from '../errors.ts';
import { add, mul } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Role } from '../graph/graph.ts';
import { ops } from '../ops/index.ts';
import { reference } from '../testing/evaluate.ts';
import { compile } from './program.ts';

const initial = { kind: 'constant', value: 0 } as const;
const roles: Readonly<Record<string, Role>> = {
  weight: { kind: 'parameter', initial, owner: 'layer' },
  velocity: { kind: 'state', initial, owner: 'optimiser' },
  kept: { kind: 'scratch' },
  x: { kind: 'data' },
  rate: { kind: 'scalar' },
  noise: { kind: 'random', distribution: 'normal', stream: 'noise' },
};

/** A graph with an input of each role that writes the named ones. */
function graphThatWrites(...names: readonly string[]): Graph {
  const g = new GraphBuilder(ops);
  const inputs = Object.entries(roles).map(([name, role]) => g.input(name, [3], role));
  const sum = inputs.reduce((a, b) => add(g, a, b));
  const written = inputs.filter(({ name }) => names.includes(name));
  return g.finish(
    'graph',
    { sum },
    written.map((state) => ({ state, next: mul(g, state, 2) })),
  );
}

describe('compile()', () => {
  it('tells what is fed from what is drawn and what is stored, by role', () => {
    const program = compile(graphThatWrites('weight', 'velocity', 'kept'), reference, 'state');
    const names = (ports: typeof program.feeds): string[] => ports.map(({ name }) => name);
    expect(names(program.feeds)).toEqual(['x', 'rate']);
    expect(program.random.map(({ port, role }) => [port.name, role])).toEqual([['noise', roles['noise']]]);
    expect(names(program.stored)).toEqual(['weight', 'velocity', 'kept']);
    expect(names(program.updates)).toEqual(['weight', 'velocity', 'kept']);
    expect(names(program.outputs)).toEqual(['sum']);
    expect(program.model.length).toBeGreaterThan(0);
  });

  it.each(['weight', 'velocity'])('refuses a graph other than the step that writes %s', (name) => {
    expect(() => compile(graphThatWrites(name, 'kept'), reference, 'scratch')).toThrow(
      new SettingError(`Only the training step may write state, but 'graph' writes '${name}'`),
    );
    expect(() => compile(graphThatWrites('kept'), reference, 'scratch')).not.toThrow();
  });

  it('refuses a graph that is not valid', () => {
    const graph = graphThatWrites('weight');
    expect(() => compile({ ...graph, nodes: graph.nodes.slice(1) }, reference, 'state')).toThrow(ShapeError);
  });
});
