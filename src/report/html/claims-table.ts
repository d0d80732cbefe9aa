/** @file The front row: one line per claim with its verdict and the numbers behind it. */
import type { StudySection } from '../../studies/document.ts';
import type { PartResult } from '../../studies/result.ts';
import { type Markup, html } from '../markup.ts';
import { badge } from './badge.ts';
import { casesLine, intervalText } from './part.ts';
import { paperLink } from './study-section.ts';

/** A sortable table of the studies, each with the id of its section. */
export function claimsTable(studies: readonly { readonly section: StudySection; readonly id: string }[]): Markup {
  const heads = ['Verdict', 'Claim', 'Paper', 'Effect [95 % interval]', 'Budget'];
  const rows = studies.map(
    ({ section, id }) => html`
      <tr>
        <td>${badge(section.result?.verdict ?? 'not-run')}</td>
        <td class="claim-cell"><a href="#${id}">${section.title}</a><span class="sub">${section.claim}</span></td>
        <td data-label="Paper"><div>${paperLink(section)}</div></td>
        <td data-label="Effect"><div>${effectsOf(section)}</div></td>
        <td data-label="Budget"><div>${section.budget}</div></td>
      </tr>`,
  );
  return html`
    <table class="claims stack sortable">
      <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${rows}</tbody>
    </table>`;
}

function effectsOf(section: StudySection): Markup {
  if (section.result === undefined) return html`<span class="sub">${section.notRun ?? '–'}</span>`;
  const { parts } = section.result;
  return parts.length === 0 ? html`–` : html`<dl class="effects">${parts.map(partLines)}</dl>`;
}

function partLines(part: PartResult): Markup {
  const lines = part.pairings.map(
    (pairing) => html`
      <dd><span class="interval">${intervalText(pairing)}</span> <span class="pairing">${pairing.name}</span></dd>`,
  );
  const whole = part.cases === undefined ? html`<dd>–</dd>` : html`<dd>${casesLine(part.cases)}</dd>`;
  return html`<div><dt>${part.name}</dt>${lines.length > 0 ? lines : whole}</div>`;
}
