/** @file Cells that find the largest learning rate of a training: short trials from one start, at rates that a search names. */

import { average } from '../math/statistics.ts';
import type { Dataset } from '../data/dataset.ts';
import { SettingError } from '../errors.ts';
import type { Problem } from '../problems/problem.ts';
import { plainJson } from '../records/canonical-json.ts';
import type { Place, StepRecord } from '../records/record.ts';
import { outputOf } from '../runtime/device.ts';
import { resolveLowering } from '../runtime/lowering-choice.ts';
import { inFloat64, type TensorData } from '../runtime/tensor-data.ts';
import { ceilingOf, type CeilingSearch, findCeiling, mostTrials } from '../train/ceiling-search.ts';
import { hasDiverged } from '../train/divergence.ts';
import { imageFeeds } from '../train/image-feeds.ts';
import type { Readout } from '../train/readout.ts';
import { type FeedSource, openSession, type Session } from '../train/session.ts';
import { trainingGraphs } from '../train/training-graphs.ts';
import { checkTraining, type TrainingSettings } from '../train/training-settings.ts';
import type { CellJob, Workbench } from './job.ts';
import { trainingPace } from './training-pace.ts';

export interface CeilingSpec {
  /** Which side of a comparison this is; a name for people, no part of the hash. */
  readonly arm: string;
  readonly problem: Problem;
  /** Of one trial; its learning rate is the trial's own, and nothing is evaluated. */
  readonly training: Omit<TrainingSettings, 'learningRate' | 'evaluateEvery'>;
  /** By which rates are chosen, or those to be tried and no others. */
  readonly rates: CeilingSearch | readonly number[];
  /** What else tells it from other cells of its study, for people. */
  readonly place?: Place;
}

/** The last steps of a trial, whose mean loss is held against that before training: one in so many of all. */
const LAST_SHARE = 5;

const PREDICTION = 'ceiling/prediction';
const LEAST_SPREAD = 1e-6;

/** So much larger may it be: at the smallest rates the two differ by rounding, of either sign. */
const TOLERANCE = 1e-3;

const holdsWhere =
  'a trial holds where no mini-batch loss is not finite or above 1000 × max(1, the first), and the mean over its last fifth of steps ' +
  'is at most 1.001 times what the network had on the same batches before training, and its last predictions still differ between ' +
  'examples, by more than a millionth of the largest';

const definitions = {
  'trial-holds': `1 where the training at this learning rate holds, 0 where not: ${holdsWhere}`,
  'trial-loss': 'mean mini-batch loss over the last fifth of the steps of the trial at this learning rate',
  'ceiling-holds': `largest learning rate of the search that holds: ${holdsWhere}`,
  'ceiling-fails': `smallest learning rate of the search above it that does not hold: ${holdsWhere}`,
  ceiling: 'geometric mean of the largest learning rate that holds and the smallest that does not',
} as const;

/** The job of one seed. Interrupted, it begins anew another time: a trial takes seconds. */
export function ceilingJob(spec: CeilingSpec): CellJob {
  const { arm, problem, rates } = spec;
  const training = trialOf(spec);
  const { seed, batchSize, optimiser, steps } = training;
  return {
    dataset: training.dataset,
    settings: plainJson({ ...problem.about, ...spec.training, rates }),
    pace: trainingPace({ problem, training }),
    check: (dataset) => checkCell(spec, dataset),
    cells: [
      {
        arm,
        seed,
        place: spec.place ?? {},
        probes: [],
        cost: () => steps * trialsAtMost(rates),
        config: ({ device, checksum, ort, code }) => ({
          ceiling: plainJson({ rates }),
          problem: problem.about,
          training: plainJson(spec.training),
          device: plainJson(resolveLowering(device)),
          graphs: trainingGraphs(problem, batchSize, optimiser).identity,
          data: checksum(training.dataset),
          ort,
          code: code(),
        }),
      },
    ],
    async run(bench, missing) {
      const dataset = await bench.dataset();
      checkCell(spec, dataset);
      const device = bench.openDevice(bench.device);
      try {
        const feeds = imageFeeds(dataset, training, problem.float);
        const readouts = [lastPrediction(steps)];
        const session = await openSession(device, problem, { ...training, readouts, firstBatch: feeds(0) });
        const records = await search(spec, session, feeds, bench);
        for (const { work } of missing) work.append(records);
        return missing.map(() => ({ trials: records.filter(({ quantity }) => quantity === 'trial-holds').length }));
      } finally {
        await device.close();
      }
    },
  };
}

