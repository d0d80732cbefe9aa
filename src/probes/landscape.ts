/** @file Loss and gradient along the ray of a training step, on the step's own batch (santurkar2018, section 3.2). */

import * as z from 'zod';
import { SettingError } from '../errors.ts';
import { createStream } from '../math/random.ts';
import type { StepRecord } from '../records/record.ts';
import { outputOf, type Program, scalarOf } from '../runtime/device.ts';
import { allocate, floatsOf, type TensorData } from '../runtime/tensor-data.ts';
import { parametersOf } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { Measure, StepResult, Watched } from '../train/readout.ts';
import { type BuildLoss, type Direction, displacedGraph, randomName, squaredNorm } from './landscape-graphs.ts';
import { quantities } from './landscape-quantities.ts';
import { isStepsOwn, openReading, readingCost } from './landscape-readings.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import {
  batchNames,
  measureRay,
  type RayBatch,
  rayName,
  type RayName,
  type RayOrigin,
  type RayPoint,
  type Statistics,
  statisticsNames,
} from './ray.ts';
import { distinct, everyStep, type ProbeSettings } from './settings.ts';
import { weightProducts, weightRecords } from './weight-products.ts';

export interface LandscapeSettings extends ProbeSettings {
  /** Step sizes s, as multiples of the learning rate of the moment. */
  readonly multiples: readonly number[];
  /** Whether a random direction of the gradient's length is probed as well. */
  readonly random: boolean;
  /** Keys the random directions. */
  readonly seed: number;
  /** By which statistics the loss is read along the ray, which is that of the step in any case. */
  readonly statistics: Statistics;
  /** On which batch. */
  readonly batch: RayBatch;
  /** Whether what weight decay adds to the loss along the ray can be told. */
  readonly decay: boolean;
}

const settings = z.strictObject({
  every: everyStep(10),
  multiples: distinct(z.number().positive())
    .min(1)
    .default([0.01, 0.5, 1, 2, 4])
    .describe('positive step sizes, as multiples of the learning rate, no two alike'),
  random: z.boolean().default(false).describe('true for a random direction as well, or false'),
  seed: z.int().min(0).default(0).describe('a seed of the random directions, a whole number of 0 or more'),
  statistics: z
    .enum(statisticsNames)
    .default('batch')
    .describe(
      "by which statistics norms compute along the ray: 'batch', 'running', 'frozen' (the batch's at x) or 'recomputed'",
    ),
  batch: z
    .enum(batchNames)
    .default('same')
    .describe("the batch that the loss is read on along the ray, 'same' (as the step's) or 'fresh'"),
  decay: z.boolean().default(false).describe('true for what weight decay adds along the ray, or false'),
});

const SQUARED_NORM = 'landscape-squared-norm';

export const landscape: Probe<LandscapeSettings> = defineProbe<LandscapeSettings>({
  title: 'loss and gradient along the direction of a training step',
  paper: 'santurkar2018',
  quantities,
  settings,
  newer: ['statistics', 'batch', 'decay'],
  cost: (given) => (isStepsOwn(given) ? given.multiples.length * (given.random ? 2 : 1) : readingCost(given)),
  needs: ['origin', 'gradient'],
  fromStep: {
    outputs: (parts, { decay }) => ({ [SQUARED_NORM]: squaredNorm(parts), ...(decay && weightProducts(parts)) }),
    read: (result, { decay }) => (decay ? weightRecords(result) : []),
  },
  ownGraphs: async (session, given) => {
    if (!isStepsOwn(given)) return openOtherReading(session, given);
    const { problem, batchSize } = session;
    const build: BuildLoss = (view) => problem.build({ mode: 'frozen', batchSize, view });
    const load = (direction: Direction): Promise<Program> =>
      session.load(displacedGraph(build, direction, given.multiples.length));
    const { networks } = problem.build({ mode: 'frozen', batchSize });
    if (networks !== undefined && given.random) {
      throw new SettingError(
        "Probe 'landscape' has no random direction of networks side by side; leave 'random' at false",
      );
    }
    const rays: Rays = {
      networks,
      gradient: await load('gradient'),
      random: given.random ? await load('random') : undefined,
    };
    return (result) => measure(session, given, rays, result);
  },
});

