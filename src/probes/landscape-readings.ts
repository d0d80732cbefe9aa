/**
 * @file The ray of a training step on which the loss is read otherwise than the step reads it: by other statistics, or on
 * another batch. What the gradients along the ray are compared with is then computed at x first.
 */

import { grad } from '../autodiff/reverse.ts';
import { SettingError } from '../errors.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { type Graph, parametersOf, type Value } from '../graph/graph.ts';
import { elementCount } from '../graph/tensor-type.ts';
import { outputOf, scalarOf, type Tensors } from '../runtime/device.ts';
import type { DrawKey } from '../runtime/random-inputs.ts';
import { allocate, floatsOf } from '../runtime/tensor-data.ts';
import { atOrigin, kept } from '../train/kept.ts';
import type { StepResult, Watched } from '../train/readout.ts';
import { heldName, holdStatistics, onHeldStatistics, runningStatistics } from './held-statistics.ts';
import { type BuildLoss, displacedGraph } from './landscape-graphs.ts';
import type { RayBatch, RayOrigin, RayPoint, Statistics } from './ray.ts';
import { alongRay } from './step-ray.ts';
import { totalProduct } from './total-product.ts';

/** Batches whose statistics a recomputed population statistic is the mean of. */
export const POPULATION_BATCHES = 2;

export interface Reading {
  readonly statistics: Statistics;
  readonly batch: RayBatch;
  readonly multiples: readonly number[];
}

/** Whether the loss is read as the step reads it. */
export function isStepsOwn({ statistics, batch }: Pick<Reading, 'statistics' | 'batch'>): boolean {
  return statistics === 'batch' && batch === 'same';
}

/** Programs that are run per measurement. */
export function readingCost({ statistics, multiples }: Reading): number {
  const points = multiples.length + 1;
  if (statistics === 'recomputed') return points * (POPULATION_BATCHES + 1);
  return statistics === 'frozen' ? points + 1 : points;
}

/** The loss as it is read at x, ‖∇L(x)‖² and ⟨∇L(x), g⟩ of the step's g, and the same at each point. */
export interface Followed {
  readonly origin: Omit<RayOrigin, 'squaredNorm'>;
  readonly points: readonly RayPoint[];
}

/** One run of a graph on a batch, whatever of it the graph is fed. */
type Run = (feeds: Tensors, key: DrawKey, given?: Tensors) => Promise<Tensors>;

/**
 * Loads what follows a ray, and returns what does so after a step.
 * @throws {SettingError} for networks side by side, or a norm whose statistics cannot be held.
 */
export async function openReading(
  session: Watched,
  reading: Reading,
): Promise<(result: StepResult) => Promise<Followed>> {
  const { problem, batchSize } = session;
  const { statistics, batch, multiples } = reading;
  if (problem.build({ mode: 'frozen', batchSize }).networks !== undefined) {
    throw new SettingError(
      "Probe 'landscape' reads the loss of networks side by side as their step does; leave 'statistics' at 'batch' and 'batch' at 'same'",
    );
  }
  const draw =
    batch === 'fresh' || statistics === 'recomputed' ? session.batches({ split: 'train', size: batchSize }) : undefined;
  const open = async (graph: Graph): Promise<Run> => {
    const program = await session.load(graph);
    const names = graph.inputs.flatMap(({ value, role }) => (role.kind === 'data' ? [value.name] : []));
    return (feeds, key, given = {}) => {
      const data = names.flatMap((name) => (feeds[name] === undefined ? [] : [[name, feeds[name]] as const]));
      return program.run({ ...Object.fromEntries(data), ...given }, key);
    };
  };
  const programs = await graphsOf(session, reading, open);
  const size = (s: number): Tensors => ({ s: floatsOf(problem.float, [s]) });
  return async ({ step, feeds: own, key: ownKey, learningRate }) => {
    const feeds = batch === 'fresh' && draw !== undefined ? draw(step, 0) : own;
    const key = batch === 'fresh' ? { ...ownKey, batch: 0 } : ownKey;
    const hold = async (s: number): Promise<void> => {
      if (programs.hold === undefined) return;
      if (statistics === 'frozen') {
        await programs.hold(feeds, key);
        return;
      }
      await session.write(
        new Map(programs.running.map(({ name, shape }) => [heldName(name), zeros(session, elementCount(shape))])),
      );
      for (let i = 1; i <= POPULATION_BATCHES; i++) {
        if (draw !== undefined) await programs.hold(draw(step, i), { ...ownKey, batch: i }, size(s));
      }
    };
    await hold(0);
    const here = await programs.here(feeds, key);
    const sizes = multiples.map((multiple) => multiple * learningRate);
    const found: Tensors[] = [];
    if (statistics === 'recomputed') {
      for (const s of sizes) {
        await hold(s);
        found.push(await programs.there(feeds, key, size(s)));
      }
    } else {
      const together = await programs.there(feeds, key, { s: floatsOf(problem.float, sizes) });
      for (const i of sizes.keys()) {
        found.push(Object.fromEntries(Object.entries(together).map(([name, data]) => [name, data.slice(i, i + 1)])));
      }
    }
    return {
      origin: {
        loss: scalarOf(here, 'loss'),
        read: { squaredNorm: scalarOf(here, 'squaredNorm'), slope: scalarOf(here, 'slope') },
      },
      points: found.map((outputs, i): RayPoint => {
        const at = (name: string): number => Number(outputOf(outputs, name)[0]);
        return {
          multiple: multiples[i] as number,
          s: floatsOf(problem.float, [sizes[i] as number])[0] as number,
          loss: at('loss'),
          changeSquared: at('changeSquared'),
          changeDot: at('changeDot'),
          squaredNorm: at('squaredNorm'),
          dot: at('dot'),
        };
      }),
    };
  };
}

