import { beforeAll, describe, expect, it } from 'vitest';
import { cellOf, inLaboratory, measuredCells } from '../../../test/studies.ts';
import type { Laboratory } from '../../cells/laboratory.ts';
import type { FinishedCell } from '../../records/cell.ts';
import { measure } from './measure.ts';
import { goodfellow2016Chain } from './study.ts';
import { chebyshevNodes, coefficientsFrom, largestOrder, ordersOf } from './theory.ts';

/** The same as a sum over all 2ˡ sets of layers, one by one. */
function ordersBySets(weights: readonly number[], x: number): readonly number[] {
  const orders = new Array<number>(weights.length + 1).fill(0);
  for (let set = 0; set < 2 ** weights.length; set++) {
    let [term, size] = [x, 0];
    weights.forEach((weight, i) => {
      const taken = Math.floor(set / 2 ** i) % 2 === 1;
      const gradient = weights.reduce((all, other, j) => (j === i ? all : all * other), x);
      term *= taken ? -gradient : weight;
      size += taken ? 1 : 0;
    });
    orders[size] = (orders[size] ?? 0) + term;
  }
  return orders;
}

describe('ordersOf()', () => {
  it('is the sum over sets of layers', () => {
    const weights = [1.5, -0.7, 2, 0.4, -1.1];
    const expected = ordersBySets(weights, 0.8);
    ordersOf(weights, 0.8).forEach((order, k) => expect(order).toBeCloseTo(expected[k] ?? Number.NaN, 12));
    expect(ordersOf(weights, 0.8)).toHaveLength(6);
  });

  it('has two orders of w₂ w₁ x: −ε x² (w₁² + w₂²) and ε² x³ w₁ w₂', () => {
    expect(ordersOf([2, 3], 5)).toEqual([30, -325, 750]);
  });
});

describe('largestOrder()', () => {
  it('is reached where all weights have one size', () => {
    const orders = ordersOf([1.2, -1.2, 1.2, 1.2, -1.2], 0.9);
    const share = (k: number): number => Math.abs((orders[k] ?? 0) / (orders[0] ?? 0));
    for (const k of [2, 3, 4, 5]) expect(share(k) / largestOrder(5, k, share(1))).toBeCloseTo(1, 12);
  });

  it('is not reached where they differ', () => {
    const orders = ordersOf([1.2, 2, 0.7], 0.9);
    const share = (k: number): number => Math.abs((orders[k] ?? 0) / (orders[0] ?? 0));
    for (const k of [2, 3]) expect(share(k) / largestOrder(3, k, share(1))).toBeLessThan(0.99);
  });
});

describe('coefficientsFrom()', () => {
  it('finds a polynomial in its values', () => {
    const polynomial = [3, -1, 0, 2, 0.5];
    const values = chebyshevNodes(4).map((t) => polynomial.reduce((sum, c, k) => sum + c * t ** k, 0));
    coefficientsFrom(values).forEach((c, k) => expect(c).toBeCloseTo(polynomial[k] ?? Number.NaN, 13));
  });
});

const set = { chains: '3', deepest: '6', learningRate: '0.3' };
const plan = goodfellow2016Chain.plan({ budget: 'quick', set });
const failing = (cells: readonly FinishedCell[]): readonly string[] =>
  plan
    .decide(cells)
    .parts.filter(({ verdict }) => verdict !== 'reproduced')
    .map(({ name }) => name);

describe('goodfellow2016/chain', () => {
  let cells: readonly FinishedCell[];
  beforeAll(async () => {
    cells = await measuredCells(plan);
  });

  it('finds every order, and the first alone where layers are normalised', () => {
    expect(failing(cells)).toEqual([]);
    // 3 seeds of 3 chains at 5 depths; the first depth has none to grow from.
    expect(plan.decide(cells).parts.map(({ cases }) => cases?.count)).toEqual([45, 36, undefined, 45, 45, 45, 45]);
  });

  it('draws the orders of the chains', () => {
    const [figure] = plan.decide(cells).figures;
    const marks = figure?.view === undefined ? (figure?.marks ?? []) : [];
    const lines = marks.filter((mark) => mark.mark === 'line');
    const found = (name: string): readonly number[] =>
      lines.find((line) => [line.arm, line.label].includes(name) && line.seed === 0)?.y ?? [];
    expect(found('order 4')).toHaveLength(3);
    expect(found('order 2').at(-1)).toBeGreaterThan(found('order 1').at(-1) ?? Number.NaN);
    expect(Math.max(...found('order 1, the only one'))).toBeLessThan(1);
  });

  it('notices a gradient that is wrong by a part in a million', async () => {
    const wrong = (laboratory: Laboratory): Laboratory => ({
      ...laboratory,
      run: async (graph, feeds) => {
        const outputs = await laboratory.run(graph, feeds);
        return {
          ...outputs,
          gradient1: (outputs['gradient1'] ?? new Float64Array()).map((g) => g * (1 + 1e-6) + 1e-6),
        };
      },
    });
    const settings = {
      seeds: 1,
      chains: 2,
      deepest: 4,
      learningRate: 0.3,
      least: 1,
      greatest: 2,
      examples: 5,
      epsilons: [0],
    };
    const records = await inLaboratory((laboratory) => measure(wrong(laboratory), settings, 0));
    const found = failing([cellOf(records), cellOf(records), cellOf(records)]);
    expect(found).toEqual(expect.arrayContaining(['a', 'e']));
  });

  it('does not reproduce higher orders that stay below the first', () => {
    const small = cells.map((cell) =>
      cellOf(
        cell
          .records()
          .map((record) => (record.quantity === 'excess' ? { ...record, value: record.value - 9 } : record)),
      ),
    );
    expect(failing(small)).toEqual(['c']);
    expect(plan.decide(small).sentence).toBe('Not reproduced: (c) does not hold.');
  });

  it('judges normalised chains without epsilon, and reports those with it', () => {
    const worse = (epsilon: number): readonly FinishedCell[] =>
      cells.map((cell) =>
        cellOf(
          cell
            .records()
            .map((record) =>
              record.quantity === 'step-error' && record.at === epsilon ? { ...record, value: 1e-3 } : record,
            ),
        ),
      );
    expect(failing(worse(1e-5))).toEqual([]);
    expect(failing(worse(0))).toEqual(['f']);
    expect(plan.decide(worse(1e-5)).parts[5]?.remarks).toEqual(['With epsilon = 0.00001 it is off by 0.001 at most.']);
  });
});
