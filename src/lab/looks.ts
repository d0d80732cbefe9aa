/** @file What the lab itself looks at between steps, beside what probes measure: the test images, and what layers store. */

import type { Dataset } from '../data/dataset.ts';
import { subset } from '../data/dataset.ts';
import { need } from '../errors.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { singularValues } from '../math/singular-values.ts';
import { mean } from '../math/statistics.ts';
import type { StatisticsMode, StepRecord } from '../records/record.ts';
import { outputOf, type Program, scalarOf } from '../runtime/device.ts';
import type { DrawKey } from '../runtime/random-inputs.ts';
import { testFeeds } from '../train/image-feeds.ts';
import type { Session } from '../train/session.ts';
import type { InstrumentName } from './instrument-names.ts';
import { inFloat64 } from '../runtime/tensor-data.ts';

export interface Look {
  readonly every: number;
  readonly look: (step: number) => Promise<readonly StepRecord[]>;
}

/** Test images that predictions are shown of. */
export const SHOWN_IMAGES = 8;

const definitions = {
  'test-accuracy': ['fraction of the test images classified correctly, running statistics', 'eval'],
  'test-loss': ['mean cross-entropy over the test images, in nats, running statistics', 'eval'],
  'test-accuracy-batch': [
    'fraction of the test images classified correctly, statistics of each batch of them',
    'frozen',
  ],
  'running-mean-distance': [
    '‖running mean − mean of the mini-batch‖₂ / ‖√variance of the mini-batch‖₂, over the channels of a layer',
    'train',
  ],
  'running-variance-ratio': [
    'mean over the channels of a layer of running variance (unbiased) / variance of the mini-batch (biased)',
    'train',
  ],
  'singular-value': [
    'singular value of the weight of the first hidden layer as a matrix [inputs, units], by rank',
    'train',
  ],
  probability: ['softmax of the logits for one class, running statistics', 'eval'],
} as const satisfies Readonly<Record<string, readonly [string, StatisticsMode]>>;

function record(
  quantity: keyof typeof definitions,
  step: number,
  value: number,
  where: Partial<Pick<StepRecord, 'layer' | 'at' | 'place'>> = {},
): StepRecord {
  const [definition, mode] = definitions[quantity];
  return { step, quantity, value, ...where, definition, mode };
}

/** Looks leave weights, statistics and trajectory as they are: their graphs write nothing. */
export async function openLooks(
  session: Session,
  dataset: Dataset,
  instruments: readonly InstrumentName[],
): Promise<readonly Look[]> {
  const makers: Readonly<Partial<Record<InstrumentName, () => Promise<Look>>>> = {
    accuracy: () => openTest(session, dataset),
    statistics: () => openStatistics(session, dataset),
    'singular-values': async () => ({ every: 20, look: (step) => spectrum(session, step) }),
    predictions: () => openPredictions(session, dataset),
  };
  // Statistics are shown beside what the network comes to with them.
  const needed = instruments.includes('statistics') ? new Set([...instruments, 'accuracy' as const]) : instruments;
  return Promise.all([...needed].flatMap((name) => makers[name]?.() ?? []));
}

async function openTest(session: Session, dataset: Dataset): Promise<Look> {
  const batch = Math.min(session.batchSize, dataset.test.count);
  const frozen = hasStatistics(session) ? await session.load(frozenGraph(session, batch)) : undefined;
  return {
    every: 20,
    look: async (step) => {
      const { loss = Number.NaN, accuracy = Number.NaN } = await session.evaluate(
        testFeeds(dataset, session.batchSize),
      );
      const own = [record('test-accuracy', step, accuracy), record('test-loss', step, loss)];
      return frozen === undefined
        ? own
        : [
            ...own,
            record('test-accuracy-batch', step, await meanAccuracy(frozen, dataset, batch, keyOf(session, step))),
          ];
    },
  };
}

/** The problem on a batch's own statistics, with nothing written. */
function frozenGraph({ problem }: Session, batchSize: number) {
  const { g, outputs, network } = problem.build({ mode: 'frozen', batchSize });
  const statistics = [...network.quantities].filter(([name]) => /\/(mean|variance)$/.test(name));
  return g.finish('looked-at', { ...outputs, ...Object.fromEntries(statistics) });
}

