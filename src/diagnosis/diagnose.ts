/** @file A diagnosis from beginning to end: measurements, rules over them, and the counterfactuals that they call for. */

import type { Finding } from './finding.ts';
import type { Instruments } from './instruments.ts';
import { likeliestCause } from './likeliest-cause.ts';
import { measure, type Measured, numbersOf } from './measure.ts';
import { lossOf, restore, type Restoration } from './restore.ts';
import { smallBatch, withLargerBatch } from './rules/batch.ts';
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
import { beyond } from './rules/rule.ts';
import {
  epsilonShare,
  momentumConvention,
  neverUpdated,
  poisonedStatistics,
  redundantBiases,
  staleStatistics,
} from './rules/statistics.ts';
import type { State } from './subject.ts';

export interface Diagnosis {
  readonly sentence: string;
  readonly findings: readonly Finding[];
  /** Undefined where the parameters themselves are no numbers. */
  readonly measured: Measured | undefined;
  readonly restoration: Restoration | undefined;
  /** Loss by batch statistics at other batch sizes. */
  readonly sizes: readonly { readonly batchSize: number; readonly loss: number }[];
}

export interface DiagnoseSettings {
  /** Default what the problem starts from. */
  readonly state?: State;
  /** Told what is being done. */
  readonly onProgress?: (what: string) => void;
}

/** Rules that ask nothing but what was measured. */
const rules = [
  neverUpdated,
  staleStatistics,
  trainEvalGap,
  smallBatch,
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

/** Diagnoses the subject that instruments were made for, in one state. */
export async function diagnose(
  instruments: Instruments,
  { state = instruments.initial, onProgress = () => undefined }: DiagnoseSettings = {},
): Promise<Diagnosis> {
  const broken = notFinite(instruments, state);
  if (broken.length > 0) return concluded(broken);
  onProgress('looking at layers and gradients');
  await instruments.write(state);
  const measured = await measure(instruments, state);
  const poisoned = poisonedStatistics(state, instruments.norms);
  let findings: readonly Finding[] = [...poisoned, ...rules.flatMap((rule) => rule(measured))];
  let restoration: Restoration | undefined;
  if (findings.some(isAboutStatistics)) {
    onProgress('putting population statistics into one norm at a time');
    restoration = await restore(instruments, measured, suspectsOf(measured, findings));
    findings = withRestoration(findings, restoration);
  }
  const sizes: { batchSize: number; loss: number }[] = [];
  if (findings.some(({ rule }) => rule === 'small-batch')) {
    const larger = Math.min(instruments.subject.data.count, 8 * instruments.batchSize);
    onProgress(`batches of ${larger}`);
    sizes.push({ batchSize: larger, loss: lossOf(await instruments.lossesAt(larger)) });
    findings = withLargerBatch(findings, measured, sizes[0]);
  }
  return { ...concluded(findings), measured, restoration, sizes };
}

function concluded(findings: readonly Finding[]): Diagnosis {
  const sorted = findings.toSorted((a, b) => Number(a.level === 'note') - Number(b.level === 'note'));
  return { sentence: likeliestCause(sorted), findings: sorted, measured: undefined, restoration: undefined, sizes: [] };
}

function isAboutStatistics({ rule, level }: Finding): boolean {
  return statisticsRules.includes(rule) || (rule === 'train-eval-gap' && level === 'problem');
}

/** Layers of which a rule says that their statistics are off; all, where none says so. */
function suspectsOf({ norms }: Measured, findings: readonly Finding[]): readonly string[] {
  const named = new Set(
    findings.flatMap(({ rule, layer }) => (statisticsRules.includes(rule) && layer !== undefined ? [layer] : [])),
  );
  const layers = norms.map(({ place }) => place.layer);
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
