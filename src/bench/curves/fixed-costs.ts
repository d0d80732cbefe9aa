/** @file What a step costs whatever it computes: measured on steps that compute next to nothing. */

import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { median } from '../../math/statistics.ts';
import { ops } from '../../ops/index.ts';
import type { Program } from '../../runtime/device.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';

export interface FixedCosts {
  /** Of a step of one empty node, with the way to the engine's thread and back. */
  readonly stepSeconds: number;
  /** Of each further empty node. */
  readonly nodeSeconds: number;
}

const MANY_NODES = 2000;
const RUNS = 100;

export async function measureFixedCosts(threads: number): Promise<FixedCosts> {
  const device = nodeDevice({ lowering: 'reference', threads });
  try {
    const oneNode = await device.load(emptySteps('one', 1));
    const manyNodes = await device.load(emptySteps('many', 1 + MANY_NODES));
    const [one, many]: [number[], number[]] = [[], []];
    for (let run = 0; run < RUNS; run++) {
      one.push(await timedRun(oneNode));
      many.push(await timedRun(manyNodes));
    }
    const stepSeconds = median(one);
    return { stepSeconds, nodeSeconds: (median(many) - stepSeconds) / MANY_NODES };
  } finally {
    await device.close();
  }
}

function emptySteps(name: string, nodes: number): Graph {
  const g = new GraphBuilder(ops, 'float32');
  let value: Value = g.input('x', [1], { kind: 'scalar' });
  for (let i = 0; i < nodes; i++) value = g.emit('Neg', [value]);
  return g.finish(name, { value });
}

async function timedRun(program: Program): Promise<number> {
  const start = performance.now();
  await program.run({ x: Float32Array.of(1) });
  return (performance.now() - start) / 1000;
}
