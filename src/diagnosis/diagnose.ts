/** @file A diagnosis from beginning to end: measurements, rules over them, and the counterfactuals that they call for. */

import type { Problem } from '../problems/problem.ts';
import { ceilingOf } from '../train/ceiling-search.ts';
import { bareState } from './bare-state.ts';
import type { Finding } from './finding.ts';
import type { Instruments } from './instruments.ts';
import { type Landscape, landscapeOf } from './landscape.ts';
import { likeliestCause } from './likeliest-cause.ts';
import { measure, type Measured, normsOf, numbersOf } from './measure.ts';
import { type Preprocessing, tryScalings } from './preprocessing.ts';
import { lossOf, restore, type Restoration } from './restore.ts';
import { batchNoise, smallBatch, withLargerBatch } from './rules/batch.ts';
import { statisticsRules, trainEvalGap, withRestoration } from './rules/gap.ts';
import { gradientNotes, gradientSpread } from './rules/gradients.ts';
import {
  activationGrowth,
  bareDepth,
  constantChannels,
  deadGammas,
  deadRelus,
  saturatedTanhs,
} from './rules/layers.ts';
import { withPreprocessing } from './rules/preprocessing.ts';
import { beyond } from './rules/rule.ts';
import {
  epsilonShare,
  momentumConvention,
  neverUpdated,
  poisonedStatistics,
  redundantBiases,
  staleStatistics,
} from './rules/statistics.ts';
import { rateCeiling, updateNotes, weightGrowth } from './rules/training.ts';
import type { State } from './subject.ts';
import { thresholds } from './thresholds.ts';
import { type Ceiling, type Trial, Trials } from './trials.ts';

export interface Diagnosis {
  /** The likeliest cause. */
  readonly sentence: string;
  /** Problems first. */
  readonly findings: readonly Finding[];
  /** All else is undefined where it was not asked for, or the parameters themselves are no numbers. */
  readonly measured?: Measured | undefined;
  readonly restoration?: Restoration | undefined;
  readonly preprocessing?: Preprocessing | undefined;
  /** Loss by batch statistics, by batch size. */
  readonly sizes?: readonly { readonly batchSize: number; readonly loss: number }[] | undefined;
  readonly ceiling?: Ceiling | undefined;
  /** Of the variant without norms. */
  readonly bareCeiling?: Ceiling | undefined;
  readonly landscape?: Landscape | undefined;
}

export interface DiagnoseSettings {
  /** Default what the problem starts from. */
  readonly state?: State;
  /** The user's learning rate, which is held to the largest that holds. */
  readonly rate?: number | undefined;
  /** What is left out: each costs time of its own. */
  readonly without?: readonly ('preprocessing' | 'sizes' | 'training' | 'landscape')[];
  /** How many orders of the examples a ceiling is searched by; default 1. */
  readonly seeds?: number | undefined;
  /** Whether programs are freed once they are done with: half the memory, and the next diagnosis compiles again. */
  readonly isOnce?: boolean;
  /** Told what is being done. */
  readonly onProgress?: (what: string) => void;
}

/** Where the search for the largest rate begins where the user names none. */
const USUAL_RATE = 0.2;

/** Rules that ask nothing but what was measured. */
const rules = [
  neverUpdated,
  staleStatistics,
  trainEvalGap,
  smallBatch,
  batchNoise,
  deadRelus,
  constantChannels,
  deadGammas,
  gradientSpread,
  gradientNotes,
  activationGrowth,
  bareDepth,
  saturatedTanhs,
  epsilonShare,
  momentumConvention,
  redundantBiases,
] as const satisfies readonly ((measured: Measured) => readonly Finding[])[];

/**
 * Diagnoses the subject that instruments were made for, in one state. The state on the device is that one afterwards.
 * @throws {RangeError} where the state lacks a parameter of the problem.
 */
