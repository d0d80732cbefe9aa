/** @file The front rows: one per claim with its verdict, the numbers behind it, and its figure as a thumbnail. */
import type { PairingResult, PartResult, StudyResult } from '../../studies/result.ts';
import { misstatementsOf } from '../../studies/write-ups/index.ts';
import type { WriteUp } from '../../studies/write-ups/write-up.ts';
import { thumbnail } from '../figure/thumbnail.ts';
import { type Markup, html } from '../markup.ts';
import { type Outcome, badge, outcomeOf, outcomeWords } from './badge.ts';
import { figureAnchor } from './figures.ts';
import { misstatementsAnchor } from './misstatements.ts';
import { casesLine, intervalText } from './part.ts';
import { type StudyEntry, paperLink } from './study-section.ts';

/** So many parts of a claim have a line of their own; those that failed come first. */
const MOST_PARTS = 4;

const heads = ['Verdict', 'Claim', 'Paper', 'Result', 'Budget'];

/** Sortable tables of the studies, those that need no data first, under buttons that choose a verdict. */
export function claimsTables(entries: readonly StudyEntry[], writeUps: readonly WriteUp[]): Markup {
  const groups = [
    { title: 'No data needed', members: entries.filter(({ section }) => !section.needsData) },
    { title: 'Trained on data', members: entries.filter(({ section }) => section.needsData) },
  ].filter(({ members }) => members.length > 0);
  return html`
    ${verdictFilter(entries)}
    ${groups.map(
      ({ title, members }) => html`
        <div class="group">
          ${groups.length > 1 ? html`<h3>${title}</h3>` : undefined}
          <table class="claims stack sortable">
            <thead>
              <tr><th scope="col" data-plain="">Figure</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr>
            </thead>
            <tbody>${members.map((entry) => claimRow(entry, writeUps))}</tbody>
          </table>
        </div>`,
    )}`;
}

function claimRow({ section, id }: StudyEntry, writeUps: readonly WriteUp[]): Markup {
  return html`
    <tr data-outcome="${outcomeOf(section)}">
      <td class="thumbnail">${mainFigure(section.result)}</td>
      <td>${badge(outcomeOf(section))}</td>
      <td class="claim-cell">
        <a href="#${id}">${section.title}</a><span class="sub">${section.claim}</span>${misstated(section.name, id, writeUps)}
      </td>
      <td data-label="Paper"><div>${paperLink(section)}</div></td>
      <td data-label="Result"><div>${section.result === undefined ? html`<span class="sub">${section.notRun ?? '–'}</span>` : resultLines(section.result)}</div></td>
      <td data-label="Budget"><div>${section.budget}</div></td>
    </tr>`;
}

function mainFigure(result: StudyResult | undefined): Markup | undefined {
  const figure = result?.figures[0];
  return (
    figure && html`<a href="#${figureAnchor(figure)}" aria-label="Figure: ${figure.title}">${thumbnail(figure)}</a>`
  );
}

function misstated(study: string, id: string, writeUps: readonly WriteUp[]): Markup | undefined {
  const who = new Set(misstatementsOf(study, writeUps).map(({ writeUp }) => writeUp.key)).size;
  if (who === 0) return undefined;
  const words = who === 1 ? 'A write-up misstates this' : `${who} write-ups misstate this`;
  return html`<a class="misstated" href="#${misstatementsAnchor(id)}">${words}</a>`;
}

function resultLines({ parts }: StudyResult): Markup {
  if (parts.length === 0) return html`–`;
  const failedFirst = parts.toSorted((a, b) => Number(a.verdict === 'reproduced') - Number(b.verdict === 'reproduced'));
  const shown = failedFirst.slice(0, MOST_PARTS);
  const others = failedFirst.slice(MOST_PARTS);
  const words = [...new Set(others.map(({ verdict }) => outcomeWords[verdict]))].join(', ');
  const more = others.length === 0 ? undefined : html`<p class="sub">and ${others.length} more: ${words}</p>`;
  return html`<dl class="effects">${parts.filter((part) => shown.includes(part)).map(partLines)}</dl>${more}`;
}

function partLines(part: PartResult): Markup {
  // A lone pairing needs no name to be told from others.
  const name = (pairing: PairingResult): Markup | undefined =>
    part.pairings.length > 1 ? html` <span class="pairing">${pairing.name}</span>` : undefined;
  const lines = part.pairings.map(
    (pairing) => html`<dd><span class="interval">${intervalText(pairing)}</span>${name(pairing)}</dd>`,
  );
  const whole = part.cases === undefined ? html`<dd>–</dd>` : html`<dd>${casesLine(part.cases)}</dd>`;
  return html`<div class="${part.verdict}"><dt>${part.name}</dt>${lines.length > 0 ? lines : whole}</div>`;
}

/** Shown by the page's script, which makes it work. */
function verdictFilter(entries: readonly StudyEntry[]): Markup | undefined {
  const present = new Set(entries.map(({ section }) => outcomeOf(section)));
  if (present.size < 2) return undefined;
  const choices = (Object.keys(outcomeWords) as Outcome[]).filter((outcome) => present.has(outcome));
  return html`
    <div class="filter" role="group" aria-label="Show claims that are" hidden="">
      <button type="button" aria-pressed="true">all</button>
      ${choices.map((one) => html`<button type="button" data-outcome="${one}" aria-pressed="false">${outcomeWords[one]}</button>`)}
    </div>`;
}
