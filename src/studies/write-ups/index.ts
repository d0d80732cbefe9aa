/** @file Four write-ups from which people learn about batch normalisation, beside what is measured here. */

import { dalmeraz } from './dalmeraz.ts';
import { deb } from './deb.ts';
import { koehncke } from './koehncke.ts';
import { unsigned } from './unsigned.ts';
import type { Statement, WriteUp } from './write-up.ts';

export const writeUps: readonly WriteUp[] = [koehncke, unsigned, deb, dalmeraz];

/** What the write-ups show and say of some studies; those that say nothing of them are left out. */
export function writeUpsAbout(studies: readonly string[]): readonly WriteUp[] {
  const about = ({ study }: Statement): boolean => studies.includes(study);
  return writeUps
    .map((writeUp) => ({
      ...writeUp,
      exhibits: writeUp.exhibits.filter((exhibit) => exhibit.studies.some((study) => studies.includes(study))),
      misstatements: writeUp.misstatements.filter(about),
      agreements: writeUp.agreements.filter(about),
    }))
    .filter(
      ({ exhibits, misstatements, agreements }) => exhibits.length + misstatements.length + agreements.length > 0,
    );
}

/** What write-ups say wrongly of the claim that a study tests. */
export function misstatementsOf(
  study: string,
  from: readonly WriteUp[] = writeUps,
): readonly { readonly writeUp: WriteUp; readonly statement: Statement }[] {
  return from.flatMap((writeUp) =>
    writeUp.misstatements.filter((statement) => statement.study === study).map((statement) => ({ writeUp, statement })),
  );
}

/** "Kevin Koehncke 2018", "unsigned 2020". */
export function writeUpName({ author, year }: WriteUp): string {
  return [author ?? 'unsigned', ...(year === undefined ? [] : [year])].join(' ');
}
