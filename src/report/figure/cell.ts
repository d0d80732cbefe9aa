/** @file Heat maps: cells whose opacity over the paper is their value, which reads in light and dark alike. */
import type { Axis, CellMark } from '../../studies/figure.ts';
import { formatNumber } from '../format.ts';
import { type Markup, html } from '../markup.ts';
import { px, textBlock } from '../svg/mark.ts';
import type { Ink } from '../svg/place.ts';
import { makeScale } from '../svg/scale.ts';
import { lineHeight, textWidth } from '../svg/text.ts';
import { type ColourRole, colour } from '../theme.ts';
import type { Place } from './place.ts';

/** The opacity of the least value, so that its cell is not taken for none, and of the largest. */
const LEAST_OPACITY = 0.07;
const MOST_OPACITY = 0.95;
/** From this opacity on the colour of the paper is read better on a cell than that of ink, in light and in dark. */
const DARK_CELL = 0.65;
/** Of more cells than this none has a text or a title. */
const MOST_TITLED = 400;

/** From a value to the colour and opacity of its cell. */
export interface CellColours {
  readonly domain: readonly [number, number];
  of(value: number): { readonly role: ColourRole; readonly opacity: number };
}

/** One scale for all cells of a figure; where values have both signs, it has 0 in its middle and two colours. */
export function cellColours(marks: readonly CellMark[]): CellColours {
  const values = marks.flatMap((mark) => mark.values);
  const type = marks[0]?.colour.scale ?? 'linear';
  const scale = makeScale(type, values, [0, 1], 'none');
  const span = MOST_OPACITY - LEAST_OPACITY;
  const [low, high] = scale.domain;
  if (type === 'log' || low >= 0 || high <= 0) {
    return {
      domain: [low, high],
      of: (value) => ({ role: 'cell-high', opacity: LEAST_OPACITY + span * scale.at(value) }),
    };
  }
  const most = Math.max(-low, high);
  return {
    domain: [-most, most],
    of: (value) => ({
      role: value < 0 ? 'cell-low' : 'cell-high',
      opacity: LEAST_OPACITY + span * Math.min(1, Math.abs(value) / most),
    }),
  };
}

/** From where to where the cell at each value reaches: half-way to its neighbours, on a log axis in powers. */
export function cellBounds(values: readonly number[], axis: Axis): ReadonlyMap<number, readonly [number, number]> {
  const isLog = axis.scale === 'log' && axis.categories === undefined;
  const usable = values.filter((value) => Number.isFinite(value) && (value > 0 || !isLog));
  const sorted = [...new Set(usable)].sort((a, b) => a - b);
  const places = isLog ? sorted.map(Math.log) : sorted;
  const back = isLog ? Math.exp : (place: number) => place;
  return new Map(
    sorted.map((value, i) => {
      const at = places[i] ?? 0;
      const before = places[i - 1];
      const after = places[i + 1];
      // The outermost reach as far outwards as inwards; names have equal room, and a lone cell as much.
      const gap = (other: number | undefined): number | undefined =>
        other === undefined || axis.categories !== undefined ? undefined : Math.abs(other - at) / 2;
      const left = gap(before) ?? gap(after) ?? 0.5;
      const right = gap(after) ?? gap(before) ?? 0.5;
      return [value, [back(at - left), back(at + right)] as const];
    }),
  );
}

interface Cell {
  readonly value: number;
  readonly isLost: boolean;
  readonly title: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The cells, with their values written in them where all of them fit, but for those that another mark lies on. */
export function drawCells(
  mark: CellMark,
  axes: { readonly x: Axis; readonly y: Axis },
  colours: CellColours,
  place: Place,
  ink: readonly Ink[],
): Markup {
  const cells = cellsOf(mark, axes, place);
  const isWritten =
    cells.length <= MOST_TITLED &&
    cells.every(({ value, width, height }) => textWidth(formatNumber(value)) + 4 <= width && height >= lineHeight + 1);
  const isLarge = cells.every(({ width, height }) => Math.min(width, height) >= 8);
  const edges = isLarge ? html` stroke="${colour('paper')}"` : undefined;
  return html`<g${isLarge ? undefined : html` shape-rendering="crispEdges"`}>${cells.map((cell) => {
    const { value, isLost, left, top, width, height } = cell;
    const { role, opacity } = colours.of(value);
    const isMissing = Number.isNaN(value);
    const fill = isMissing
      ? html` fill="none" pointer-events="all"`
      : html` fill="${colour(role)}" fill-opacity="${round(opacity)}"`;
    const hasText = isWritten && !isLost && !ink.some((stroke) => isOn(cell, stroke));
    const title = cells.length <= MOST_TITLED ? html`<title>${cell.title}</title>` : undefined;
    const at = { x: left + width / 2, y: top + height / 2 };
    const style = { fill: colour(opacity > DARK_CELL ? 'paper' : 'ink'), anchor: 'middle' } as const;
    return html`
      <rect x="${px(left)}" y="${px(top)}" width="${px(width)}" height="${px(height)}"${fill}${edges}>${title}</rect>
      ${isLost ? crossOut(cell) : undefined}
      ${hasText ? textBlock([formatNumber(value)], at, style) : undefined}`;
  })}</g>`;
}

function isOn({ left, top, width, height }: Cell, stroke: Ink): boolean {
  const isAcross = stroke.x >= left && stroke.x <= left + width;
  return isAcross && stroke.bottom >= top && stroke.top <= top + height;
}

/** From corner to corner, a little inside; whoever points at the lines points at the cell. */
function crossOut({ left, top, width, height }: Cell): Markup {
  const inset = Math.min(width, height) / 5;
  const [right, bottom] = [left + width - inset, top + height - inset];
  const falling = `M${px(left + inset)},${px(top + inset)}L${px(right)},${px(bottom)}`;
  const rising = `M${px(left + inset)},${px(bottom)}L${px(right)},${px(top + inset)}`;
  return html`<path d="${falling}${rising}" fill="none" stroke="${colour('muted')}" pointer-events="none"/>`;
}

function cellsOf(mark: CellMark, axes: { readonly x: Axis; readonly y: Axis }, place: Place): readonly Cell[] {
  const columns = cellBounds(mark.x, axes.x);
  const rows = cellBounds(mark.y, axes.y);
  return mark.x.flatMap((x, i) => {
    const y = mark.y[i] ?? Number.NaN;
    const [column, row] = [columns.get(x), rows.get(y)];
    if (column === undefined || row === undefined) return [];
    const reason = mark.lost?.[i];
    const value = reason === undefined ? (mark.values[i] ?? Number.NaN) : Number.NaN;
    const across = column.map((end) => place.x.at(end)) as [number, number];
    const up = row.map((end) => place.y.at(end)) as [number, number];
    const [left, top] = [Math.min(...across), Math.min(...up)];
    const where = [nameOn(axes.x, x), nameOn(axes.y, y)].join(', ');
    return [
      {
        value,
        isLost: reason !== undefined,
        title: `${where}: ${reason ?? formatNumber(value)}`,
        left,
        top,
        width: Math.max(...across) - left,
        height: Math.max(...up) - top,
      },
    ];
  });
}

function nameOn({ label, categories }: Axis, value: number): string {
  return categories?.[value] ?? `${label} ${formatNumber(value)}`;
}

function round(opacity: number): number {
  return Number.isFinite(opacity) ? Math.round(opacity * 1000) / 1000 : 0;
}
