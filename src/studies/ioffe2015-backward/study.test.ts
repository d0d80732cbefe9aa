import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, inLaboratory } from '../../../test/studies.ts';
import { relativeError } from '../../math/relative-error.ts';
import type { StepRecord } from '../../records/record.ts';
import { allFed, openProgram } from '../../testing/evaluate.ts';
import { randomArray } from '../../testing/gradcheck.ts';
import type { DiagramFigure } from '../diagram.ts';
import { backwardGraph, measure } from './measure.ts';
import { ioffe2015Backward } from './study.ts';
import { channelsOf, type Gradients, gradientSums, type LayerCase, publishedGradients } from './theory.ts';

/** [4, 3, 2, 1], epsilon large enough to be seen. */
const layer: LayerCase = {
  examples: 4,
  channels: 3,
  pixels: 2,
  x: randomArray(24, 'x', -1, 3),
  dy: randomArray(24, 'dy'),
  gamma: randomArray(3, 'gamma', 0.5, 2),
  epsilon: 0.1,
};

/**
 * l = Σ dy · γ x̂ with x̂ = (x − mean)/√(variance + ε), each of x, mean and variance moved by itself: the mean and the
 * variance are functions of x unless they are moved, and the variance is a function of the mean unless it is moved.
 */
function loss(
  at: LayerCase,
  moved: { mean?: Float64Array; variance?: Float64Array; xhat?: Float64Array } = {},
): number {
  let total = 0;
  channelsOf(at).forEach((channel, c) => {
    const mean = channel.mean + (moved.mean?.[c] ?? 0);
    const squares = channel.at.reduce((sum, i) => sum + ((at.x[i] ?? 0) - mean) ** 2, 0);
    const variance = squares / channel.at.length + (moved.variance?.[c] ?? 0);
    for (const i of channel.at) {
      const xhat = ((at.x[i] ?? 0) - mean) / Math.sqrt(variance + at.epsilon) + (moved.xhat?.[i] ?? 0);
      total += (at.dy[i] ?? 0) * (at.gamma[c] ?? 0) * xhat;
    }
  });
  return total;
}

/** Central differences, step 1e-5: truncation and rounding near 1e-10. */
function differences(size: number, of: (change: Float64Array) => number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => {
    const change = (by: number): Float64Array => new Float64Array(size).fill(by, i, i + 1);
    return (of(change(1e-5)) - of(change(-1e-5))) / 2e-5;
  });
}

const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + (b[i] ?? 0));

const numeric: Omit<Gradients, 'dbeta'> = {
  dxhat: differences(24, (xhat) => loss(layer, { xhat })),
  dvariance: differences(3, (variance) => loss(layer, { variance })),
  dmean: differences(3, (mean) => loss(layer, { mean })),
  dx: differences(24, (change) => loss({ ...layer, x: plus(layer.x, change) })),
  dgamma: differences(3, (change) => loss({ ...layer, gamma: plus(layer.gamma, change) })),
};

describe('publishedGradients() and the gradient graph', () => {
  let measured: Readonly<Record<string, ArrayLike<number>>>;
  beforeAll(async () => {
    const program = await openProgram(allFed(backwardGraph('batch-composed', [4, 3, 2, 1], 0.1)));
    const { x, dy, gamma } = layer;
    const beta = new Float64Array(3);
    measured = (await program.run({ x, dy, 'norm/gamma': gamma, 'norm/beta': beta })) as typeof measured;
    await program.close();
  });

  it.each(Object.keys(numeric) as (keyof typeof numeric)[])('agree with central differences on %s', (name) => {
    expect(relativeError(publishedGradients(layer)[name], numeric[name])).toBeLessThan(1e-8);
    expect(relativeError(measured[name], numeric[name])).toBeLessThan(1e-8);
  });
});

describe('gradientSums()', () => {
  it('finds sums that vanish but for epsilon', () => {
    const { dx, dgamma } = publishedGradients(layer);
    for (const { shift, scale, share, epsilonOverVariance } of gradientSums(layer, dx, dgamma)) {
      expect(shift).toBeLessThan(1e-14);
      expect(scale).toBeLessThan(1e-14);
      expect(share).toBeCloseTo(epsilonOverVariance / (1 + epsilonOverVariance), 12);
    }
  });

  it('finds those that do not vanish', () => {
    const { dx, dgamma } = publishedGradients(layer);
    const [sums] = gradientSums(
      layer,
      dx.map((value, i) => value + (i === 0 ? 0.01 : 0)),
      dgamma,
    );
    expect(sums?.shift).toBeGreaterThan(1e-4);
    expect(sums?.scale).toBeGreaterThan(1e-4);
  });
});

const protocol = { cases: 2, shapes: ['5x4', '3x2x2x1'], epsilons: [0, 0.1] };
const decide = (records: readonly StepRecord[]) =>
  ioffe2015Backward.plan({ budget: 'quick' }).decide([cellOf(records)]);

describe('ioffe2015/backward', () => {
  let records: readonly StepRecord[];
  beforeAll(async () => {
    records = await inLaboratory((laboratory) => measure(laboratory, protocol, 3));
  });

  it('reproduces the equations, and shows that the write-up’s two are wrong', () => {
    const { verdict, parts, tables } = decide(records);
    expect(verdict).toBe('reproduced');
    // 2 shapes, 2 epsilons, 2 cases; the composed form alone has the gradients of its statistics.
    expect(parts.map(({ cases }) => cases?.count)).toEqual([8, 8, 8, 16, 16, 16, 16, 16]);
    expect(tables[0]?.rows.map((row) => row.slice(1, 3))).toEqual([
      [8, 8],
      [8, 8],
    ]);
  });

  it('draws the graph of three examples from its records, with the numbers of the textbook', () => {
    const [graph, onePass, ...others] = decide(records).figures.filter(({ view }) => view === 'diagram');
    expect([onePass?.id, ...others]).toEqual(['ioffe2015-backward-batch-norm-one-pass']);
    const { nodes, edges } = graph as DiagramFigure;
    const [mean, variance] = [7 / 3, 14 / 9];
    const valueOf = (id: string): number => nodes.find((node) => node.id === id)?.value ?? Number.NaN;
    expect(valueOf('μ')).toBeCloseTo(mean, 12);
    expect(valueOf('σ²')).toBeCloseTo(variance, 12);
    expect(valueOf('y₃')).toBeCloseTo(0.5 + (1.5 * (4 - mean)) / Math.sqrt(variance + 1e-5), 12);
    const along = edges.find(({ from, to }) => from === 'x₁' && to === 'σ²')?.value;
    expect(along).toBeCloseTo((2 * (1 - mean)) / 3, 12);
    for (const { value, gradient } of nodes) expect([value, gradient?.value].every(Number.isFinite)).toBe(true);
    for (const { value } of edges) expect(value).not.toBeNaN();
  });

  it.each(['dvariance', 'dx', 'dbeta'])('does not reproduce %s where one case is off', (name) => {
    const worse = records.map((record, i) =>
      i === records.findIndex(({ quantity }) => quantity === `${name}-error`) ? { ...record, value: 1e-7 } : record,
    );
    const { verdict, sentence, parts } = decide(worse);
    expect(verdict).toBe('not-reproduced');
    expect(sentence).toMatch(/^Not reproduced: dl\/d.+ differs from the gradients of the graph\.$/);
    expect(parts.filter((part) => part.verdict === 'not-reproduced').map(({ cases }) => cases?.failures)).toEqual([1]);
  });

  it('does not reproduce what was not measured', () => {
    expect(decide([]).verdict).toBe('not-reproduced');
  });
});
