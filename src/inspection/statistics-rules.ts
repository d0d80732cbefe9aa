/** @file Rules on the numbers that norms keep in a file: nothing has to run for them. Thresholds as in docs/inspect.md. */

import { median } from '../math/statistics.ts';
import type { OnnxTensor } from '../onnx/model.ts';
import type { Finding, Level } from './finding.ts';
import type { NormFact } from './norm-facts.ts';

export function statisticsFindings(norms: readonly NormFact[]): readonly Finding[] {
  return norms.flatMap((norm) => {
    const broken = [...brokenStatistics(norm), ...neverUpdated(norm)];
    // What does not hold numbers, or none of its own, has no median to be judged by.
    return [...broken, ...(broken.length > 0 ? [] : oddVariances(norm)), ...gammas(norm)];
  });
}

function brokenStatistics({ name, mean, variance }: NormFact): readonly Finding[] {
  const channels = variance?.data.length ?? mean?.data.length ?? 0;
  const bad = Array.from({ length: channels }, (_, i) => i).filter((i) => {
    const v = numberAt(variance, i) ?? 1;
    return !Number.isFinite(numberAt(mean, i) ?? 0) || !Number.isFinite(v) || v < 0;
  });
  if (bad.length === 0) return [];
  const isNegative = bad.some((i) => (numberAt(variance, i) ?? 0) < 0);
  return [
    {
      rule: 'broken-statistics',
      level: 'problem',
      layer: name,
      number: bad.length,
      threshold: 1,
      text:
        `running statistics of ${bad.length} of ${channels} channels are ${isNegative ? 'negative variances' : 'not finite'}: ` +
        'in evaluation mode the network gives no numbers, whatever it is fed',
      repair:
        'restore a checkpoint from before the first batch that was not finite, or set mean 0 and variance 1 and let some ' +
        'hundred training batches pass without an update of the weights',
    },
  ];
}

function neverUpdated({ name, mean, variance }: NormFact): readonly Finding[] {
  const channels = mean?.data.length ?? 0;
  if (mean === undefined || variance === undefined || channels === 0) return [];
  const fresh = Array.from({ length: channels }, (_, i) => i).filter(
    (i) => numberAt(mean, i) === 0 && numberAt(variance, i) === 1,
  ).length;
  if (fresh < channels) return [];
  return [
    {
      rule: 'never-updated',
      level: 'problem',
      layer: name,
      number: fresh,
      threshold: channels,
      text:
        `running mean 0 and variance 1 in all ${channels} channels, as they are made: no training batch has ever updated ` +
        'them, and evaluation normalises by numbers that have nothing to do with the data',
      repair:
        'let some hundred training batches pass in training mode before evaluating; look for momentum 0, for a norm that ' +
        'was in evaluation mode all along, or for statistics left out of a checkpoint',
    },
  ];
}

/** Channels that hardly vary, and an epsilon that is no longer small beside a variance. */
function oddVariances({ name, variance, epsilon }: NormFact): readonly Finding[] {
  if (variance === undefined || variance.data.length === 0) return [];
  const values = Array.from(variance.data, Number);
  const findings: Finding[] = [];
  // Below ten times the usual epsilon: what a larger one hides is said by the next rule.
  const constant = values.filter((value) => value < 10 * Math.min(epsilon, USUAL_EPSILON)).length;
  if (constant > 0) {
    findings.push({
      rule: 'constant-channels',
      level: constant >= CONSTANT_PROBLEM * values.length ? 'problem' : 'note',
      layer: name,
      number: constant,
      threshold: constant >= CONSTANT_PROBLEM * values.length ? CONSTANT_PROBLEM * values.length : 1,
      text: `${constant} of ${values.length} channels hardly vary (running variance below 10 epsilon): they carry nothing on`,
      repair: 'look for dead units before the norm, or leave these channels out',
    });
  }
  const share = epsilon / median(values);
  if (share >= EPSILON_NOTE) {
    const level: Level = share >= EPSILON_PROBLEM ? 'problem' : 'note';
    findings.push({
      rule: 'epsilon-against-variance',
      level,
      layer: name,
      number: share,
      threshold: level === 'problem' ? EPSILON_PROBLEM : EPSILON_NOTE,
      text: `epsilon ${short(epsilon)} is ${short(100 * share)} % of the median running variance: the norm no longer makes variances 1`,
      repair: 'use a smaller epsilon, or larger weights before the norm',
    });
  }
  return findings;
}

function gammas({ name, gamma, beta }: NormFact): readonly Finding[] {
  const bad = [gamma, beta].flatMap((tensor) =>
    tensor === undefined ? [] : Array.from(tensor.data, Number).filter((value) => !Number.isFinite(value)),
  ).length;
  if (bad > 0) return [brokenParameters(name, bad)];
  if (gamma === undefined || gamma.data.length < 2) return [];
  const sizes = Array.from(gamma.data as ArrayLike<number | bigint>, (value) => Math.abs(Number(value)));
  const middle = median(sizes);
  const dead = sizes.filter((size) => size < GAMMA_DEAD * middle || size === 0).length;
  if (dead === 0) return [];
  const level: Level = dead >= GAMMA_PROBLEM * sizes.length ? 'problem' : 'note';
  return [
    {
      rule: 'dead-gammas',
      level,
      layer: name,
      number: dead,
      threshold: level === 'problem' ? GAMMA_PROBLEM * sizes.length : 1,
      text:
        `gamma of ${dead} of ${sizes.length} channels is below 1 % of the layer's median, ${short(middle)}: these channels are ` +
        'switched off, and what comes before them gets no gradient',
      repair: 'prune them, or take gamma out of weight decay and begin it at 1',
    },
  ];
}

function brokenParameters(name: string, count: number): Finding {
  return {
    rule: 'broken-weights',
    level: 'problem',
    layer: name,
    number: count,
    threshold: 1,
    text: `${count} of the norm's gammas and betas are not finite: the network gives no numbers`,
    repair: 'restore a checkpoint from before the training diverged',
  };
}

const USUAL_EPSILON = 1e-5;
/** A network that is right on 99 % of MNIST has 3 of 24 such channels. */
const CONSTANT_PROBLEM = 0.25;
const EPSILON_NOTE = 0.01;
const EPSILON_PROBLEM = 0.3;
const GAMMA_DEAD = 0.01;
const GAMMA_PROBLEM = 0.25;

function numberAt(tensor: OnnxTensor | undefined, i: number): number | undefined {
  const value = tensor?.data[i];
  return value === undefined ? undefined : Number(value);
}

/** Three digits, as people read them. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
