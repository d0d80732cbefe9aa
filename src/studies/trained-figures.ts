/** @file Figures that studies of trainings have in common: curves over steps, and effects with their intervals. */

import type { EffectsFigure, LineMark, PlotFigure } from './figure.ts';
import type { PartResult } from './result.ts';
import { RUNNING_BATCHES, type TrainingCurve } from './training-curves.ts';

/** The axis that steps are on. */
export const stepsAxis: { readonly label: string; readonly unit: string; readonly scale: 'linear' } = {
  label: 'training step',
  unit: '',
  scale: 'linear',
};

/** A training with its place in a study. */
export interface ArmCurve {
  readonly arm: string;
  readonly seed: number;
  readonly curve: TrainingCurve;
  /** Of several panels, the one that it is in. */
  readonly panel?: string;
}

/** Running training accuracy over steps, a line per seed. */
export function accuracyFigure(
  curves: readonly ArmCurve[],
  { id, title, caption }: Pick<PlotFigure, 'id' | 'title' | 'caption'>,
): PlotFigure {
  return {
    id,
    title,
    caption: `${caption} Running mean over ${RUNNING_BATCHES} batches; thin lines are seeds, thick ones their median.`,
    x: stepsAxis,
    y: { label: 'training accuracy', unit: '', scale: 'linear' },
    marks: curves.map(({ arm, seed, panel, curve: { runningAccuracy } }): LineMark => {
      const every = Math.max(1, Math.round(runningAccuracy.length / 100));
      const x = runningAccuracy.map((_, step) => step).filter((step) => step % every === 0);
      const y = x.map((step) => runningAccuracy[step] ?? Number.NaN);
      return { mark: 'line', arm, seed, ...(panel !== undefined && { panel }), x, y };
    }),
  };
}

/** Per part and pairing a dot per seed, the interval, and the margin; none where nothing was judged. */
export function effectsFigure(
  parts: readonly PartResult[],
  { id, title }: Pick<EffectsFigure, 'id' | 'title'>,
): readonly EffectsFigure[] {
  const rows = parts.flatMap(({ name, margin, pairings }) =>
    pairings.map((pairing) => ({
      label: pairings.length > 1 ? `(${name}) ${pairing.name}` : `(${name})`,
      margin,
      effects: pairing.effects,
      interval: pairing.interval,
    })),
  );
  if (rows.length === 0) return [];
  return [
    {
      view: 'effects',
      id,
      title,
      caption:
        'Per part a dot for each seed, the 95 % interval, and the margin that it must clear. Positive favours the claim.',
      x: { label: 'effect', unit: '', scale: 'linear' },
      rows,
    },
  ];
}
