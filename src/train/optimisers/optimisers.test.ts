import { describe, expect, it } from 'vitest';
import { dot, mul, sub, add } from '../../graph/arithmetic.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Role } from '../../graph/graph.ts';
import { elementCount } from '../../graph/tensor-type.ts';
import { ops } from '../../ops/index.ts';
import { threadlessDevice } from '../../runtime/node/node-device.ts';
import { maxDifference } from '../../testing/difference.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import { adam } from './adam.ts';
import { checkOptimiser, descend, type OptimiserSettings } from './descent.ts';
import { rmsProp } from './rms-prop.ts';
import { sgd, type SgdSettings } from './sgd.ts';

const shapes = { matrix: [3, 5], vector: [2] } as const;
const names = ['matrix', 'vector'] as const;
type Name = (typeof names)[number];
const drawn = (kind: string): Record<Name, Float64Array> => ({
  matrix: randomArray(elementCount(shapes.matrix), `${kind}/matrix`, 0.2, 2),
  vector: randomArray(elementCount(shapes.vector), `${kind}/vector`, 0.2, 2),
});
const [centres, factors, starts] = [drawn('centre'), drawn('factor'), drawn('start')];

/** Σ a (p − c)² / 2 over two parameters, so that the gradient is a (p − c). */
function quadraticStep(settings: OptimiserSettings): Graph {
  const g = new GraphBuilder(ops, 'float64');
  const role: Role = { kind: 'parameter', initial: { kind: 'constant', value: 0 }, owner: 'layer' };
  const parameters = names.map((name) => g.input(name, shapes[name], role));
  const terms = names.map((name, i) => {
    const p = parameters[i] as (typeof parameters)[number];
    const away = sub(g, p, g.constant([...centres[name]], p.shape));
    return dot(g, away, mul(g, away, g.constant([...factors[name]], p.shape)));
  });
  const loss = mul(
    g,
    terms.reduce((x, y) => add(g, x, y)),
    0.5,
  );
  return g.finish('step', { loss }, descend(g, loss, parameters, settings).updates);
}

/** Rates that change on the way. */
const rates = [0.1, 0.1, 0.02, 0.3, 0.05, 0.1, 0.2];

/** What is stored after those steps. */
async function trained(settings: OptimiserSettings): Promise<(name: string) => Float64Array> {
  const device = threadlessDevice({ lowering: 'reference', threads: 1 });
  const graph = quadraticStep(settings);
  const step = await device.load(graph, 'state');
  const zeros = new Map(
    graph.inputs.flatMap(({ value, role }) =>
      role.kind === 'state' && role.initial.kind === 'constant'
        ? [[value.name, new Float64Array(elementCount(value.shape)).fill(role.initial.value)]]
        : [],
    ),
  );
  await device.write(new Map([...zeros, ...Object.entries(starts)]));
  for (const rate of rates) await step.run({ learningRate: Float64Array.of(rate) });
  const stored = await device.read([...zeros.keys(), ...names]);
  await device.close();
  return (name) => stored.get(name)?.data as Float64Array;
}

/** One number at a time: from its gradient at each step to where it goes and what is kept. */
type PlainLoop = (p: number, gradient: number, rate: number, step: number, kept: number[]) => number;

function plain(name: Name, loop: PlainLoop, keptCount: number): { p: Float64Array; kept: Float64Array[] } {
  const kept = Array.from({ length: keptCount }, () => new Float64Array(starts[name].length));
  const p = starts[name].map((first, i) => {
    let at = first;
    const own = Array<number>(keptCount).fill(0);
    rates.forEach((rate, step) => {
      at = loop(at, (factors[name][i] as number) * (at - (centres[name][i] as number)), rate, step + 1, own);
    });
    own.forEach((value, k) => ((kept[k] as Float64Array)[i] = value));
    return at;
  });
  return { p, kept };
}

// Seven steps of a few roundings each, on numbers of order one.
const TOLERANCE = 1e-13;

const sgdLoop =
  ({ momentum, weightDecay, nesterov }: SgdSettings): PlainLoop =>
  (p, gradient, rate, _, kept) => {
    const d = gradient + weightDecay * p;
    kept[0] = momentum * (kept[0] as number) + d;
    const direction = nesterov ? d + momentum * kept[0] : momentum === 0 ? d : kept[0];
    return p - rate * direction;
  };

