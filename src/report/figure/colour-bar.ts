/** @file What the colours of a heat map mean: a bar with ticks under its label. */
import type { Axis } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { px, straight, textBlock } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';
import { makeScale } from '../svg/scale.ts';
import { lineHeight, wrapText } from '../svg/text.ts';
import { colour } from '../theme.ts';
import { axisLabel, readableTicks } from './axes.ts';
import type { CellColours } from './cell.ts';

/** So many pieces are one gradient to the eye. */
const PIECES = 48;
const BAR_HEIGHT = 10;
const MOST_WIDTH = 280;

/** The height of bar, ticks, label and the room above them, px. */
export function colourBarHeight(axis: Axis, width: number): number {
  return 12 + wrapText(axisLabel(axis), width).length * lineHeight + 4 + BAR_HEIGHT + 20;
}

/** @param room - left and top of where it may stand, and how much of it there is */
export function drawColourBar(axis: Axis, colours: CellColours, room: Omit<Box, 'height'>): Markup {
  const lines = wrapText(axisLabel(axis), room.width);
  const width = Math.min(MOST_WIDTH, room.width);
  const top = room.top + 12 + lines.length * lineHeight + 4;
  const bottom = top + BAR_HEIGHT;
  const scale = makeScale(axis.scale, colours.domain, [room.left, room.left + width], 'none');
  const [low, high] = colours.domain;
  const pieces = Array.from({ length: PIECES }, (_, i) => {
    const share = (i + 0.5) / PIECES;
    const value = axis.scale === 'log' ? low * (high / low) ** share : low + (high - low) * share;
    const { role, opacity } = colours.of(value);
    // Whole pixels, so that no seam shows between pieces.
    const [left, right] = [i, i + 1].map((piece) => Math.round(room.left + (piece * width) / PIECES)) as [
      number,
      number,
    ];
    return html`
      <rect x="${left}" y="${px(top)}" width="${right - left}" height="${BAR_HEIGHT}"
        fill="${colour(role)}" fill-opacity="${Math.round(opacity * 1000) / 1000}"/>`;
  });
  const ticks = readableTicks(scale).map((tick) => {
    const x = scale.at(tick);
    return html`
      ${straight({ x, y: bottom }, { x, y: bottom + 4 }, colour('muted'))}
      ${textBlock(scale.label(tick), { x, y: bottom + 13 }, { fill: colour('muted'), anchor: 'middle' })}`;
  });
  return html`
    ${textBlock(lines, { x: room.left, y: room.top + 12 + (lines.length * lineHeight) / 2 })}
    <g shape-rendering="crispEdges">${pieces}</g>
    ${ticks}`;
}
