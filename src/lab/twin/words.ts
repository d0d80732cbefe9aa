/** @file What a page says of a check, before and after: sentences, made where they can be tested. */

import { counted } from '../../counted.ts';
import { formatDuration, formatNumber } from '../../report/format.ts';
import type { TwinProgress } from './compute-twin.ts';
import type { Compared, Difference } from './compare-twin.ts';
import type { TwinData } from './chosen-dataset.ts';
import type { Twin } from './twin.ts';

/** What the page knows of a twin before anyone asks for it: the list of them stands in the report, and no numbers. */
export interface ListedTwin extends Pick<Twin, 'study' | 'figures' | 'data' | 'seconds' | 'beside' | 'fingerprint'> {
  readonly numbers: number;
  /** The asset that holds the twin. */
  readonly asset: string;
}

/** An outcome in a word or two, and all that there is to say of it. */
export interface Said {
  readonly kind: 'same' | 'differs' | 'failed';
  readonly title: string;
  readonly text: string;
}

/** Rounding of float64 is 1e-16 of a number, and some thousand operations away from it 1e-12: no other program is as near by chance. */
const ROUNDING = 1e-9;

const MOST_NAMED = 3;

/** What must be chosen before a twin that trains can be computed. @param missing - of what was chosen, if anything was */
export function neededText({ title, files, repair }: TwinData, missing: readonly string[] | undefined): string {
  if (missing === undefined) {
    return (
      `It trains on ${title}, which this report does not carry: ${repair}, and choose ${files.join(', ')}, also as .gz. ` +
      'They are read in this page and sent nowhere.'
    );
  }
  if (missing.length === 0) return `The ${counted(files.length, 'file')} of ${title} are chosen.`;
  return `Of ${title} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} still missing.`;
}

/** What a button does, and to how much. */
export function offerText({ study, numbers, seconds }: ListedTwin): string {
  return `Computes cells of ${study} again in this page, some ${formatDuration(seconds)} on one core, and compares ${formatNumber(numbers)} numbers bit by bit.`;
}

/** @param seconds - that it took here */
export function comparedText(compared: Compared, seconds: number): Said {
  const took = `computed here in ${formatDuration(seconds)}`;
  switch (compared.kind) {
    case 'same':
      return {
        kind: 'same',
        title: 'Same to the last bit',
        text: `${formatNumber(compared.numbers)} numbers, ${took}. SHA-256 ${compared.fingerprint.slice(0, 16)}…`,
      };
    case 'changed':
      return {
        kind: 'differs',
        title: 'Differs',
        text: `Every number is the same, and their hash is not: the hash in this file, or what its numbers are of, was changed after it was written (${took}, SHA-256 ${compared.fingerprint.slice(0, 16)}…).`,
      };
    case 'other-count':
      return {
        kind: 'differs',
        title: 'Differs',
        text: `${formatNumber(compared.numbers)} numbers were ${took}, and the report has ${formatNumber(compared.expected)}.`,
      };
    case 'differs':
      return { kind: 'differs', title: 'Differs', text: `${differencesText(compared.differences)} (${took}).` };
  }
}

function differencesText(differences: readonly Difference[]): string {
  const named = differences.slice(0, MOST_NAMED).map(differenceText);
  const more = differences.length > MOST_NAMED ? [`and ${differences.length - MOST_NAMED} more quantities`] : [];
  const isRounding = differences.every(({ most, size }) => most <= ROUNDING * size);
  const meaning = isRounding ? '; so small a difference is rounding' : '';
  return `${[...named, ...more].join('; ')}${meaning}`;
}

/** "about 2 min left", once a part of it is done. @param seconds - since it began */
export function leftText({ cells, allCells, part }: TwinProgress, seconds: number): string {
  const done = (cells + part) / allCells;
  return done > 0 ? `about ${formatDuration((seconds * (1 - done)) / done)} left` : '';
}

/** "relative-error in 3 of 400 numbers, by up to 2.2×10⁻¹⁶, where the largest is 1.3". */
function differenceText({ quantity, count, all, most, size }: Difference): string {
  return `${quantity} in ${formatNumber(count)} of ${counted(all, 'number')}, by up to ${formatNumber(most)}, where the largest is ${formatNumber(size)}`;
}