describe('sgd', () => {
  it.each([
    ['plain', sgd()],
    ['plain with weight decay', sgd({ weightDecay: 0.03 })],
    ['momentum', sgd({ momentum: 0.9 })],
    ['momentum with weight decay', sgd({ momentum: 0.7, weightDecay: 0.03 })],
    ['Nesterov', sgd({ momentum: 0.9, nesterov: true })],
    ['Nesterov with weight decay', sgd({ momentum: 0.5, weightDecay: 0.2, nesterov: true })],
  ])('%s takes the steps of a plain loop, whose rate changes on the way', async (_, settings) => {
    const stored = await trained(settings);
    for (const name of names) {
      const { p, kept } = plain(name, sgdLoop(settings), 1);
      expect(maxDifference(stored(name), p)).toBeLessThan(TOLERANCE);
      const velocity = settings.momentum > 0 ? stored(`sgd/${name}/velocity`) : (kept[0] as Float64Array);
      expect(maxDifference(velocity, kept[0] as Float64Array)).toBeLessThan(TOLERANCE);
    }
  });

  it('keeps no state without momentum, and moves the last parameter first', () => {
    const { updates } = quadraticStep(sgd({ weightDecay: 0.1 }));
    expect(updates.map(({ state }) => state.name)).toEqual(['vector', 'matrix']);
  });
});

describe('rmsProp', () => {
  it('takes the steps that PyTorch takes, its running mean square included', async () => {
    const stored = await trained(rmsProp({ alpha: 0.9 }));
    for (const name of names) {
      const loop: PlainLoop = (p, gradient, rate, _, kept) => {
        kept[0] = 0.9 * (kept[0] as number) + (1 - 0.9) * gradient * gradient;
        return p - (rate * gradient) / (Math.sqrt(kept[0]) + 1e-8);
      };
      const { p, kept } = plain(name, loop, 1);
      expect(maxDifference(stored(name), p)).toBeLessThan(TOLERANCE);
      expect(maxDifference(stored(`rms-prop/${name}/meanSquare`), kept[0] as Float64Array)).toBeLessThan(TOLERANCE);
    }
  });
});

describe('adam', () => {
  it('takes the steps that PyTorch takes, corrected for the start of its means', async () => {
    const [beta1, beta2] = [0.8, 0.95];
    const stored = await trained(adam({ beta1, beta2 }));
    for (const name of names) {
      const loop: PlainLoop = (p, gradient, rate, step, kept) => {
        kept[0] = beta1 * (kept[0] as number) + (1 - beta1) * gradient;
        kept[1] = beta2 * (kept[1] as number) + (1 - beta2) * gradient * gradient;
        const mean = kept[0] / (1 - beta1 ** step);
        return p - (rate * mean) / (Math.sqrt(kept[1] / (1 - beta2 ** step)) + 1e-8);
      };
      const { p, kept } = plain(name, loop, 2);
      expect(maxDifference(stored(name), p)).toBeLessThan(TOLERANCE);
      expect(maxDifference(stored(`adam/${name}/mean`), kept[0] as Float64Array)).toBeLessThan(TOLERANCE);
      expect(maxDifference(stored(`adam/${name}/meanSquare`), kept[1] as Float64Array)).toBeLessThan(TOLERANCE);
    }
    expect(stored('adam/power1')[0]).toBeCloseTo(beta1 ** rates.length, 14);
  });
});

describe('descend()', () => {
  it('cuts parameters to their limits after each step, and leaves the optimiser’s state alone', async () => {
    const clip = 0.9;
    const settings = sgd({ momentum: 0.5 });
    const stored = await trained({ ...settings, clip });
    const loop = sgdLoop(settings);
    for (const name of names) {
      const { p, kept } = plain(name, (...step) => Math.min(clip, Math.max(-clip, loop(...step))), 1);
      expect(maxDifference(stored(name), p)).toBeLessThan(TOLERANCE);
      expect(maxDifference(stored(`sgd/${name}/velocity`), kept[0] as Float64Array)).toBeLessThan(TOLERANCE);
    }
    expect(stored('matrix').some((value) => value === clip)).toBe(true);
  });

  it('multiplies the rate of parameters that are named, as a whole or along their last axis', async () => {
    const columns = [1, 0.5, 2, 0, 3];
    const stored = await trained({ ...sgd(), multiples: { matrix: columns, vector: 0.25 } });
    const multipleOf = (name: Name, i: number): number => (name === 'vector' ? 0.25 : (columns[i % 5] as number));
    for (const name of names) {
      const expected = starts[name].map((first, i) =>
        rates.reduce(
          (p, rate) =>
            p - rate * multipleOf(name, i) * (factors[name][i] as number) * (p - (centres[name][i] as number)),
          first,
        ),
      );
      expect(maxDifference(stored(name), expected)).toBeLessThan(TOLERANCE);
    }
  });

  it('refuses multiples for what is no parameter', () => {
    expect(() => quadraticStep({ ...sgd(), multiples: { tensor: 2 } })).toThrow(
      "Multiples of the learning rate are for parameters, matrix, vector, got 'tensor'",
    );
  });
});

