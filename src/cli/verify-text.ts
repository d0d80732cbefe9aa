/** @file What `normscope verify` says of a class, in lines of 80 columns. */

import { counted } from '../counted.ts';
import { type CheckedFile, type CheckedNumber, type CheckedTour, severalFilesOf } from '../lab/node/verify.ts';
import { shown } from '../onnx/shown.ts';
import { columns } from '../report/plain-text.ts';
import { cut, indented } from './lines.ts';

/** Characters of a file's name in the table: a student's number has 32, and the other columns need the rest. */
const MOST_NAME = 32;

/** Whether all that was handed in holds. */
export function isWhole({ refusal, tours }: CheckedFile): boolean {
  return refusal === undefined && tours.every((tour) => isOwn(tour) && tour.numbers.every(({ holds }) => holds));
}

/**
 * A table of all files, then what does not hold, what was refused, and who handed in more than once.
 * @param version - of this program; a submission made with another may rightly have other numbers
 */
export function verifyText(files: readonly CheckedFile[], version: string): string {
  const whole = files.filter(isWhole).length;
  return [
    columns([['student', 'tours', 'predicted', 'numbers that hold'], ...files.map(rowOf)]),
    ...files.flatMap(troubles),
    ...severalFilesOf(files).map(({ student, files: names }) =>
      lines(`${student} is in ${counted(names.length, 'file')}: ${names.map((name) => shown(name)).join(', ')}`),
    ),
    ...othersVersions(files, version),
    `Of ${counted(files.length, 'submission')} ${whole} hold${whole === 1 ? 's' : ''}.`,
  ].join('\n\n');
}

function rowOf({ file, refusal, student, tours }: CheckedFile): readonly string[] {
  if (refusal !== undefined || student === undefined) return [cut(shown(file), MOST_NAME), '–', '–', 'refused'];
  const numbers = tours.flatMap((tour) => tour.numbers);
  const held = `${numbers.filter(({ holds }) => holds).length} of ${numbers.length}`;
  const words = [...(numbers.length === 0 ? [] : [held]), ...(tours.every(isOwn) ? [] : ["another's seed"])];
  const right = `${tours.filter(({ isPredictionRight }) => isPredictionRight).length} of ${tours.length}`;
  return [student, String(tours.length), right, words.join('; ') || 'none given'];
}

/** What is wrong with a file, under its name; nothing where all holds. */
function troubles(file: CheckedFile): readonly string[] {
  if (isWhole(file)) return [];
  const { refusal, student, tours } = file;
  const name = cut(shown(file.file), 40);
  const said = refusal === undefined ? tours.flatMap(tourTroubles) : [lines(refusal, 2)];
  return [[student === undefined ? name : `${student} (${name})`, ...said].join('\n')];
}

function tourTroubles(tour: CheckedTour): readonly string[] {
  const { tour: name, seed, ownSeed, numbers } = tour;
  if (!isOwn(tour)) return [lines(`${name}: refused, its seed must be the student's, ${ownSeed}, got ${seed}`, 2)];
  return numbers.filter(({ holds }) => !holds).map((number) => lines(`${name}: ${numberText(number)}`, 2));
}

function numberText({ quantity, arm, step, said, found }: CheckedNumber): string {
  const words = said === undefined ? 'was left out' : `said ${valueText(said)}`;
  return `${quantity} of ${arm} at step ${step}: ${words}, comes out as ${valueText(found)}`;
}

/** All digits: two numbers that differ in their last bit must not look alike. */
function valueText(value: number | null): string {
  return value === null ? 'not finite' : String(value);
}

function othersVersions(files: readonly CheckedFile[], version: string): readonly string[] {
  const others = files.filter((file) => file.version !== undefined && file.version !== version);
  if (others.length === 0) return [];
  const versions = [...new Set(others.map((file) => file.version))].join(', ');
  return [
    lines(
      `${counted(others.length, 'submission was', 'submissions were')} made with another version (${versions}; this is ${version}), whose numbers may differ`,
    ),
  ];
}

function isOwn({ seed, ownSeed }: CheckedTour): boolean {
  return seed === ownSeed;
}

function lines(text: string, indent = 0): string {
  return indented(text, indent, indent + 2);
}
