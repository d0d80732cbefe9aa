import { describe, expect, it } from 'vitest';
import { budgets } from '../study.ts';
import { protocols, rule } from './protocol.ts';

/** What all budgets have in common: the paper's setup, and the same grid of step sizes. */
const common = {
  dataset: 'cifar10',
  initialiser: 'glorot',
  batchSize: 128,
  firstSeed: 100,
  weightDecay: 0,
  augment: false,
  multiples: [0.01, 0.5, 1, 2, 4],
};
const narrow = { ...common, model: 'vgg11', width: 0.25, steps: 500, every: 20 };

describe('the protocol', () => {
  it.each([
    ['quick', { ...narrow, seeds: 6, controlSeeds: 5, learningRates: [0.1], randomDirection: false }],
    ['standard', { ...narrow, seeds: 10, controlSeeds: 5, learningRates: [0.02, 0.1, 0.2], randomDirection: true }],
    [
      'paper',
      {
        ...common,
        model: 'vgg16',
        width: 1,
        steps: 15_000,
        every: 50,
        seeds: 6,
        controlSeeds: 6,
        learningRates: [0.05, 0.1, 0.2],
        randomDirection: true,
      },
    ],
  ] as const)('of %s is what was fixed', (budget, protocol) => {
    expect(protocols[budget]).toEqual(protocol);
  });

  it('exists for every budget', () => {
    expect(Object.keys(protocols)).toEqual([...budgets]);
  });
});

describe('the rule', () => {
  it('is what was fixed', () => {
    expect(rule).toEqual({
      judgedRate: 0.1,
      leastMultiple: 0.5,
      lossReadings: ['range', 'width'],
      pairing: 'equal steps',
      lossMargin: 0.1,
      gradientMargin: Math.log(1.5),
      betaMargin: Math.log(1.5),
      runningBatches: 20,
      learntAccuracy: 0.1,
      leastProbes: 10,
      lossTolerance: 0.1,
      leastMatchedProbes: 3,
      lossCap: 1000,
      edgeOfStability: [0.8, 1.2],
      smallRate: 0.02,
    });
  });

  it('judges at a rate that every budget runs', () => {
    for (const { learningRates } of Object.values(protocols)) expect(learningRates).toContain(rule.judgedRate);
  });
});
