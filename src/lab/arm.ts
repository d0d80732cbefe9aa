/**
 * @file One arm of the lab: a training that can be stepped, looked at, taken back to a step that was kept, and left for another
 * arm to go on from. The same in a worker of a page and under Node.
 */

import { type Dataset, subset } from '../data/dataset.ts';
import { counted } from '../counted.ts';
import { SettingError } from '../errors.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { Problem } from '../problems/problem.ts';
import type { StepRecord } from '../records/record.ts';
import type { Device } from '../runtime/device.ts';
import { imageBatches, imageFeeds } from '../train/image-feeds.ts';
import { sgd } from '../train/optimisers/sgd.ts';
import { type FeedSource, openSession, type Session } from '../train/session.ts';
import type { SessionSettings } from '../train/session-settings.ts';
import type { Snapshot } from '../train/snapshot.ts';
import { fitted } from './fitted.ts';
import type { InstrumentName } from './instrument-names.ts';
import { readoutsFor } from './instruments.ts';
import { Keeper } from './keeper.ts';
import { type Look, openLooks, SHOWN_IMAGES } from './looks.ts';
import { problemOf } from './networks.ts';
import type { MakeProblem } from './own-network.ts';
import type { ArmSettings } from './settings.ts';

export interface ArmStep {
  /** Steps taken before it. */
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly learningRate: number;
  readonly records: readonly StepRecord[];
}

/** Images of 0 to 255, [N, C, H, W], with their labels [N]. */
export interface ShownImages {
  readonly shape: Dataset['shape'];
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** Where an arm begins, if not at its own start: at a step of another. */
export interface Origin {
  readonly snapshot: Snapshot;
  readonly settings: ArmSettings;
}

/** What a training is opened with, whatever is looked at. */
interface Training {
  readonly device: Device;
  readonly dataset: Dataset;
  readonly problem: Problem;
  readonly settings: Omit<SessionSettings, 'readouts'>;
}

export class Arm {
  readonly settings: ArmSettings;
  readonly #training: Training;
  readonly #feeds: FeedSource;
  readonly #keeper = new Keeper();
  #session: Session;
  #looks: readonly Look[];
  /** The rate from each step on at which it was changed, ascending. */
  #rates: readonly { readonly step: number; readonly learningRate: number }[];
  #isLost = false;

  private constructor(settings: ArmSettings, training: Training, feeds: FeedSource, opened: Opened) {
    this.settings = settings;
    this.#training = training;
    this.#feeds = feeds;
    this.#session = opened.session;
    this.#looks = opened.looks;
    this.#rates = [{ step: opened.session.step, learningRate: settings.learningRate }];
  }

  /** @throws {SettingError} for settings that make no training on this data. */
  static async open(
    device: Device,
    data: Dataset,
    settings: ArmSettings,
    instruments: readonly InstrumentName[],
    origin?: Origin,
    makeProblem: MakeProblem = problemOf,
  ): Promise<Arm> {
    const dataset = fitted(data, settings.network);
    const { batchSize, seed, learningRate, momentum } = settings;
    if (batchSize > dataset.train.count) {
      throw new SettingError(
        `The batch must fit the data: got ${batchSize} for ${counted(dataset.train.count, 'example')}`,
      );
    }
    const images = { batchSize, seed, augment: false };
    const feeds = imageFeeds(dataset, images);
    const training: Training = {
      device,
      dataset,
      problem: makeProblem(settings, dataset),
      settings: {
        batchSize,
        learningRate,
        seed,
        optimiser: sgd({ momentum }),
        batches: imageBatches(dataset, images),
        firstBatch: feeds(0),
      },
    };
    const opened = await openTraining(training, instruments);
    if (origin !== undefined) {
      const problem = makeProblem(origin.settings, fitted(data, origin.settings.network));
      await opened.session.takeOver(origin.snapshot, { problem, batchSize: origin.settings.batchSize });
    }
    const arm = new Arm(settings, training, feeds, opened);
    arm.#keeper.keep(await arm.#session.snapshot());
    return arm;
  }

