/** @file Two trainings that agree, the size of what is left between them, and how weight decay makes weights turn. */

import { stepsAxis } from '../trained-figures.ts';
import type { StepRecord } from '../../records/record.ts';
import type { Figure, LineMark } from '../figure.ts';
import type { RateProtocol } from './measure.ts';

/** The largest of some errors; NaN where one is. */
export function largestError(errors: readonly number[]): number {
  return errors.reduce((a, b) => (Number.isNaN(b) || b > a ? b : a), 0);
}

/** @param seeds - the records of each seed */
export function exponentialRateFigures(
  seeds: readonly (readonly StepRecord[])[],
  { momenta, learningRates, weightDecay, units, steps }: RateProtocol,
): readonly Figure[] {
  const plain = learningRates.filter((_, i) => momenta[i] === 0);
  const [judged = Number.NaN] = plain;
  const turned = Math.max(...plain);
  const lines = (quantity: string, learningRate: number, layer: string, arm: string): readonly LineMark[] =>
    seeds.map((records, seed) => {
      const points = records.filter(
        (record) =>
          record.quantity === quantity && record.layer === layer && record.at === learningRate && record.value > 0,
      );
      return { mark: 'line', arm, seed, x: points.map(({ step }) => step), y: points.map(({ value }) => value) };
    });
  const how = (learningRate: number): string => `no momentum, η = ${learningRate}, λ = ${weightDecay}, float64`;
  const layers = units.map((_, i) => `layer${i + 1}`);
  const equilibrium = Math.sqrt(2 * turned * weightDecay);
  return [
    {
      id: 'li2020-exponential-rate-difference',
      title: 'What is left between the two trainings',
      caption: `Relative difference of the logits from those of training with weight decay, same batches (${how(judged)}): at the exact rates it is rounding; at the quoted ones it is too, if the weights begin scaled by √α. The twin is the training with decay itself from weights one rounding apart.`,
      x: stepsAxis,
      y: { label: 'relative difference of the logits', unit: '', scale: 'log' },
      marks: [
        ...lines('logits-error', judged, 'exact', 'η α^−(2t+1)'),
        ...lines('logits-error', judged, 'quoted', 'η α^−2t, same weights'),
        ...lines('logits-error', judged, 'twin', 'twin'),
      ].filter(({ x }) => x.length > 0),
    },
    {
      id: 'li2020-exponential-rate-effective',
      title: 'The effective learning rate',
      caption: `η/‖w‖² per layer in training with weight decay (${how(turned)}): from its initial value it moves to a level that weight decay sets.`,
      x: stepsAxis,
      y: { label: 'η/‖w‖²', unit: '', scale: 'log' },
      marks: layers.flatMap((name) => lines('effective-rate', turned, name, name)),
    },
    {
      id: 'li2020-exponential-rate-angle',
      title: 'How far weights turn in a step',
      caption: `Angle between a layer’s weights before and after each update of training with weight decay (${how(turned)}), beside √(2ηλ), which holds in the mean once gradients that are noise balance the decay. Reported, not judged.`,
      x: stepsAxis,
      y: { label: 'angle per step', unit: 'rad', scale: 'log' },
      marks: [
        ...layers.flatMap((name) => lines('angle', turned, name, name)),
        {
          mark: 'line',
          arm: 'theory',
          label: '√(2ηλ)',
          seed: 0,
          x: [0, Math.max(1, steps - 1)],
          y: [equilibrium, equilibrium],
        },
      ],
    },
  ];
}
