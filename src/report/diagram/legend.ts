/** @file What the parts of a diagram mean: a sample of each with its text, in lines under the diagram. */

import type { LegendEntry } from '../../studies/diagram.ts';
import { type Markup, html } from '../markup.ts';
import { px, textBlock } from '../svg/mark.ts';
import { lineHeight, textWidth, wrapText } from '../svg/text.ts';
import { colour } from '../theme.ts';
import { smallSize } from './boxes.ts';
import { arrow } from './arrow.ts';

const SAMPLE = 44;
const BETWEEN = 28;
const LINE = lineHeight + 7;

interface PlacedEntry {
  readonly entry: LegendEntry;
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
}

/** Entries side by side while there is room; the height is that of all lines. */
export function placeLegend(
  entries: readonly LegendEntry[],
  width: number,
): { readonly placed: readonly PlacedEntry[]; readonly height: number } {
  const placed: PlacedEntry[] = [];
  let [x, y, tallest] = [0, 0, 0];
  for (const entry of entries) {
    const lines = wrapText(entry.text, width - SAMPLE);
    const needed = SAMPLE + Math.max(...lines.map((line) => textWidth(line)));
    if (x > 0 && x + needed > width) {
      y += tallest;
      [x, tallest] = [0, 0];
    }
    placed.push({ entry, lines, x, y });
    tallest = Math.max(tallest, (lines.length - 1) * lineHeight + LINE);
    x += needed + BETWEEN;
  }
  return { placed, height: y + tallest };
}

/** @param top - of the first line, px */
export function drawLegend(entries: readonly LegendEntry[], width: number, top: number): Markup {
  return html`${placeLegend(entries, width).placed.map(({ entry, lines, x, y }) => {
    const middle = top + y + LINE / 2;
    const text = { x: x + SAMPLE, y: middle + ((lines.length - 1) * lineHeight) / 2 };
    return html`${sampleOf(entry.sample, x, middle)}${textBlock(lines, text, { fill: colour('muted') })}`;
  })}`;
}

function sampleOf(sample: LegendEntry['sample'], x: number, y: number): Markup {
  const middle = x + (SAMPLE - 8) / 2;
  switch (sample) {
    case 'value':
      return textBlock(['x = 1'], { x: middle, y }, { anchor: 'middle', bold: true });
    case 'gradient':
      return textBlock(['∂l/∂x'], { x: middle, y }, { anchor: 'middle', fill: colour('gradient-text') });
    case 'label':
      return html`
        <rect x="${px(x)}" y="${px(y - 8)}" width="${SAMPLE - 8}" height="16" rx="8" fill="${colour('gradient-zone')}"/>
        ${textBlock(['∂y/∂x'], { x: middle, y }, { anchor: 'middle', size: smallSize, fill: colour('gradient-text') })}`;
    default:
      return arrow(
        [
          [
            { x, y },
            { x: middle, y },
            { x: middle, y },
            { x: x + SAMPLE - 8, y },
          ],
        ],
        sample,
      );
  }
}
