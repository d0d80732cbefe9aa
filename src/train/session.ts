/**
 * @file One training under way: a problem on a device, its optimiser, and what looks at it. It needs no data set, cell or
 * disk: whoever has feeds can step it, pause it, change its rate, look at it, save it, and let it go two ways.
 */

import { SettingError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Problem } from '../problems/problem.ts';
import type { StepRecord } from '../records/record.ts';
import { type Device, type Program, scalarOf, type Tensors } from '../runtime/device.ts';
import type { NamedTensor, TensorData } from '../runtime/tensor-data.ts';
import { type BatchRequest, type DrawBatch, noBatches } from './batch-source.ts';
import { meansOverExamples, type EvaluationBatch } from './evaluation.ts';
import { startFromBatch } from './first-batch.ts';
import { initialState } from './initial-state.ts';
import { type Kept, requireKept } from './kept.ts';
import { type PackedGraph, packOutputs } from './packed-outputs.ts';
import { Readouts, type StepResult, type Watched } from './readout.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { checkSession, type SessionSettings } from './session-settings.ts';
import { carriedBetween, type Carried, checkSnapshot, ownersOf, type Snapshot } from './snapshot.ts';
import { buildStep } from './step-graph.ts';
import { type TrainingGraphs, trainingGraphs } from './training-graphs.ts';
import { DIVISORS, requireDivisors } from './zero-divisors.ts';

/** A step that has been taken. */
export interface Step extends StepResult {
  /** What readouts that were due make of it. */
  readonly records: readonly StepRecord[];
}

/** From the number of a step to what it is fed, but for learning rate and noise. */
export type FeedSource = (step: number) => Tensors;

export interface StepsRequest {
  readonly feeds: FeedSource;
  /** The number of steps after which to end, those before this loop included. */
  readonly until: number;
  /** Ends the loop between two steps. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compiles the step of a problem and sets the initial state of the seed.
 * @param device - whose state the session takes for its own; a second session on it needs `device.sibling()`
 * @throws {SettingError} for settings that cannot be carried out.
 *
 * @example
 * const device = await openDevice({ lowering: 'reference' });
 * const problem = regression(deepLinear({ depth: 3, width: 4 }), { input: [4], outputs: 4, float: 'float64' });
 * const session = await openSession(device, problem, { batchSize: 5, optimiser: sgd(), learningRate: 0.01 });
 * const x = Float64Array.from({ length: 20 }, (_, i) => Math.sin(i));
 * for await (const { step, loss } of session.steps({ feeds: () => ({ x, y: x }), until: 3 })) console.log(step, loss);
 * await device.close();
 */
export async function openSession(device: Device, problem: Problem, settings: SessionSettings): Promise<Session> {
  return Session.open(device, problem, settings);
}

export class Session implements Watched {
  readonly device: Device;
  readonly problem: Problem;
  readonly settings: SessionSettings;
  readonly #graphs: TrainingGraphs;
  readonly #schedule: Schedule;
  readonly #programs = new Set<Program>();
  #stepProgram: Program | undefined;
  #probed: { readonly program: Program; readonly unpack: PackedGraph['unpack'] } | undefined;
  #evaluation: Program | undefined;
  #readouts: Readouts | undefined;
  /** The device of a fork that was given none. */
  #sibling: Device | undefined;
  #step = 0;
  /** Multiplied by the schedule; may be changed between two steps. */
  learningRate: number;

  private constructor(device: Device, problem: Problem, settings: SessionSettings) {
    this.device = device;
    this.problem = problem;
    this.settings = settings;
    this.learningRate = settings.learningRate;
    this.#graphs = trainingGraphs(problem, settings.batchSize, settings.optimiser);
    this.#schedule = createSchedule(settings.schedule ?? { kind: 'constant' }, settings.steps ?? 0);
  }

