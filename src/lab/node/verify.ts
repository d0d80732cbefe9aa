/** @file Runs the tours of submissions again, and says whose numbers come out. */

import type { Dataset } from '../../data/dataset.ts';
import { need } from '../../errors.ts';
import { nodeDevice } from '../../runtime/node/node-device.ts';
import { Arm } from '../arm.ts';
import { lean } from '../arm-host.ts';
import { catalogue } from '../catalogue.ts';
import { seedOf } from '../course.ts';
import { History } from '../history.ts';
import { numbersOf, type RunArm, type ShownNumber, type SubmittedTour } from '../submission.ts';
import { tours } from '../tours/index.ts';
import { measuredBy } from '../tours/measured.ts';
import type { Tour } from '../tours/tour.ts';
import { tourScene } from '../tours/tour-scene.ts';
import type { SubmissionFile } from './submission-files.ts';

/** A number that a tour asks for, as it was handed in and as it comes out. */
export interface CheckedNumber extends Omit<ShownNumber, 'value'> {
  /** Undefined where it was left out. */
  readonly said: number | null | undefined;
  readonly found: number | null;
  /** Whether both are the same double. */
  readonly holds: boolean;
}

export interface CheckedTour {
  readonly tour: string;
  readonly seed: number;
  /** What it must be for this student; with another nothing is run, and no number counts. */
  readonly ownSeed: number;
  readonly predicted: number | null;
  readonly isPredictionRight: boolean;
  /** Empty where the seed is not the student's. */
  readonly numbers: readonly CheckedNumber[];
}

export interface CheckedFile {
  readonly file: string;
  readonly refusal: string | undefined;
  /** Undefined, and no tours, where the file was refused. */
  readonly student: string | undefined;
  /** The version that it was made with. */
  readonly version: string | undefined;
  readonly tours: readonly CheckedTour[];
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  /** Of all arms together: steps taken, of those that there are, and the tour that is run. */
  readonly onStep?: (done: number, all: number, tour: string) => void;
}

const { fields } = catalogue(['fashion-mnist']);

/**
 * Runs every tour once per seed, however many hand it in. Of a submission its names and numbers are used, and nothing else: what is
 * run stands in the tours.
 * @throws {InterruptedError} or whatever the signal's reason is
 */
export async function verifySubmissions(
  files: readonly SubmissionFile[],
  data: Dataset,
  { signal, onStep }: VerifyOptions = {},
): Promise<readonly CheckedFile[]> {
  const asked = new Map<string, { readonly tour: Tour; readonly seed: number }>();
  for (const { submission } of files) {
    for (const { tour, seed } of submission?.tours ?? []) {
      if (seed === seedOf(submission?.student ?? '', tour))
        asked.set(`${tour} ${seed}`, { tour: tourNamed(tour), seed });
    }
  }
  const all = [...asked.values()].reduce((sum, { tour }) => sum + stepsOf(tour), 0);
  const found = new Map<string, readonly ShownNumber[]>();
  let done = 0;
  for (const [key, { tour, seed }] of asked) {
    const before = done;
    const numbers = await run(tour, seed, data, () => {
      signal?.throwIfAborted();
      done += 1;
      onStep?.(done, all, tour.name);
    });
    found.set(key, numbers);
    // An arm that is lost takes fewer.
    done = before + stepsOf(tour);
  }
  return files.map(({ name, refusal, submission }) => ({
    file: name,
    refusal,
    student: submission?.student,
    version: submission?.normscope,
    tours: (submission?.tours ?? []).map((one) =>
      checked(one, seedOf(submission?.student ?? '', one.tour), found.get(`${one.tour} ${one.seed}`)),
    ),
  }));
}

/** Student numbers that stand in more than one file, with the names of these. */
export function severalFilesOf(
  files: readonly CheckedFile[],
): readonly { readonly student: string; readonly files: readonly string[] }[] {
  const byStudent = new Map<string, readonly string[]>();
  for (const { student, file } of files) {
    if (student !== undefined) byStudent.set(student, [...(byStudent.get(student) ?? []), file]);
  }
  return [...byStudent].filter(([, named]) => named.length > 1).map(([student, named]) => ({ student, files: named }));
}

/** @param found - undefined where nothing was run with this seed */
function checked(
  { tour: name, seed, predicted, measured }: SubmittedTour,
  ownSeed: number,
  found: readonly ShownNumber[] | undefined,
): CheckedTour {
  const numbers = (seed === ownSeed ? (found ?? []) : []).map(({ value, ...place }): CheckedNumber => {
    const { quantity, arm, step } = place;
    const said = measured.find((one) => one.quantity === quantity && one.arm === arm && one.step === step)?.value;
    // JSON has no −0, and a double in JSON comes back as it was.
    return { ...place, said, found: value, holds: said === value };
  });
  return {
    tour: name,
    seed,
    ownSeed,
    predicted,
    isPredictionRight: predicted === tourNamed(name).predict.right,
    numbers,
  };
}

/** What the tour asks for, as the lab's page would show it: the same engine, on the same data. */
async function run(tour: Tour, seed: number, data: Dataset, onStep: () => void): Promise<readonly ShownNumber[]> {
  const runs: RunArm[] = [];
  for (const { name, settings } of tourScene(fields, tour, seed).arms) {
    const look = tour.expectation.flatMap(({ arm, quantity }) => (arm === name ? (measuredBy[quantity] ?? []) : []));
    const device = nodeDevice({ runtime: 'wasm', lowering: 'portable', threads: 1 });
    try {
      const history = new History();
      const arm = await Arm.open(device, data, settings, [...new Set(look)]);
      while (arm.step < lastStep(tour, name) && !arm.isLost) {
        onStep();
        history.add(lean(await arm.take()));
      }
      runs.push({ name, settings, history });
    } finally {
      await device.close();
    }
  }
  return need(numbersOf(fields, tour, seed, runs), `every number of ${tour.name}`);
}

/** Steps until an arm has shown all that is asked of it. */
function lastStep({ scene, expectation }: Tour, name: string): number {
  const asked = expectation.flatMap(({ arm, step }) => (arm === name ? [step + 1] : []));
  return Math.min(scene.steps, Math.max(0, ...asked));
}

function stepsOf(tour: Tour): number {
  return tour.scene.arms.reduce((sum, { name }) => sum + lastStep(tour, name), 0);
}

function tourNamed(name: string): Tour {
  return need(
    tours.find((tour) => tour.name === name),
    `a tour ${name}`,
  );
}