describe('checkOptimiser()', () => {
  it.each<[object, string]>([
    [sgd({ momentum: 1 }), 'Momentum must lie in [0, 1), got 1; try 0.9'],
    [sgd({ momentum: -0.1 }), 'Momentum must lie in [0, 1), got -0.1; try 0.9'],
    [sgd({ momentum: Number.NaN }), 'Momentum must lie in [0, 1), got NaN; try 0.9'],
    [sgd({ weightDecay: -1e-4 }), 'Weight decay must be 0 or more, got -0.0001'],
    [sgd({ weightDecay: Number.NaN }), 'Weight decay must be 0 or more, got NaN'],
    [sgd({ weightDecay: Number.POSITIVE_INFINITY }), 'Weight decay must be 0 or more, got Infinity'],
    [sgd({ nesterov: true }), 'Nesterov needs momentum, got 0; try 0.9'],
    [rmsProp({ alpha: 1 }), "RMSProp's alpha must lie in [0, 1), got 1; try 0.99"],
    [rmsProp({ epsilon: 0 }), "RMSProp's epsilon must be positive, got 0"],
    [adam({ beta2: 2 }), "Adam's beta2 must lie in [0, 1), got 2; try 0.9"],
    [adam({ epsilon: Number.NaN }), "Adam's epsilon must be positive, got NaN"],
    [{ ...sgd(), clip: 0 }, 'Parameters can be clipped to a positive limit, got 0; leave it out for none'],
    [{ kind: 'adan' }, "Unknown optimiser 'adan'; did you mean 'adam'?"],
  ])('refuses %j', (settings, message) => {
    expect(() => checkOptimiser(settings as OptimiserSettings, 'float64')).toThrow(
      expect.objectContaining({ name: 'SettingError', message }),
    );
  });

  const range = 'float32 holds, from 1.2e-38 to 3.4e+38, got';
  it.each<[OptimiserSettings, string]>([
    [sgd({ momentum: 1e-50 }), `Momentum must have a size that ${range} 1e-50; try 0.9`],
    [
      sgd({ momentum: 1 - 1e-9 }),
      'Momentum must be below 1 as float32 holds it, got 0.999999999, which becomes 1; try 0.9',
    ],
    [sgd({ weightDecay: 1e39 }), `Weight decay must have a size that ${range} 1e+39; try 5e-4`],
    [rmsProp({ alpha: 1e-39 }), `RMSProp's alpha must have a size that ${range} 1e-39; try 0.99`],
    [rmsProp({ alpha: 1 - 1e-9 }), "RMSProp's alpha must be below 1 as float32 holds it"],
    [rmsProp({ epsilon: 1e-46 }), `RMSProp's epsilon must have a size that ${range} 1e-46; try 1e-8`],
    [adam({ beta1: 1e-300 }), `Adam's beta1 must have a size that ${range} 1e-300; try 0.9`],
    [adam({ beta2: 1 - 1e-9 }), "Adam's beta2 must be below 1 as float32 holds it"],
    [adam({ epsilon: 1e40 }), `Adam's epsilon must have a size that ${range} 1e+40; try 1e-8`],
    [{ ...sgd(), clip: 1e-40 }, `The limit to which parameters are clipped must have a size that ${range} 1e-40`],
    [{ ...sgd(), multiples: { w: 1e-40 } }, `The multiple of the learning rate for 'w' must have a size that ${range}`],
    [{ ...sgd(), multiples: { w: [1, 1e39] } }, `The multiple of the learning rate for 'w' must have a size that`],
  ])('refuses %j where float32 would make another number of it, and only there', (settings, message) => {
    expect(() => checkOptimiser(settings, 'float32')).toThrow(
      expect.objectContaining({ name: 'SettingError', message: expect.stringContaining(message) }),
    );
    expect(() => checkOptimiser(settings, 'float64')).not.toThrow();
  });

  it('accepts what can be carried out', () => {
    for (const settings of [sgd({ momentum: 0.9, weightDecay: 5e-4, nesterov: true }), rmsProp(), adam()]) {
      expect(() => checkOptimiser({ ...settings, clip: 0.1 }, 'float32')).not.toThrow();
    }
  });
});
