/** @file What studies came to, in lines: the verdict in a column of its own, then the claim and its numbers. */

import { styleText } from 'node:util';
import { counted } from '../../counted.ts';
import type { StudySection } from '../../studies/document.ts';
import { type Verdict, verdictWords } from '../../studies/verdict.ts';
import { hanging } from '../output.ts';

type Word = Verdict | 'not-run';

const colours: Readonly<Record<Word, 'green' | 'red' | 'yellow'>> = {
  reproduced: 'green',
  'not-reproduced': 'red',
  inconclusive: 'yellow',
  'precondition-failed': 'yellow',
  'not-run': 'yellow',
};

const LONGEST = 'precondition failed'.length;

/**
 * A study in one sentence; asked for alone, its parts and notes too. On a terminal, lines are broken at its width and
 * verdicts have colours, unless NO_COLOR is set.
 */
export function studyText(section: StudySection, detail: 'sentence' | 'whole', stream: NodeJS.WriteStream): string {
  const { name, result, notRun } = section;
  if (result === undefined) return entry('not-run', `${name}: ${notRun ?? ''}`, stream);
  const opening = `${verdictWords[result.verdict]}: `;
  const rest = result.sentence.startsWith(opening) ? result.sentence.slice(opening.length) : result.sentence;
  const sentence = entry(result.verdict, `${name}: ${rest}`, stream);
  if (detail === 'sentence') return sentence;
  const parts = result.parts.map(({ name: letter, verdict, claim }) => entry(verdict, `(${letter}) ${claim}`, stream));
  const notes = result.notes.map((note) => hanging('note'.padEnd(LONGEST), note, stream));
  return [sentence, ...parts, ...notes].join('\n');
}

/** "24 claims: 21 reproduced, 3 not reproduced". */
export function tally(sections: readonly StudySection[]): string {
  const words = sections.map(({ result }) => spoken(result?.verdict ?? 'not-run'));
  const counts = [...new Set(words)].map((word) => `${words.filter((other) => other === word).length} ${word}`);
  return `${counted(words.length, 'claim')}: ${counts.join(', ')}`;
}

function entry(word: Word, text: string, stream: NodeJS.WriteStream): string {
  const isPainted = stream.isTTY && process.env['NO_COLOR'] === undefined;
  const lines = hanging(spoken(word).padEnd(LONGEST), text, stream);
  return isPainted
    ? lines.replace(spoken(word), styleText(colours[word], spoken(word), { validateStream: false }))
    : lines;
}

function spoken(word: Word): string {
  return word.replace('-', ' ');
}
