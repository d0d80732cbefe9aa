/** @file A training run of the reader's own on the page. */
import { counted } from '../../counted.ts';
import type { DistributionFigures, TrainingSection } from '../../studies/document.ts';
import { type Markup, html } from '../markup.ts';
import { figureRows } from './figures.ts';
import { definitionList, numberTable, pairList, repeatBlock } from './tables.ts';

/** One training run, with the id that the contents point to. */
export function trainingSection(section: TrainingSection, id: string): Markup {
  return html`
    <section class="training" id="${id}">
      <header>
        <p class="eyebrow">${section.eyebrow ?? 'Training run'}</p>
        <h2>${section.title}</h2>
        <div class="verdict"><p>${section.sentence}</p></div>
      </header>
      ${figureRows(section.figures)}
      ${section.distributions && distributions(section.distributions)}
      ${section.tables.map((table) => numberTable(table))}
      <h3>How it was measured</h3>
      ${pairList(section.settings)}
      ${definitionList(section.definitions)}
      <h3>Repeat it</h3>
      ${repeatBlock(section.command, section.wallSeconds)}
    </section>`;
}

/** A row per kind, and a closed fold: a network of a hundred layers has hundreds of figures. */
function distributions({ rows, folded }: DistributionFigures): Markup {
  const more = html`
    <details class="more">
      <summary>${counted(folded.length, 'figure')} of other layers</summary>
      ${figureRows(folded)}
    </details>`;
  return html`
    <h3>Distributions over training</h3>
    ${rows.map(figureRows)}
    ${folded.length === 0 ? undefined : more}`;
}
