/** @file Whether a classifier sees its images at all: what it says of them, and what each would have of it (bjorck2018, Figure 6). */

import * as z from 'zod';
import { SettingError } from '../errors.ts';
import { sizeAt } from '../graph/tensor-type.ts';
import type { StepRecord } from '../records/record.ts';
import { outputOf } from '../runtime/device.ts';
import type { TensorData } from '../runtime/tensor-data.ts';
import { defineProbe, type Probe, probeRecord } from './probe.ts';
import { everyStep, type ProbeSettings } from './settings.ts';

export interface LogitGradientsSettings extends ProbeSettings {
  /** Of so many examples of the batch, from the first on, each gradient is recorded. */
  readonly examples: number;
}

const LOGITS = 'logit-gradients';

/**
 * `modal-share`: the share of a batch whose predicted class is the one most often predicted, 1 where the prediction does not
 * depend on the image. `logit-gradient`: N·∂loss/∂logit_c = softmax(logits)_c − [c = label], of single examples.
 */
export const logitGradients: Probe<LogitGradientsSettings> = defineProbe<LogitGradientsSettings>({
  title: 'predicted classes, and gradients of the loss with respect to logits',
  paper: 'bjorck2018',
  quantities: {
    'modal-share': {
      definition:
        'share of the mini-batch whose most likely class is the one that is so for most of it, batch statistics',
      unit: '',
      mode: 'train',
    },
    'logit-gradient': {
      definition:
        'softmax(logits)_c − [c is the label] of one example of the mini-batch and one class c: its gradient of the cross-entropy, batch statistics',
      unit: '',
      mode: 'train',
    },
  },
  settings: z.strictObject({
    every: everyStep(100),
    examples: z.int().min(0).default(0).describe('a number of examples whose gradients are recorded, 0 or more'),
  }),
  cost: () => 0,
  fromStep: {
    outputs: ({ prediction }) => {
      if (prediction.shape.length !== 2 || sizeAt(prediction.shape, 1) < 2) {
        throw new SettingError(
          `Probe 'logit-gradients' looks at logits [examples, classes], but the network makes [${prediction.shape.join()}]`,
        );
      }
      return { [LOGITS]: prediction };
    },
    read: ({ step, outputs, feeds }, { examples }) => {
      const labels = outputOf(feeds, 'labels');
      const rows = rowsOf(outputOf(outputs, LOGITS), labels.length);
      const gradients = rows.slice(0, examples).flatMap((logits, example) =>
        softmax(logits).map((share, label): StepRecord => {
          const value = share - (Number(labels[example]) === label ? 1 : 0);
          const record = probeRecord(logitGradients, 'logit-gradient', step, Number(value.toPrecision(7)));
          return { ...record, place: { example, label } };
        }),
      );
      return [probeRecord(logitGradients, 'modal-share', step, modalShare(rows)), ...gradients];
    },
  },
});

function rowsOf(logits: TensorData, examples: number): readonly (readonly number[])[] {
  const classes = logits.length / examples;
  return Array.from({ length: examples }, (_, n) =>
    Array.from<number | bigint, number>(logits.slice(n * classes, (n + 1) * classes), Number),
  );
}

/** The first of equal logits counts; not a number where one is not finite. */
function modalShare(rows: readonly (readonly number[])[]): number {
  if (rows.some((row) => !row.every(Number.isFinite))) return Number.NaN;
  const counts = new Map<number, number>();
  for (const row of rows) {
    const label = row.indexOf(Math.max(...row));
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return Math.max(...counts.values()) / rows.length;
}

function softmax(logits: readonly number[]): readonly number[] {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
