/** @file Published and theoretical values: lines through a panel with a label that avoids the data. */
import type { Reference } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { type Point, straight, textBlock } from '../svg/mark.ts';
import { type Box, type Ink, besideLine, besideUpright } from '../svg/place.ts';
import type { Scale } from '../svg/scale.ts';
import { fontSize, lineHeight, textWidth, wrapText } from '../svg/text.ts';
import { type ColourRole, colour } from '../theme.ts';

interface ReferenceStyle {
  readonly line: ColourRole;
  readonly text: ColourRole;
  readonly dash: string | undefined;
}

const styles: Readonly<Record<Reference['kind'], ReferenceStyle>> = {
  published: { line: 'published', text: 'muted', dash: '5 4' },
  theory: { line: 'ink', text: 'ink', dash: undefined },
};

/** The values that an axis must reach: all on a log axis, on a linear one those within twice the data. */
export function reachedReferences(
  references: readonly Reference[],
  axis: 'x' | 'y',
  scale: Scale['type'],
  values: readonly number[],
): readonly number[] {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), 0);
  const high = finite.reduce((a, b) => Math.max(a, b), 0);
  const reach = high - low;
  return references
    .filter((reference) => axisOf(reference) === axis)
    .map((reference) => reference.value)
    .filter((value) => scale === 'log' || reach === 0 || (value <= high + reach && value >= low - reach));
}

/** Lines and labels; a value beyond the axis has its label at the edge, with an arrow and no line. */
export function referenceMarks(
  references: readonly Reference[],
  scales: { readonly x: Scale; readonly y: Scale },
  frame: Box,
  ink: readonly Ink[],
): { readonly lines: Markup; readonly labels: Markup } {
  const drawn = references.filter((reference) => !Number.isNaN(reference.value));
  const inside = drawn.filter((reference) => beyond(reference, scales) === undefined);
  const lines = inside.map((reference) => {
    const { line, dash } = styles[reference.kind];
    const [from, to] = endsOf(reference, scales, frame);
    return straight(from, to, colour(line), dash);
  });
  const taken: Box[] = [];
  const labels = drawn.map((reference) => {
    const others = inside.filter((other) => other !== reference).flatMap((other) => inkOf(other, scales, frame));
    const { box, text } = placeLabel(reference, scales, frame, [...ink, ...others], taken);
    taken.push(box);
    const centre = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    const style = { fill: colour(styles[reference.kind].text), anchor: 'middle', halo: true } as const;
    return html`${leader(reference, scales, box)}${textBlock(text, centre, style)}`;
  });
  return { lines: html`${lines}`, labels: html`${labels}` };
}

type Scales = Parameters<typeof referenceMarks>[1];

function axisOf({ axis = 'y' }: Reference): 'x' | 'y' {
  return axis;
}

/** Which end of its axis a value lies beyond. */
function beyond(reference: Reference, scales: Scales): 'low' | 'high' | undefined {
  const [low, high] = scales[axisOf(reference)].domain;
  if (reference.value > high) return 'high';
  return reference.value < low ? 'low' : undefined;
}

const arrows = { x: { low: '← ', high: '→ ' }, y: { low: '↓ ', high: '↑ ' } } as const;

function placeLabel(
  reference: Reference,
  scales: Scales,
  frame: Box,
  ink: readonly Ink[],
  taken: readonly Box[],
): { readonly box: Box; readonly text: readonly string[] } {
  const axis = axisOf(reference);
  const end = beyond(reference, scales);
  const arrow = end === undefined ? '' : arrows[axis][end];
  const text = wrapText(`${arrow}${reference.label}`, Math.min(frame.width, axis === 'x' ? 130 : 230));
  const size = { width: Math.max(...text.map((line) => textWidth(line))), height: text.length * lineHeight };
  const place = axis === 'x' ? besideUpright : besideLine;
  return { box: place(size, scales[axis].at(reference.value), frame, ink, taken), text };
}

/** A line from a label that had to stand off to the line that it is about. */
function leader(reference: Reference, scales: Scales, box: Box): Markup | undefined {
  if (axisOf(reference) === 'x') return undefined;
  const y = scales.y.at(reference.value);
  const towards = box.top > y ? box.top : box.top + box.height;
  const x = box.left + box.width / 2;
  return Math.abs(towards - y) > fontSize ? straight({ x, y }, { x, y: towards }, colour('published')) : undefined;
}

function endsOf(reference: Reference, scales: Scales, frame: Box): readonly [Point, Point] {
  if (axisOf(reference) === 'x') {
    const x = scales.x.at(reference.value);
    return [
      { x, y: frame.top },
      { x, y: frame.top + frame.height },
    ];
  }
  const y = scales.y.at(reference.value);
  return [
    { x: frame.left, y },
    { x: frame.left + frame.width, y },
  ];
}

/** A reference's line as ink: labels of others should not lie on it. */
function inkOf(reference: Reference, scales: Scales, frame: Box): readonly Ink[] {
  const [from, to] = endsOf(reference, scales, frame);
  if (axisOf(reference) === 'x') return [{ x: from.x, top: from.y, bottom: to.y }];
  const count = Math.ceil(frame.width / 8);
  return Array.from({ length: count }, (_, i) => ({ x: frame.left + i * 8, top: from.y, bottom: from.y }));
}
