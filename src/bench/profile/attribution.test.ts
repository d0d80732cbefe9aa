import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import { dense } from '../../nn/layers.ts';
import { ops } from '../../ops/index.ts';
import { lower } from '../../runtime/lowering-choice.ts';
import { descend } from '../../train/optimisers/descent.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { attribute, groupBy } from './attribution.ts';
import type { Ceilings } from './ceilings.ts';
import { meanNodeSeconds, readTrace, type TraceEvent } from './trace.ts';

/** The step of two layers, 5 → 4 → 2 on 3 examples, of which `golden` holds a trace of three runs. */
function smallStep(): Graph {
  const g = new GraphBuilder(ops);
  const x = g.input('x', [3, 5], { kind: 'data' });
  const hidden = g.emit('Relu', [dense(g, 'first', x, 4, { initialiser: 'he', bias: false })]);
  const result = dense(g, 'second', hidden, 2, { initialiser: 'he', bias: false });
  const loss = g.emit('ReduceMean', [result], { axes: [0, 1], keepdims: false });
  const parameters = g.inputs.filter(({ role }) => role.kind === 'parameter').map(({ value }) => value);
  const { updates } = descend(g, loss, parameters, sgd());
  return g.finish('step', { loss }, updates);
}

const events = JSON.parse(
  fs.readFileSync(new URL('./golden/small-step.trace.json', import.meta.url), 'utf8'),
) as readonly TraceEvent[];
const ceilings: Ceilings = {
  operationsPerSecond: 1e9,
  moves: [{ bytes: 1e6, bytesPerSecond: 1e9 }],
  emptyNodeSeconds: 1e-7,
};

describe('a recorded trace', () => {
  const runs = readTrace(events);
  const graph = smallStep();
  const nodes = attribute(
    graph,
    lower(graph, { lowering: 'reference' }, 'scratch'),
    meanNodeSeconds(runs.slice(1)),
    ceilings,
  );

  it('is read run by run', () => {
    expect(runs.map(({ seconds }) => Math.round(1e6 * seconds))).toEqual([345, 166, 145]);
    expect(runs.map(({ nodeSeconds }) => nodeSeconds.size)).toEqual([19, 19, 19]);
    expect(runs[0]?.nodeSeconds.get('first/MatMul')).toBe(115e-6);
  });

  it('is led back to layers and passes', () => {
    const shares = groupBy(nodes, ({ layer, pass }) => `${layer} ${pass}`);
    const microseconds = new Map([...shares].map(([key, { seconds }]) => [key, Math.round(1e7 * seconds) / 10]));
    // Means of the second and the third run, added by hand from the file.
    expect(Object.fromEntries(microseconds)).toEqual({
      // MatMul, Relu.
      'first forward': 17 + 3.5,
      // MatMul, and ReduceMean, which follows it.
      'second forward': 2.5 + 5,
      // Transpose, MatMul, twice each, and the Div, Reshape and Expand that precede them.
      'second backward': 4.5 + 3 + 2 + 3 + 3.5 + 3.5 + 3.5,
      // Transpose, MatMul, and the Greater and Where of ReLU's gradient.
      'first backward': 3 + 4 + 3 + 4.5,
      // Mul, Sub.
      'first update': 2 + 2,
      'second update': 3 + 2.5,
    });
  });

  it('is led back to kinds of op, with what they do', () => {
    const { seconds, secondsAtBest, ...work } = groupBy(nodes, ({ op }) => op).get('MatMul') ?? {};
    expect(seconds).toBeCloseTo(29.5e-6, 12);
    // [3,5]·[5,4], [3,4]·[4,2], [4,3]·[3,2], [3,2]·[2,4], [5,3]·[3,4].
    expect(work).toEqual({
      nodes: 5,
      operations: 2 * (60 + 24 + 24 + 24 + 60),
      bytes: 4 * (15 + 20 + 12 + (12 + 8 + 6) + (12 + 6 + 8) + (6 + 8 + 12) + (15 + 12 + 20)),
    });
    // Moving these bytes takes longer than these operations, at one and the same rate.
    expect(secondsAtBest).toBeCloseTo(688e-9, 15);
  });
});
