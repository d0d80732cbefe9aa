/** @file A study on the page: verdict, figures, what it means, how it was measured, the command that repeats it. */
import { papers } from '../../papers.ts';
import type { StudySection } from '../../studies/document.ts';
import type { StudyResult } from '../../studies/result.ts';
import type { WriteUp } from '../../studies/write-ups/write-up.ts';
import { withPowers } from '../format.ts';
import { type Markup, html } from '../markup.ts';
import { badge, outcomeOf } from './badge.ts';
import { figureRows } from './figures.ts';
import { fold } from './fold.ts';
import { misstatementsBlock } from './misstatements.ts';
import { partBlock } from './part.ts';
import { definitionList, numberTable, pairList, repeatBlock } from './tables.ts';

/** "Santurkar, Tsipras, Ilyas, Madry 2018, Figure 4", linked to the paper where it is on arXiv. */
export function paperLink(section: StudySection): Markup {
  const paper = papers[section.paper];
  const name = html`${paper.authors} ${paper.year}`;
  if (paper.arxiv === undefined) return html`${name}, ${section.where}`;
  return html`<a href="https://arxiv.org/abs/${paper.arxiv}" title="${paper.title}">${name}</a>, ${section.where}`;
}

/** A study with the id of its section. */
export interface StudyEntry {
  readonly section: StudySection;
  readonly id: string;
}

/** One study, with the id that the contents point to. */
export function studySection(
  { section, id }: StudyEntry,
  writeUps: readonly WriteUp[],
  entries: readonly StudyEntry[],
): Markup {
  const { result } = section;
  const ran = result !== undefined;
  const sentence = ran ? result.sentence : (section.notRun ?? 'This study did not run.');
  // What a reader wants of a folded section: its name, and what came out.
  const summary = html`
    <h2>${section.title}</h2>
    <div class="verdict">${badge(outcomeOf(section))}<p>${withPowers(sentence)}</p></div>`;
  const content = html`
    <p class="quote">${section.claim}</p>
    <p class="eyebrow">${paperLink(section)}</p>
    ${ran ? outcome(result, { section, id }, entries) : undefined}
    ${misstatementsBlock(section.name, id, writeUps)}
    <h3>${ran ? 'How it was measured' : 'How it is measured'}</h3>
    ${pairList([['study', section.name], ['budget', section.budget], ...section.protocol])}
    ${definitionList(section.definitions)}
    <h3>${ran ? 'Repeat it' : 'Run it'}</h3>
    ${repeatBlock(section.command, section.wallSeconds)}
    <p class="small"><a href="#claims">All claims</a></p>`;
  return html`<section class="study" id="${id}">${fold(summary, content)}</section>`;
}

function outcome(result: StudyResult, own: StudyEntry, entries: readonly StudyEntry[]): Markup {
  const ids = quotedRows(own, entries);
  return html`
    ${figureRows(result.figures)}
    <h3>What it means</h3>
    ${result.parts.map(partBlock)}
    ${result.notes.length > 0 ? notesBlock(result.notes, entries) : undefined}
    ${result.tables.map((table) => numberTable(table, ids))}`;
}

function notesBlock(notes: readonly string[], entries: readonly StudyEntry[]): Markup {
  return html`
    <aside class="notes">
      <h4>Beside the verdict</h4>
      <ul>${notes.map((note) => html`<li>${linked(note, entries)}</li>`)}</ul>
    </aside>`;
}

/**
 * A text in which the names of studies lead to their sections, where the report has them, and “quotes” behind such a name to the rows of
 * that study's tables which begin so.
 */
function linked(text: string, entries: readonly StudyEntry[]): readonly (string | Markup)[] {
  let named: StudyEntry | undefined;
  return text.split(/(\b[a-z]+\d{4}\/[a-z\d-]+|“[^”]+”)/).map((piece) => {
    const entry = entries.find(({ section }) => section.name === piece);
    named = entry ?? named;
    const id = entry?.id ?? (named !== undefined && piece.startsWith('“') ? rowOf(piece, named, entries) : undefined);
    return id === undefined ? withPowers(piece) : html`<a href="#${id}">${piece}</a>`;
  });
}

/** What other studies judge is marked so in tables of many rows; a quote has the name alone. */
const MARK = '● ';

/** @param quote - with its marks */
function rowOf(quote: string, study: StudyEntry, entries: readonly StudyEntry[]): string | undefined {
  const [rows, name] = [quotedRows(study, entries), quote.slice(1, -1)];
  return rows.get(name) ?? rows.get(`${MARK}${name}`);
}

/** Ids of the rows of a study's tables that notes of other studies quote, by their first cell; of what begins two rows, none. */
function quotedRows({ section, id }: StudyEntry, entries: readonly StudyEntry[]): ReadonlyMap<string, string> {
  const behind = entries
    .flatMap((entry) => entry.section.result?.notes ?? [])
    .map((note) => note.split(section.name).slice(1).join(' '));
  const quoted = new Set(behind.flatMap((text) => [...text.matchAll(/“([^”]+)”/gu)].map(([, quote]) => quote)));
  const firsts = (section.result?.tables ?? []).flatMap(({ rows }) => rows.map(([first]) => String(first)));
  const found = firsts.filter(
    (first) => quoted.has(first.replace(MARK, '')) && firsts.indexOf(first) === firsts.lastIndexOf(first),
  );
  return new Map(found.map((first, i) => [first, `${id}-row-${i + 1}`]));
}
