/** @file What moves in a training of a part of the parameters, and that it moves as in the training of all. */

import { describe, expect, it } from 'vitest';
import { SettingError } from '../../errors.ts';
import { createStream } from '../../math/random.ts';
import { classifier } from '../../problems/classifier.ts';
import { deepLinearSideBySide } from '../../problems/side-by-side.ts';
import type { Problem } from '../../problems/problem.ts';
import type { Tensors } from '../../runtime/device.ts';
import type { LoweringName } from '../../runtime/lowering-choice.ts';
import { threadlessDevice } from '../../runtime/node/node-device.ts';
import type { TensorData } from '../../runtime/tensor-data.ts';
import { maxDifference } from '../../testing/difference.ts';
import { openSession } from '../session.ts';
import { trainingGraphs } from '../training-graphs.ts';
import { adam } from './adam.ts';
import { checkOptimiser, type OptimiserSettings } from './descent.ts';
import { rmsProp } from './rms-prop.ts';
import { sgd } from './sgd.ts';

const BATCH = 6;
const resnet = classifier('resnet20', { input: [3, 6, 10], classes: 4, norm: 'batch', width: 0.2 });
const mlp = classifier('mlp', { input: [3, 6, 10], classes: 4, norm: 'batch', width: 0.05 });

function feeds(step: number): Tensors {
  const x = new Float32Array(BATCH * 3 * 6 * 10);
  createStream({ seed: 4, purpose: 'probe', step }).fillUniform(x, -1, 2);
  return { x, labels: Int32Array.of(0, 3, 1, 2, 2, 0) };
}

type State = ReadonlyMap<string, TensorData>;

/** All that is stored before and after some steps. */
async function trained(
  optimiser: OptimiserSettings,
  { steps = 1, problem = resnet, seed = 3, lowering = 'reference' }: Partial<Request> = {},
): Promise<{ readonly before: State; readonly after: State }> {
  const device = threadlessDevice({ threads: 1, lowering });
  const session = await openSession(device, problem, { batchSize: BATCH, optimiser, learningRate: 0.05, seed });
  const stored = async (): Promise<State> =>
    new Map([...(await session.read())].map(([name, { data }]) => [name, data]));
  const before = await stored();
  for await (const _ of session.steps({ feeds, until: steps })) continue;
  const after = await stored();
  await device.close();
  return { before, after };
}

interface Request {
  readonly steps: number;
  readonly problem: Problem;
  readonly seed: number;
  readonly lowering: LoweringName;
}

const numbers = (data: TensorData | undefined): number[] => Array.from<number | bigint, number>(data ?? [], Number);
/** Names of tensors of which any number is another one. */
const movedIn = ({ before, after }: { readonly before: State; readonly after: State }): string[] =>
  [...before.keys()].filter((name) => numbers(before.get(name)).join() !== numbers(after.get(name)).join());
const isAffine = (name: string): boolean => /\/norm\/(gamma|beta)$/.test(name);
const isRunning = (name: string): boolean => /\/running(Mean|Variance)$/.test(name);
const isOfOptimiser = (name: string): boolean => /^(sgd|adam|rms-prop)\//.test(name);
const chosenOf = (state: State): [string, number[]][] =>
  [...state].flatMap(([name, data]): [string, number[]][] =>
    name.endsWith('/chosen') ? [[name.replace(/^[^/]*\/(.*)\/chosen$/, '$1'), numbers(data)]] : [],
  );

describe.each([
  ['resnet20', resnet],
  ['mlp', mlp],
] as const)('%s trained in part', (_, problem) => {
  it('moves gamma and beta alone, to where a step of all parameters takes them', async () => {
    const settings = sgd({ weightDecay: 0.1 });
    const [all, affine] = [
      await trained(settings, { problem }),
      await trained({ ...settings, trained: 'affine' }, { problem }),
    ];
    const moved = movedIn(affine);
    const expected = [...all.before.keys()].filter((name) => isAffine(name) || isRunning(name));
    expect(moved.toSorted()).toEqual(expected.toSorted());
    expect(moved.some(isAffine)).toBe(true);
    for (const name of moved) expect(numbers(affine.after.get(name)), name).toEqual(numbers(all.after.get(name)));
  });

  it('moves as many weights as norms have parameters, two of each unit, to where a step of all takes them', async () => {
    const settings = sgd({ weightDecay: 0.1 });
    const [all, random] = [
      await trained(settings, { problem }),
      await trained({ ...settings, trained: 'random' }, { problem }),
    ];
    const chosen = chosenOf(random.before);
    const affine = [...all.before].filter(([name]) => isAffine(name));
    const count = (list: readonly number[][]): number => list.flat().reduce((sum, one) => sum + one, 0);
    expect(count(chosen.map(([, mask]) => mask))).toBe(affine.reduce((sum, [, { length }]) => sum + length, 0));
    for (const [name, mask] of chosen) {
      const [start, end, whole] = [random.before, random.after, all.after].map((state) => numbers(state.get(name)));
      expect(end, name).toEqual(mask.map((one, i) => (one === 1 ? whole?.[i] : start?.[i])));
      const units = affine.find(([own]) => own.startsWith(`${name.replace(/weight$/, '')}norm/`))?.[1].length ?? 0;
      // A convolution's unit is the first axis, a dense layer's the last.
      const unitOf = (i: number): number => (problem === mlp ? i % units : Math.floor((i * units) / mask.length));
      const perUnit = Array.from({ length: units }, () => 0);
      mask.forEach((one, i) => (perUnit[unitOf(i)] = (perUnit[unitOf(i)] ?? 0) + one));
      expect(new Set(perUnit), name).toEqual(new Set([2]));
    }
    const moved = movedIn(random).filter((name) => !isRunning(name));
    expect(moved.toSorted()).toEqual(chosen.map(([name]) => name).toSorted());
  });
});

