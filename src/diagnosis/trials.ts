/** @file Short trainings from the network's own weights: whether a learning rate holds, and which is the largest that does. */

import { need } from '../errors.ts';
import { euclideanNorm } from '../math/inner-product.ts';
import { type Interval, mean } from '../math/statistics.ts';
import type { Problem } from '../problems/problem.ts';
import { outputOf } from '../runtime/device.ts';
import { type Bracket, ceilingInterval, ceilingOf, findCeiling } from '../train/ceiling-search.ts';
import { hasDiverged } from '../train/divergence.ts';
import type { Readout } from '../train/readout.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { openSession, type Session } from '../train/session.ts';
import type { Snapshot } from '../train/snapshot.ts';
import type { Instruments } from './instruments.ts';
import type { State } from './subject.ts';

export interface Trial {
  readonly rate: number;
  readonly losses: readonly number[];
  /**
   * Whether training goes on at this rate: no loss is beyond 1000 × max(1, the first), the mean over the last fifth is at
   * most that of the first step or 95 % of what guessing costs, and predictions still differ.
   */
  readonly holds: boolean;
  /** Why it does not; undefined where it holds. */
  readonly fault: TrialFault | undefined;
  /** ‖w‖ after ÷ before of weights before norms, all together; NaN where there are none. */
  readonly growth: number;
  /** Weights that are as they were, to the last bit. */
  readonly unchanged: readonly string[];
}

/** The loss left all bounds; all examples get one answer; or the loss ends above where it began. */
export type TrialFault = 'diverges' | 'one answer' | 'ends higher';

export interface Ceiling extends Bracket {
  readonly trials: readonly Trial[];
  /** The same by further orders of the examples, each to a factor of 1.5; undefined where only one was asked for. */
  readonly seeds?: SeedCeilings | undefined;
}

export interface SeedCeilings {
  readonly brackets: readonly Bracket[];
  /**
   * Of their geometric mean, from that of the rates that hold to that of those that fail: a bracket is all that is known.
   * Undefined where a search came to an end of what is tried.
   */
  readonly interval: Interval | undefined;
}

/** Of a trial, and of its end. */
export const STEPS = 30;
const LAST = 6;
/** A ceiling is searched to this factor, up to so many times the first rate, and down to what is of no use to anyone. */
const [RATIO, REACH, LEAST] = [10, 8, 1e-6] as const;
/** The same of a search over seeds, from where the first one ended. */
const [SEED_RATIO, SEED_REACH] = [1.5, 64] as const;
/** Examples per step at most: thirty steps of more take as long as all else. */
export const MOST_EXAMPLES = 32;
const PREDICTION = 'predictions';

/** Trainings of one problem from one state, on batches of the subject's. */
export class Trials {
  readonly #instruments: Instruments;
  readonly #session: Session;
  readonly #start: Snapshot;

  private constructor(instruments: Instruments, session: Session, start: Snapshot) {
    this.#instruments = instruments;
    this.#session = session;
    this.#start = start;
  }

  /** Compiles the step. @param state - of the names that the problem stores; others of its own start as it says */
  static async open(instruments: Instruments, problem: Problem, state: State): Promise<Trials> {
    const { seed } = instruments;
    const batchSize = Math.min(MOST_EXAMPLES, instruments.batchSize);
    const readouts: readonly Readout[] = [
      { every: STEPS - 1, outputs: ({ prediction }) => ({ [PREDICTION]: prediction }) },
    ];
    const session = await openSession(instruments.device.sibling(), problem, {
      batchSize,
      optimiser: sgd(),
      learningRate: 0.1,
      seed,
      readouts,
      firstBatch: instruments.feedsAt(batchSize)(0),
    });
    const start = await session.snapshot();
    await session.write(
      new Map([...state].filter(([name, data]) => start.tensors.get(name)?.data.length === data.length)),
    );
    return new Trials(instruments, session, await session.snapshot());
  }

