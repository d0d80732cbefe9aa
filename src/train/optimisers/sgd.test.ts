import { afterEach, describe, expect, it } from 'vitest';
import { grad } from '../autodiff/reverse.ts';
import { add, dot, mul, sub } from '../graph/arithmetic.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Role } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { ops } from '../ops/index.ts';
import { Engine } from '../runtime/engine.ts';
import { compile } from '../runtime/program.ts';
import { maxDifference } from '../testing/difference.ts';
import { reference } from '../testing/evaluate.ts';
import { randomArray } from '../testing/gradcheck.ts';
import { checkOptimiser, type OptimiserSettings, sgd } from './optimiser.ts';

const shapes = { matrix: [3, 5], vector: [2] } as const;
const names = Object.keys(shapes) as (keyof typeof shapes)[];
const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN;

/** Σ a (p − c)² / 2 over two parameters, so that the gradient is a (p − c). */
function quadraticStep(settings: OptimiserSettings): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const role: Role = { kind: 'parameter', initial: { kind: 'constant', value: 0 }, owner: 'layer' };
  const parameters = names.map((name) => g.input(name, shapes[name], role));
  const terms = parameters.map((p) => {
    const away = sub(g, p, g.constant([...centres[p.name as 'matrix']], p.shape));
    return dot(g, away, mul(g, away, g.constant([...factors[p.name as 'matrix']], p.shape)));
  });
  const loss = mul(
    g,
    terms.reduce((x, y) => add(g, x, y)),
    0.5,
  );
  const learningRate = g.input('learningRate', [], { kind: 'scalar' });
  const updates = sgd(g, learningRate, parameters, grad(g, loss, parameters), settings);
  return g.finish('step', { loss }, updates);
}

const drawn = (kind: string): Record<(typeof names)[number], Float64Array> => ({
  matrix: randomArray(elementCount(shapes.matrix), `${kind}/matrix`, 0.2, 2),
  vector: randomArray(elementCount(shapes.vector), `${kind}/vector`, 0.2, 2),
});
const [centres, factors, starts] = [drawn('centre'), drawn('factor'), drawn('start')];

/** PyTorch's loop, one number at a time. */
function descend(
  { momentum, weightDecay, nesterov }: OptimiserSettings,
  name: (typeof names)[number],
  rates: readonly number[],
): { readonly p: Float64Array; readonly velocity: Float64Array } {
  const p = starts[name].slice();
  const velocity = new Float64Array(p.length);
  for (const rate of rates) {
    for (let i = 0; i < p.length; i++) {
      const d = at(factors[name], i) * (at(p, i) - at(centres[name], i)) + weightDecay * at(p, i);
      velocity[i] = momentum * at(velocity, i) + d;
      const direction = nesterov ? d + momentum * at(velocity, i) : momentum === 0 ? d : at(velocity, i);
      p[i] = at(p, i) - rate * direction;
    }
  }
  return { p, velocity };
}

const engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

async function engineOf(settings: OptimiserSettings): Promise<Engine> {
  const engine = new Engine(1);
  engines.push(engine);
  await engine.load(compile(quadraticStep(settings), reference, 'state'));
  engine.write(new Map(Object.entries(starts)));
  return engine;
}

describe('sgd()', () => {
  it.each([
    ['plain', { momentum: 0, weightDecay: 0, nesterov: false }],
    ['plain with weight decay', { momentum: 0, weightDecay: 0.03, nesterov: false }],
    ['momentum', { momentum: 0.9, weightDecay: 0, nesterov: false }],
    ['momentum with weight decay', { momentum: 0.7, weightDecay: 0.03, nesterov: false }],
    ['Nesterov', { momentum: 0.9, weightDecay: 0, nesterov: true }],
    ['Nesterov with weight decay', { momentum: 0.5, weightDecay: 0.2, nesterov: true }],
  ])('%s takes the steps of a plain loop, whose rate changes on the way', async (_, settings) => {
    const engine = await engineOf(settings);
    const rates = [0.1, 0.1, 0.02, 0.3, 0.05, 0.1, 0.2];
    for (const rate of rates) await engine.run('step', { learningRate: Float64Array.of(rate) });
    for (const name of names) {
      const { p, velocity } = descend(settings, name, rates);
      // Seven steps of a few roundings each, on numbers of order one.
      expect(maxDifference(engine.read([name]).get(name)?.data as Float64Array, p)).toBeLessThan(1e-14);
      if (settings.momentum === 0) continue;
      const state = `${name}/velocity`;
      expect(maxDifference(engine.read([state]).get(state)?.data as Float64Array, velocity)).toBeLessThan(1e-14);
    }
  });

  it('keeps no state without momentum', () => {
    const plain = quadraticStep({ momentum: 0, weightDecay: 0.1, nesterov: false });
    expect(plain.updates.map(({ state }) => state.name)).toEqual(['vector', 'matrix']);
  });
});

describe('checkOptimiser()', () => {
  it.each([
    [{ momentum: 1 }, 'Momentum must lie in [0, 1), got 1; try 0.9'],
    [{ momentum: -0.1 }, 'Momentum must lie in [0, 1), got -0.1; try 0.9'],
    [{ momentum: Number.NaN }, 'Momentum must lie in [0, 1), got NaN; try 0.9'],
    [{ weightDecay: -1e-4 }, 'Weight decay must be 0 or more, got -0.0001'],
    [{ weightDecay: Number.NaN }, 'Weight decay must be 0 or more, got NaN'],
    [{ weightDecay: Number.POSITIVE_INFINITY }, 'Weight decay must be 0 or more, got Infinity'],
    [{ nesterov: true }, 'Nesterov needs momentum, got 0; try 0.9'],
  ])('refuses %j', (changes, message) => {
    const settings = { momentum: 0, weightDecay: 0, nesterov: false, ...changes };
    expect(() => checkOptimiser(settings)).toThrow(expect.objectContaining({ name: 'SettingError', message }));
  });

  it('accepts what can be carried out', () => {
    expect(() => checkOptimiser({ momentum: 0.9, weightDecay: 5e-4, nesterov: true })).not.toThrow();
  });
});
