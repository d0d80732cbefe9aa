/** @file How the judged effect hangs on where its window ends. */

import { mean } from '../../math/statistics.ts';
import type { PlotFigure } from '../figure.ts';
import { lossRange } from './effects.ts';
import type { RateGroup } from './groups.ts';
import { statistics } from './lab.ts';
import { rule } from './protocol.ts';
import type { ProbePoint } from './series.ts';

/** How the effect of the range of the loss hangs on where the window ends, and on its largest probe. */
export function horizonFigure(group: RateGroup): readonly PlotFigure[] {
  const windows = group.seeds.flatMap(({ window }) => (typeof window === 'string' ? [] : [window]));
  const [first] = windows;
  if (group.failure !== undefined || first === undefined) return [];
  const withoutLargest = (values: readonly number[]): number =>
    mean(values.toSorted((a, b) => a - b).slice(0, Math.max(1, values.length - 1)));
  const kinds = [...statistics, { name: 'mean without the largest probe', of: withoutLargest }];
  const ends = [...new Set(windows.flatMap(({ standard }) => standard.map(({ step }) => step)))]
    .toSorted((a, b) => a - b)
    .filter((end) =>
      windows.every(({ standard }) => standard.filter(({ step }) => step <= end).length >= rule.leastProbes),
    );
  if (ends.length === 0) return [];
  return [
    {
      id: `landscape-horizon-lr${group.rate}`,
      title: `The effect on the range against the end of the window, learning rate ${group.rate}`,
      caption:
        'ln of the ratio (standard / batch norm) of R = max L − min L, mean over seeds, by the statistic over probes; the mean at the last step is judged.',
      x: { label: 'end of the window (training step)', unit: '', scale: 'linear' },
      y: { label: 'effect', unit: '', scale: 'linear' },
      marks: [
        { mark: 'rule', kind: 'theory', label: 'margin', value: rule.lossMargin },
        ...kinds.map(({ name, of }) => ({
          mark: 'line' as const,
          arm: name,
          x: ends,
          y: ends.map((end) =>
            mean(
              windows.map(({ standard, batch }) => {
                const until = (points: readonly ProbePoint[]): number =>
                  of(points.filter(({ step }) => step <= end).map(lossRange));
                return Math.log(until(standard) / until(batch));
              }),
            ),
          ),
        })),
      ],
    },
  ];
}