  /** Thirty steps at a constant rate, by plain gradient descent. @param seed - of the order of the examples */
  async run(rate: number, seed: number = this.#instruments.seed): Promise<Trial> {
    const [session, start] = [this.#session, this.#start];
    await session.restore(start);
    session.learningRate = rate;
    const losses: number[] = [];
    let differ = false;
    const feeds = this.#instruments.feedsAt(session.batchSize, seed);
    for await (const { loss, outputs } of session.steps({ feeds, until: STEPS })) {
      losses.push(loss);
      if (PREDICTION in outputs) differ = tellsApart(outputOf(outputs, PREDICTION) as Float32Array, session.batchSize);
      if (hasDiverged(loss, losses[0] as number)) break;
    }
    const guessing = Math.log(Math.max(2, this.#instruments.look.outputs));
    const first = losses[0] as number;
    const isWhole = losses.length === STEPS && losses.every(Number.isFinite);
    const ends = isWhole ? mean(losses.slice(-LAST)) : Number.POSITIVE_INFINITY;
    const isHigher = ends > Math.max(1.001 * first, 0.95 * guessing);
    const fault = !isWhole ? 'diverges' : !differ ? 'one answer' : isHigher ? 'ends higher' : undefined;
    return { rate, losses, holds: fault === undefined, fault, ...(await this.#changes()) };
  }

  /**
   * The largest rate that holds, within a factor of four to ten: three trials where the first rate holds, as rates beyond
   * eight times that are not tried; more where it fails, until one holds.
   */
  async ceiling(from: number): Promise<Ceiling> {
    const trials: Trial[] = [];
    const bracket = await findCeiling(
      { from, ratio: RATIO, least: Math.min(LEAST, from), most: REACH * from },
      async (rate) => {
        const trial = await this.run(rate);
        trials.push(trial);
        return trial.holds;
      },
    );
    return { ...bracket, trials };
  }

  /** Ceilings by further orders of the examples, from a rate near the ceiling; each takes some five trials. */
  async overSeeds(near: number, count: number): Promise<SeedCeilings> {
    const search = { from: near, ratio: SEED_RATIO, least: Math.min(LEAST, near), most: SEED_REACH * near };
    const brackets: Bracket[] = [];
    for (let i = 0; i < count; i++) {
      const seed = this.#instruments.seed + i;
      brackets.push(await findCeiling(search, async (rate) => (await this.run(rate, seed)).holds));
    }
    return { brackets, interval: outerInterval(brackets) };
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#session.device.close();
  }

  async #changes(): Promise<Pick<Trial, 'growth' | 'unchanged'>> {
    const { weights } = this.#instruments.look;
    const known = weights.filter(({ name }) => this.#start.tensors.has(name));
    const after = await this.#session.read(known.map(({ name }) => name));
    const pairs = known.map((about) => {
      const of = (tensors: Snapshot['tensors']): Float32Array =>
        need(tensors.get(about.name), about.name).data as Float32Array;
      return { about, before: of(this.#start.tensors), now: of(after) };
    });
    const normed = pairs.filter(({ about }) => about.isNormalised);
    const length = (values: readonly Float32Array[]): number =>
      euclideanNorm(Float64Array.from(values, (value) => euclideanNorm(Float64Array.from(value))));
    return {
      growth: length(normed.map(({ now }) => now)) / length(normed.map(({ before }) => before)),
      unchanged: pairs.flatMap(({ about, before, now }) =>
        now.every((value, i) => value === before[i]) ? [about.name] : [],
      ),
    };
  }
}

/** Whatever seeds that agree on a bracket leave open inside it stays open. */
function outerInterval(brackets: readonly Bracket[]): Interval | undefined {
  const middle = ceilingInterval(brackets.map(ceilingOf));
  const below = ceilingInterval(brackets.map(({ holds = Number.NaN }) => holds));
  const above = ceilingInterval(brackets.map(({ fails = Number.NaN }) => fails));
  if (middle === undefined || below === undefined || above === undefined) return undefined;
  return { ...middle, lower: below.lower, upper: above.upper };
}

/** Whether predictions [examples, …] differ between examples, by more than rounding. */
function tellsApart(values: Float32Array, examples: number): boolean {
  const size = values.length / examples;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.some((value, i) => Math.abs(value - (values[i % size] as number)) > 1e-6 * largest);
}
