import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellWord } from './shell-word.ts';

describe('shellWord()', () => {
  it.each(['plain-1.2/x:y', 'two words', "it's", '$HOME `ls` "x"', 'a\\b', '*', ''])(
    '%j comes out of a shell as it is',
    (word) => {
      expect(execFileSync('bash', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word);
    },
  );

  it('quotes where it must, and nowhere else', () => {
    expect(['a/b-1.onnx', 'a b', "it's", '$(x)', ''].map(shellWord)).toEqual([
      'a/b-1.onnx',
      "'a b'",
      String.raw`'it'\''s'`,
      "'$(x)'",
      "''",
    ]);
  });
});
