/** @file The few SVG elements that figures are made of, in pixels with one decimal. */
import { type Markup, html } from '../markup.ts';
import { colour } from '../theme.ts';
import { fontSize, lineHeight } from './text.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A coordinate as short as one decimal can be. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Path data of a line through `points`; where a coordinate is not finite there is a gap, a lone point is a dash. */
export function linePath(points: readonly Point[]): string {
  return runs(points, isFinitePoint)
    .map((run) => (run.length === 1 ? `${polyline(run)}h1` : polyline(run)))
    .join('');
}

/** Path data of the areas between each `low` and `high`, both in px; where one is not finite there is a gap. */
export function areaPath(
  points: readonly { readonly x: number; readonly low: number; readonly high: number }[],
): string {
  return runs(points, (point) => Number.isFinite(point.x + point.low + point.high))
    .map((run) => {
      const there = run.map(({ x, high }) => ({ x, y: high }));
      const back = run.map(({ x, low }) => ({ x, y: low })).reverse();
      return `${polyline([...there, ...back])}Z`;
    })
    .join('');
}

/** Splits `items` into the stretches in which `keep` holds. */
export function runs<T>(items: readonly T[], keep: (item: T) => boolean): readonly (readonly T[])[] {
  const stretches: T[][] = [];
  let open = false;
  for (const item of items) {
    const kept = keep(item);
    if (kept && !open) stretches.push([]);
    if (kept) stretches.at(-1)?.push(item);
    open = kept;
  }
  return stretches;
}

/** A straight line, 1 px wide when omitted. */
export function straight(from: Point, to: Point, stroke: string, dash?: string, width?: number): Markup {
  const dashes = dash === undefined ? undefined : html` stroke-dasharray="${dash}"`;
  const thickness = width === undefined ? undefined : html` stroke-width="${width}"`;
  return html`<path d="${polyline([from, to])}" fill="none" stroke="${stroke}"${thickness}${dashes}/>`;
}

export interface TextStyle {
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly size?: number;
  /** Outlined in the paper's colour, to stay legible over lines. */
  readonly halo?: boolean;
  /** Reads upwards, turned about its point. */
  readonly isTurned?: boolean;
}

/** Lines of text, their block centred on `at.y`. */
export function textBlock(lines: readonly string[], at: Point, style: TextStyle = {}): Markup {
  const size = style.size ?? fontSize;
  const leading = (lineHeight / fontSize) * size;
  const attributes = [
    html` fill="${style.fill ?? colour('ink')}"`,
    style.anchor === undefined ? undefined : html` text-anchor="${style.anchor}"`,
    style.isTurned === true ? html` transform="rotate(-90 ${px(at.x)} ${px(at.y)})"` : undefined,
    style.bold === true ? html` font-weight="600"` : undefined,
    style.size === undefined ? undefined : html` font-size="${size}"`,
    style.halo === true
      ? html` stroke="${colour('paper')}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"`
      : undefined,
  ];
  return html`${lines.map((line, i) => {
    // 0.35 of the size brings the middle of lower-case letters to the line.
    const y = at.y + (i - (lines.length - 1) / 2) * leading + 0.35 * size;
    return html`<text x="${px(at.x)}" y="${px(y)}"${attributes}>${line}</text>`;
  })}`;
}

const tips: Readonly<Record<'up' | 'down' | 'left' | 'right', Point>> = {
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
};

/** A small triangle that says: the value lies beyond the axis, that way. */
export function beyondMark(at: Point, direction: keyof typeof tips, fill: string): Markup {
  const tip = tips[direction];
  const corners = [
    { x: at.x - 4 * tip.y, y: at.y - 4 * tip.x },
    { x: at.x + 4 * tip.y, y: at.y + 4 * tip.x },
    { x: at.x + 6 * tip.x, y: at.y + 6 * tip.y },
  ];
  return html`<path d="${polyline(corners)}Z" fill="${fill}"/>`;
}

function polyline(points: readonly Point[]): string {
  let path = '';
  for (const { x, y } of points) path += `${path === '' ? 'M' : ' '}${px(x)},${px(y)}`;
  return path;
}

function isFinitePoint(point: Point): boolean {
  return Number.isFinite(point.x) && Number.isFinite(point.y);
}