/** A ray on which the loss is read otherwise than the step reads it. */
async function openOtherReading(session: Watched, given: LandscapeSettings): Promise<Measure> {
  const { statistics, batch, random } = given;
  if (random) {
    throw new SettingError(
      `Probe 'landscape' has random directions for the step's own loss, got statistics '${statistics}', batch '${batch}'; leave 'random' at false`,
    );
  }
  const ray = rayName(statistics, batch);
  const follow = await openReading(session, given);
  return async (result) => {
    const squaredNorm = scalarOf(result.outputs, SQUARED_NORM);
    const { origin, points } = await follow(result);
    return measureRay(ray, { ...origin, squaredNorm }, points).map(({ quantity, at, value }) =>
      probeRecord(landscape, quantity, result.step, value, { at }),
    );
  };
}

/** What has been loaded to follow rays. */
interface Rays {
  readonly gradient: Program;
  readonly random: Program | undefined;
  /** How many networks stand side by side, where they do. */
  readonly networks: number | undefined;
}

async function measure(
  session: Watched,
  settings: LandscapeSettings,
  rays: Rays,
  { step, feeds, key, learningRate, loss, outputs }: StepResult,
): Promise<readonly StepRecord[]> {
  const losses = rays.networks === undefined ? [loss] : outputOf(outputs, 'losses');
  const origins = Array.from<number | bigint, RayOrigin>(outputOf(outputs, SQUARED_NORM), (squaredNorm, i) => ({
    loss: Number(losses[i]),
    squaredNorm: Number(squaredNorm),
  }));
  /** Of networks side by side, each record says of which it is. */
  const record = (network: number, quantity: string, value: number, at?: number): StepRecord => {
    const made = probeRecord(landscape, quantity, step, value, at === undefined ? {} : { at });
    return rays.networks === undefined ? made : { ...made, place: { network } };
  };
  const records = origins.map(({ squaredNorm: square }, i) => record(i, 'gradient-norm', Math.sqrt(square)));
  const sizesOfSteps = floatsOf(
    session.problem.float,
    settings.multiples.map((multiple) => multiple * learningRate),
  );
  const follow = async (ray: RayName, program: Program): Promise<void> => {
    const found = await program.run({ ...feeds, s: sizesOfSteps }, key);
    for (const [network, origin] of origins.entries()) {
      const at = (name: string, i: number): number => Number(outputOf(found, name)[i * origins.length + network]);
      const points = settings.multiples.map(
        (multiple, i): RayPoint => ({
          multiple,
          s: sizesOfSteps[i] as number,
          loss: at('loss', i),
          changeSquared: at('changeSquared', i),
          changeDot: at('changeDot', i),
          squaredNorm: at('squaredNorm', i),
          dot: at('dot', i),
        }),
      );
      for (const { quantity, at: multiple, value } of measureRay(ray, origin, points)) {
        records.push(record(network, quantity, value, multiple));
      }
    }
  };
  await follow('ray', rays.gradient);
  if (rays.random !== undefined) {
    const length = Math.sqrt(origins[0]?.squaredNorm ?? Number.NaN);
    await session.write(randomDirection(session, settings.seed, step, length));
    await follow('random-ray', rays.random);
  }
  return records;
}

/** Gaussian, scaled to the given length over all parameters together. */
function randomDirection(
  { graph, problem }: Watched,
  seed: number,
  step: number,
  length: number,
): Map<string, TensorData> {
  const parts = parametersOf(graph).map(({ name, shape }) => {
    const data = allocate(problem.float, elementCount(shape)) as Float32Array;
    createStream({ seed, purpose: 'probe', step, layer: name }).fillNormal(data, 0, 1);
    return { name, data };
  });
  const squared = parts.reduce((sum, { data }) => sum + data.reduce((a, v) => a + v * v, 0), 0);
  const scale = length / Math.sqrt(squared);
  return new Map(parts.map(({ name, data }) => [randomName(name), data.map((v) => v * scale)]));
}
