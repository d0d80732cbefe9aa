/** @file Paired effects: a dot per seed, the interval as a bar, the margin that the whole bar must pass. */
import type { EffectsFigure } from '../../studies/figure.ts';
import { formatInterval, formatNumber } from '../format.ts';
import { type Markup, html } from '../markup.ts';
import { beyondMark, linePath, px, straight, textBlock } from '../svg/mark.ts';
import type { Box } from '../svg/place.ts';
import { type Scale, makeScale } from '../svg/scale.ts';
import { lineHeight, wrapText } from '../svg/text.ts';
import { colour } from '../theme.ts';
import { axisLabel, baseAxis } from './axes.ts';
import { type Dimensions, type FigureSize, dimensions } from './size.ts';

type Row = EffectsFigure['rows'][number];

/** Where the parts of a row stand: beside its track where there is room, above it where there is not. */
interface Layout {
  readonly track: { readonly left: number; readonly width: number };
  readonly labelWidth: number;
  readonly beside: boolean;
}

const layouts: Readonly<Record<FigureSize, Layout>> = {
  wide: { track: { left: 200, width: 390 }, labelWidth: 180, beside: true },
  panel: { track: { left: 10, width: 340 }, labelWidth: 190, beside: false },
};

const TOP = 8;

/** Width and height that the rows need. */
export function effectsDimensions(figure: EffectsFigure, size: FigureSize): Dimensions {
  const heights = figure.rows.map((row) => rowHeight(row, layouts[size]));
  return { width: dimensions[size].width, height: TOP + heights.reduce((sum, height) => sum + height, 0) + 58 };
}

/** The content of the SVG, without title. */
export function drawEffects(figure: EffectsFigure, size: FigureSize): Markup {
  const layout = layouts[size];
  const { left, width } = layout.track;
  const frame: Box = { left, top: TOP, width, height: effectsDimensions(figure, size).height - TOP - 58 };
  const x = makeScale('linear', axisValues(figure.rows), [left + 6, left + width - 6], 'none');
  let top = frame.top;
  const rows = figure.rows.map((row) => {
    const height = rowHeight(row, layout);
    const drawn = drawRow(row, x, layout, top, height);
    top += height;
    return drawn;
  });
  const bottom = frame.top + frame.height;
  const zero = straight({ x: x.at(0), y: frame.top }, { x: x.at(0), y: bottom }, colour('muted'));
  const axis = { ...figure.x, label: '', unit: '' };
  const hint = textBlock(
    ['in favour of the claim →'],
    { x: left + width, y: bottom + 48 },
    { fill: colour('muted'), anchor: 'end' },
  );
  const label = textBlock([axisLabel(figure.x)], { x: left, y: bottom + 31 }, {});
  return html`${rows.map((row) => row.behind)}${zero}${rows.map((row) => row.front)}${baseAxis(x, axis, frame)}${label}${hint}`;
}

/** Effects, margins and 0 always; intervals only up to a span's width beyond them, so that the dots stay apart. */
function axisValues(rows: readonly Row[]): readonly number[] {
  const core = [0, ...rows.flatMap((row) => [row.margin, ...row.effects.map((effect) => effect.value)])].filter(
    Number.isFinite,
  );
  const low = Math.min(...core);
  const high = Math.max(...core);
  const span = high - low || 1;
  const intervals = rows.flatMap((row) => (row.interval === undefined ? [] : [row.interval.lower, row.interval.upper]));
  const shown = [
    low - 0.04 * span,
    high + 0.04 * span,
    ...intervals.map((end) => Math.max(low - span, Math.min(end, high + span))),
  ];
  return shown;
}

function rowHeight(row: Row, layout: Layout): number {
  const lines = wrapText(row.label, layout.labelWidth).length;
  return layout.beside ? Math.max(52, lines * lineHeight + 20) : Math.max(2, lines) * lineHeight + 46;
}

function drawRow(row: Row, x: Scale, layout: Layout, top: number, height: number): { behind: Markup; front: Markup } {
  const { left, width } = layout.track;
  const labels = wrapText(row.label, layout.labelWidth);
  const words = [
    row.interval === undefined ? 'no interval' : formatInterval(row.interval),
    `margin ${formatNumber(row.margin)}`,
  ];
  const headHeight = layout.beside ? 0 : Math.max(2, labels.length) * lineHeight + 10;
  const trackTop = top + headHeight;
  const y = trackTop + (height - headHeight) / 2;
  const headY = layout.beside ? y : top + headHeight / 2 + 2;
  const margin = x.at(row.margin);
  const zoneTop = trackTop + 5;
  const zoneHeight = height - headHeight - 10;
  const behind = html`<rect x="${px(margin)}" y="${px(zoneTop)}" width="${px(left + width - margin)}" height="${px(
    zoneHeight,
  )}" fill="${colour('zone')}"/>${straight(
    { x: margin, y: zoneTop },
    { x: margin, y: zoneTop + zoneHeight },
    colour('muted'),
    '3 3',
  )}`;
  const right = layout.beside ? dimensions.wide.width : left + width;
  const front = html`${textBlock(labels, { x: layout.beside ? 0 : left, y: headY }, { bold: true })}${textBlock(
    words.slice(0, 1),
    { x: right, y: headY - lineHeight / 2 },
    { anchor: 'end' },
  )}${textBlock(words.slice(1), { x: right, y: headY + lineHeight / 2 }, { anchor: 'end', fill: colour('muted') })}${intervalBar(
    row,
    x,
    y,
  )}${row.effects.map((effect) => seedDot(effect, x, y))}`;
  return { behind, front };
}

function intervalBar(row: Row, x: Scale, y: number): Markup | undefined {
  const { interval } = row;
  if (interval === undefined) return undefined;
  const [low, high] = x.domain;
  const from = x.at(interval.lower);
  const to = x.at(interval.upper);
  const cap = (end: number, value: number): Markup =>
    value < low || value > high
      ? html`<g transform="rotate(90 ${px(end)} ${px(y)})">${beyondMark({ x: end, y }, value > high ? 'up' : 'down', colour('ink'))}</g>`
      : straight({ x: end, y: y - 7 }, { x: end, y: y + 7 }, colour('ink'));
  const mean = x.at(interval.mean);
  return html`<path d="${linePath([
    { x: from, y },
    { x: to, y },
  ])}" stroke="${colour('ink')}" stroke-width="2"/>${cap(from, interval.lower)}${cap(to, interval.upper)}<path d="M${px(mean)},${px(
    y - 6,
  )} ${px(mean + 6)},${px(y)} ${px(mean)},${px(y + 6)} ${px(mean - 6)},${px(y)}Z" fill="${colour('ink')}"><title>mean ${formatNumber(
    interval.mean,
  )}</title></path>`;
}

function seedDot(effect: Row['effects'][number], x: Scale, y: number): Markup | undefined {
  if (Number.isNaN(effect.value)) return undefined;
  return html`<circle cx="${px(x.at(effect.value))}" cy="${px(y)}" r="4" fill="${colour('paper')}" stroke="${colour(
    'ink',
  )}" stroke-width="1.4"><title>seed ${effect.seed}: ${formatNumber(effect.value)}</title></circle>`;
}
