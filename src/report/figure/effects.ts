/** @file Paired effects: a dot per seed, the interval as a bar, the margin that the whole bar must pass. */
import type { EffectsFigure } from '../../studies/figure.ts';
import { formatInterval, formatNumber } from '../format.ts';
import { type Markup, html } from '../markup.ts';
import { beyondMark, px, straight, textBlock } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';
import { type Scale, makeScale } from '../svg/scale.ts';
import { lineHeight, textWidth, wrapText } from '../svg/text.ts';
import { colour } from '../theme.ts';
import { axisLabel, baseAxis } from './axes.ts';
import { type Drawing, type FigureSize, dimensions } from './size.ts';

type Row = EffectsFigure['rows'][number];

/** Label and numbers stand beside the track where there is room, above it where there is not. */
interface Layout {
  readonly track: { readonly left: number; readonly width: number };
  readonly labelWidth: number;
  readonly numbersWidth: number;
  readonly beside: boolean;
}

const layouts: Readonly<Record<FigureSize, Layout>> = {
  wide: { track: { left: 190, width: 430 }, labelWidth: 175, numbersWidth: 130, beside: true },
  panel: { track: { left: 0, width: 360 }, labelWidth: 190, numbersWidth: 160, beside: false },
};

/** Room above the rows, and below them for ticks, label and hint, px. */
const ABOVE = 6;
const BELOW = 58;

/** The content of the SVG, without title, and how large it is. */
export function drawEffects(figure: EffectsFigure, size: FigureSize): Drawing {
  const layout = layouts[size];
  const { left, width } = layout.track;
  const bottom = ABOVE + figure.rows.reduce((sum, row) => sum + rowHeight(row, layout), 0);
  const x = makeScale('linear', shownValues(figure.rows), [left + 8, left + width - 8], 'none');
  let top = ABOVE;
  const rows = figure.rows.map((row) => {
    const drawn = drawRow(row, x, layout, top);
    top += rowHeight(row, layout);
    return drawn;
  });
  const frame: Box = { left, top: ABOVE, width, height: bottom - ABOVE };
  const hint = { x: left + width, y: bottom + 49 };
  const content = html`
    ${rows.map((row) => row.behind)}
    ${rows.map((row) => row.front)}
    ${baseAxis(x, frame, true)}
    ${textBlock([axisLabel(figure.x)], { x: left, y: bottom + 32 })}
    ${textBlock(['in favour of the claim →'], hint, { fill: colour('muted'), anchor: 'end' })}`;
  return { width: dimensions[size].width, height: bottom + BELOW, content };
}

/** Effects, margins and 0 always; intervals only up to a span's width beyond them, so that the dots stay apart. */
function shownValues(rows: readonly Row[]): readonly number[] {
  const always = [0, ...rows.flatMap((row) => [row.margin, ...row.effects.map((effect) => effect.value)])];
  const finite = always.filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const span = high - low || 1;
  const ends = rows.flatMap(({ interval }) => (interval === undefined ? [] : [interval.lower, interval.upper]));
  const near = ends.filter(Number.isFinite).map((end) => Math.max(low - span, Math.min(end, high + span)));
  return [low - span / 20, high + span / 20, ...near];
}

function rowHeight(row: Row, layout: Layout): number {
  return layout.beside ? Math.max(50, textLines(row, layout) * lineHeight + 16) : headHeight(row, layout) + 38;
}

function headHeight(row: Row, layout: Layout): number {
  return layout.beside ? 0 : textLines(row, layout) * lineHeight + 10;
}

function textLines(row: Row, layout: Layout): number {
  return Math.max(wrapText(row.label, layout.labelWidth).length, intervalLines(row, layout).length + 1);
}

/** On a line, or where that is too long the mean above its interval. */
function intervalLines({ interval }: Row, { numbersWidth }: Layout): readonly string[] {
  if (interval === undefined) return ['no interval'];
  const text = formatInterval(interval);
  const bracket = text.indexOf('[');
  return textWidth(text) <= numbersWidth ? [text] : [text.slice(0, bracket).trimEnd(), text.slice(bracket)];
}

function drawRow(row: Row, x: Scale, layout: Layout, top: number): { readonly behind: Markup; readonly front: Markup } {
  const head = headHeight(row, layout);
  const track = { top: top + head + 4, height: rowHeight(row, layout) - head - 8 };
  const y = track.top + track.height / 2;
  const end = layout.track.left + layout.track.width;
  const margin = px(x.at(row.margin));
  const edge = straight(
    { x: margin, y: track.top },
    { x: margin, y: track.top + track.height },
    colour('muted'),
    '3 3',
  );
  const zero = x.at(0);
  const behind = html`
    <rect x="${margin}" y="${px(track.top)}" width="${px(end - margin)}" height="${px(track.height)}"
       fill="${colour('zone')}"/>
    ${edge}
    ${straight({ x: zero, y: track.top - 4 }, { x: zero, y: track.top + track.height + 4 }, colour('muted'))}`;

  const textY = layout.beside ? y : top + head / 2 + 2;
  const right = layout.beside ? dimensions.wide.width : end;
  const numbers = intervalLines(row, layout);
  const margins = `margin ${formatNumber(row.margin)}`;
  const front = html`
    ${textBlock(wrapText(row.label, layout.labelWidth), { x: 0, y: textY }, { bold: true })}
    ${textBlock(numbers, { x: right, y: textY - lineHeight / 2 }, { anchor: 'end' })}
    ${textBlock([margins], { x: right, y: textY + (numbers.length * lineHeight) / 2 }, { anchor: 'end', fill: colour('muted') })}
    ${intervalBar(row, x, y)}
    ${row.effects.map((effect) => seedDot(effect, x, y))}`;
  return { behind, front };
}

/** A bar from end to end, arrows where it goes on beyond the axis, and the mean as a line through it. */
function intervalBar({ interval }: Row, x: Scale, y: number): Markup | undefined {
  if (interval === undefined) return undefined;
  const from = px(x.at(interval.lower));
  const width = px(x.at(interval.upper) - x.at(interval.lower));
  const mean = x.at(interval.mean);
  return html`
    <g>
      <title>mean ${formatInterval(interval)}</title>
      <rect x="${from}" y="${px(y - 4.5)}" width="${width}" height="9" rx="2" fill="${colour('ink')}" fill-opacity="0.22"/>
      ${straight({ x: mean, y: y - 10 }, { x: mean, y: y + 10 }, colour('ink'), undefined, 2.5)}
      ${beyondAxis(interval.lower, x, y)}
      ${beyondAxis(interval.upper, x, y)}
    </g>`;
}

function seedDot({ seed, value }: Row['effects'][number], x: Scale, y: number): Markup | undefined {
  if (Number.isNaN(value)) return undefined;
  const title = html`<title>seed ${seed}: ${formatNumber(value)}</title>`;
  const arrow = beyondAxis(value, x, y);
  if (arrow !== undefined) return html`<g>${title}${arrow}</g>`;
  return html`
    <circle cx="${px(x.at(value))}" cy="${px(y)}" r="4" fill="${colour('paper')}" stroke="${colour('ink')}"
       stroke-width="1.4">${title}</circle>`;
}

function beyondAxis(value: number, x: Scale, y: number): Markup | undefined {
  const [low, high] = x.domain;
  if (value >= low && value <= high) return undefined;
  return beyondMark({ x: x.at(value), y }, value > high ? 'right' : 'left', colour('ink'));
}