describe('what stays', () => {
  const others: readonly OptimiserSettings[] = [
    sgd({ momentum: 0.9, weightDecay: 0.1, nesterov: true }),
    rmsProp(),
    adam(),
  ];

  it.each(others)('has no state of $kind, and keeps every bit over many steps', async (settings) => {
    const affine = await trained({ ...settings, trained: 'affine' }, { steps: 4 });
    const owners = [...affine.before.keys()].filter((name) => isOfOptimiser(name) && name.split('/').length > 2);
    expect(owners.length).toBeGreaterThan(0);
    expect(owners.filter((name) => !/\/norm\/(gamma|beta)\/[^/]*$/.test(name))).toEqual([]);
    expect(movedIn(affine).filter((name) => !isAffine(name) && !isRunning(name) && !isOfOptimiser(name))).toEqual([]);

    const random = await trained({ ...settings, trained: 'random' }, { steps: 4 });
    for (const [name, mask] of chosenOf(random.after)) {
      const changed = numbers(random.after.get(name)).map((value, i) => value !== numbers(random.before.get(name))[i]);
      expect(
        changed.filter((one, i) => one && mask[i] === 0),
        name,
      ).toEqual([]);
      const own = [...random.after].filter(
        ([other]) => other.startsWith(`${settings.kind}/${name}/`) && !other.endsWith('/chosen'),
      );
      for (const [state, data] of own) {
        expect(
          numbers(data).filter((value, i) => value !== 0 && mask[i] === 0),
          state,
        ).toEqual([]);
      }
    }
  });

  it('is chosen by the seed', async () => {
    const masks = async (seed: number): Promise<unknown> =>
      chosenOf((await trained({ ...sgd(), trained: 'random' }, { seed })).before);
    expect(await masks(1)).toEqual(await masks(1));
    expect(await masks(1)).not.toEqual(await masks(2));
  });
});

it.each(['affine', 'random'] as const)('lowerings agree on a training of %s', async (what) => {
  const settings: OptimiserSettings = { ...sgd({ momentum: 0.9, weightDecay: 0.01 }), trained: what };
  const [slow, fast] = [
    await trained(settings, { steps: 3 }),
    await trained(settings, { steps: 3, lowering: 'portable' }),
  ];
  expect([...fast.after.keys()].toSorted()).toEqual([...slow.after.keys()].toSorted());
  for (const name of slow.after.keys()) {
    // Three steps of float32 through twenty layers, on numbers of order one.
    expect(maxDifference(numbers(fast.after.get(name)), numbers(slow.after.get(name))), name).toBeLessThan(2e-3);
  }
  expect(movedIn(fast).toSorted()).toEqual(movedIn(slow).toSorted());
});

describe('a choice of parameters', () => {
  it('goes without saying where it is all of them', () => {
    const text = (optimiser: OptimiserSettings): string => trainingGraphs(resnet, BATCH, optimiser).identity;
    expect(text({ ...sgd(), trained: 'all' })).toBe(text(sgd()));
    expect(text({ ...sgd(), trained: 'affine' })).not.toBe(text(sgd()));
  });

  const refused = (problem: Problem, what: 'affine' | 'random') => (): unknown =>
    trainingGraphs(problem, BATCH, { ...sgd(), trained: what }).step;
  const network = (norm: 'none' | 'dyt'): Problem =>
    classifier('vgg11', { input: [3, 8, 8], classes: 4, norm, width: 0.1 });

  it.each([
    [network('none'), 'affine', "To train 'affine' a network must have norms with parameters, got none; train 'all'"],
    [network('none'), 'random', "To train 'random' a network must have norms with parameters, got none; train 'all'"],
    [network('dyt'), 'random', "but 'conv1' has 13 for 162 weights of 6 units; train 'affine' or 'all'"],
    [
      deepLinearSideBySide({ networks: 3, depth: 3, width: 5, norm: 'batch' }),
      'random',
      "To train 'random' networks must stand alone, got several side by side",
    ],
  ] as const)('is refused where nothing could move so', (problem, what, message) => {
    expect(refused(problem, what)).toThrow(SettingError);
    expect(refused(problem, what)).toThrow(message);
  });

  it('is refused under another name, and beside clipping where the rest of a weight must stay', () => {
    const unknown: object = { ...sgd(), trained: 'afine' };
    expect(() => checkOptimiser(unknown as OptimiserSettings, 'float32')).toThrow("did you mean 'affine'?");
    expect(() => checkOptimiser({ ...sgd(), trained: 'random', clip: 0.1 }, 'float32')).toThrow(
      "Clipping moves all of a weight, got it with trained 'random'",
    );
  });
});
