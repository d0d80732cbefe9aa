import { describe, expect, it } from 'vitest';
import { cut, indented, wrap } from './lines.ts';

describe('wrap', () => {
  it('breaks between words, and leaves a word that is too long whole', () => {
    expect(wrap('one two three incomprehensibilities four', 9)).toEqual([
      'one two',
      'three',
      'incomprehensibilities',
      'four',
    ]);
  });
});

describe('indented', () => {
  it('fits into 80 columns, the first line as far in as is said, the others further', () => {
    const lines = indented('word '.repeat(40).trimEnd(), 2, 6).split('\n');
    expect(lines.map((line) => /^ */.exec(line)?.[0].length)).toEqual([2, 6, 6]);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines.join(' ').split(/\s+/).filter(Boolean)).toHaveLength(40);
    expect(indented('one', 4)).toBe('    one');
  });
});

describe('cut', () => {
  it('counts letters, of which one may be two units of text', () => {
    expect([cut('four', 4), cut('fours', 4)]).toEqual(['four', 'fou…']);
    expect(cut('😀😀😀', 2)).toBe('😀…');
  });
});