  static async open(device: Device, problem: Problem, settings: SessionSettings): Promise<Session> {
    checkSession(settings, problem.float);
    const session = new Session(device, problem, settings);
    try {
      await session.#load();
      await device.write(initialState(session.graph, settings.seed ?? 0));
      await startFromBatch(device, session.#graphs.first, settings.firstBatch, settings.seed ?? 0);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** N, examples per step. */
  get batchSize(): number {
    return this.settings.batchSize;
  }

  /** Steps taken. */
  get step(): number {
    return this.#step;
  }

  /** The graph of the step, without what readouts add, for those who print or count it. */
  get graph(): Graph {
    return this.#graphs.step;
  }

  /** What the next step takes. */
  get rate(): number {
    return this.learningRate * this.#schedule.multiple(this.#step);
  }

  /** Takes one step on a batch. */
  async take(feeds: Tensors): Promise<Step> {
    return this.#finish(await this.#begin(feeds));
  }

  /**
   * Steps as they are taken, each when it is asked for; the next batch is made while the device works. The loop can be
   * left at any time, and taken up again by another.
   */
  async *steps({ feeds, until, signal }: StepsRequest): AsyncGenerator<Step, void, undefined> {
    const made = (step: number) => ({ step, feeds: feeds(step) });
    let next: ReturnType<typeof made> | undefined;
    while (this.#step < until && !signal?.aborted) {
      // Not there at the first step, nor where whoever reads the steps has restored another.
      if (next?.step !== this.#step) next = made(this.#step);
      const pending = this.#begin(next.feeds);
      if (this.#step + 1 < until) {
        try {
          next = made(this.#step + 1);
        } catch (error) {
          await pending.catch(() => undefined);
          throw error;
        }
      }
      yield await this.#finish(await pending);
    }
  }

  /**
   * Means over all examples of some batches, with running statistics: of the problem's `loss`, and of what else it
   * evaluates.
   * @throws {SettingError} for a problem that is not evaluated.
   */
  async evaluate(batches: Iterable<EvaluationBatch>): Promise<Readonly<Record<string, number>>> {
    const graph = this.#graphs.evaluation;
    if (graph === undefined)
      throw new SettingError('A problem must say what an evaluation averages, got one that does not');
    this.#evaluation ??= await this.load(graph);
    return meansOverExamples(this.#evaluation, batches);
  }

  /**
   * Compiles a graph beside the step; it reads what the session stores, writes scratch at most, and goes with it.
   * @throws {SettingError} where it reads what no step keeps.
   */
  async load(graph: Graph): Promise<Program> {
    requireKept(graph, this.#needs);
    const program = await this.device.load(graph);
    this.#programs.add(program);
    return program;
  }

  /**
   * Further batches; the training does not notice. A graph with random numbers is run with the step's key and the batch's
   * number in it.
   * @throws {SettingError} where the session was given none to draw from, or fewer examples.
   */
  batches(request: BatchRequest): DrawBatch {
    return (this.settings.batches ?? noBatches)(request);
  }

  /** Sets parameters or state, given in logical layout. @throws {ShapeError} for a wrong size or an unknown name. */
  async write(tensors: ReadonlyMap<string, TensorData>): Promise<void> {
    await this.device.write(tensors);
  }

  /** Copies of parameters or state by name: all that are stored, unless some are named. */
  async read(names: readonly string[] = [...ownersOf(this.graph).keys()]): Promise<ReadonlyMap<string, NamedTensor>> {
    return this.device.read(names);
  }

  /** All that the next step depends on, but for its feeds. */
  async snapshot(): Promise<Snapshot> {
    const { problem, settings } = this;
    return {
      step: this.#step,
      learningRate: this.learningRate,
      schedule: this.#schedule.state(),
      tensors: await this.read(),
      remembered: this.#readouts?.remembered() ?? new Map(),
      about: problem.about,
      optimiser: settings.optimiser,
      identity: this.#graphs.identity,
    };
  }

  /**
   * Goes on from a snapshot.
   * @throws {DataError} for one of another network, norm, optimiser or batch size; `fork` takes over what fits.
   */
  async restore(snapshot: Snapshot): Promise<void> {
    checkSnapshot(snapshot, { about: this.problem.about, identity: this.#graphs.identity, graph: this.graph });
    await this.device.write(new Map([...snapshot.tensors].map(([name, { data }]) => [name, data])));
    this.#schedule.restore(snapshot.schedule);
    this.#readouts?.recall(snapshot.remembered ?? new Map());
    this.learningRate = snapshot.learningRate;
    this.#step = snapshot.step;
  }

  /**
   * Goes on from where another training stands. Tensors of the same name, owner and shape carry over; others stay as the seed
   * has them.
   * @param snapshot - of that training
   * @param from - its problem and batch size, which say who owns what it stored
   */
  async takeOver(
    { step, tensors, optimiser }: Pick<Snapshot, 'step' | 'tensors' | 'optimiser'>,
    from: { readonly problem: Problem; readonly batchSize: number },
  ): Promise<Carried> {
    const { step: graph } = trainingGraphs(from.problem, from.batchSize, optimiser);
    const carried = carriedBetween(
      { graph, about: from.problem.about },
      { graph: this.graph, about: this.problem.about },
    );
    const given = carried.carried.flatMap((name) => {
      const tensor = tensors.get(name);
      return tensor === undefined ? [] : [[name, tensor.data] as const];
    });
    await this.write(new Map(given));
    this.#step = step;
    return carried;
  }

  /**
   * A second session that goes on from here with something changed; this one stays as it is. Tensors of the same name,
   * owner and shape carry over; others start anew, as the seed has it.
   * @param changes - another problem, or other settings
   * @param device - where it runs; default beside this one, in the same thread
   */
  async fork(
    changes: Partial<SessionSettings> & { readonly problem?: Problem } = {},
    device?: Device,
  ): Promise<{ readonly session: Session } & Carried> {
    const { problem = this.problem, ...settings } = changes;
    const own = device ?? this.device.sibling();
    const changed = { ...this.settings, learningRate: this.learningRate, ...settings };
    const session = await Session.open(own, problem, changed);
    if (device === undefined) session.#sibling = own;
    const carried = await session.takeOver(await this.snapshot(), this);
    if (changes.schedule === undefined) session.#schedule.restore(this.#schedule.state());
    return { session, ...carried };
  }

  /** Frees its programs; what they have stored stays with the device, unless a fork made that for itself. */
  async close(): Promise<void> {
    const programs = [...this.#programs];
    this.#programs.clear();
    await Promise.all(programs.map((program) => program.release()));
    await this.#sibling?.close();
  }

  async #load(): Promise<void> {
    const { batchSize, optimiser, readouts = [] } = this.settings;
    this.#stepProgram = await this.#loadStep(this.graph);
    const added = readouts.flatMap(({ outputs }) => outputs ?? []);
    if (added.length + this.#needs.length > 0) {
      const probed = buildStep('probed-step', this.problem, batchSize, optimiser, added, this.#needs);
      const { graph, unpack } = packOutputs(probed);
      this.#probed = { program: await this.#loadStep(graph), unpack };
    }
    this.#readouts = await Readouts.open(readouts, this);
  }

  /** What a step at which readouts are due keeps for them. */
  get #needs(): readonly Kept[] {
    return (this.settings.readouts ?? []).flatMap(({ needs }) => needs ?? []);
  }

  async #loadStep(graph: Graph): Promise<Program> {
    const program = await this.device.load(graph, 'state');
    this.#programs.add(program);
    return program;
  }

  async #begin(feeds: Tensors): Promise<Omit<StepResult, 'loss'>> {
    const [step, learningRate] = [this.#step, this.rate];
    const probed = this.#readouts?.readsStep(step) === true ? this.#probed : undefined;
    const program = probed?.program ?? this.#stepProgram;
    if (program === undefined) throw new RangeError('A session must be open to take a step');
    const rate = this.problem.float === 'float64' ? Float64Array.of(learningRate) : Float32Array.of(learningRate);
    const key = { seed: this.settings.seed ?? 0, step };
    const given = await program.run({ ...feeds, learningRate: rate }, key);
    return { step, learningRate, feeds, key, outputs: probed?.unpack(given) ?? given };
  }

  async #finish(begun: Omit<StepResult, 'loss'>): Promise<Step> {
    const { [DIVISORS]: divisors, ...outputs } = begun.outputs;
    const result: StepResult = { ...begun, outputs, loss: scalarOf(outputs, 'loss') };
    requireDivisors(this.problem, this.batchSize, result.step, result.loss, divisors);
    this.#schedule.observe(result.loss);
    this.#step += 1;
    return { ...result, records: (await this.#readouts?.recordsOf(result)) ?? [] };
  }
}
