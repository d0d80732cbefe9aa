/** @file A figure in words, for those who do not see it: where each of its lines ends. */

import type { PlotFigure } from '../../studies/figure.ts';
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
  return `${y.label}. ${sentences.join('; ')}.`;
}
