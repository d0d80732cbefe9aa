/** @file A whole report: one HTML file that loads nothing. */
import { counted } from '../counted.ts';
import type { ReportDocument, StudySection } from '../studies/document.ts';
import { identifier } from './figure/element.ts';
import { type Outcome, outcomeOf, outcomeWords } from './html/badge.ts';
import { claimsTables } from './html/claims-table.ts';
import { diagnosisSection } from './html/diagnosis-section.ts';
import { explanationMap } from './html/explanations.ts';
import { beginsFolded, foldControls, foldingScript } from './html/fold.ts';
import { gallery } from './html/gallery.ts';
import { glance } from './html/glance.ts';
import { glossary } from './html/glossary.ts';
import { script } from './html/script.ts';
import { studySection } from './html/study-section.ts';
import { style } from './html/style.ts';
import { pairList } from './html/tables.ts';
import { trainingSection } from './html/training-section.ts';
import { Markup, html } from './markup.ts';
import type { PageEngine } from './page-engine.ts';

const GALLERY = 'gallery';
const EXPLANATIONS = 'explanations';
const MOST_CONTENTS = 8;

/**
 * The text of a report. It opens offline, in light and dark, on a phone and on paper; the same document gives the same
 * bytes.
 * @param engine - of a page that can compute; without one it is text, figures and a script that sorts and folds
 */
export function renderReport(document: ReportDocument, engine?: PageEngine): string {
  const entries = document.sections.map((section, i) => ({
    section,
    id: `section-${i + 1}-${identifier(section.kind === 'study' ? section.name : section.title)}`,
  }));
  const studies = entries.flatMap(({ section, id }) => (section.kind === 'study' ? [{ section, id }] : []));
  const sections = entries.map(({ section, id }) => {
    switch (section.kind) {
      case 'study':
        return studySection({ section, id }, document.writeUps, studies);
      case 'training':
        return trainingSection(section, id);
      case 'diagnosis':
        return diagnosisSection(section, id);
    }
  });
  const claims = html`<section id="claims"><h2>Claims</h2>${glance(studies)}${claimsTables(studies, document.writeUps)}${glossary()}</section>`;
  const map = explanationMap(studies, EXPLANATIONS);
  const body = html`
    <header>
      <p class="eyebrow">normscope · <time datetime="${document.created}">${readableTime(document.created)}</time></p>
      <h1>${document.title}</h1>
      ${tally(studies.map((study) => study.section))}
      ${contents(entries, { claims: studies.length > 0, map: map !== undefined, writeUps: document.writeUps.length > 0 })}
    </header>
    <main>
      ${studies.length > 0 ? claims : undefined}
      ${map}
      ${studies.length > 1 ? foldControls('Each claim with its figures, its numbers and the command that repeats it.') : undefined}
      ${sections}
      ${document.writeUps.length > 0 ? gallery(document.writeUps, studies, GALLERY) : undefined}
      <section id="machine"><h2>Machine and versions</h2>${pairList(document.manifest)}</section>
    </main>
    <footer><p>${footer(document)}</p></footer>`;
  return `${page(document.title, body, beginsFolded(studies.length), engine).text}\n`;
}

function footer({ sections }: ReportDocument): string {
  return sections.some(({ kind }) => kind === 'diagnosis')
    ? 'Written by normscope. The network went nowhere and was not changed.'
    : 'Written by normscope from the records of its run folder.';
}

/** The content security policy holds the page to its promise to load nothing. */
function page(title: string, body: Markup, isFolded: boolean, engine: PageEngine | undefined): Markup {
  // A page that computes compiles WebAssembly, in a worker whose script stands in the page; it loads no more than others.
  const computing = engine === undefined ? '' : " 'wasm-unsafe-eval'; worker-src blob:";
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'${computing}`;
  return html`
    <!doctype html>
    <html lang="en-GB">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <title>${title}</title>
        <style>${new Markup(style)}${engine && new Markup(engine.style)}</style>
        ${isFolded ? html`<script>${new Markup(foldingScript)}</script>` : undefined}
      </head>
      <body>
        ${body}
        <script>${new Markup(script)}</script>
        ${engine?.body}
      </body>
    </html>`;
}

/** "2 reproduced, 1 not run", in the order of the words' table. */
function tally(studies: readonly StudySection[]): Markup | undefined {
  if (studies.length === 0) return undefined;
  const outcomes = studies.map(outcomeOf);
  const counts = (Object.keys(outcomeWords) as Outcome[])
    .map((outcome) => ({ outcome, count: outcomes.filter((one) => one === outcome).length }))
    .filter(({ count }) => count > 0);
  const claims = counted(studies.length, 'claim');
  const list = counts.map(({ outcome, count }) => `${count} ${outcomeWords[outcome]}`).join(', ');
  return html`<p class="tally">${claims}: ${list}</p>`;
}

function contents(
  entries: readonly { readonly section: ReportDocument['sections'][number]; readonly id: string }[],
  { claims, map, writeUps }: { readonly claims: boolean; readonly map: boolean; readonly writeUps: boolean },
): Markup | undefined {
  if (entries.length < 2) return undefined;
  const items = entries.map(({ section, id }) => html`<li><a href="#${id}">${section.title}</a></li>`);
  const list = html`
      <ul>
        ${claims ? html`<li><a href="#claims">Claims</a></li>` : undefined}
        ${map ? html`<li><a href="#${EXPLANATIONS}">Why does batch norm work?</a></li>` : undefined}
        ${items}
        ${writeUps ? html`<li><a href="#${GALLERY}">Gallery of the write-ups</a></li>` : undefined}
        <li><a href="#machine">Machine and versions</a></li>
      </ul>`;
  // Long contents would stand before the claims, which lead to every section too.
  const isLong = entries.length > MOST_CONTENTS;
  return html`
    <nav aria-label="Contents">
      ${isLong ? html`<details><summary>Contents</summary>${list}</details>` : list}
    </nav>`;
}

/** "2026-11-20T19:05:00.000Z" → "2026-11-20 19:05 UTC"; anything else as it is. */
function readableTime(iso: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}).*Z$/.exec(iso);
  return match === null ? iso : `${match[1]} ${match[2]} UTC`;
}
