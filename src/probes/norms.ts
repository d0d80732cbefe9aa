/**
 * @file Lengths of gradients, updates and parameters, and the channel moments that batch norm computes anyway: what can
 * be read off every step for next to nothing.
 */

import * as z from 'zod';
import { dot, sub } from '../graph/arithmetic.ts';
import type { Value } from '../graph/graph.ts';
import type { StepRecord } from '../records/record.ts';
import type { TensorData } from '../runtime/tensor-data.ts';
import type { StepParts } from '../train/step-graph.ts';
import type { StepResult } from '../train/readout.ts';
import { outputName, outputsOfKind } from './layer-outputs.ts';
import { defineProbe, type Probe, probeRecord, type Quantity } from './probe.ts';
import { everyStep } from './settings.ts';

const ofParameter = (definition: string): Quantity => ({ definition, unit: '', mode: 'train' });
const ofLayer = (definition: string): Quantity => ({
  definition: `${definition} what a layer's batch norm is given on the mini-batch, one number per channel`,
  unit: '',
  mode: 'train',
});

/** Outputs that hold ‖·‖² of one parameter, by the quantity that they become. */
const squares = {
  'parameter-gradient-norm': 'gradient-square',
  'parameter-update-norm': 'update-square',
  'parameter-norm': 'parameter-square',
} as const;

/** From the batch's statistics of C channels to one number per layer. */
const summaries: Readonly<Record<string, (mean: readonly number[], variance: readonly number[]) => number>> = {
  'channel-mean-rms': (mean) => Math.sqrt(average(mean, (value) => value * value)),
  'channel-std-mean': (_, variance) => average(variance, Math.sqrt),
  'channel-std-min': (_, variance) => Math.sqrt(Math.min(...variance)),
  'channel-std-max': (_, variance) => Math.sqrt(Math.max(...variance)),
};

export const norms: Probe = defineProbe({
  title: 'norms of gradients and updates, and channel moments where batch norm computes them',
  paper: 'bjorck2018',
  quantities: {
    'parameter-gradient-norm': ofParameter(
      '‖g‖₂ of one parameter tensor, g the gradient of the mini-batch cross-entropy (without weight decay)',
    ),
    'parameter-update-norm': ofParameter(
      '‖p′ − p‖₂ of one parameter tensor, p before and p′ after the step, as stored',
    ),
    'parameter-norm': ofParameter('‖p‖₂ of one parameter tensor before the step'),
    'channel-mean-rms': ofLayer('root mean square over the channels of the means of'),
    'channel-std-mean': ofLayer('mean over the channels of the standard deviations (biased) of'),
    'channel-std-min': ofLayer('least of the standard deviations (biased) of'),
    'channel-std-max': ofLayer('largest of the standard deviations (biased) of'),
  },
  settings: z.strictObject({ every: everyStep(10) }),
  cost: () => 0,
  fromStep: { outputs, read },
});

function outputs({ g, parameters, gradients, updates, network }: StepParts): Readonly<Record<string, Value>> {
  const next = new Map(updates.map((update) => [update.state, update.next]));
  const read: Record<string, Value> = {};
  const note = (kind: string, layer: string, value: Value): unknown => (read[outputName(kind, layer)] = value);
  parameters.forEach((parameter, i) => {
    const square = (kind: string, value: Value | undefined): unknown =>
      value && note(kind, parameter.name, dot(g, value, value));
    const after = next.get(parameter);
    square('gradient-square', gradients[i]);
    // Neighbours in floating point subtract without rounding: this is the update as it was stored, to the bit.
    square('update-square', after && sub(g, after, parameter));
    square('parameter-square', parameter);
  });
  for (const { name, statistics } of network.layers) {
    for (const statistic of ['mean', 'variance']) {
      const value = statistics.get(statistic);
      if (value !== undefined) note(`channel-${statistic}`, `${name}/norm`, value);
    }
  }
  return read;
}

function read({ step, outputs: given }: StepResult): readonly StepRecord[] {
  const lengths = Object.entries(squares).flatMap(([quantity, kind]) =>
    outputsOfKind(kind, given).map(({ layer, data }) =>
      probeRecord(norms, quantity, step, Math.sqrt(Number(data[0])), { layer }),
    ),
  );
  const variances = new Map(outputsOfKind('channel-variance', given).map(({ layer, data }) => [layer, data]));
  const moments = outputsOfKind('channel-mean', given).flatMap(({ layer, data }) => {
    const variance = variances.get(layer);
    if (variance === undefined) return [];
    return Object.entries(summaries).map(([quantity, of]) =>
      probeRecord(norms, quantity, step, of(numbers(data), numbers(variance)), { layer }),
    );
  });
  return [...lengths, ...moments];
}

function numbers(data: TensorData): readonly number[] {
  return Array.from<number | bigint, number>(data, Number);
}

function average(values: readonly number[], of: (value: number) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0) / values.length;
}
