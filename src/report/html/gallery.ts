/** @file The gallery: what the write-ups show, describe or have lost, measured again as far as its study has run. */
import type { Figure } from '../../studies/figure.ts';
import type { Exhibit, Statement, WriteUp } from '../../studies/write-ups/write-up.ts';
import { repeatedFigure } from '../figure/figure.ts';
import { type Markup, html } from '../markup.ts';
import { badge, outcomeOf } from './badge.ts';
import { figureAnchor } from './figures.ts';
import { fold } from './fold.ts';
import type { StudyEntry } from './study-section.ts';

/** One block per write-up, with the id that the contents point to. */
export function gallery(writeUps: readonly WriteUp[], entries: readonly StudyEntry[], id: string): Markup {
  const exhibits = writeUps.flatMap((writeUp) => writeUp.exhibits);
  const shown = exhibits.filter((exhibit) => exhibit.studies.some((study) => resultOf(study, entries) !== undefined));
  return html`
    <section class="gallery" id="${id}">
      <h2>Gallery of the write-ups</h2>
      <p class="small">Most pictures of these write-ups are dead links. Of ${exhibits.length} figures, formulas and findings
        that they show, describe or have lost, ${shown.length} are measured again in this run; each stands under the
        sentence that it illustrates.</p>
      ${writeUps.map((writeUp) => writeUpBlock(writeUp, entries))}
    </section>`;
}

function writeUpBlock(writeUp: WriteUp, entries: readonly StudyEntry[]): Markup {
  const { key, author, title, year, exhibits, misstatements, agreements } = writeUp;
  const by = [author ?? 'unsigned', year ?? 'undated'].join(', ');
  const content = html`
    ${exhibitBlocks(exhibits, entries)}
    ${statements('Where it differs from its papers', misstatements, entries)}
    ${statements('Where it may seem to differ, and agrees', agreements, entries)}`;
  return html`
    <section id="write-up-${key}">
      ${fold(html`<h3>${title}<span class="sub">${by}</span></h3>`, content)}
    </section>`;
}

const forms: Readonly<Record<Exhibit['form'], string>> = {
  'lost picture': 'lost picture',
  formula: 'formula',
  description: 'described in words',
};

/** Exhibits with a figure of this run as cards, the others as a list. */
function exhibitBlocks(exhibits: readonly Exhibit[], entries: readonly StudyEntry[]): Markup {
  const drawn = exhibits.map((exhibit) => ({
    exhibit,
    figures: exhibit.studies.flatMap((study) => figuresOf(exhibit, study, entries)),
  }));
  const cards = drawn.filter(({ figures }) => figures.length > 0);
  const others = drawn.filter(({ figures }) => figures.length === 0);
  return html`
    ${cards.length === 0 ? undefined : html`<div class="exhibits">${cards.map(({ exhibit, figures }) => card(exhibit, figures, entries))}</div>`}
    ${others.length === 0 ? undefined : html`<h4>Without a figure in this run</h4>`}
    ${others.length === 0 ? undefined : html`<ul class="to-come">${others.map(({ exhibit }) => listed(exhibit, entries))}</ul>`}`;
}

function card(exhibit: Exhibit, figures: readonly Figure[], entries: readonly StudyEntry[]): Markup {
  const again = figures.map(
    (figure) => html`
      <a class="again" href="#${figureAnchor(figure)}"><span>${figure.title}</span>${repeatedFigure(figure)}</a>`,
  );
  return html`
    <article class="exhibit${figures.length > 1 ? ' several' : ''}">
      <p class="quoted">“${exhibit.quote}”</p>
      <div class="again-row">${again}</div>
      <p class="sub">${forms[exhibit.form]} · ${exhibit.published}</p>
      <ul>${exhibit.studies.map((study) => html`<li>${studyStatus(study, entries)}</li>`)}</ul>
    </article>`;
}

function listed(exhibit: Exhibit, entries: readonly StudyEntry[]): Markup {
  return html`
    <li>
      <i>“${exhibit.quote}”</i>
      <span class="sub">${forms[exhibit.form]} · ${exhibit.published}</span>
      ${exhibit.studies.map((study) => html`<div>${studyStatus(study, entries)}</div>`)}
    </li>`;
}

function resultOf(study: string, entries: readonly StudyEntry[]): StudyEntry['section']['result'] {
  return entries.find(({ section }) => section.name === study)?.section.result;
}

/** The named figures of a study, or its first where none is named or none of those was drawn at this protocol. */
function figuresOf({ figures: named = [] }: Exhibit, study: string, entries: readonly StudyEntry[]): readonly Figure[] {
  const drawn = resultOf(study, entries)?.figures ?? [];
  const chosen = drawn.filter(({ id }) => named.some((prefix) => id.startsWith(prefix)));
  return chosen.length > 0 ? chosen : drawn.slice(0, 1);
}

function studyStatus(study: string, entries: readonly StudyEntry[]): Markup {
  const entry = entries.find(({ section }) => section.name === study);
  if (entry !== undefined) {
    return html`<a href="#${entry.id}">${entry.section.title}</a> ${badge(outcomeOf(entry.section))}`;
  }
  return html`<span class="sub">Not part of this run: <code>normscope reproduce ${study}</code></span>`;
}

function statements(title: string, list: readonly Statement[], entries: readonly StudyEntry[]): Markup | undefined {
  if (list.length === 0) return undefined;
  return html`
    <h4>${title}</h4>
    <dl class="statements">${list.map(
      ({ study, says, source }) => html`
        <div><dt>It says: ${says}</dt><dd>The source: ${source}</dd><dd>${studyStatus(study, entries)}</dd></div>`,
    )}</dl>`;
}
