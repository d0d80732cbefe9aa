import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StudySection } from '../../studies/document.ts';
import { casesPart, resultOf } from '../../studies/parts.ts';
import { studyText, tally } from './verdict-text.ts';

/** A stream as far as its width matters. */
function stream(isTTY: boolean, width = 60): NodeJS.WriteStream {
  return Object.assign(Object.create(process.stdout) as NodeJS.WriteStream, { isTTY, columns: width });
}

const part = { name: 'a', claim: 'The first of its parts holds.', effect: 'error', tolerance: 1e-8 };

function section(errors: readonly number[] | undefined): StudySection {
  const told = { outcome: 'the numbers that led to it are these ones here', notes: ['Something beside it.'] };
  return {
    kind: 'study',
    name: 'ioffe2015/scale',
    title: 'Scale',
    paper: 'ioffe2015',
    where: 'Section 3.3',
    claim: 'It holds.',
    needsData: false,
    budget: 'quick',
    result: errors && resultOf([casesPart(part, errors)], told),
    notRun: errors === undefined ? 'its data could not be had' : undefined,
    protocol: [],
    definitions: [],
    command: '',
    wallSeconds: undefined,
  };
}

afterEach(() => vi.unstubAllEnvs());

describe('studyText()', () => {
  it('says the verdict in a column of its own, and each study in one line where nobody reads along', () => {
    const texts = [[0], [1], undefined].map((errors) => studyText(section(errors), 'sentence', stream(false)));
    expect(texts).toEqual([
      'reproduced           ioffe2015/scale: the numbers that led to it are these ones here.',
      'not reproduced       ioffe2015/scale: the numbers that led to it are these ones here.',
      'not run              ioffe2015/scale: its data could not be had',
    ]);
  });

  it('adds parts and notes where a study is asked for alone', () => {
    expect(
      studyText(section([0]), 'whole', stream(false))
        .split('\n')
        .slice(1),
    ).toEqual(['reproduced           (a) The first of its parts holds.', 'note                 Something beside it.']);
  });

  it('breaks lines under each other on a terminal', () => {
    vi.stubEnv('NO_COLOR', '1');
    expect(studyText(section([0]), 'sentence', stream(true)).split('\n')).toEqual([
      'reproduced           ioffe2015/scale: the numbers that led',
      '                     to it are these ones here.',
    ]);
  });

  it('paints the verdict on a terminal, and nothing else', () => {
    vi.stubEnv('NO_COLOR', undefined);
    const painted = studyText(section([1]), 'sentence', stream(true));
    expect(painted.startsWith('\x1b[31mnot reproduced\x1b[39m       ioffe2015/scale')).toBe(true);
    expect(painted.split('\x1b')).toHaveLength(3);
  });
});

describe('tally()', () => {
  it('counts verdicts in the order in which they came', () => {
    expect(tally([section([0]), section(undefined), section([0])])).toBe('3 claims: 2 reproduced, 1 not run');
    expect(tally([section([1])])).toBe('1 claim: 1 not reproduced');
  });
});
