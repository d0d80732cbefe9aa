import { expect, it } from 'vitest';
import { findStudy } from '../../studies/index.ts';
import { need } from '../../errors.ts';
import { cellsProgress, type OneOfMany } from './cells-progress.ts';

const [job] = findStudy('ioffe2015/scale').plan({ budget: 'quick', set: { cases: '2' } }).jobs;

function shown(claim?: OneOfMany): string {
  const lines: string[] = [];
  const line = { begin: () => undefined, update: (text: string) => lines.push(text), say: () => undefined };
  const moved = { step: 3, steps: 10 };
  const work = { finishedCells: 2, allCells: 6, doneWork: 23, allWork: 100 };
  cellsProgress({ ...line, done: () => undefined }, claim)({ job: need(job, 'a job'), moved, ...work });
  return need(lines[0], 'a line');
}

it('counts the cells of the claim at hand, and says that it does where there are others', () => {
  expect(shown()).toMatch(/^23 % \| 2\/6 cells \| .* step 3\/10$/);
  expect(shown({ name: 'ioffe2015/scale', number: 3, of: 9 })).toMatch(
    /^23 % of claim 3\/9 \| ioffe2015\/scale \| 2\/6 cells \| /,
  );
});
