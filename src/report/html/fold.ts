/** @file Sections that fold: open in the markup, so that a page without its script shows all; the script folds those of a long report. */
import { type Markup, html } from '../markup.ts';

/** With more claims than this, a report is too long to be read from top to bottom, and its sections begin folded. */
const MOST_OPEN = 5;

/** Whether the sections of so many claims begin folded. */
export function beginsFolded(claims: number): boolean {
  return claims > MOST_OPEN;
}

/** A section's content, below the line that opens and folds it. */
export function fold(summary: Markup, content: Markup): Markup {
  return html`<details class="fold" open=""><summary>${summary}</summary><div class="folded">${content}</div></details>`;
}

/** Above several folds; shown by the page's script, which makes it work. */
export function foldControls(what: string): Markup {
  return html`
    <div class="fold-controls" hidden="">
      <p class="small">${what}</p>
      <div><button type="button" data-open="true">Open all</button><button type="button" data-open="false">Fold all</button></div>
    </div>`;
}

/** Runs before the page's body is there: what will be folded is not laid out first, and nothing jumps. */
export const foldingScript: string = `document.documentElement.classList.add('folding')`;

/**
 * Runs when the body is there, before the rest of the page's script: folds, opens what a link or the address leads to,
 * and all that is printed. Where the browser finds text in a fold, it opens that by itself.
 */
export const foldScript: string = `
const root = document.documentElement;
const folds = [...document.querySelectorAll('.fold')];
if (root.classList.contains('folding')) for (const fold of folds) fold.open = false;
root.classList.remove('folding');
const reveal = (hash) => {
  const target = document.getElementById(hash.slice(1));
  if (target === null) return false;
  const around = [target.querySelector(':scope > .fold')];
  for (let at = target; at !== null; at = at.parentElement) if (at.matches('details')) around.push(at);
  const closed = around.filter((fold) => fold !== null && !fold.open);
  for (const fold of closed) fold.open = true;
  return closed.length > 0;
};
const show = () => {
  if (reveal(location.hash)) document.getElementById(location.hash.slice(1)).scrollIntoView();
};
document.addEventListener('click', ({ target }) => {
  const link = target.closest('a[href^="#"]');
  if (link !== null) reveal(link.hash);
});
addEventListener('hashchange', show);
show();
for (const controls of document.querySelectorAll('.fold-controls')) {
  controls.hidden = false;
  controls.addEventListener('click', ({ target }) => {
    if (target.matches('button')) for (const fold of folds) fold.open = target.dataset.open === 'true';
  });
}
let unprinted = [];
addEventListener('beforeprint', () => {
  unprinted = [...document.querySelectorAll('details:not([open])')];
  for (const fold of unprinted) fold.open = true;
});
addEventListener('afterprint', () => {
  for (const fold of unprinted) fold.open = false;
});
`;
