/** @file Tables, lists of pairs, definitions and commands. */
import type { StudySection } from '../../studies/document.ts';
import type { Table } from '../../studies/figure.ts';
import { formatNumber } from '../format.ts';
import { type Markup, html } from '../markup.ts';

/** A sortable table of numbers, scrolling sideways where it does not fit. */
export function numberTable(table: Table): Markup {
  const numeric = table.columns.map((_, i) => table.rows.every((row) => typeof row[i] === 'number'));
  const cell = (value: string | number): Markup => {
    if (typeof value === 'string') return html`<td>${value}</td>`;
    return html`<td class="number"${sortValue(value)}>${formatNumber(value)}</td>`;
  };
  return html`<figure class="table"><h4>${table.title}</h4><div class="scroll" role="region" aria-label="${table.title}" tabindex="0"><table class="sortable"><thead><tr>${table.columns.map(
    (column, i) => html`<th scope="col"${numeric[i] === true ? html` class="number"` : undefined}>${column}</th>`,
  )}</tr></thead><tbody>${table.rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody></table></div><figcaption>${table.caption}</figcaption></figure>`;
}

/** A word and its value per line. */
export function pairList(pairs: readonly (readonly [string, string])[]): Markup {
  return html`<dl class="pairs">${pairs.map(([word, value]) => html`<div><dt>${word}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** What was measured, with which statistics, by which formula. */
export function definitionList(definitions: StudySection['definitions']): Markup | undefined {
  if (definitions.length === 0) return undefined;
  return html`<h4>Definitions</h4><dl class="definitions">${definitions.map(
    ({ quantity, mode, definition }) =>
      html`<div><dt>${quantity} <span class="mode">${mode}</span></dt><dd>${definition}</dd></div>`,
  )}</dl>`;
}

/** The command that repeats a section, how long it took, and where it ran. */
export function repeatBlock(command: string, wallSeconds: string | undefined): Markup {
  const took = wallSeconds === undefined ? undefined : html`It took ${wallSeconds} here. `;
  return html`<div class="command"><pre><code>${command}</code></pre></div><p class="small">${took}<a href="#machine">Machine and versions</a></p>`;
}

function sortValue(value: number): Markup | undefined {
  return Number.isNaN(value) ? html` data-value=""` : html` data-value="${value}"`;
}
