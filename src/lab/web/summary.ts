/** @file A figure in words, for those who do not see it: where each of its lines ends, and its last ridges. */

import type { PlotFigure, RidgeMark } from '../../studies/figure.ts';
import { formatNumber } from '../../report/format.ts';

export function summaryOf({ x, y, marks }: PlotFigure): string {
  const sentences = marks.flatMap((mark) => {
    if (mark.mark !== 'line' && mark.mark !== 'band') return [];
    const name = [mark.arm, mark.panel, mark.label].filter((word) => word !== undefined).join(', ');
    const at = `at ${x.label} ${formatNumber(mark.x.at(-1) ?? 0)}`;
    const value =
      mark.mark === 'line'
        ? formatNumber(mark.y.at(-1) ?? Number.NaN)
        : `${formatNumber(mark.low.at(-1) ?? Number.NaN)} to ${formatNumber(mark.high.at(-1) ?? Number.NaN)}`;
    return [`${name}: ${value} ${at}`];
  });
  const ridges = marks.filter((mark) => mark.mark === 'ridge');
  // Of each arm and panel one row is the last.
  const last = ridges.filter(
    ({ arm, panel }, i) => !ridges.slice(i + 1).some((later) => later.arm === arm && later.panel === panel),
  );
  const rows = last.map((ridge) => `${ridgeWords(ridge, x.label)} at ${y.label} ${formatNumber(ridge.base)}`);
  return `${y.label}. ${[...sentences, ...rows].join('; ')}.`;
}

function ridgeWords({ arm, panel, edges, heights }: RidgeMark, label: string): string {
  const peak = heights.indexOf(Math.max(...heights));
  const [left = Number.NaN, right = Number.NaN] = edges.slice(peak, peak + 2);
  const [low, most, high] = [edges[0] ?? Number.NaN, (left + right) / 2, edges.at(-1) ?? Number.NaN].map(formatNumber);
  return `${[arm, panel].filter((word) => word !== undefined).join(', ')}: ${label} ${low} to ${high}, most often ${most}`;
}
