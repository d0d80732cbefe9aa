/**
 * @file Cells that train deep linear networks, one a seed, all of a job in one graph. A cell's numbers, and so its hash, do
 * not depend on the others: on sizes that keep every network's rows at the same places of a cache line, each has the bits
 * that it has alone (side-by-side.test.ts).
 */

import { drawLinear } from '../data/linear.ts';
import { need, SettingError } from '../errors.ts';
import { median } from '../math/statistics.ts';
import { probeCost } from '../probes/index.ts';
import type { Problem } from '../problems/problem.ts';
import { deepLinearSideBySide, type SideBySideSettings, sideBySideFeeds } from '../problems/side-by-side.ts';
import { canonicalJson, type JsonObject, plainJson } from '../records/canonical-json.ts';
import type { HeldProbe } from '../records/cell.ts';
import type { Place, StepRecord } from '../records/record.ts';
import { type Device, outputOf, type Tensors } from '../runtime/device.ts';
import { resolveLowering } from '../runtime/lowering-choice.ts';
import { divergedRecord, hasDiverged } from '../train/divergence.ts';
import { initialStates } from '../train/initial-state.ts';
import type { OptimiserSettings } from '../train/optimisers/descent.ts';
import { openSession, type Session } from '../train/session.ts';
import { checkSession, requireWhole } from '../train/session-settings.ts';
import { trainingGraphs } from '../train/training-graphs.ts';
import type { CellJob, JobCell, Making, Workbench } from './job.ts';
import { readoutsOf } from './probe-readouts.ts';

export interface SideBySideSpec {
  /** Which side of a comparison this is; a name for people, no part of the hash. */
  readonly arm: string;
  readonly network: Omit<SideBySideSettings, 'networks'>;
  /** One cell each. A seed draws examples, the map to be learnt and initial weights. */
  readonly seeds: readonly number[];
  /** N, all of which every step is fed. */
  readonly examples: number;
  readonly steps: number;
  readonly optimiser: OptimiserSettings;
  /** The same at every step. */
  readonly learningRate: number;
  /** Those that know networks side by side: `landscape` and `covariate-shift`. */
  readonly probes?: readonly HeldProbe[];
  /** What else tells the cells from others of their study, for people; default: the learning rate. */
  readonly place?: Place;
}

/** Numbers per cache line in float32: where a network's part of a tensor is so many, or a multiple, all lie alike. */
const LINE = 16;
const TIMED_STEPS = 4;
const RECORD_BYTES = 90;

/**
 * The job of several seeds. It records `loss` of every step before its update, and `diverged`, after which a cell holds no
 * more while others go on. Interrupted, it begins anew another time: it takes a minute or two.
 */
export function sideBySideJob(spec: SideBySideSpec): CellJob {
  const { arm, seeds, examples, steps, optimiser, learningRate, probes = [] } = spec;
  const alone = problemOf(spec, 1);
  const training = { examples, steps, optimiser, learningRate };
  return {
    dataset: undefined,
    settings: plainJson({ ...alone.about, networks: seeds.length, ...training }),
    pace: {
      isTried: true,
      get key() {
        return canonicalJson({ graphs: identityOf(spec, seeds.length), steps });
      },
      measure: async (bench) => ({
        seconds: (await secondsPerStep(spec, bench)) / seeds.length,
        bytes: steps * RECORD_BYTES,
      }),
    },
    check: () => checkSpec(spec, alone),
    cells: seeds.map(
      (seed): JobCell => ({
        arm,
        seed,
        place: spec.place ?? { 'learning rate': learningRate },
        probes,
        // Gradients of all examples: one a step, and those of the probes.
        cost: (held) => steps * held.reduce((sum, probe) => sum + probeCost(probe, spec.examples), 1),
        config: ({ device, ort, code }) => ({
          problem: alone.about,
          training: plainJson({ ...training, seed }),
          device: plainJson(resolveLowering(device)),
          graphs: identityOf(spec, 1),
          ort,
          code: code(),
        }),
      }),
    ),
    async run(bench, missing) {
      checkSpec(spec, alone);
      const device = bench.openDevice(bench.device);
      try {
        const ends = new Map<Making, JsonObject>();
        // Those that shall hold the same probes train together: mostly all.
        const held = (making: Making): string => canonicalJson(plainJson({ probes: making.work.probes }));
        for (const probesOf of new Set(missing.map(held))) {
          const together = missing.filter((making) => held(making) === probesOf);
          const made = await trainTogether(spec, together, device, bench);
          together.forEach((making, i) => ends.set(making, need(made[i], 'what a cell came to')));
        }
        return missing.map((making) => need(ends.get(making), 'what a cell came to'));
      } finally {
        await device.close();
      }
    },
  };
}

