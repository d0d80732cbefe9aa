/** @file Slopes against the clip, and what the critics say of the distance while they train. */

import { stepsAxis } from '../trained-figures.ts';
import type { StepRecord } from '../../records/record.ts';
import type { Figure } from '../figure.ts';
import type { ClippingProtocol } from './measure.ts';
import { clippedBound } from './theory.ts';

/** What one critic came to. */
export interface CriticRecords {
  readonly arm: string;
  readonly seed: number;
  readonly records: readonly StepRecord[];
}

const names: Readonly<Record<string, string>> = { clipped: 'weight clipping', spectral: 'spectral norm' };

export function figures(critics: readonly CriticRecords[], protocol: ClippingProtocol): readonly Figure[] {
  const { clips, trainedClip, distance } = protocol;
  const of = ({ records }: CriticRecords, quantity: string) => records.filter((record) => record.quantity === quantity);
  return [
    {
      id: 'arjovsky2017-weight-clipping-slope',
      title: 'Steepest slope of a critic with clipped weights',
      caption:
        'Weights drawn from [−c, c]; one thin line per seed. The bound is the product of the largest possible Frobenius norms; what is found lies far below, and neither is 1.',
      x: { label: 'clip c', unit: '', scale: 'log' },
      y: { label: 'slope', unit: '', scale: 'log' },
      marks: [
        { mark: 'rule', kind: 'theory', label: 'spectral norm: 1', value: 1 },
        ...critics
          .filter(({ arm }) => arm === 'clipped')
          .map((critic) => {
            const slopes = of(critic, 'steepest-slope');
            return {
              mark: 'line' as const,
              arm: 'steepest slope found',
              seed: critic.seed,
              x: slopes.map(({ at = 0 }) => at),
              y: slopes.map(({ value }) => value),
            };
          }),
        {
          mark: 'line',
          arm: 'theory',
          label: '∏ c √(inputs · units)',
          seed: 0,
          x: clips,
          y: clips.map((c) => clippedBound(c, protocol)),
        },
      ],
    },
    {
      id: 'arjovsky2017-weight-clipping-estimate',
      title: 'What a critic says of the distance',
      caption: `E f(p) − E f(q) on fresh examples while the critic trains by RMSProp; clip ${trainedClip}. The Wasserstein-1 distance of the two normal distributions is that of their means.`,
      x: stepsAxis,
      y: { label: 'estimate', unit: '', scale: 'linear' },
      marks: [
        { mark: 'rule', kind: 'theory', label: 'W₁ = ‖shift‖', value: distance },
        ...critics.map((critic) => {
          const estimates = of(critic, 'critic-estimate');
          return {
            mark: 'line' as const,
            arm: names[critic.arm] ?? critic.arm,
            seed: critic.seed,
            x: estimates.map(({ step }) => step),
            y: estimates.map(({ value }) => value),
          };
        }),
      ],
    },
  ];
}
