/** @file Tables, lists of pairs, definitions and commands. */
import type { StudySection } from '../../studies/document.ts';
import type { Table } from '../../studies/figure.ts';
import { formatDuration, formatNumber, withPowers } from '../format.ts';
import { type Markup, html } from '../markup.ts';

/**
 * A sortable table of numbers, scrolling sideways where it does not fit.
 * @param ids - of rows that links lead to, by what stands in their first cell
 */
export function numberTable(table: Table, ids?: ReadonlyMap<string, string>): Markup {
  const row = (cells: Table['rows'][number]): Markup => {
    const id = ids?.get(String(cells[0]));
    return html`<tr${id === undefined ? undefined : html` id="${id}"`}>${cells.map(cell)}</tr>`;
  };
  const heads = table.columns.map((column, i) => {
    const numeric = table.rows.length > 0 && table.rows.every((row) => typeof row[i] === 'number');
    return html`<th scope="col"${numeric ? html` class="number"` : undefined}>${column}</th>`;
  });
  return html`
    <figure class="table">
      <h4>${table.title}</h4>
      <div class="scroll" role="region" aria-label="${table.title}" tabindex="0">
        <table class="sortable">
          <thead><tr>${heads}</tr></thead>
          <tbody>${table.rows.map(row)}</tbody>
        </table>
      </div>
      <figcaption>${withPowers(table.caption)}</figcaption>
    </figure>`;
}

/** The script sorts by `data-value`; a missing number is empty there and goes last. */
function cell(value: string | number): Markup {
  if (typeof value === 'string') return html`<td>${value}</td>`;
  const key = Number.isNaN(value) ? '' : value;
  return html`<td class="number" data-value="${key}">${formatNumber(value)}</td>`;
}

/** A word and its value per line. */
export function pairList(pairs: readonly (readonly [string, string])[]): Markup {
  const items = pairs.map(([word, value]) => html`<div><dt>${word}</dt><dd>${value}</dd></div>`);
  return html`<dl class="pairs">${items}</dl>`;
}

/** What was measured, with which statistics, by which formula; quantities of one definition stand together. */
export function definitionList(definitions: StudySection['definitions']): Markup | undefined {
  if (definitions.length === 0) return undefined;
  const together = new Map<
    string,
    { readonly quantities: string[]; readonly mode: string; readonly definition: string }
  >();
  for (const { quantity, mode, definition } of definitions) {
    const key = JSON.stringify([mode, definition]);
    const group = together.get(key) ?? { quantities: [], mode, definition };
    group.quantities.push(quantity);
    together.set(key, group);
  }
  const items = [...together.values()].map(
    ({ quantities, mode, definition }) => html`
      <div><dt>${quantities.join(', ')} <span class="mode">${mode}</span></dt><dd>${definition}</dd></div>`,
  );
  return html`<h4>Definitions</h4><dl class="definitions">${items}</dl>`;
}

/** The command that repeats a section, how long it took, and where it ran. */
export function repeatBlock(command: string, wallSeconds: number | undefined): Markup {
  const machine =
    wallSeconds === undefined
      ? html`<a href="#machine">Machine and versions</a>`
      : html`Took ${formatDuration(wallSeconds)} on <a href="#machine">this machine</a>`;
  return html`
    <div class="command"><pre><code>${command}</code></pre></div>
    <p class="small">${machine}</p>`;
}
