/** @file One part of a claim: its sentence, its effect and margin, and what every pairing and seed gave. */
import type { CasesResult, PairingResult, PartResult } from '../../studies/result.ts';
import { formatInterval, formatNumber, withPowers } from '../format.ts';
import { type Markup, html } from '../markup.ts';
import { badge } from './badge.ts';

/** "1.83 [1.48, 2.18]", or a dash where there is no interval. */
export function intervalText(pairing: PairingResult): string {
  return pairing.interval === undefined ? '–' : formatInterval(pairing.interval);
}

/** A block with the numbers that led to the part's verdict. */
export function partBlock(part: PartResult): Markup {
  return html`
    <article class="part">
      <header>
        <span class="letter">${part.name}</span>
        <p class="claim">${withPowers(part.claim)}</p>
        ${badge(part.verdict)}
      </header>
      <dl class="effect">
        <div><dt>${part.cases === undefined ? 'Effect' : 'Error'}</dt><dd>${withPowers(part.effect)}</dd></div>
        <div><dt>${part.cases === undefined ? 'Margin' : 'Tolerance'}</dt><dd>${formatNumber(part.margin)}</dd></div>
        ${part.cases && html`<div><dt>Cases</dt><dd>${casesLine(part.cases)}</dd></div>`}
      </dl>
      ${part.pairings.length > 0 ? pairingTable(part.pairings) : undefined}
      ${part.remarks.map((remark) => html`<p class="remark">${withPowers(remark)}</p>`)}
    </article>`;
}

/** "all 200 hold, error ≤ 3.10×10⁻¹⁴". */
export function casesLine({ count, failures, largest }: CasesResult): string {
  const outcome = failures === 0 ? `all ${count} hold` : `${failures} of ${count} fail`;
  return `${outcome}, error ≤ ${formatNumber(largest)}`;
}

function pairingTable(pairings: readonly PairingResult[]): Markup {
  const heads = ['Pairing', 'Effect [95 % interval]', 'Seeds', 'Verdict'];
  const rows = pairings.map(
    (pairing) => html`
      <tr>
        <th scope="row">${pairing.name}</th>
        <td data-label="Effect" class="interval"><div>${intervalText(pairing)}</div></td>
        <td data-label="Seeds">${seedList(pairing)}</td>
        <td data-label="Verdict"><div>${badge(pairing.verdict)}</div></td>
      </tr>`,
  );
  return html`
    <table class="stack">
      <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${rows}</tbody>
    </table>`;
}

function seedList(pairing: PairingResult): Markup {
  if (pairing.effects.length === 0) return html`<div>–</div>`;
  const items = pairing.effects.map(
    ({ seed, value }) => html`<li><span class="seed">seed ${seed}</span> ${formatNumber(value)}</li>`,
  );
  return html`<ul class="seeds">${items}</ul>`;
}