interface Programs {
  /** Holds statistics; undefined where no norm keeps any, or they are not to be held. */
  readonly hold: Run | undefined;
  readonly running: readonly Value[];
  /** At x, keeping the gradient. */
  readonly here: Run;
  /** At the points of the ray. */
  readonly there: Run;
}

async function graphsOf(
  { problem, batchSize }: Watched,
  { statistics, batch, multiples }: Reading,
  open: (graph: Graph) => Promise<Run>,
): Promise<Programs> {
  const isHeld = statistics === 'frozen' || statistics === 'recomputed';
  const running = isHeld ? runningStatistics(problem, batchSize) : [];
  const label = `landscape/${batch}-${statistics}`;
  const mode = statistics === 'batch' ? 'frozen' : 'eval';
  const build: BuildLoss = (view = atOrigin) =>
    problem.build({ mode, batchSize, view: isHeld ? onHeldStatistics(view) : view });
  const hold =
    running.length === 0
      ? undefined
      : holdStatistics(problem, {
          name: `${label}/statistics`,
          batchSize,
          ...(statistics === 'frozen'
            ? { view: atOrigin }
            : { view: alongRay({ kind: 'scalar' }), share: POPULATION_BATCHES }),
        });
  return {
    hold: hold && (await open(hold)),
    running,
    here: await open(hereGraph(`${label}/here`, build)),
    there: await open(
      displacedGraph(build, 'gradient', multiples.length, {
        name: `${label}/there`,
        against: readGradient,
        onePoint: statistics === 'recomputed',
      }),
    ),
  };
}

/** Where the gradient at x is kept of the loss as it is read. */
function readGradient(g: GraphBuilder, parameter: Value): Value {
  return g.input(`landscape/read/${parameter.name}`, parameter.shape, { kind: 'scratch' });
}

/** At x: the loss as it is read, ‖h‖² of its gradient h, and ⟨h, g⟩ with the step's g. Keeps h. */
function hereGraph(name: string, build: BuildLoss): Graph {
  const { g, loss } = build(atOrigin);
  const parameters = parametersOf(g);
  const slopes = grad(
    g,
    loss,
    parameters.map((parameter) => kept(g, 'origin', parameter)),
  );
  const along = parameters.map((parameter) => kept(g, 'gradient', parameter));
  const outputs = { loss, squaredNorm: totalProduct(g, slopes, slopes), slope: totalProduct(g, slopes, along) };
  const updates = parameters.map((parameter, i) => ({ state: readGradient(g, parameter), next: slopes[i] as Value }));
  return g.finish(name, outputs, updates);
}

function zeros({ problem }: Watched, count: number): Float32Array | Float64Array {
  return allocate(problem.float, count) as Float32Array | Float64Array;
}
