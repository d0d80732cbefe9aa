import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { trainableOps } from '../../src/importer/rules/index.ts';

it('docs/inspect.md lists every operator that can be trained through, and no other', () => {
  const page = readFileSync(new URL('../../docs/inspect.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('## What can be trained through');
  const listed = [...section.matchAll(/`([A-Z]\w+)`/gu)].flatMap(([, name]) => name ?? []);
  expect(listed.toSorted()).toEqual([...trainableOps].toSorted());
});