/** Of whole batches: one that was filled up would count some examples twice. */
async function meanAccuracy(program: Program, dataset: Dataset, batch: number, key: DrawKey): Promise<number> {
  const whole = Math.floor(dataset.test.count / batch) * batch;
  const found: number[] = [];
  for (const { feeds } of testFeeds({ ...dataset, test: subset(dataset.test, whole) }, batch)) {
    found.push(scalarOf(await program.run(feeds, key), 'accuracy'));
  }
  return mean(found);
}

/** By which norms that draw noise draw it here. */
function keyOf({ settings: { seed = 0 } }: Session, step: number): DrawKey {
  return { seed, step };
}

function hasStatistics({ graph }: Session): boolean {
  return graph.inputs.some(({ value }) => value.name.endsWith('/runningMean'));
}

/** How far what evaluation normalises by is from what the training just did, on the training's first batch of a step. */
async function openStatistics(session: Session, dataset: Dataset): Promise<Look> {
  const names = session.graph.inputs.map(({ value }) => value.name).filter((name) => name.endsWith('/runningMean'));
  if (names.length === 0) return { every: 10, look: async () => [] };
  const program = await session.load(frozenGraph(session, session.batchSize));
  const draw = session.batches({ split: 'train', size: Math.min(session.batchSize, dataset.train.count) });
  return {
    every: 10,
    look: async (step) => {
      const outputs = await program.run(draw(step, 0), keyOf(session, step));
      const stored = await session.read([...names, ...names.map((name) => name.replace(/Mean$/, 'Variance'))]);
      return names.flatMap((name) => {
        const place = name.replace(/\/runningMean$/, '');
        const numbers = (data: ArrayLike<number | bigint>): number[] => Array.from(data, Number);
        const batchMean = numbers(outputOf(outputs, `${place}/mean`));
        const variance = numbers(outputOf(outputs, `${place}/variance`));
        const runningMean = numbers(need(stored.get(name), name).data);
        const runningVariance = numbers(need(stored.get(name.replace(/Mean$/, 'Variance')), name).data);
        const distance = Math.hypot(...batchMean.map((value, i) => value - (runningMean[i] ?? 0)));
        const spread = Math.sqrt(variance.reduce((sum, one) => sum + one, 0));
        const ratios = variance.flatMap((value, i) => (value > 0 ? [(runningVariance[i] ?? 0) / value] : []));
        const layer = place.replace(/\/norm$/, '');
        return [
          record('running-mean-distance', step, distance / spread, { layer }),
          record('running-variance-ratio', step, mean(ratios), { layer }),
        ];
      });
    },
  };
}

/** Of the first hidden layer: [inputs, units], of a convolution [taps and channels, units]. */
async function spectrum(session: Session, step: number): Promise<readonly StepRecord[]> {
  const weight = session.graph.inputs.find(({ role, value }) => role.kind === 'parameter' && value.shape.length > 1);
  if (weight === undefined) return [];
  const { name } = weight.value;
  const { shape, data } = need((await session.read([name])).get(name), name);
  const [first = 1, ...rest] = shape;
  const matrix = inFloat64(data);
  if (!matrix.every(Number.isFinite)) return [];
  const values = (await singularValues(matrix, first, elementCount(rest))).toReversed();
  return Array.from(values, (value, i) =>
    record('singular-value', step, value, { layer: name.split('/')[0] ?? name, at: i + 1 }),
  );
}

async function openPredictions(session: Session, dataset: Dataset): Promise<Look> {
  const count = Math.min(SHOWN_IMAGES, dataset.test.count);
  const { g, prediction } = session.problem.build({ mode: 'eval', batchSize: count });
  const program = await session.load(g.finish('predictions', { prediction }));
  const [batch] = testFeeds({ ...dataset, test: subset(dataset.test, count) }, count);
  // What the network makes of images has no use for their labels.
  const x = outputOf(need(batch, 'test images').feeds, 'x');
  return {
    every: 10,
    look: async (step) => {
      const logits = Array.from<number | bigint, number>(outputOf(await program.run({ x }), 'prediction'), Number);
      const classes = logits.length / count;
      return Array.from({ length: count }, (_, image) =>
        softmax(logits.slice(image * classes, (image + 1) * classes)).map((value, at) =>
          record('probability', step, value, { at, place: { image } }),
        ),
      ).flat();
    },
  };
}

function softmax(logits: readonly number[]): readonly number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, one) => total + one, 0);
  return powers.map((one) => one / sum);
}