export async function diagnose(instruments: Instruments, settings: DiagnoseSettings = {}): Promise<Diagnosis> {
  const { state = instruments.initial, without = [], onProgress = () => undefined } = settings;
  const broken = notFinite(instruments, state);
  if (broken.length > 0) return concluded(broken, {});
  onProgress('layers, gradients and running statistics');
  await instruments.write(state);
  const measured = await measure(instruments, state);
  const poisoned = poisonedStatistics(state, instruments.norms);
  let findings: readonly Finding[] = [...poisoned, ...rules.flatMap((rule) => rule(measured))];
  let restoration: Restoration | undefined;
  if (findings.some(isAboutStatistics)) {
    onProgress('population statistics in one norm at a time');
    restoration = await restore(instruments, measured, suspectsOf(measured, findings));
    findings = withRestoration(findings, restoration);
  }
  let preprocessing: Preprocessing | undefined;
  if (!without.includes('preprocessing') && poisoned.length === 0) {
    onProgress('the input by other scalings');
    preprocessing = await tryScalings(instruments);
    if (preprocessing !== undefined) {
      const fits = await fitsUnder(instruments, preprocessing, state);
      const circumstances = { given: instruments.subject.scaling, measured, restoration, fits };
      findings = withPreprocessing(findings, preprocessing, circumstances);
    }
  }
  const free = async (): Promise<void> => (settings.isOnce === true ? instruments.release() : undefined);
  let sizes: Diagnosis['sizes'];
  if (!without.includes('sizes')) {
    // Four times the batch takes the most of all; the looks are over.
    await free();
    onProgress('other batch sizes');
    sizes = await lossBySize(instruments, measured);
    findings = withLargerBatch(findings, measured, sizes.at(-1));
  }
  await free();
  const trained = without.includes('training') ? undefined : await train(instruments, measured, settings);
  const landscape = without.includes('landscape') ? undefined : await seeLandscape(instruments, state, settings);
  const { found = [], ...ceilings } = trained ?? {};
  return concluded([...findings, ...found], { measured, restoration, preprocessing, sizes, landscape, ...ceilings });
}

/** Whether under the best scaling the running statistics are those of the data: asked where it is not the given one. */
async function fitsUnder(instruments: Instruments, { best, gain }: Preprocessing, state: State): Promise<boolean> {
  if (gain.value === 0) return true;
  const norms = normsOf(instruments, await instruments.takeLooks(best), state);
  const within = (rule: 'stale-mean' | 'stale-variance', number: number): boolean =>
    number <= (thresholds[rule].note as number);
  return norms.every(
    ({ staleness: { distance, ratio } }) => within('stale-mean', distance) && within('stale-variance', ratio),
  );
}

/** Loss by batch statistics at a quarter, once, and four times the user's batch, as far as there are examples. */
async function lossBySize(instruments: Instruments, measured: Measured): Promise<NonNullable<Diagnosis['sizes']>> {
  const { batchSize, subject } = instruments;
  const others = [Math.max(2, Math.floor(batchSize / 4)), Math.min(subject.data.count, 4 * batchSize)];
  const sizes = [{ batchSize, loss: lossOf(measured.frozen) }];
  for (const size of new Set(others.filter((other) => other !== batchSize))) {
    sizes.push({ batchSize: size, loss: lossOf(await instruments.lossesAt(size)) });
  }
  return sizes.toSorted((a, b) => a.batchSize - b.batchSize);
}

