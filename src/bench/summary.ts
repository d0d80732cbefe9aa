/** @file From seconds per step to what the table shows: medians with quartiles, and ratios taken round by round. */

import { median, quantile } from '../math/statistics.ts';
import type { ContestResult, EntrantResult } from './contest.ts';
import type { NormSubject } from './contests.ts';
import type { NormName } from '../norms/index.ts';
import type { Subject } from './subject.ts';

/** A median with the quartiles around it. */
export interface Spread {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
  /** How many values it rests on. */
  readonly count: number;
}

export interface EngineSummary {
  readonly engine: string;
  readonly version: string;
  readonly stepSeconds: Spread;
  /** The first engine's time over this one's, in the same round; absent for the first itself. */
  readonly ratio?: Spread;
  readonly compileSeconds?: number;
  readonly peakBytes: number;
  /** The first engine's peak over this one's; absent for the first itself. */
  readonly peakRatio?: number;
}

export interface StepSummary extends Subject {
  readonly parameters: number;
  readonly stepsPerTurn: number;
  readonly engines: readonly EngineSummary[];
}

export interface ProbeSummary extends Subject {
  readonly title: string;
  readonly plain: EngineSummary;
  readonly probed: EngineSummary;
  /** A step with the probes over a plain one, in the same round. */
  readonly ratio: Spread;
}

/** Of the subject, whose norm is the one that another is timed beside. */
export interface NormSummary extends Subject {
  readonly other: NormName;
  /** How many trained at once. */
  readonly cells: number;
  readonly plain: EngineSummary;
  readonly changed: EngineSummary;
  /** A step with the other norm over one of the subject's, in the same round. */
  readonly ratio: Spread;
}

export function spread(values: readonly number[]): Spread {
  const [lower, upper] = [quantile(values, 0.25), quantile(values, 0.75)];
  return { median: median(values), lower, upper, count: values.length };
}

/** The first entrant is the one that the others are compared with. */
export function summariseSteps({ subject, stepsPerTurn, results }: ContestResult): StepSummary {
  const [first] = results;
  return {
    ...subject,
    parameters: first?.opening.parameters ?? 0,
    stepsPerTurn,
    engines: results.map((result) => ({
      ...summariseEngine(result),
      ...(first !== undefined &&
        result !== first && {
          ratio: spread(roundRatios(first, result)),
          peakRatio: first.peakBytes / result.peakBytes,
        }),
    })),
  };
}

/** Of a contest between plain steps and probed ones, in this order. */
export function summariseProbe(title: string, result: ContestResult | undefined): ProbeSummary {
  const { subject, first, second, ratio } = summarisePair(result);
  return { ...subject, title, plain: first, probed: second, ratio };
}

/** Of a contest between batch norm and another norm, in this order. */
export function summariseNorm({ norm, cells }: NormSubject, result: ContestResult | undefined): NormSummary {
  const { subject, first, second, ratio } = summarisePair(result);
  return { ...subject, other: norm, cells, plain: first, changed: second, ratio };
}

function summarisePair(result: ContestResult | undefined): {
  readonly subject: Subject;
  readonly first: EngineSummary;
  readonly second: EngineSummary;
  /** The second's step over the first's. */
  readonly ratio: Spread;
} {
  const [first, second] = result?.results ?? [];
  if (result === undefined || first === undefined || second === undefined) {
    throw new RangeError('Both sides of a contest must be measured');
  }
  return {
    subject: result.subject,
    first: summariseEngine(first),
    second: summariseEngine(second),
    ratio: spread(roundRatios(second, first)),
  };
}

function summariseEngine({ engine, opening, rounds, peakBytes }: EntrantResult): EngineSummary {
  const { version, compileSeconds } = opening;
  const stepSeconds = spread(rounds.flat());
  return { engine, version, stepSeconds, ...(compileSeconds !== undefined && { compileSeconds }), peakBytes };
}

/** Per round, the median step of `a` over that of `b`: a drift of the machine from round to round cancels. */
function roundRatios(a: EntrantResult, b: EntrantResult): number[] {
  return a.rounds.map((seconds, round) => median(seconds) / median(b.rounds[round] ?? []));
}
