import { expect, it } from 'vitest';
import type { LedgerEntry } from './ledger-entry.ts';
import { studyPage } from './ledger-pages.ts';

const made: LedgerEntry = {
  study: 'nobody2020/nothing',
  title: 'Nothing',
  budget: 'quick',
  protocolHash: '0',
  created: '2020-02-29T00:00:00Z',
  verdict: 'reproduced',
  sentence: 'Reproduced: nothing.',
  parts: [],
  notes: ['A note.'],
  tables: [{ title: 'Sizes', caption: 'Per layer.', columns: ['layer', '|x|'], rows: [['conv1', '0.125']] }],
  command: 'normscope reproduce nobody2020/nothing',
  manifest: [],
  figures: [],
};

it('a page of the ledger has the tables of its entries, folded, and entries without any as they are', () => {
  expect(studyPage([made], 'nobody2020-nothing')).toContain(
    'A note.\n\n<details><summary>Sizes</summary>\n\n| layer | \\|x\\| |\n| --- | --- |\n| conv1 | 0.125 |\n\nPer layer.\n\n</details>\n\n',
  );
  const { tables: _, ...older } = made;
  expect(studyPage([older], 'nobody2020-nothing')).not.toContain('<details>');
});
