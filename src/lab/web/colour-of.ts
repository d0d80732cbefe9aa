/** @file The colour of an arm: the one that figures give it. */

import { armsOf } from '../../report/figure/arms.ts';
import { colour } from '../../report/theme.ts';

export function colourOf(arms: readonly string[], arm: string): string {
  const axis = { label: '', unit: '', scale: 'linear' } as const;
  const marks = arms.map((one) => ({ mark: 'line' as const, arm: one, x: [], y: [] }));
  const found = armsOf({ id: '', title: '', caption: '', x: axis, y: axis, arms, marks }).find(
    (one) => one.arm === arm,
  );
  return colour(found?.hue ?? 'ink');
}
