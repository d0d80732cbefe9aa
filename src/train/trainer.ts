/** @file Trains one network: feeds the device batch by batch, evaluates, and saves and restores the whole state. */

import { type Batch, createBatches, evaluationBatches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { DataError } from '../errors.ts';
import { type Graph, isStored } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { StoredTensor } from '../records/safetensors.ts';
import type { Device } from '../runtime/device.ts';
import type { TensorData } from '../runtime/tensor-data.ts';
import { initialState } from './initial-state.ts';
import type { NetworkSpec } from './network-graph.ts';
import { type PackedGraph, packOutputs } from './packed-outputs.ts';
import { createSchedule } from './schedule.ts';
import { randomFeeds } from './random-feeds.ts';
import { buildEvaluation, buildFirst, buildStep, type StepOutputs } from './step-graph.ts';
import type { TrainingSettings } from './training-settings.ts';

/** Above this mini-batch loss a run counts as diverged: a point from which networks never recovered (bjorck2018). */
const DIVERGENCE_LOSS = 1e3;

/** What a step is fed besides its learning rate. */
export interface StepFeeds extends Readonly<Record<string, TensorData>> {
  readonly x: Float32Array;
  readonly labels: Int32Array;
}

/** One step of a training run. */
export interface Moment {
  /** Steps taken before it. */
  readonly step: number;
  readonly learningRate: number;
  /** The batch of this step, and its random numbers, as feeds; in memory that is used again two steps later. */
  readonly feeds: StepFeeds;
}

export interface StepResult {
  /** Of the batch, before the update. */
  readonly loss: number;
  readonly accuracy: number;
  /** All outputs of the step, those of probes included. */
  readonly outputs: Readonly<Record<string, TensorData>>;
}

export interface TrainingHooks {
  /** Whether a step is to give the outputs of probes too; its updates are the same either way. */
  readonly isProbed?: (step: number) => boolean;
  /** After a step; what it runs on the device must write nothing but scratch. Returning false ends the training. */
  readonly after: (moment: Moment, result: StepResult) => Promise<boolean> | boolean;
}

/** The state of a run between two steps. */
export interface Snapshot {
  readonly step: number;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly schedule: readonly number[];
}

export class Trainer {
  readonly #settings: TrainingSettings;
  readonly #dataset: Dataset;
  readonly #device: Device;
  readonly #graph: Graph;
  readonly #probed: PackedGraph | undefined;
  readonly #stateNames: readonly string[];
  readonly #schedule: ReturnType<typeof createSchedule>;
  #step = 0;

  private constructor(
    settings: TrainingSettings,
    dataset: Dataset,
    device: Device,
    graph: Graph,
    probed: PackedGraph | undefined,
  ) {
    this.#settings = settings;
    this.#dataset = dataset;
    this.#device = device;
    this.#graph = graph;
    this.#probed = probed;
    this.#stateNames = graph.inputs.filter(({ role }) => isStored(role)).map(({ value }) => value.name);
    this.#schedule = createSchedule(settings.schedule, settings.steps);
  }

  /** Compiles the step, and the evaluation if the settings ask for one, and sets the initial state of the seed. */
  static async open(
    settings: TrainingSettings,
    dataset: Dataset,
    device: Device,
    probes: readonly StepOutputs[] = [],
  ): Promise<Trainer> {
    const spec = networkSpec(settings, dataset);
    const graph = buildStep('step', spec, settings.optimiser);
    await device.load(graph, 'state');
    const probed =
      probes.length === 0 ? undefined : packOutputs(buildStep('probed-step', spec, settings.optimiser, probes));
    if (probed !== undefined) await device.load(probed.graph, 'state');
    if (settings.evaluateEvery > 0) await device.load(buildEvaluation(spec));
    await device.write(initialState(graph, settings.seed));
    await initialiseFromBatch(settings, dataset, device);
    return new Trainer(settings, dataset, device, graph, probed);
  }

  /** Steps taken. */
  get step(): number {
    return this.#step;
  }

  /** Trains from the current step to the last one, or until `after` says stop or the signal is given. */
  async train(hooks: TrainingHooks, signal?: AbortSignal): Promise<void> {
    const { steps, learningRate } = this.#settings;
    const feedsOf = feedMaker(this.#settings, this.#dataset, this.#graph);
    let feeds = feedsOf(this.#step);
    while (this.#step < steps && !signal?.aborted) {
      const moment: Moment = {
        step: this.#step,
        learningRate: learningRate * this.#schedule.multiple(this.#step),
        feeds,
      };
      const rate = Float32Array.of(moment.learningRate);
      const probed = hooks.isProbed?.(this.#step) ? this.#probed : undefined;
      const pending = this.#device.run(probed?.graph.name ?? 'step', { ...moment.feeds, learningRate: rate });
      // The next batch is made while the device works on this one.
      if (this.#step + 1 < steps) feeds = feedsOf(this.#step + 1);
      const given = await pending;
      const outputs = probed?.unpack(given) ?? given;
      const result = { loss: scalar(outputs, 'loss'), accuracy: scalar(outputs, 'accuracy'), outputs };
      this.#schedule.observe(result.loss);
      this.#step += 1;
      if (!(await hooks.after(moment, result))) return;
    }
  }

  /** Mean cross-entropy and accuracy over the whole test set, with running statistics. */
  async evaluate(): Promise<{ readonly loss: number; readonly accuracy: number }> {
    let [loss, hits, count] = [0, 0, 0];
    const { test } = this.#dataset;
    for (const batch of evaluationBatches(test, this.#dataset, this.#settings.batchSize)) {
      const outputs = await this.#device.run('evaluation', { x: batch.x, labels: batch.y });
      loss += sumOfFirst(outputs['losses'], batch);
      hits += sumOfFirst(outputs['correct'], batch);
      count += batch.size;
    }
    return { loss: loss / count, accuracy: hits / count };
  }

  async snapshot(): Promise<Snapshot> {
    const tensors = new Map<string, StoredTensor>();
    for (const [name, { shape, data }] of await this.#device.read(this.#stateNames)) {
      if (data instanceof Float32Array) tensors.set(name, { dtype: 'float32', shape, data });
      else if (data instanceof Float64Array) tensors.set(name, { dtype: 'float64', shape, data });
    }
    return { step: this.#step, tensors, schedule: this.#schedule.state() };
  }

  /** @throws {DataError} where a snapshot lacks a tensor of this network. */
  async restore({ step, tensors, schedule }: Snapshot): Promise<void> {
    const missing = this.#stateNames.find((name) => !tensors.has(name));
    if (missing !== undefined) {
      throw new DataError(`A checkpoint of this network must hold '${missing}', got ${[...tensors.keys()].join(', ')}`);
    }
    await this.#device.write(new Map(this.#stateNames.map((name) => [name, tensors.get(name)?.data as TensorData])));
    this.#schedule.restore(schedule);
    this.#step = step;
  }

  /** The graph of the step, for those who print or count it. */
  get graph(): Graph {
    return this.#graph;
  }
}

/** What each step is fed: its batch, and the random numbers that its graph asks for. */
function feedMaker(
  { batchSize, seed, augment }: TrainingSettings,
  dataset: Dataset,
  graph: Graph,
): (step: number) => StepFeeds {
  const batches = createBatches(dataset.train, dataset, { batchSize, seed, augment });
  // One batch is made while the device reads the other; shared memory spares sending it a copy.
  const buffers = [0, 1].map(() => ({
    x: new Float32Array(new SharedArrayBuffer(4 * batchSize * elementCount(dataset.shape))),
    y: new Int32Array(batchSize),
  }));
  return (step) => {
    const { x, y } = batches.batch(step, buffers[step % 2]);
    return { x, labels: y, ...randomFeeds(graph, seed, step) };
  };
}

/** Lets norms that start from a first batch write what they make of it; most have nothing to write. */
async function initialiseFromBatch(settings: TrainingSettings, dataset: Dataset, device: Device): Promise<void> {
  const graph = buildFirst(networkSpec(settings, dataset));
  if (graph === undefined) return;
  await device.load(graph, 'state');
  const feeds = feedMaker(settings, dataset, graph)(0);
  const asked = new Set(graph.inputs.map(({ value }) => value.name));
  await device.run(graph.name, Object.fromEntries(Object.entries(feeds).filter(([name]) => asked.has(name))));
}

/** The network that the settings ask for, on the images of a data set, in float32. */
export function networkSpec(settings: TrainingSettings, dataset: Pick<Dataset, 'shape'>): NetworkSpec {
  const { model, modelSettings, batchSize } = settings;
  return { model, modelSettings, batchSize, imageShape: dataset.shape, float: 'float32' };
}

/** Whether a loss has left the region from which training goes on. */
export function hasDiverged(loss: number): boolean {
  return !Number.isFinite(loss) || loss > DIVERGENCE_LOSS;
}

function scalar(outputs: Readonly<Record<string, TensorData>>, name: string): number {
  return Number(outputs[name]?.[0]);
}

function sumOfFirst(values: TensorData | undefined, { size }: Batch): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Number(values?.[i]);
  return sum;
}
