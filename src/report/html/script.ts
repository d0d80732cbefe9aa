/** @file The page's script: folds, tables that sort, a choice of verdicts, commands that copy. The page works without it. */
import { foldScript } from './fold.ts';

export const script: string = `${foldScript}
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if ('plain' in head.dataset) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    const keyOf = (row) => {
      const { dataset, textContent } = row.cells[column];
      return dataset.value === undefined ? textContent : dataset.value === '' ? NaN : Number(dataset.value);
    };
    const compare = (a, b) => {
      if (typeof a === 'string' || typeof b === 'string') return String(a).localeCompare(String(b), 'en');
      return a - b;
    };
    button.addEventListener('click', () => {
      const sign = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', sign === 1 ? 'ascending' : 'descending');
      const missing = (row) => Number.isNaN(keyOf(row));
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => missing(a) - missing(b) || (missing(a) ? 0 : sign * compare(keyOf(a), keyOf(b))));
      table.tBodies[0].append(...rows);
    });
  });
}
for (const filter of document.querySelectorAll('.filter')) {
  filter.hidden = false;
  filter.addEventListener('click', ({ target }) => {
    if (!target.matches('button')) return;
    for (const button of filter.children) button.setAttribute('aria-pressed', String(button === target));
    const { outcome } = target.dataset;
    for (const group of document.querySelectorAll('.group')) {
      const rows = [...group.querySelectorAll('tbody tr')];
      for (const row of rows) row.hidden = outcome !== undefined && row.dataset.outcome !== outcome;
      group.hidden = rows.every((row) => row.hidden);
    }
  });
}
if (navigator.clipboard) {
  for (const block of document.querySelectorAll('.command')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(block.querySelector('code').textContent);
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = 'Copy'; }, 1500);
    });
    block.append(button);
  }
}
`;
