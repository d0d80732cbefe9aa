/** @file Published and theoretical values: lines across a panel with a label that avoids the data. */
import type { Reference } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { straight, textBlock } from '../svg/mark.ts';
import { type Box, type Ink, besideLine } from '../svg/place.ts';
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

/** The values that the axis must reach: all on a log axis, on a linear one those within twice the data. */
export function reachedReferences(
  references: readonly Reference[],
  scale: Scale['type'],
  values: readonly number[],
): readonly number[] {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), 0);
  const high = finite.reduce((a, b) => Math.max(a, b), 0);
  const reach = high - low;
  return references
    .map((reference) => reference.value)
    .filter((value) => scale === 'log' || reach === 0 || (value <= high + reach && value >= low - reach));
}

/** Lines and labels; a value beyond the axis has its label at the edge, with an arrow and no line. */
export function referenceMarks(
  references: readonly Reference[],
  scale: Scale,
  frame: Box,
  ink: readonly Ink[],
): { readonly lines: Markup; readonly labels: Markup } {
  const right = frame.left + frame.width;
  const [low, high] = scale.domain;
  const drawn = references.filter((reference) => !Number.isNaN(reference.value));
  const inside = drawn.filter(({ value }) => value >= low && value <= high);
  const lines = inside.map(({ kind, value }) => {
    const y = scale.at(value);
    return straight({ x: frame.left, y }, { x: right, y }, colour(styles[kind].line), styles[kind].dash);
  });
  const lineInk = inside.flatMap(({ value }) => acrossFrame(scale.at(value), frame));
  const taken: Box[] = [];
  const labels = drawn.map((reference) => {
    const { kind, value } = reference;
    const arrow = value > high ? '↑ ' : value < low ? '↓ ' : '';
    const text = wrapText(`${arrow}${reference.label}`, Math.min(frame.width, 230));
    const size = { width: Math.max(...text.map((line) => textWidth(line))), height: text.length * lineHeight };
    const y = scale.at(value);
    const others = lineInk.filter((stroke) => stroke.top !== y);
    const box = besideLine(size, y, frame, [...ink, ...others], taken);
    taken.push(box);
    const towards = box.top > y ? box.top : box.top + box.height;
    const x = box.left + box.width / 2;
    const leader =
      Math.abs(towards - y) > fontSize ? straight({ x, y }, { x, y: towards }, colour('published')) : undefined;
    const centre = { x, y: box.top + box.height / 2 };
    return html`${leader}${textBlock(text, centre, { fill: colour(styles[kind].text), anchor: 'middle', halo: true })}`;
  });
  return { lines: html`${lines}`, labels: html`${labels}` };
}

/** A line across the frame as ink: labels of other lines should not lie on it. */
function acrossFrame(y: number, frame: Box): readonly Ink[] {
  const count = Math.ceil(frame.width / 8);
  return Array.from({ length: count }, (_, i) => ({ x: frame.left + i * 8, top: y, bottom: y }));
}
