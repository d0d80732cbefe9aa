/** @file Arrows of a diagram: what flows forward is ink, what flows back has the colour of gradients and dashes. */

import type { DiagramEdge } from '../../studies/diagram.ts';
import { type Markup, html } from '../markup.ts';
import { beyondMark, px, type Point } from '../svg/mark.ts';
import { type ColourRole, colour } from '../theme.ts';
import type { Curve } from './layout.ts';

const strokes: Readonly<Record<DiagramEdge['kind'], { readonly role: ColourRole; readonly dash?: string }>> = {
  forward: { role: 'muted' },
  backward: { role: 'gradient', dash: '5 3' },
  kept: { role: 'gradient', dash: '1 4' },
  idle: { role: 'muted', dash: '2 4' },
};

/** Curves in one line, with a tip at the end. */
export function arrow(curves: readonly Curve[], kind: DiagramEdge['kind']): Markup {
  const { role, dash } = strokes[kind];
  const [start, end, control] = [curves[0]?.[0], curves.at(-1)?.[3], curves.at(-1)?.[2]];
  if (start === undefined || end === undefined) return html``;
  const dashes = dash === undefined ? undefined : html` stroke-dasharray="${dash}"`;
  const path = `M${at(start)}${curves.map(([, a, b, to]) => `C${at(a)} ${at(b)} ${at(to)}`).join('')}`;
  const tip = tipAt(control ?? start, end);
  const back = { right: { x: end.x - 6, y: end.y }, down: { x: end.x, y: end.y - 6 }, up: { x: end.x, y: end.y + 6 } };
  return html`
    <path d="${path}" fill="none" stroke="${colour(role)}"${dashes}/>
    ${beyondMark(back[tip], tip, colour(role))}`;
}

/** Curves arrive vertically, or level from the left. */
function tipAt(from: Point, to: Point): 'up' | 'down' | 'right' {
  if (Math.abs(to.x - from.x) > Math.abs(to.y - from.y)) return 'right';
  return to.y < from.y ? 'up' : 'down';
}

function at({ x, y }: Point): string {
  return `${px(x)},${px(y)}`;
}
