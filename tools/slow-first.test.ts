import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { slow } from './slow-first.ts';

it('names files that are there', () => {
  expect(slow.filter((path) => !existsSync(path))).toEqual([]);
});