async function trainTogether(
  spec: SideBySideSpec,
  missing: readonly Making[],
  device: Device,
  { report, signal }: Pick<Workbench, 'report' | 'signal'>,
): Promise<readonly JsonObject[]> {
  const { steps } = spec;
  const { session, feeds } = await open(
    spec,
    missing.map(({ cell }) => cell.seed),
    device,
    missing[0]?.work.probes,
  );
  const definition = session.problem.quantities['loss']?.batch ?? '';
  const ends = missing.map((): JsonObject | undefined => undefined);
  let firstLosses: readonly number[] | undefined;
  for await (const { step, outputs, records: measured } of session.steps({
    feeds: () => feeds,
    until: steps,
    signal,
  })) {
    const losses = outputOf(outputs, 'losses');
    firstLosses ??= Array.from(losses, Number);
    for (const [i, { work }] of missing.entries()) {
      if (ends[i] !== undefined) continue;
      const value = Number(losses[i]);
      const records: StepRecord[] = [{ step, quantity: 'loss', value, definition, mode: 'train' }];
      if (hasDiverged(value, need(firstLosses[i], 'the first loss of a network'))) {
        records.push(divergedRecord(step));
        ends[i] = { steps: step + 1, divergedAt: step };
      }
      work.append([...records, ...measured.flatMap((record) => ownRecord(record, i))]);
    }
    report({ step: step + 1, steps });
    if (ends.every((end) => end !== undefined)) break;
  }
  signal?.throwIfAborted();
  return ends.map((end) => end ?? { steps, divergedAt: null });
}

/** What a probe has measured of one of the networks, which is all that there is in a cell. */
function ownRecord({ place = {}, ...record }: StepRecord, index: number): readonly StepRecord[] {
  const { network, ...rest } = place;
  if (network === undefined) {
    throw new RangeError(`A probe of networks side by side must say of which it is, got '${record.quantity}' without`);
  }
  if (network !== index) return [];
  return [Object.keys(rest).length === 0 ? record : { ...record, place: rest }];
}

/** Networks of these seeds at their start, and what every step of theirs is fed. */
async function open(
  spec: SideBySideSpec,
  seeds: readonly number[],
  device: Device,
  probes: readonly HeldProbe[] = [],
): Promise<{ readonly session: Session; readonly feeds: Tensors }> {
  const { network, examples, optimiser, learningRate } = spec;
  const { inputs = network.width, outputs = network.width } = network;
  const problem = problemOf(spec, seeds.length);
  const session = await openSession(device, problem, {
    batchSize: examples,
    optimiser,
    learningRate,
    readouts: readoutsOf(probes),
  });
  await session.write(initialStates(session.graph, seeds));
  const drawn = seeds.map((seed) => drawLinear({ seed, examples, inputs, outputs }));
  return { session, feeds: sideBySideFeeds(drawn, examples, problem.float) };
}

/** Graphs of a spec are asked for again and again: one problem for each number of networks. */
const known = new WeakMap<SideBySideSpec, Map<number, Problem>>();

function problemOf(spec: SideBySideSpec, networks: number): Problem {
  const problems = known.get(spec) ?? new Map<number, Problem>();
  known.set(spec, problems);
  const problem = problems.get(networks) ?? deepLinearSideBySide({ ...spec.network, networks });
  problems.set(networks, problem);
  return problem;
}

function identityOf(spec: SideBySideSpec, networks: number): string {
  return trainingGraphs(problemOf(spec, networks), spec.examples, spec.optimiser).identity;
}

/** @throws {SettingError} */
function checkSpec(
  { network, seeds, examples, steps, optimiser, learningRate }: SideBySideSpec,
  { float }: Problem,
): void {
  requireWhole('Steps', steps, 1);
  for (const seed of seeds) requireWhole('Seed', seed, 0);
  if (seeds.length === 0 || new Set(seeds).size < seeds.length) {
    throw new SettingError(
      `Networks side by side must be of one seed or more, no two alike, got [${seeds.join(', ')}]`,
    );
  }
  checkSession({ batchSize: examples, optimiser, learningRate }, float);
  const { width, outputs = width } = network;
  const bad = [width, outputs].find((units) => (examples * units) % LINE !== 0);
  if (bad === undefined) return;
  throw new SettingError(
    `Examples times units must be a multiple of ${LINE}, or the numbers of a network would depend on those beside it, ` +
      `got ${examples} × ${bad}; try ${Math.ceil(examples / LINE) * LINE} examples`,
  );
}

/** Of all networks together, timed now. */
async function secondsPerStep(spec: SideBySideSpec, bench: Workbench): Promise<number> {
  const device = bench.openDevice(bench.device);
  try {
    const { session, feeds } = await open(spec, spec.seeds, device);
    const times: number[] = [];
    for (let i = 0; i < TIMED_STEPS; i++) {
      const started = performance.now();
      await session.take(feeds);
      times.push((performance.now() - started) / 1000);
    }
    // The first step pays for the memory of all others.
    return median(times.slice(1));
  } finally {
    await device.close();
  }
}
