/** @file Axes of a panel: ticks, a quiet grid, labels with units. */
import type { Axis } from '../../studies/figure.ts';
import { formatTick } from '../format.ts';
import { type Markup, html } from '../markup.ts';
import { straight, textBlock } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';
import type { Scale } from '../svg/scale.ts';
import { lineHeight, textWidth } from '../svg/text.ts';
import { colour } from '../theme.ts';

/** "step", or "time (s)" where there is a unit. */
export function axisLabel(axis: Axis): string {
  return axis.unit === '' ? axis.label : `${axis.label} (${axis.unit})`;
}

/** The room that the tick labels of a vertical axis take, px. */
export function tickWidth(scale: Scale): number {
  return Math.max(...scale.ticks.map((tick) => textWidth(formatTick(tick, scale.type))), 0);
}

/** The vertical axis: grid lines, tick labels at the left, and the lines of the label above them all. */
export function valueAxis(scale: Scale, label: readonly string[], frame: Box): Markup {
  const right = frame.left + frame.width;
  const ticks = scale.ticks.map((tick) => {
    const y = scale.at(tick);
    const style = { fill: colour('muted'), anchor: 'end' } as const;
    return html`
      ${straight({ x: frame.left, y }, { x: right, y }, colour('rule'))}
      ${textBlock([formatTick(tick, scale.type)], { x: frame.left - 7, y }, style)}`;
  });
  return html`${ticks}${textBlock(label, { x: 1, y: 0.5 + (label.length * lineHeight) / 2 })}`;
}

/** The ticks whose labels stand side by side without touching: all, or the powers of ten, or every second of those, …. */
function readableTicks(scale: Scale): readonly number[] {
  const touch = (ticks: readonly number[]): boolean =>
    ticks.some((tick, i) => {
      const last = ticks[i - 1];
      if (last === undefined) return false;
      const room = Math.abs(scale.at(tick) - scale.at(last));
      const widths = [last, tick].map((one) => textWidth(formatTick(one, scale.type)));
      return room < (widths[0] ?? 0) / 2 + (widths[1] ?? 0) / 2 + 4;
    });
  const powers = scale.ticks.filter((tick) => Number.isInteger(Math.round(1e9 * Math.log10(tick)) / 1e9));
  let ticks = touch(scale.ticks) && scale.type === 'log' ? powers : scale.ticks;
  while (touch(ticks)) ticks = ticks.filter((_, i) => i % 2 === 0);
  return ticks;
}

/** The horizontal axis: base line, ticks, and the lines of the label under their middle. */
export function baseAxis(scale: Scale, label: readonly string[], frame: Box): Markup {
  const bottom = frame.top + frame.height;
  // Under the frame, but never beyond the figure: half of the label on either side of its middle.
  const reach = Math.max(0, ...label.map((line) => textWidth(line))) / 2;
  const middle = Math.max(reach, frame.left + frame.width / 2);
  const labelAt = { x: middle, y: bottom + 23.5 + (label.length * lineHeight) / 2 };
  const labelled = readableTicks(scale);
  const ticks = scale.ticks.map((tick) => {
    const x = scale.at(tick);
    const style = { fill: colour('muted'), anchor: 'middle' } as const;
    return html`
      ${straight({ x, y: bottom }, { x, y: bottom + 4 }, colour('muted'))}
      ${labelled.includes(tick) ? textBlock([formatTick(tick, scale.type)], { x, y: bottom + 13 }, style) : undefined}`;
  });
  return html`
    ${straight({ x: frame.left, y: bottom }, { x: frame.left + frame.width, y: bottom }, colour('muted'))}
    ${ticks}
    ${textBlock(label, labelAt, { anchor: 'middle' })}`;
}
