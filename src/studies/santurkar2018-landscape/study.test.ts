import { describe, expect, it } from 'vitest';
import { defaultNormSettings } from '../../norms/norm.ts';
import { protocols, rule } from './protocol.ts';
import { santurkar2018Landscape as study } from './study.ts';

/** The plan's cells with the settings of their networks and trainings. */
const trainings = (...request: Parameters<typeof study.plan>) =>
  study.plan(...request).jobs.flatMap(({ cells, settings }) => cells.map((cell) => ({ ...cell, settings })));

describe('the plan of santurkar2018/landscape', () => {
  it('has a cell per seed, rate and arm, seed by seed', () => {
    const cells = trainings({ budget: 'quick' });
    expect(cells.map(({ arm, seed, place, settings }) => [seed, place['rate'], settings['learningRate'], arm])).toEqual(
      [100, 101, 102, 103, 104, 105].flatMap((seed) => ['standard', 'batch'].map((arm) => [seed, 0.1, 0.1, arm])),
    );
    // Ten seeds where the claim is judged, five at either rate of the control.
    expect(study.plan({ budget: 'standard' }).jobs).toHaveLength((10 + 2 * 5) * 2);
    expect(study.plan({ budget: 'paper' }).jobs).toHaveLength(6 * 3 * 2);
  });

  it('trains both arms alike but for the norm: plain SGD, a constant rate, every layer normalised before its ReLU', () => {
    const [standard, batch] = trainings({ budget: 'quick' });
    const training = {
      dataset: 'cifar10',
      batchSize: 128,
      steps: 500,
      seed: 100,
      augment: false,
      optimiser: { kind: 'sgd', momentum: 0, weightDecay: 0, nesterov: false },
      learningRate: 0.1,
      schedule: { kind: 'constant' },
      evaluateEvery: 500,
    };
    expect(batch?.settings).toMatchObject(training);
    expect(batch?.settings).toMatchObject({
      problem: 'classifier',
      network: 'vgg11',
      input: [3, 32, 32],
      float: 'float32',
      norm: 'batch',
      placement: 'before',
      normalised: 'all',
      normSettings: defaultNormSettings,
      activation: 'relu',
      initialiser: 'glorot',
      width: 0.25,
      classes: 10,
    });
    expect(standard?.settings).toEqual({ ...batch?.settings, norm: 'none' });
  });

  it('probes the landscape at the protocol’s steps, multiples and directions', () => {
    const probesOf = (budget: 'quick' | 'standard') => trainings({ budget }).at(-1)?.probes;
    const multiples = [0.01, 0.5, 1, 2, 4];
    expect(probesOf('quick')).toEqual([
      { name: 'landscape', settings: { every: 20, multiples, random: false, seed: 105 } },
    ]);
    expect(probesOf('standard')).toEqual([
      { name: 'landscape', settings: { every: 20, multiples, random: true, seed: 109 } },
    ]);
  });

  it('takes every change of the protocol into the cells', () => {
    const { protocol, jobs } = study.plan({
      budget: 'quick',
      seeds: 4,
      firstSeed: 7,
      set: {
        model: 'mlp',
        width: '0.5',
        initialiser: 'he',
        batchSize: '32',
        steps: '60',
        every: '5',
        learningRates: '0.1',
        weightDecay: '0.0004',
        augment: 'true',
        multiples: '0.01,1,3',
        randomDirection: 'true',
        dataset: 'mnist',
      },
    });
    expect(jobs).toHaveLength(4 * 2);
    const [first] = jobs;
    expect(first?.settings).toMatchObject({
      network: 'mlp',
      input: [1, 28, 28],
      width: 0.5,
      initialiser: 'he',
      dataset: 'mnist',
      batchSize: 32,
      steps: 60,
      augment: true,
      optimiser: { kind: 'sgd', momentum: 0, weightDecay: 0.0004, nesterov: false },
    });
    expect(first?.cells[0]?.probes[0]?.settings).toEqual({ every: 5, multiples: [0.01, 1, 3], random: true, seed: 7 });
    expect(protocol).toMatchObject({ seeds: 4, firstSeed: 7, augment: true, weightDecay: 0.0004 });
    expect(protocols.quick.seeds).toBe(6);
  });

  it.each([
    [{ seeds: '2' }, 'An interval needs at least 3 seeds, got 2; use --seeds 3 or more'],
    [{ seeds: '3.5' }, 'An interval needs at least 3 seeds, got 3.5; use --seeds 3 or more'],
    [
      { dataset: 'cifar100' },
      'The study runs on cifar10, cifar10-16, mnist, mnist-binary, fashion-mnist, got cifar100',
    ],
    [{ multiples: '0.5,1,2' }, 'The control needs step size 0.01 × learning rate, got [0.5, 1, 2]'],
    [{ multiples: '0.01,0.5' }, 'The control needs step size 1 × learning rate, got [0.01, 0.5]'],
    [
      { multiples: '0.01,1,-1' },
      "Setting 'multiples' of probe 'landscape' must be positive step sizes, as multiples of the learning rate, no two " +
        'alike, got [0.01, 1, -1]',
    ],
    [{ learningRates: '0.1,0.2,0.1' }, 'Learning rates must differ, got [0.1, 0.2, 0.1]'],
    [
      { every: '0' },
      "Setting 'every' of probe 'landscape' must be a number of steps between measurements, 1 or more, got 0",
    ],
    [{ model: 'vgg12' }, "Unknown model 'vgg12'; did you mean 'vgg11'?"],
    [{ stepz: '5' }, "Unknown setting 'stepz'; did you mean 'steps'?"],
  ])('refuses %j', (set, message) => {
    expect(() => study.plan({ budget: 'quick', set })).toThrow(
      expect.objectContaining({ name: 'SettingError', message }),
    );
  });

  it('states its rule as data', () => {
    expect(study.rule).toEqual(rule);
  });
});
