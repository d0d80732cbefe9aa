/** @file What a step of ten deep linear networks in one graph costs, beside one of the same network alone. */

import { drawLinear } from '../../data/linear.ts';
import { median } from '../../math/statistics.ts';
import type { NormName } from '../../norms/index.ts';
import { deepLinear, regression } from '../../problems/regression.ts';
import type { Problem } from '../../problems/problem.ts';
import { deepLinearSideBySide, sideBySideFeeds } from '../../problems/side-by-side.ts';
import type { Tensors } from '../../runtime/device.ts';
import type { ResolvedLowering } from '../../runtime/lowering-choice.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { initialStates } from '../../train/initial-state.ts';
import { sgd } from '../../train/optimisers/sgd.ts';
import { openSession, type Session } from '../../train/session.ts';
import { type Circumstances, type BenchProgress, observe } from '../measure.ts';
import { type Spread, spread } from '../summary.ts';

/** The networks of santurkar2018, Appendix A. */
const DEPTH = 25;
const WIDTH = 10;
const EXAMPLES = 1000;
const NETWORKS = 10;
const LEARNING_RATE = 1e-7;
const STEPS_PER_TURN = 40;

export interface SeedsSummary {
  readonly norm: NormName;
  /** Seconds of a step: of the network as a problem of its own, of a group of one, and of a group of ten. */
  readonly single: Spread;
  readonly group: Spread;
  readonly ten: Spread;
  /** A step of ten over one of the single network, in the same round; and over one of the group of one. */
  readonly overSingle: Spread;
  readonly overGroup: Spread;
}

export interface SeedsResult extends Circumstances {
  readonly threads: number;
  readonly settings: ResolvedLowering;
  readonly norms: readonly SeedsSummary[];
}

/** Times all three by turns, each on a thread of its own that idles while others work. */
export async function measureSeeds(
  norms: readonly NormName[],
  { rounds, threads, ...settings }: ResolvedLowering & { readonly rounds: number; readonly threads: number },
  report: (progress: BenchProgress) => void,
  signal?: AbortSignal,
): Promise<SeedsResult> {
  const circumstances = observe();
  const summaries: SeedsSummary[] = [];
  for (const [i, norm] of norms.entries()) {
    const devices = [1, 2, 3].map(() => nodeDevice({ ...settings, threads }));
    try {
      const entrants: Entrant[] = [];
      for (const [place, device] of devices.entries()) {
        const { problem, feeds, networks } = entrantOf(norm, place);
        const session = await openSession(device, problem, {
          batchSize: EXAMPLES,
          optimiser: sgd(),
          learningRate: LEARNING_RATE,
        });
        if (place > 0) await session.write(initialStates(session.graph, seedsOf(networks)));
        entrants.push({ session, feeds, rounds: [] });
      }
      for (let round = 0; round < rounds; round++) {
        report({ text: `ten seeds beside one, norm ${norm}`, done: i * rounds + round, all: norms.length * rounds });
        for (const entrant of entrants) entrant.rounds.push(await turn(entrant, signal));
      }
      summaries.push(summarise(norm, entrants));
    } finally {
      await Promise.all(devices.map((device) => device.close()));
    }
  }
  return { ...circumstances(), threads, settings, norms: summaries };
}

interface Entrant {
  readonly session: Session;
  readonly feeds: Tensors;
  /** Seconds of the steps of each turn. */
  readonly rounds: (readonly number[])[];
}

function seedsOf(networks: number): readonly number[] {
  return Array.from({ length: networks }, (_, seed) => seed);
}

/** The single network, the group of one, the group of ten. */
function entrantOf(norm: NormName, place: number): { problem: Problem; feeds: Tensors; networks: number } {
  const networks = place === 2 ? NETWORKS : 1;
  const drawn = seedsOf(networks).map((seed) =>
    drawLinear({ seed, examples: EXAMPLES, inputs: WIDTH, outputs: WIDTH }),
  );
  const [first] = drawn;
  if (place > 0 || first === undefined) {
    const problem = deepLinearSideBySide({ networks, depth: DEPTH, width: WIDTH, norm });
    return { problem, feeds: sideBySideFeeds(drawn, EXAMPLES, 'float32'), networks };
  }
  const problem = regression(deepLinear({ depth: DEPTH, width: WIDTH }), {
    input: [WIDTH],
    outputs: WIDTH,
    over: 'sum',
    norm,
    initialiser: 'glorot',
  });
  return { problem, feeds: { x: first.x, y: first.y }, networks };
}

async function turn({ session, feeds }: Entrant, signal: AbortSignal | undefined): Promise<readonly number[]> {
  signal?.throwIfAborted();
  // The first step after the others' turns is not counted.
  await session.take(feeds);
  const seconds: number[] = [];
  for (let step = 0; step < STEPS_PER_TURN; step++) {
    const started = performance.now();
    await session.take(feeds);
    seconds.push((performance.now() - started) / 1000);
  }
  return seconds;
}

function summarise(norm: NormName, [single, group, ten]: readonly Entrant[]): SeedsSummary {
  if (single === undefined || group === undefined || ten === undefined) throw new RangeError('All three must be timed');
  const over = (other: Entrant): Spread =>
    spread(ten.rounds.map((seconds, round) => median(seconds) / median(other.rounds[round] ?? [])));
  const times = ({ rounds }: Entrant): Spread => spread(rounds.flat());
  return {
    norm,
    single: times(single),
    group: times(group),
    ten: times(ten),
    overSingle: over(single),
    overGroup: over(group),
  };
}
