import { describe, expect, it } from 'vitest';
import type { CellMark } from '../figure.ts';
import { lossMap, trainedMap } from './figures.ts';
import { outcomesOf, type Placed, shareTrained } from './share.ts';

const chance = { accuracy: 0.1, learnt: 0.1 };
const titles = { standard: 'without', batch: 'with batch norm' };

function placed(
  arm: string,
  [scale, rate]: readonly [number, number],
  finalAccuracy: number,
  rest: { seed?: number; divergedAt?: number } = {},
): Placed {
  const { seed = 0, divergedAt } = rest;
  const runningLoss = [3, 1 - finalAccuracy];
  const curve = {
    loss: [],
    accuracy: [],
    runningLoss,
    runningAccuracy: [],
    finalAccuracy,
    testAccuracy: 0,
    divergedAt,
  };
  return { arm, seed, scale, rate, curve };
}

const trainings = [
  placed('standard', [1, 0.1], 0.9),
  placed('standard', [1, 0.3], 0.8, { divergedAt: 4 }),
  placed('standard', [4, 0.1], 0.4),
  placed('standard', [4, 0.3], 0.1),
  // Its own best is 0.5: from 0.3 on one has trained.
  placed('batch', [1, 0.1], 0.5),
  placed('batch', [1, 0.3], 0.4),
  placed('batch', [4, 0.1], 0.35),
  placed('batch', [4, 0.3], 0.2),
];

describe('the share of a grid that trains', () => {
  it('is judged by the best place of each arm and seed', () => {
    const outcomes = outcomesOf(
      [...trainings, placed('batch', [1, 0.1], 0.9, { seed: 1 }), placed('batch', [4, 0.1], 0.4, { seed: 1 })],
      chance,
    );
    expect(shareTrained(outcomes, 'standard', 0)).toBe(1 / 4);
    expect(shareTrained(outcomes, 'batch', 0)).toBe(3 / 4);
    expect(shareTrained(outcomes, 'batch', 1)).toBe(1 / 2);
  });

  it('is not a number where nothing trains', () => {
    expect(shareTrained(outcomesOf([placed('standard', [1, 0.1], 0.12)], chance), 'standard', 0)).toBeNaN();
  });
});

describe('the maps', () => {
  it('have a panel per arm, and no loss where half of the seeds diverge', () => {
    const outcomes = outcomesOf(trainings, chance);
    const [standard, batch] = lossMap(outcomes, titles).marks as readonly CellMark[];
    expect(standard).toMatchObject({ panel: 'without', x: [0.1, 0.1, 0.3], y: [1, 4, 4] });
    expect(standard?.values[0]).toBeCloseTo(0.1, 12);
    expect(batch?.values).toHaveLength(4);
  });

  it('count how many of the seeds train', () => {
    const outcomes = outcomesOf(
      [
        ...trainings,
        ...trainings.map((one) => ({ ...one, seed: 1 })),
        placed('standard', [1, 0.1], 0.5, { seed: 2 }),
        placed('standard', [4, 0.3], 0.5, { seed: 2 }),
      ],
      chance,
    );
    const [standard] = trainedMap(outcomes, titles).marks as readonly CellMark[];
    expect(standard).toMatchObject({ x: [0.1, 0.3, 0.1, 0.3], y: [1, 1, 4, 4], values: [1, 0, 0, 1 / 3] });
  });
});
