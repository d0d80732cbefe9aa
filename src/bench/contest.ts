/** @file Several processes that train the same network by turns, so that a drift of the machine cancels. */

import type { Launch } from './json-process.ts';
import { type Opening, StepProcess } from './step-process.ts';
import type { StepSettings, Subject } from './subject.ts';

export interface Entrant {
  readonly engine: string;
  readonly launch: Launch;
  /** Whether the contest goes on without it, should it fail. */
  readonly optional: boolean;
}

export interface Contest {
  readonly subject: Subject;
  readonly settings: StepSettings;
  readonly entrants: readonly Entrant[];
}

export interface EntrantResult {
  readonly engine: string;
  readonly opening: Opening;
  /** Seconds per step: one list per round. */
  readonly rounds: readonly (readonly number[])[];
  readonly peakBytes: number;
}

export interface Skipped {
  readonly engine: string;
  readonly reason: string;
}

export interface ContestResult {
  readonly subject: Subject;
  readonly stepsPerTurn: number;
  readonly results: readonly EntrantResult[];
  readonly skipped: readonly Skipped[];
}

/** A turn takes about this long, so that slow networks are measured by fewer steps. */
const SECONDS_PER_TURN = 1;
const MOST_STEPS = 50;
const LEAST_STEPS = 2;

interface Running {
  readonly entrant: Entrant;
  readonly process: StepProcess;
  readonly opening: Opening;
  readonly rounds: (readonly number[])[];
}

/**
 * Starts the entrants one after the other, then lets them take turns: A B C A B C …, all others idle meanwhile.
 * @param onTurn - called before each start and each turn, `1 + rounds` times per entrant
 * @throws {Error} where an entrant fails that is not optional, or where two do not have the same number of parameters.
 */
export async function runContest(
  contest: Contest,
  rounds: number,
  onTurn: (what: string) => void,
  signal?: AbortSignal,
): Promise<ContestResult> {
  const skipped: Skipped[] = [];
  const started: StepProcess[] = [];
  let running: readonly Running[] = [];
  /** Carries out one piece of an entrant's work; without it, from then on, where it fails and may. */
  const attempt = async <T>(entrant: Entrant, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      if (!entrant.optional) throw new Error(`${entrant.engine} failed: ${reason}`, { cause: error });
      skipped.push({ engine: entrant.engine, reason });
      running = running.filter((other) => other.entrant !== entrant);
      return undefined;
    }
  };
  try {
    for (const entrant of contest.entrants) {
      onTurn(`starting ${entrant.engine}`);
      const process = new StepProcess(entrant.launch, contest.settings, signal);
      started.push(process);
      const opening = await attempt(entrant, () => process.open());
      if (opening !== undefined) running = [...running, { entrant, process, opening, rounds: [] }];
    }
    requireSameNetwork(running);
    const stepsPerTurn = stepsFor(Math.max(...running.map(({ opening }) => opening.stepSeconds)));
    for (let round = 1; round <= rounds; round++) {
      for (const { entrant, process, rounds: done } of running) {
        onTurn(`round ${round} of ${rounds}, ${entrant.engine}`);
        const seconds = await attempt(entrant, () => process.turn(stepsPerTurn));
        if (seconds !== undefined) done.push(seconds);
      }
    }
    const results: EntrantResult[] = [];
    for (const { entrant, process, opening, rounds: done } of running) {
      const peakBytes = await attempt(entrant, () => process.finish());
      if (peakBytes === undefined) continue;
      results.push({ engine: entrant.engine, opening, rounds: done, peakBytes });
    }
    return { subject: contest.subject, stepsPerTurn, results, skipped };
  } finally {
    for (const process of started) process.kill();
  }
}

/** How many steps make a turn of the slowest entrant about as long as it should be. */
export function stepsFor(slowestSeconds: number): number {
  return Math.min(MOST_STEPS, Math.max(LEAST_STEPS, Math.round(SECONDS_PER_TURN / slowestSeconds)));
}

function requireSameNetwork(running: readonly Running[]): void {
  const counts = running.map(({ entrant, opening }) => `${entrant.engine} ${opening.parameters}`);
  if (new Set(running.map(({ opening }) => opening.parameters)).size > 1) {
    throw new Error(`All engines must train the same network, got parameters: ${counts.join(', ')}`);
  }
}
