/** @file A training run of the reader's own on the page. */
import type { TrainingSection } from '../../studies/document.ts';
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
      ${section.tables.map(numberTable)}
      <h3>How it was measured</h3>
      ${pairList(section.settings)}
      ${definitionList(section.definitions)}
      <h3>Repeat it</h3>
      ${repeatBlock(section.command, section.wallSeconds)}
    </section>`;
}