  /** Goes on from the same step with other instruments: the same bits, since none of them touches the training. */
  async show(instruments: readonly InstrumentName[]): Promise<void> {
    const { remembered: _, ...snapshot } = await this.#session.snapshot();
    await this.#session.close();
    const { session, looks } = await openTraining(this.#training, instruments);
    await session.restore(snapshot);
    this.#session = session;
    this.#looks = looks;
  }

  /** Steps taken. */
  get step(): number {
    return this.#session.step;
  }

  /** Whether its loss is no number any more: no step follows. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** What the next step takes. */
  get learningRate(): number {
    return this.#session.learningRate;
  }

  /** Steps that can be gone back to without computing any again, and what they take. */
  get kept(): { readonly steps: readonly number[]; readonly bytes: number } {
    return { steps: this.#keeper.steps, bytes: this.#keeper.bytes };
  }

  /** The test images that predictions are shown of. */
  get shown(): ShownImages {
    const { shape, test } = this.#training.dataset;
    const { images, labels } = subset(test, Math.min(SHOWN_IMAGES, test.count));
    return { shape, pixels: images.slice(), labels: labels.slice() };
  }

  /** Numbers that the network learns. */
  get parameters(): number {
    return this.#session.graph.inputs.reduce(
      (sum, { role, value }) => sum + (role.kind === 'parameter' ? elementCount(value.shape) : 0),
      0,
    );
  }

  /** Takes one step. @throws {RangeError} where the arm is lost. */
  async take(): Promise<ArmStep> {
    if (this.#isLost) throw new RangeError('An arm whose loss is no number takes no step');
    this.#useRate();
    const looked = this.step === 0 ? await this.#look() : [];
    const { step, loss, outputs, learningRate, records } = await this.#session.take(this.#feeds(this.#session.step));
    this.#isLost = !Number.isFinite(loss);
    if (!this.#isLost) {
      if (this.#keeper.wants(this.step)) this.#keeper.keep(await this.#session.snapshot());
      looked.push(...(await this.#look()));
    }
    const accuracy = Number(outputs['accuracy']?.[0] ?? Number.NaN);
    return { step, loss, accuracy, learningRate, records: [...records, ...looked] };
  }

  /** Changes the rate of the next step and all that follow. @throws {SettingError} unless it is a number of 0 or more. */
  setRate(learningRate: number): void {
    if (!Number.isFinite(learningRate) || learningRate < 0) {
      throw new SettingError(`The learning rate must be a number of 0 or more, got ${learningRate}; try 0.1`);
    }
    this.#rates = [...this.#rates.filter(({ step }) => step < this.step), { step: this.step, learningRate }];
    this.#session.learningRate = learningRate;
  }

  /**
   * Goes back to a step, exactly: from the latest one kept before it, the steps between are taken again.
   * @throws {SettingError} for a step before its start, or one that it has not reached.
   */
  async back(step: number): Promise<void> {
    const [first = 0] = this.#keeper.steps;
    if (!Number.isInteger(step) || step < first || step > this.step) {
      throw new SettingError(`An arm can go back to a step from ${first} to ${this.step}, got ${step}`);
    }
    // What instruments remembered may be of others than those that look now.
    const { remembered: _, ...snapshot } = this.#keeper.before(step);
    await this.#session.restore(snapshot);
    this.#isLost = false;
    while (this.step < step) {
      this.#useRate();
      await this.#session.take(this.#feeds(this.step));
    }
    this.#useRate();
  }

  /** What another arm can go on from. */
  async origin(): Promise<Origin> {
    return { snapshot: await this.#session.snapshot(), settings: this.settings };
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  /** What is due between two steps: its records say how many steps had been taken. */
  async #look(): Promise<StepRecord[]> {
    const records: StepRecord[] = [];
    for (const { every, look } of this.#looks) if (this.step % every === 0) records.push(...(await look(this.step)));
    return records;
  }

  /** Sets the rate that belongs to the next step: changes are repeated after going back behind them. */
  #useRate(): void {
    const rate = this.#rates.findLast(({ step }) => step <= this.step);
    if (rate !== undefined) this.#session.learningRate = rate.learningRate;
  }
}

interface Opened {
  readonly session: Session;
  readonly looks: readonly Look[];
}

async function openTraining(
  { device, dataset, problem, settings }: Training,
  instruments: readonly InstrumentName[],
): Promise<Opened> {
  const readouts = readoutsFor(instruments, hiddenLayersOf(problem, settings.batchSize));
  const session = await openSession(device, problem, { ...settings, readouts });
  return { session, looks: await openLooks(session, dataset, instruments) };
}

function hiddenLayersOf(problem: Problem, batchSize: number): number {
  return problem.build({ mode: 'frozen', batchSize }).network.layers.length;
}
