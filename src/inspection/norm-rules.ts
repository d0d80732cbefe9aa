/** @file Rules on how norms are set and placed: momentum, epsilon, mode, and biases that they take away again. */

import type { Finding } from './finding.ts';
import { elementCount } from '../graph/tensor-type.ts';
import type { LayerFact } from './layer-facts.ts';
import type { NormFact } from './norm-facts.ts';
import { short } from './statistics-rules.ts';

export function normFindings(
  norms: readonly NormFact[],
  layers: readonly LayerFact[],
  producer: string,
): readonly Finding[] {
  return [
    ...norms.flatMap((norm) => [...momentum(norm, producer), ...epsilon(norm), ...mode(norm), ...sizes(norm)]),
    ...layers.flatMap(redundantBias),
  ];
}

/** Fractions below this are PyTorch's 0.1 written where ONNX wants 0.9. */
const KEPT_NOTE = 0.5;

function momentum({ name, momentum: stated, isTraining }: NormFact, producer: string): readonly Finding[] {
  // Float32, in which 0.9 is 0.8999999761581421.
  const kept = Number(stated.toPrecision(6));
  const finding = { rule: 'momentum', layer: name, number: kept };
  if (kept >= 1) {
    // PyTorch writes 1 for `momentum=None`, its plain average over batches, and before 1.0 for whatever the module had.
    const isMeant = kept === 1 && producer.startsWith('pytorch') && !isTraining;
    return [
      {
        ...finding,
        level: isMeant ? 'note' : 'problem',
        threshold: 1,
        text:
          `momentum ${short(kept)}: ONNX keeps that fraction of a running statistic at every step, so training by what the file says ` +
          `never updates them${isMeant ? '; PyTorch writes it for momentum=None too' : ''}`,
        repair: 'write 0.9, which is what PyTorch calls 0.1',
      },
    ];
  }
  if (kept <= 0 || Number.isNaN(kept)) {
    return [
      {
        ...finding,
        level: 'problem',
        threshold: 0,
        text: `momentum ${short(kept)} keeps nothing of a running statistic: after training there are those of the last batch alone`,
        repair: 'write 0.9, which is what PyTorch calls 0.1',
      },
    ];
  }
  if (kept >= KEPT_NOTE) return [];
  return [
    {
      ...finding,
      level: 'note',
      threshold: KEPT_NOTE,
      text:
        `momentum ${short(kept)} keeps less than half of a running statistic at every step; was it meant in PyTorch’s way, as the ` +
        'fraction that is replaced?',
      repair: `write ${short(1 - kept)} if so: ONNX’s momentum is 1 minus PyTorch’s`,
    },
  ];
}

/** Over all norms of a file. */
export function mixedMomenta(norms: readonly NormFact[]): readonly Finding[] {
  const low = norms.filter(({ momentum: kept }) => kept < KEPT_NOTE);
  if (low.length === 0 || low.length === norms.length) return [];
  return [
    {
      rule: 'mixed-momentum',
      level: 'note',
      layer: undefined,
      number: low.length,
      threshold: 1,
      text:
        `${low.length} of ${norms.length} norms keep less than half of their statistics at every step, the others more: two conventions ` +
        'in one file, and training updates their statistics at different speeds',
      repair: 'find which part was built by whom; ONNX’s momentum is 1 minus PyTorch’s',
    },
  ];
}

function epsilon({ name, epsilon: value }: NormFact): readonly Finding[] {
  const isBroken = !(value >= 0) || value > 0.1;
  if (value >= 1e-10 && !isBroken) return [];
  return [
    {
      rule: 'epsilon',
      level: isBroken ? 'problem' : 'note',
      layer: name,
      number: value,
      threshold: isBroken ? 0.1 : 1e-10,
      text: isBroken
        ? `epsilon ${short(value)} is not what keeps a small variance from dividing by 0, but decides what the norm does`
        : `epsilon ${short(value)} keeps nothing: a constant channel is divided by next to 0, and its noise becomes as large as any signal`,
      repair: 'use 1e-5 (PyTorch) or 1e-3 (Keras), the one that the network was trained with',
    },
  ];
}

function mode({ name, isTraining }: NormFact): readonly Finding[] {
  if (!isTraining) return [];
  return [
    {
      rule: 'training-mode',
      level: 'note',
      layer: name,
      number: undefined,
      threshold: undefined,
      text: 'the norm is in training mode: an image’s result depends on the others in its batch, and one alone may have none',
      repair: 'export with model.eval() for use; to train from the file either will do',
    },
  ];
}

/** Four vectors of one length: engines refuse others, and some only when they run. */
function sizes({ name, shapes }: NormFact): readonly Finding[] {
  const kinds = [...new Set(shapes.map((shape) => `[${shape.slice(0, 4).join(', ')}]`))];
  const isVectors = shapes.every((shape) => shape.length === 1);
  if (kinds.length === 0 || (kinds.length === 1 && isVectors)) return [];
  return [
    {
      rule: 'sizes-differ',
      level: 'problem',
      layer: name,
      number: kinds.length,
      threshold: 2,
      text: `gamma, beta, mean and variance must be vectors of one length, and are ${kinds.join(' and ')}: nothing can run this norm`,
      repair: 'export the file again; it has been edited or damaged',
    },
  ];
}

function redundantBias({ name, bias, norm, between }: LayerFact): readonly Finding[] {
  if (bias === undefined || norm === undefined || between !== 'nothing') return [];
  return [
    {
      rule: 'redundant-bias',
      level: 'note',
      layer: name,
      number: elementCount(bias.shape),
      threshold: 1,
      text: `${elementCount(bias.shape)} biases that the norm behind them takes away again: they have no gradient in training`,
      repair: 'leave the bias out (bias=False); the norm’s beta does its work',
    },
  ];
}
