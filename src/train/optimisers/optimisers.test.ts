import { describe, expect, it } from 'vitest';
import { dot, mul, sub } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';
import { ops } from '../ops/index.ts';
import { Engine } from '../runtime/engine.ts';
import { compile } from '../runtime/program.ts';
import { maxDifference } from '../testing/difference.ts';
import { reference } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { clipTo, descend, type Projection } from './descent.ts';
import { defaultRmsProp, rmsProp } from './rms-prop.ts';

const shape = [3, 5] as const;
const [centre, factor, start] = ['centre', 'factor', 'start'].map((name) => randomArray(15, name, 0.2, 2)) as [
  Float64Array,
  Float64Array,
  Float64Array,
];

/** Σ factor (p − centre)² / 2, so that the gradient is factor (p − centre). */
function quadraticStep(projection?: (g: GraphBuilder) => Projection): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const p = g.input('p', shape, { kind: 'parameter', initial: { kind: 'constant', value: 0 }, owner: 'layer' });
  const away = sub(g, p, g.constant([...centre], shape));
  const loss = mul(g, dot(g, away, mul(g, away, g.constant([...factor], shape))), 0.5);
  const optimise = (...step: Parameters<Parameters<typeof descend>[3]>) => rmsProp(g, ...step, defaultRmsProp);
  return g.finish('step', { loss }, descend(g, loss, [p], optimise, projection?.(g)).updates);
}

async function trained(graph: Graph, rates: readonly number[]): Promise<Float64Array> {
  const engine = new Engine(1);
  await engine.load(compile(graph, reference, 'state'));
  engine.write(new Map([['p', start.slice()]]));
  for (const rate of rates) await engine.run('step', { learningRate: Float64Array.of(rate) });
  const data = engine.read(['p']).get('p')?.data as Float64Array;
  await engine.close();
  return data;
}

/** PyTorch's loop, one number at a time. */
function expected(rates: readonly number[], limit = Number.POSITIVE_INFINITY): Float64Array {
  return start.map((first, i) => {
    let [p, v] = [first, 0];
    for (const rate of rates) {
      const gradient = (factor[i] as number) * (p - (centre[i] as number));
      v = 0.99 * v + 0.01 * gradient ** 2;
      p = Math.min(limit, Math.max(-limit, p - (rate * gradient) / (Math.sqrt(v) + 1e-8)));
    }
    return p;
  });
}

describe('rmsProp()', () => {
  it('takes the steps that PyTorch takes, its running mean square included', async () => {
    const rates = [0.05, 0.02, 0.03, 0.01];
    // Rounding of a few operations per step in float64.
    expect(maxDifference(await trained(quadraticStep(), rates), expected(rates))).toBeLessThan(1e-13);
  });
});

describe('descend()', () => {
  it('puts parameters back within limits after each step, and leaves the optimiser’s state alone', async () => {
    const rates = [0.05, 0.02, 0.03];
    const limit = 0.9;
    const ended = await trained(
      quadraticStep((g) => clipTo(g, limit)),
      rates,
    );
    expect(maxDifference(ended, expected(rates, limit))).toBeLessThan(1e-13);
    expect(ended.some((value) => value === limit)).toBe(true);
    expect(ended.every((value) => Math.abs(value) <= limit)).toBe(true);
  });
});