function isSearch(rates: CeilingSpec['rates']): rates is CeilingSearch {
  return 'from' in rates;
}

function trialsAtMost(rates: CeilingSpec['rates']): number {
  return isSearch(rates) ? mostTrials(rates) : rates.length;
}

function trialOf({ training, rates }: CeilingSpec): TrainingSettings {
  const first = isSearch(rates) ? rates.from : (rates[0] ?? Number.NaN);
  return { ...training, learningRate: first, evaluateEvery: 0 };
}

function checkCell(spec: CeilingSpec, dataset: Dataset | undefined): void {
  const training = trialOf(spec);
  if (dataset === undefined)
    throw new SettingError(`A cell that trains must be given its data set, ${training.dataset}`);
  if (training.steps < LAST_SHARE) {
    throw new SettingError(`A trial must take ${LAST_SHARE} steps or more, got ${training.steps}; try 100`);
  }
  checkTraining(spec.problem, training, dataset);
}

/** All trials start from the same weights and see the same batches. */
async function search(
  { rates, training: { steps } }: CeilingSpec,
  session: Session,
  feeds: FeedSource,
  { report, signal }: Pick<Workbench, 'report' | 'signal'>,
): Promise<readonly StepRecord[]> {
  const start = await session.snapshot();
  const [records, all]: [StepRecord[], number] = [[], steps * trialsAtMost(rates)];
  const before = await untrainedLoss(session, feeds, steps);
  let trial = 0;
  const record = (quantity: keyof typeof definitions, value: number, at?: number): void => {
    const definition = definitions[quantity];
    records.push({ step: trial, quantity, value, definition, mode: 'train', ...(at !== undefined && { at }) });
  };
  const holds = async (rate: number): Promise<boolean> => {
    await session.restore(start);
    session.learningRate = rate;
    const losses: number[] = [];
    let hasEnded = false;
    let isAlive = false;
    for await (const { loss, outputs } of session.steps({ feeds, until: steps, signal })) {
      losses.push(loss);
      report({ step: trial * steps + losses.length, steps: all, loss });
      hasEnded = hasDiverged(loss, losses[0] ?? loss);
      isAlive = PREDICTION in outputs && tellsApart(outputOf(outputs, PREDICTION), session.batchSize);
      if (hasEnded) break;
    }
    signal?.throwIfAborted();
    const last = hasEnded ? undefined : average(losses.slice(firstOfLast(steps)));
    const isHeld = isAlive && last !== undefined && last <= (1 + TOLERANCE) * before;
    record('trial-holds', isHeld ? 1 : 0, rate);
    if (last !== undefined) record('trial-loss', last, rate);
    trial += 1;
    return isHeld;
  };
  if (!isSearch(rates)) {
    for (const rate of rates) await holds(rate);
    return records;
  }
  const bracket = await findCeiling(rates, holds);
  if (bracket.holds !== undefined) record('ceiling-holds', bracket.holds);
  if (bracket.fails !== undefined) record('ceiling-fails', bracket.fails);
  record('ceiling', ceilingOf(bracket));
  return records;
}

/** What the network says of the batch of the last step: one that a large step has killed says the same of every example. */
function lastPrediction(steps: number): Readout {
  return { every: steps - 1, outputs: ({ prediction }) => ({ [PREDICTION]: prediction }) };
}

/** Whether predictions [examples, …] differ between examples. */
function tellsApart(prediction: TensorData, examples: number): boolean {
  const values = inFloat64(prediction);
  const size = values.length / examples;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.some((value, i) => Math.abs(value - (values[i % size] as number)) > LEAST_SPREAD * largest);
}

/** The first of the last steps. */
function firstOfLast(steps: number): number {
  return steps - Math.floor(steps / LAST_SHARE);
}

/** Mean loss on the batches of the last steps, at a rate of 0. */
async function untrainedLoss(session: Session, feeds: FeedSource, steps: number): Promise<number> {
  session.learningRate = 0;
  const losses: number[] = [];
  for (let step = firstOfLast(steps); step < steps; step++) losses.push((await session.take(feeds(step))).loss);
  return average(losses);
}
