/** @file Small graphs that do one thing over and over, to see how fast a machine does it. */

import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Role, Value } from '../../graph/graph.ts';
import { elementCount, sizeAt } from '../../graph/tensor-type.ts';
import { ops } from '../../ops/index.ts';
import type { Device } from '../../runtime/device.ts';

/** Almost nothing on one number; additions, which move memory; products of square matrices. */
export type ChainOp = 'Neg' | 'Add' | 'MatMul';

const RUNS = 6;

/** Seconds of each run of `nodes` nodes in a row, each fed what the one before made; closes the device. */
export async function runChain(
  device: Device,
  op: ChainOp,
  shape: readonly number[],
  nodes: number,
): Promise<readonly number[]> {
  const graph = chainGraph(op, shape, nodes);
  const program = await device.load(graph);
  for (const { value } of graph.inputs) {
    // Products of such matrices keep the size of their numbers.
    await device.write(new Map([[value.name, new Float32Array(elementCount(shape)).fill(1 / sizeAt(shape, 0))]]));
  }
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await program.run({});
    seconds.push((performance.now() - start) / 1000);
  }
  await device.close();
  // The first run maps the memory.
  return seconds.slice(1);
}

/** What comes out becomes what is read by the next run, so that nothing is copied in between. */
function chainGraph(op: ChainOp, shape: readonly number[], nodes: number): Graph {
  const g = new GraphBuilder(ops, 'float32');
  const role: Role = { kind: 'scratch' };
  const state = g.input('x', shape, role);
  const other = op === 'Neg' ? undefined : g.input('y', shape, role);
  let next: Value = state;
  for (let i = 0; i < nodes; i++)
    next = other === undefined ? g.emit('Neg', [next]) : g.emit(op as 'Add', [next, other]);
  return g.finish('chain', {}, [{ state, next }]);
}