/** Short trainings, with norms and in the variant without. */
async function train(
  instruments: Instruments,
  measured: Measured,
  { rate, seeds = 1, onProgress = () => undefined }: DiagnoseSettings,
): Promise<Pick<Diagnosis, 'ceiling' | 'bareCeiling'> & { readonly found: readonly Finding[] }> {
  onProgress('the largest learning rate');
  const { problem, variant } = instruments.subject;
  const search = async (trained: Problem, state: State): Promise<{ ceiling: Ceiling; atHalf: Trial | undefined }> => {
    const trials = await Trials.open(instruments, trained, state);
    try {
      const first = await trials.ceiling(rate ?? USUAL_RATE);
      const near = first.holds ?? first.fails;
      const ceiling =
        seeds === 1 || near === undefined ? first : { ...first, seeds: await trials.overSeeds(near, seeds) };
      const failed = rate !== undefined && ceiling.trials[0]?.holds === false;
      return { ceiling, atHalf: failed ? await trials.run(rate / 2) : undefined };
    } finally {
      await trials.close();
    }
  };
  const { ceiling, atHalf } = await search(problem, measured.state);
  const found: Finding[] = [];
  const [atRate] = ceiling.trials;
  if (rate !== undefined && atRate !== undefined) {
    const atCeiling = ceiling.trials.find((trial) => trial.rate === ceiling.holds);
    const middle = ceilingOf(ceiling);
    const { interval } = ceiling.seeds ?? {};
    const tried = {
      atRate,
      atHalf,
      atCeiling,
      ceiling: interval?.mean ?? (Number.isFinite(middle) ? middle : undefined),
      interval,
    };
    found.push(...rateCeiling(tried), ...weightGrowth(atRate), ...updateNotes(measured, atRate));
  }
  if (variant === undefined) return { ceiling, found };
  const bareStart = bareState(instruments, measured.state, variant);
  // Running statistics that are no numbers leave nothing that could be multiplied into weights.
  if (![...bareStart.values()].every((data) => data.every((value) => Number.isFinite(Number(value)))))
    return { ceiling, found };
  onProgress('the largest learning rate without norms');
  const bare = await search(variant, bareStart);
  return { ceiling, bareCeiling: bare.ceiling, found };
}

async function seeLandscape(
  instruments: Instruments,
  state: State,
  { rate = USUAL_RATE, onProgress = () => undefined }: DiagnoseSettings,
): Promise<Landscape> {
  onProgress('the loss along a step, and its curvature');
  return landscapeOf(instruments, state, rate);
}

function concluded(findings: readonly Finding[], seen: Omit<Diagnosis, 'sentence' | 'findings'>): Diagnosis {
  const sorted = findings.toSorted((a, b) => Number(a.level === 'note') - Number(b.level === 'note'));
  return { sentence: likeliestCause(sorted), findings: sorted, ...seen };
}

function isAboutStatistics({ rule, level }: Finding): boolean {
  return (
    statisticsRules.includes(rule) ||
    rule === 'momentum-convention' ||
    (rule === 'train-eval-gap' && level === 'problem')
  );
}

/** Layers of which a rule says that their statistics are off; all, where none says so. */
function suspectsOf({ norms }: Measured, findings: readonly Finding[]): readonly string[] {
  const named = new Set(
    findings.flatMap(({ rule, layer }) => (statisticsRules.includes(rule) && layer !== undefined ? [layer] : [])),
  );
  const layers = norms.map(({ place }) => place.layer);
  // Where a momentum alone is odd, one question is asked: what statistics of many batches would do.
  if (!findings.some((finding) => isAboutStatistics(finding) && finding.rule !== 'momentum-convention')) return [];
  return named.size === 0 ? layers : layers.filter((layer) => named.has(layer));
}

function notFinite({ look, norms }: Instruments, state: State): readonly Finding[] {
  const vectors = norms.flatMap(({ gamma, beta, layer }) =>
    [gamma, beta].flatMap((name) => (name === undefined ? [] : [{ name, layer }])),
  );
  return [...look.weights, ...vectors].flatMap(({ name, layer }) => {
    const count = Array.from(numbersOf(state, name)).filter((value) => !Number.isFinite(value)).length;
    return beyond('not-finite', count, {
      layer,
      text: `${count} numbers of ${name} are not finite: the network computes nothing in any mode`,
      repair: 'go back to the last checkpoint before the loss became NaN, and train on at a smaller rate',
    });
  });
}
