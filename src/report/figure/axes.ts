/** @file Axes of a panel: ticks, a quiet grid, labels with units. */
import type { Axis } from '../../studies/figure.ts';
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

/** The room that the tick labels of a vertical axis take, or turned ones of a horizontal one, px. */
export function tickWidth(scale: Scale): number {
  return Math.max(...scale.ticks.map((tick) => labelWidth(scale, tick)), 0);
}

/** How many lines the tick labels of a horizontal axis take. */
export function tickDepth(scale: Scale): number {
  if (scale.isTurned === true) return Math.ceil(tickWidth(scale) / lineHeight);
  return Math.max(1, ...scale.ticks.map((tick) => scale.label(tick).length));
}

/** A quiet grid, which would show through cells, and at its left the labels of its ticks where they are wanted. */
export function valueAxis(
  scale: Scale,
  frame: Box,
  { isLabelled, hasGrid }: { readonly isLabelled: boolean; readonly hasGrid: boolean },
): Markup {
  const right = frame.left + frame.width;
  const labelled = isLabelled ? readableTicks(scale, () => lineHeight) : [];
  return html`${scale.ticks.map((tick) => {
    const y = scale.at(tick);
    const style = { fill: colour('muted'), anchor: 'end' } as const;
    return html`
      ${hasGrid ? straight({ x: frame.left, y }, { x: right, y }, colour('rule')) : undefined}
      ${labelled.includes(tick) ? textBlock(scale.label(tick), { x: frame.left - 7, y }, style) : undefined}`;
  })}`;
}

/** The label of the vertical axis, above everything. */
export function valueLabel(label: readonly string[]): Markup {
  return textBlock(label, { x: 1, y: 0.5 + (label.length * lineHeight) / 2 });
}

/**
 * The ticks whose labels do not touch: all, or the powers of ten, or every second of those, ….
 * @param roomOf - the room that a label needs along the axis, px; side by side when omitted
 */
export function readableTicks(
  scale: Scale,
  roomOf: (tick: number) => number = (tick) => (scale.isTurned === true ? lineHeight : labelWidth(scale, tick) + 4),
): readonly number[] {
  const touch = (ticks: readonly number[]): boolean =>
    ticks.some((tick, i) => {
      const last = ticks[i - 1];
      return last !== undefined && Math.abs(scale.at(tick) - scale.at(last)) < (roomOf(last) + roomOf(tick)) / 2;
    });
  const powers = scale.ticks.filter((tick) => Number.isInteger(Math.round(1e9 * Math.log10(tick)) / 1e9));
  let ticks = touch(scale.ticks) && scale.type === 'log' && powers.length > 0 ? powers : scale.ticks;
  while (touch(ticks)) ticks = ticks.filter((_, i) => i % 2 === 0);
  return ticks;
}

function labelWidth(scale: Scale, tick: number): number {
  return Math.max(0, ...scale.label(tick).map((line) => textWidth(line)));
}

/** The horizontal axis: base line and ticks, with their labels where they are wanted. */
export function baseAxis(scale: Scale, frame: Box, isLabelled: boolean): Markup {
  const bottom = frame.top + frame.height;
  const labelled = isLabelled ? readableTicks(scale) : [];
  const ticks = scale.ticks.map((tick) => {
    const x = scale.at(tick);
    const lines = scale.label(tick);
    const isTurned = scale.isTurned === true;
    const at = { x, y: bottom + (isTurned ? 8 : 13 + ((lines.length - 1) * lineHeight) / 2) };
    const style = { fill: colour('muted'), anchor: isTurned ? 'end' : 'middle', isTurned } as const;
    return html`
      ${straight({ x, y: bottom }, { x, y: bottom + 4 }, colour('muted'))}
      ${labelled.includes(tick) ? textBlock(lines, at, style) : undefined}`;
  });
  return html`
    ${straight({ x: frame.left, y: bottom }, { x: frame.left + frame.width, y: bottom }, colour('muted'))}
    ${ticks}`;
}

/** The label of the horizontal axis, under the middle of `frame` and so many lines of tick labels. */
export function baseLabel(label: readonly string[], frame: Box, depth: number): Markup {
  const bottom = frame.top + frame.height + (depth - 1) * lineHeight;
  // Under the frame, but never beyond the figure: half of the label on either side of its middle.
  const reach = Math.max(0, ...label.map((line) => textWidth(line))) / 2;
  const middle = Math.max(reach, frame.left + frame.width / 2);
  const labelAt = { x: middle, y: bottom + 23.5 + (label.length * lineHeight) / 2 };
  return textBlock(label, labelAt, { anchor: 'middle' });
}
