/** @file Published and theoretical values: lines through a panel with a label that avoids the data. */
import type { RuleMark } from '../../studies/figure.ts';
import { type Markup, html } from '../markup.ts';
import { type Point, straight, textBlock } from '../svg/mark.ts';
import { type Box, type Ink, besideLine, besideUpright } from '../svg/place.ts';
import type { Scale } from '../svg/scale.ts';
import { fontSize, lineHeight, textWidth, wrapText } from '../svg/text.ts';
import { type ColourRole, colour } from '../theme.ts';

interface RuleStyle {
  readonly line: ColourRole;
  readonly text: ColourRole;
  readonly dash: string | undefined;
}

const styles: Readonly<Record<RuleMark['kind'], RuleStyle>> = {
  published: { line: 'published', text: 'muted', dash: '5 4' },
  theory: { line: 'ink', text: 'ink', dash: undefined },
};

/** The values that an axis must reach: all on a log axis, on a linear one those within twice the data. */
export function reachedValues(
  rules: readonly RuleMark[],
  axis: 'x' | 'y',
  scale: Scale['type'],
  values: readonly number[],
): readonly number[] {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), 0);
  const high = finite.reduce((a, b) => Math.max(a, b), 0);
  const reach = high - low;
  return rules
    .filter((rule) => axisOf(rule) === axis)
    .map((rule) => rule.value)
    .filter((value) => scale === 'log' || reach === 0 || (value <= high + reach && value >= low - reach));
}

/** Lines and labels; a value beyond the axis has its label at the edge, with an arrow and no line. */
export function ruleMarks(
  rules: readonly RuleMark[],
  scales: { readonly x: Scale; readonly y: Scale },
  frame: Box,
  ink: readonly Ink[],
): { readonly lines: Markup; readonly labels: Markup } {
  const drawn = rules.filter((rule) => !Number.isNaN(rule.value));
  const inside = drawn.filter((rule) => beyond(rule, scales) === undefined);
  const lines = inside.map((rule) => {
    const { line, dash } = styles[rule.kind];
    const [from, to] = endsOf(rule, scales, frame);
    return straight(from, to, colour(line), dash);
  });
  const taken: Box[] = [];
  const labels = drawn.map((rule) => {
    const others = inside.filter((other) => other !== rule).flatMap((other) => inkOf(other, scales, frame));
    const { box, text } = placeLabel(rule, scales, frame, [...ink, ...others], taken);
    taken.push(box);
    const centre = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    const style = { fill: colour(styles[rule.kind].text), anchor: 'middle', halo: true } as const;
    return html`${leader(rule, scales, box)}${textBlock(text, centre, style)}`;
  });
  return { lines: html`${lines}`, labels: html`${labels}` };
}

type Scales = Parameters<typeof ruleMarks>[1];

function axisOf({ axis = 'y' }: RuleMark): 'x' | 'y' {
  return axis;
}

/** Which end of its axis a value lies beyond. */
function beyond(rule: RuleMark, scales: Scales): 'low' | 'high' | undefined {
  const [low, high] = scales[axisOf(rule)].domain;
  if (rule.value > high) return 'high';
  return rule.value < low ? 'low' : undefined;
}

const arrows = { x: { low: '← ', high: '→ ' }, y: { low: '↓ ', high: '↑ ' } } as const;

function placeLabel(
  rule: RuleMark,
  scales: Scales,
  frame: Box,
  ink: readonly Ink[],
  taken: readonly Box[],
): { readonly box: Box; readonly text: readonly string[] } {
  const axis = axisOf(rule);
  const end = beyond(rule, scales);
  const arrow = end === undefined ? '' : arrows[axis][end];
  const text = wrapText(`${arrow}${rule.label}`, Math.min(frame.width, axis === 'x' ? 130 : 230));
  const size = { width: Math.max(...text.map((line) => textWidth(line))), height: text.length * lineHeight };
  const place = axis === 'x' ? besideUpright : besideLine;
  return { box: place(size, scales[axis].at(rule.value), frame, ink, taken), text };
}

/** A line from a label that had to stand off to the line that it is about. */
function leader(rule: RuleMark, scales: Scales, box: Box): Markup | undefined {
  if (axisOf(rule) === 'x') return undefined;
  const y = scales.y.at(rule.value);
  const towards = box.top > y ? box.top : box.top + box.height;
  const x = box.left + box.width / 2;
  return Math.abs(towards - y) > fontSize ? straight({ x, y }, { x, y: towards }, colour('published')) : undefined;
}

function endsOf(rule: RuleMark, scales: Scales, frame: Box): readonly [Point, Point] {
  if (axisOf(rule) === 'x') {
    const x = scales.x.at(rule.value);
    return [
      { x, y: frame.top },
      { x, y: frame.top + frame.height },
    ];
  }
  const y = scales.y.at(rule.value);
  return [
    { x: frame.left, y },
    { x: frame.left + frame.width, y },
  ];
}

/** A rule's line as ink: labels of others should not lie on it. */
function inkOf(rule: RuleMark, scales: Scales, frame: Box): readonly Ink[] {
  const [from, to] = endsOf(rule, scales, frame);
  if (axisOf(rule) === 'x') return [{ x: from.x, top: from.y, bottom: to.y }];
  const count = Math.ceil(frame.width / 8);
  return Array.from({ length: count }, (_, i) => ({ x: frame.left + i * 8, top: from.y, bottom: from.y }));
}
