/** @file A study on the page: verdict, figures, what it means, how it was measured, the command that repeats it. */
import { papers } from '../../papers.ts';
import type { StudySection } from '../../studies/document.ts';
import type { StudyResult } from '../../studies/result.ts';
import { formatDuration } from '../format.ts';
import { type Markup, html } from '../markup.ts';
import { badge } from './badge.ts';
import { figureRows } from './figures.ts';
import { partBlock } from './part.ts';
import { definitionList, numberTable, pairList, repeatBlock } from './tables.ts';

/** "Santurkar, Tsipras, Ilyas, Madry 2018, Figure 4", linked to the paper where it is on arXiv. */
export function paperLink(section: StudySection): Markup {
  const paper = papers[section.paper];
  const text = html`${paper.authors} ${paper.year}`;
  const address = paper.arxiv === undefined ? undefined : `https://arxiv.org/abs/${paper.arxiv}`;
  const linked = address === undefined ? text : html`<a href="${address}" title="${paper.title}">${text}</a>`;
  return html`${linked}, ${section.where}`;
}

/** One study, with the id that the contents point to. */
export function studySection(section: StudySection, id: string): Markup {
  const { result } = section;
  const opening = html`<header><p class="eyebrow">${paperLink(section)}</p><h2>${section.title}</h2><p class="quote">${section.claim}</p>${
    result === undefined
      ? html`<div class="verdict">${badge('not-run')}<p>${section.notRun ?? 'This study did not run.'}</p></div>`
      : html`<div class="verdict">${badge(result.verdict)}<p>${result.sentence}</p></div>`
  }</header>`;
  const seconds = section.wallSeconds === undefined ? undefined : formatDuration(section.wallSeconds);
  const measured = html`<h3>How it was measured</h3>${pairList([['study', section.name], ['budget', section.budget], ...section.protocol])}${definitionList(
    section.definitions,
  )}`;
  return html`<section class="study" id="${id}">${opening}${result === undefined ? undefined : outcome(result)}${measured}<h3>${
    result === undefined ? 'Run it' : 'Repeat it'
  }</h3>${repeatBlock(section.command, seconds)}</section>`;
}

function outcome(result: StudyResult): Markup {
  const notes =
    result.notes.length === 0
      ? undefined
      : html`<aside class="notes"><h4>Beside the verdict</h4><ul>${result.notes.map((note) => html`<li>${note}</li>`)}</ul></aside>`;
  return html`${figureRows(result.figures)}<h3>What it means</h3>${result.parts.map(partBlock)}${notes}${result.tables.map(
    numberTable,
  )}`;
}
